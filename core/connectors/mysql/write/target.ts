import { SyncError } from '../../../errors/index.ts';
import { DEFAULT_PORTS } from '../../../relational/dialect.ts';
import { parseTableName, plainName, quoteTable, type TableName } from '../../../relational/identifiers.ts';
import { locationOf } from '../../../relational/write/location.ts';
import type { EncodedColumn, RowNotation } from '../../../relational/write/row-encoder.ts';
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
import { draftTable } from './ddl.ts';
import { ledgerDialect } from './ledger.ts';
import { InsertLoader } from './loader.ts';
import { MysqlSession } from './session.ts';
import { sqlNotation } from './sql-notation.ts';
import { readTable } from './table.ts';

/** Bytes of a statement around its rows: its words, names and the packet's own head. */
const FRAME_BYTES = 64 * 1024;
/** Longest wait for a lock that another transaction holds. */
const LOCK_TIMEOUT_SECONDS = 60;
/** The server ends a session of which nothing is heard for so long: its client is gone. */
const IDLE_SECONDS = 600;
/** Values are stored as they are or refused; zero is a value of an AUTO_INCREMENT column. */
const SQL_MODE = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION';

/** One table of a MySQL database. */
export class MysqlTarget implements RelationalTarget {
  readonly location: string;
  readonly tableSql: string;
  readonly ledger;
  readonly limits;
  readonly #table: TableName;
  readonly #config: MysqlWriterConfig;
  readonly #context: ConnectorContext;

  constructor(config: MysqlWriterConfig, context: ConnectorContext) {
    this.#table = parseTableName('mysql', config.table);
    this.tableSql = quoteTable('mysql', this.#table);
    this.ledger = ledgerDialect(this.#table);
    this.location = locationOf('mysql', config.connection, this.#table, DEFAULT_PORTS.mysql);
    this.limits = config.limits;
    this.#config = config;
    this.#context = context;
  }

  async connect(name: string): Promise<MysqlSession> {
    const { connection: config, session: statements, loadData } = this.#config;
    const connection = await openConnection(config, this.#context, { side: 'target', localInfile: loadData });
    const session = new MysqlSession(connection);
    try {
      await session.run(
        `SET SESSION sql_mode = '${SQL_MODE}', innodb_lock_wait_timeout = ${LOCK_TIMEOUT_SECONDS}, ` +
          `lock_wait_timeout = ${LOCK_TIMEOUT_SECONDS}, wait_timeout = ${IDLE_SECONDS}, autocommit = 1`,
      );
      if (name !== '') await session.run('SELECT GET_LOCK(?, 0)', [holderLock(name)]);
      for (const statement of statements) await session.run(statement);
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
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
    return draftTable(this.tableSql, columns, names);
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

  notation(columns: readonly EncodedColumn[]): RowNotation {
    return sqlNotation(columns);
  }

  async maxRowBytes(session: MysqlSession): Promise<number> {
    const { rows } = await session.run('SELECT @@max_allowed_packet');
    return Math.max(1, Number(rows[0]?.[0] ?? 0) - FRAME_BYTES);
  }

  async loader(
    session: MysqlSession,
    _columns: readonly EncodedColumn[],
    layout: LoadLayout,
  ): Promise<RowLoader> {
    return new InsertLoader(session, this.tableSql, layout);
  }

  /** What the server commits by itself it does silently. */
  isOutsideOnly(): boolean {
    return false;
  }
}

/** A name of at most 64 characters. */
const holderLock = (name: string): string => `millrace-holder:${name}`;
