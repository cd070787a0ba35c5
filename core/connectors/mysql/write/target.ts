import type { Caster, TargetType } from '../../../convert/index.ts';
import { SyncError } from '../../../errors/index.ts';
import { DEFAULT_PORTS } from '../../../relational/dialect.ts';
import { parseTableName, plainName, quoteTable, type TableName } from '../../../relational/identifiers.ts';
import { draftTable } from '../../../relational/write/draft.ts';
import type { EncodedColumn } from '../../../relational/write/encoded-column.ts';
import type { BatchLimits } from '../../../relational/write/encoded-rows.ts';
import { locationOf } from '../../../relational/write/location.ts';
import type { Notation } from '../../../relational/write/notation.ts';
import { runOnConnect } from '../../../relational/write/once-statements.ts';
import type { RowLoader } from '../../../relational/write/session.ts';
import type {
  ConflictRule,
  LoadLayout,
  RelationalTarget,
  TableDraft,
  TargetField,
  TargetTable,
} from '../../../relational/write/target.ts';
import type { Column } from '../../../types/index.ts';
import type { ConnectorContext } from '../../contract.ts';
import { openConnection } from '../connection.ts';
import type { MysqlWriterConfig } from './config.ts';
import { DRAFT_DIALECT } from './ddl.ts';
import { FILE_NOTATION } from './file-notation.ts';
import { ledgerDialect } from './ledger.ts';
import { FileLoader, InsertLoader } from './loader.ts';
import { memberCaster, offsetCaster } from './refine.ts';
import { MysqlSession } from './session.ts';
import { SQL_NOTATION } from './sql-notation.ts';
import { readTable } from './table.ts';

/** Bytes of a statement around its rows: words, names, brackets and quotes of one row, the packet's own head. */
const FRAME_BYTES = 128 * 1024;
/** Rows of a statement unless the job says otherwise, as DataX documents it. */
const STATEMENT_ROWS = 1024;
/** Rows of a file: a whole block. */
const FILE_ROWS = 1_000_000;
/** A cell of a file and its separator at most become so many times their bytes in a statement: `\t` → `x'',`. */
const STATEMENT_GROWTH = 5;
/** Longest wait for a lock that another transaction holds. */
const LOCK_TIMEOUT_SECONDS = 60;
/** The server ends a session of which nothing is heard for so long: its client is gone. */
const IDLE_SECONDS = 600;
/** Values are stored as they are or refused; zero is a value of an AUTO_INCREMENT column. */
const SQL_MODE =
  'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE';

/** One table of a MySQL database. */
export class MysqlTarget implements RelationalTarget {
  readonly location: string;
  readonly tableSql: string;
  readonly ledger;
  readonly #table: TableName;
  readonly #config: MysqlWriterConfig;
  readonly #context: ConnectorContext;
  /** Seconds ahead of UTC of sessions on a server that does not know the job's zone by name. */
  #offsetSeconds: number | undefined;
  /** Whether the server takes LOAD DATA LOCAL; known once a session was measured. */
  #takesFiles = false;

  constructor(config: MysqlWriterConfig, context: ConnectorContext) {
    this.#table = parseTableName('mysql', config.table);
    this.tableSql = quoteTable('mysql', this.#table);
    this.ledger = ledgerDialect(this.#table);
    this.location = locationOf('mysql', config.connection, this.#table, DEFAULT_PORTS.mysql);
    this.#config = config;
    this.#context = context;
  }

  async connect(name: string): Promise<MysqlSession> {
    const { connection: config, session: statements, loadData } = this.#config;
    const connection = await openConnection(config, this.#context, { side: 'target', localInfile: loadData });
    const session = new MysqlSession(connection);
    try {
      await this.#pinOffset(session);
      await session.run(
        `SET SESSION sql_mode = '${SQL_MODE}', innodb_lock_wait_timeout = ${LOCK_TIMEOUT_SECONDS}, ` +
          `lock_wait_timeout = ${LOCK_TIMEOUT_SECONDS}, wait_timeout = ${IDLE_SECONDS}, autocommit = 1`,
      );
      if (name !== '') await session.run('SELECT GET_LOCK(?, 0)', [holderLock(name)]);
      await runOnConnect(session, statements);
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** One offset for all sessions: rows are encoded for it before the session that writes them is known. */
  async #pinOffset({ connection }: MysqlSession): Promise<void> {
    const offset = connection.fixedOffsetSeconds;
    if (offset === undefined) return;
    this.#offsetSeconds ??= offset;
    if (offset === this.#offsetSeconds) return;
    const minutes = Math.abs(this.#offsetSeconds) / 60;
    const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
    const sign = this.#offsetSeconds < 0 ? '-' : '+';
    await connection.rows(`SET SESSION time_zone = '${sign}${two(minutes / 60)}:${two(minutes % 60)}'`);
  }

  refine(caster: Caster, field: TargetField, target: TargetType): Caster {
    if (/^(enum|set)\(/i.test(field.serverType)) return memberCaster(caster, field.serverType);
    const offset = this.#offsetSeconds;
    if (offset === undefined) return caster;
    return offsetCaster(caster, target, this.#context.timeZone, offset);
  }

  /** The holder's session is found by the lock that it holds, so no other can be meant. */
  async evict(session: MysqlSession, name: string): Promise<void> {
    const { rows } = await session.run('SELECT IS_USED_LOCK(?)', [holderLock(name)]);
    const id = Number(rows[0]?.[0] ?? 0);
    if (!(id > 0)) return;
    try {
      await session.run(`KILL ${id}`);
    } catch (error) {
      if (!(error instanceof SyncError) || error.retryable) throw error;
      this.#context.log.warn('a predecessor could not be ended', { code: error.code });
    }
  }

  async lock(session: MysqlSession, name: string): Promise<void> {
    const { rows } = await session.run('SELECT GET_LOCK(?, ?)', [name, LOCK_TIMEOUT_SECONDS]);
    if (rows[0]?.[0] === '1') return;
    throw new SyncError('DST-4001', 'transient', 'another session holds the lock of the run');
  }

  readTable(session: MysqlSession): Promise<TargetTable | undefined> {
    return readTable(session.connection, this.#table);
  }

  draftTable(columns: readonly Column[], names: readonly string[]): TableDraft {
    return draftTable(this.tableSql, columns, names, DRAFT_DIALECT);
  }

  /** Every unique key counts. */
  conflictKey(): readonly string[] {
    return [];
  }

  updatedByDefault(
    _table: TargetTable,
    fields: readonly TargetField[],
    rule: ConflictRule,
  ): readonly string[] {
    return rule === 'update' ? fields.map(({ name }) => name) : [];
  }

  unquote(name: string): string {
    return plainName('mysql', name) ?? name;
  }

  notation(layout: LoadLayout): Notation {
    return this.#isByFile(layout) ? FILE_NOTATION : SQL_NOTATION;
  }

  limits(layout: LoadLayout, packetBytes: number): BatchLimits {
    const { batchSize, batchByteSize } = this.#config;
    if (!this.#isByFile(layout))
      return { rows: batchSize ?? STATEMENT_ROWS, bytes: Math.min(batchByteSize, packetBytes) };
    // Rows that are refused come again as a statement, which is longer than the file.
    const bytes = Math.min(batchByteSize, Math.floor(packetBytes / STATEMENT_GROWTH));
    return { rows: batchSize ?? FILE_ROWS, bytes };
  }

  async measure(session: MysqlSession): Promise<number> {
    const { rows } = await session.run('SELECT @@max_allowed_packet, @@local_infile');
    const [packet, takesFiles] = rows[0] ?? [];
    this.#takesFiles = takesFiles === '1';
    return Math.max(1, Number(packet ?? 0) - FRAME_BYTES);
  }

  async loader(
    session: MysqlSession,
    columns: readonly EncodedColumn[],
    layout: LoadLayout,
  ): Promise<RowLoader> {
    return this.#isByFile(layout)
      ? new FileLoader(session, this.tableSql, columns, layout)
      : new InsertLoader(session, this.tableSql, layout);
  }

  /** Only plain inserts that can be taken back: a file shows its faults when it is too late. */
  #isByFile({ rule, table }: LoadLayout): boolean {
    const { loadData } = this.#config;
    return loadData && this.#takesFiles && rule === 'fail' && table.engineWithoutTransactions === undefined;
  }

  /** What the server commits by itself it does silently. */
  isOutsideOnly(): boolean {
    return false;
  }
}

/** A name of at most 64 characters. */
const holderLock = (name: string): string => `millrace-holder:${name}`;
