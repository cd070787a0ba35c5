/** A connection that reads tables: catalogue, cuts, and COPY streamed from the socket. */
import { SyncError } from '../../../errors/index.ts';
import type { DatabaseConnection } from '../../../relational/connection-config.ts';
import type { TableName } from '../../../relational/identifiers.ts';
import { quoteText } from '../../../relational/literals.ts';
import { answerBlocks } from '../../../relational/read/answer-blocks.ts';
import { BlockMemories } from '../../../relational/read/block-memories.ts';
import { type KeyColumn, orderChecks, type Tuple } from '../../../relational/read/key.ts';
import { LostFault, SilenceFault } from '../../../relational/read/socket-feed.ts';
import {
  type CutRequest,
  type Cuts,
  type KeyedBlock,
  plainColumns,
  type ReadColumn,
  type ReadSession,
  type StreamQuery,
} from '../../../relational/read/source.ts';
import type { TableDescription } from '../../../relational/table-description.ts';
import type { ConnectorContext } from '../../contract.ts';
import { describeTable } from '../catalog.ts';
import { openConnection, type PostgresConnection, socketOf } from '../connection.ts';
import { postgresFault } from '../errors.ts';
import { ruleOf } from './cell-rules.ts';
import { CopyScanner } from './copy-scanner.ts';
import { cutTable } from './cut.ts';
import { resultColumns } from './result-columns.ts';

const QUERY = 0x51;
const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/** Opens a session for reading. Throws SyncErrors. */
export async function openReadSession(
  config: DatabaseConnection,
  context: ConnectorContext,
): Promise<ReadSession> {
  return new PostgresReadSession(await openConnection(config, context, { side: 'source' }), config, context);
}

class PostgresReadSession implements ReadSession {
  readonly dialect = 'postgresql';
  readonly warnings: readonly string[] = [];
  readonly #connection: PostgresConnection;
  readonly #config: DatabaseConnection;
  readonly #context: ConnectorContext;
  readonly #memories = new BlockMemories();
  #usable = true;

  constructor(connection: PostgresConnection, config: DatabaseConnection, context: ConnectorContext) {
    this.#connection = connection;
    this.#config = config;
    this.#context = context;
  }

  get usable(): boolean {
    return this.#usable && this.#connection.lost === undefined;
  }

  describe(table: TableName): Promise<TableDescription> {
    return describeTable(this.#connection, table);
  }

  columnsOf(sql: string): Promise<readonly ReadColumn[]> {
    return resultColumns(this.#connection, sql);
  }

  cut(request: CutRequest): Promise<Cuts> {
    return cutTable(this.#connection, request);
  }

  async increasing(columns: readonly KeyColumn[], tuples: readonly Tuple[]): Promise<boolean> {
    for (const sql of orderChecks('postgresql', columns, tuples)) {
      const [[yes] = []] = await this.#connection.rows(sql);
      if (yes !== 't') return false;
    }
    return true;
  }

  async *stream(query: StreamQuery): AsyncGenerator<KeyedBlock> {
    let finished = false;
    try {
      await this.#connection.rows(BEGIN);
      if (query.snapshot !== undefined) await this.#readIn(query.snapshot);
      for (const setting of query.physical ? BY_FILE : []) {
        await this.#connection.rows(`SET LOCAL ${setting} = off`);
      }
      yield* this.#blocks(query);
      await this.#connection.rows('COMMIT');
      finished = true;
    } catch (error) {
      throw faultOf(error);
    } finally {
      if (!finished) this.#drop();
    }
  }

  async exportSnapshot(): Promise<string> {
    await this.#connection.rows(BEGIN);
    // The transaction is idle on purpose.
    await this.#connection.rows('SET LOCAL idle_in_transaction_session_timeout = 0');
    const [[snapshot] = []] = await this.#connection.rows('SELECT pg_export_snapshot()');
    if (!snapshot) throw new SyncError('SRC-2005', 'transient', 'the server exported no snapshot');
    return snapshot;
  }

  async #readIn(snapshot: string): Promise<void> {
    try {
      await this.#connection.rows(`SET TRANSACTION SNAPSHOT ${quoteText('postgresql', snapshot)}`);
    } catch (error) {
      const fault = postgresFault(error, 'source', 'reading in the snapshot of the plan failed');
      if (fault.kind !== 'config') throw fault;
      throw new SyncError(
        'SRC-2008',
        'lost',
        'the snapshot of the plan is no longer held',
        {},
        { cause: fault },
      );
    }
  }

  #blocks({ sql, columns, hidden, key, keyPlaces }: StreamQuery): AsyncGenerator<KeyedBlock> {
    return answerBlocks({
      socket: socketOf(this.#connection.driver),
      clock: this.#context.clock,
      silenceMs: this.#config.socketTimeoutMs,
      statement: queryMessage(`COPY (${sql}\n) TO STDOUT`),
      memories: this.#memories,
      fields: columns.length + hidden,
      plan: {
        columns: plainColumns(columns),
        key,
        keyPlaces,
        rules: columns.map((column) => ruleOf(column)),
      },
      scannerOf: (buffer) => new CopyScanner(buffer),
    });
  }

  #drop(): void {
    this.#usable = false;
    this.#connection.destroy();
  }

  async close(): Promise<void> {
    if (this.usable) await this.#connection.close();
    else this.#drop();
  }
}

/** Ways to rows that are not in the order of the file. */
const BY_FILE = ['enable_indexscan', 'enable_indexonlyscan', 'enable_bitmapscan'];

function faultOf(error: unknown): SyncError {
  if (error instanceof LostFault || error instanceof SilenceFault) {
    return new SyncError('SRC-2001', 'transient', `reading stopped: ${error.message}`, {}, { cause: error });
  }
  return postgresFault(error, 'source', 'reading failed');
}

/**
 * COPY has no form in the extended protocol that the driver would let through. The text holds no semicolon outside of
 * quotes: every piece a person wrote was read token by token, and the rest is made here.
 */
function queryMessage(sql: string): Buffer {
  const text = Buffer.from(sql, 'utf8');
  if (text.includes(0)) throw new SyncError('SRC-2024', 'config', 'a statement cannot hold NUL');
  const message = Buffer.alloc(text.length + 6);
  message[0] = QUERY;
  message.writeUInt32BE(text.length + 5, 1);
  text.copy(message, 5);
  return message;
}
