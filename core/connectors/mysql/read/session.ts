/** A connection that reads tables: catalogue, cuts, and results streamed from the socket. */
import { ZoneClock } from '../../../convert/zone-clock.ts';
import { SyncError } from '../../../errors/index.ts';
import type { DatabaseConnection } from '../../../relational/connection-config.ts';
import type { TableName } from '../../../relational/identifiers.ts';
import { answerBlocks } from '../../../relational/read/answer-blocks.ts';
import { BlockMemories } from '../../../relational/read/block-memories.ts';
import { type KeyColumn, orderChecks, type Tuple } from '../../../relational/read/key.ts';
import type { BlockPlan } from '../../../relational/read/row-buffer.ts';
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
import { type MysqlConnection, openConnection, socketOf } from '../connection.ts';
import { mysqlFault } from '../errors.ts';
import { readingOf } from './cell-rules.ts';
import { cutTable } from './cut.ts';
import { FieldKind } from './field-kind.ts';
import { resultColumns } from './result-columns.ts';
import { RowScanner } from './row-scanner.ts';

const COM_QUERY = 3;
const HEADER_BYTES = 5;
const MAX_STATEMENT_BYTES = 0xffffff - 1;

/** Opens a session for reading. Throws SyncErrors. */
export async function openReadSession(
  config: DatabaseConnection,
  context: ConnectorContext,
): Promise<ReadSession> {
  const connection = await openConnection(config, context, { side: 'source' });
  return new MysqlReadSession(connection, config, context);
}

class MysqlReadSession implements ReadSession {
  readonly dialect = 'mysql';
  readonly warnings: readonly string[];
  readonly #connection: MysqlConnection;
  readonly #config: DatabaseConnection;
  readonly #context: ConnectorContext;
  readonly #memories = new BlockMemories();
  #usable = true;

  constructor(connection: MysqlConnection, config: DatabaseConnection, context: ConnectorContext) {
    this.#connection = connection;
    this.#config = config;
    this.#context = context;
    this.warnings =
      connection.fixedOffsetSeconds === undefined
        ? []
        : [
            `the server does not know the time zone ${context.timeZone}: TIMESTAMPs are converted here, but where and expressions see them at the zone's present distance from UTC; load the zones with mysql_tzinfo_to_sql`,
          ];
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
    for (const sql of orderChecks('mysql', columns, tuples)) {
      const [[yes] = []] = await this.#connection.rows(sql);
      if (yes !== '1') return false;
    }
    return true;
  }

  async *stream(query: StreamQuery): AsyncGenerator<KeyedBlock> {
    let finished = false;
    try {
      await this.#connection.rows('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      await this.#connection.rows('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
      yield* this.#blocks(query);
      await this.#connection.rows('COMMIT');
      finished = true;
    } catch (error) {
      throw this.#faultOf(error);
    } finally {
      if (!finished) this.#drop();
    }
  }

  #blocks(query: StreamQuery): AsyncGenerator<KeyedBlock> {
    const { plan, kinds } = this.#planOf(query);
    return answerBlocks({
      socket: socketOf(this.#connection.driver),
      clock: this.#context.clock,
      silenceMs: this.#config.socketTimeoutMs,
      statement: statementPacket(query.sql),
      memories: this.#memories,
      fields: kinds.length,
      plan,
      scannerOf: (buffer) => new RowScanner(buffer, kinds),
    });
  }

  /** Keys take their text from the wire, so what the scanner changes it changes in other columns only. */
  #planOf({ columns, hidden, key, keyPlaces }: StreamQuery): { plan: BlockPlan; kinds: Uint8Array } {
    const { fixedOffsetSeconds: fromSeconds } = this.#connection;
    const zone = new ZoneClock(this.#context.timeZone);
    const context = fromSeconds === undefined ? {} : { shift: { fromSeconds, zone } };
    const readings = columns.map((column, i) => readingOf(column, context, keyPlaces.includes(i)));
    const kinds = new Uint8Array(columns.length + hidden).fill(FieldKind.text);
    for (const [i, { kind }] of readings.entries()) kinds[i] = kind;
    const rules = readings.map(({ rule }) => rule);
    return { plan: { columns: plainColumns(columns), key, keyPlaces, rules }, kinds };
  }

  #faultOf(error: unknown): SyncError {
    if (error instanceof LostFault) return lost(error.message, error);
    if (error instanceof SilenceFault) return lost(error.message, error);
    return mysqlFault(error, 'source', 'reading failed');
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

const lost = (what: string, cause: Error): SyncError =>
  new SyncError('SRC-2001', 'transient', `reading stopped: ${what}`, {}, { cause });

/** COM_QUERY in one packet; statements of this reader are far below its limit. */
function statementPacket(sql: string): Buffer {
  const size = Buffer.byteLength(sql, 'utf8') + 1;
  if (size > MAX_STATEMENT_BYTES) {
    throw new SyncError('SRC-2024', 'config', 'the statement is longer than 16 MiB');
  }
  const packet = Buffer.alloc(size + HEADER_BYTES - 1);
  packet.writeUIntLE(size, 0, 3);
  packet[HEADER_BYTES - 1] = COM_QUERY;
  packet.write(sql, HEADER_BYTES, 'utf8');
  return packet;
}
