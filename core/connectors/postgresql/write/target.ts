import { SyncError } from '../../../errors/index.ts';
import { DEFAULT_PORTS } from '../../../relational/dialect.ts';
import { parseTableName, plainName, quoteTable, type TableName } from '../../../relational/identifiers.ts';
import { findColumn } from '../../../relational/table-description.ts';
import { draftTable } from '../../../relational/write/draft.ts';
import type { EncodedColumn } from '../../../relational/write/encoded-column.ts';
import type { BatchLimits } from '../../../relational/write/encoded-rows.ts';
import { locationOf } from '../../../relational/write/location.ts';
import type { Notation } from '../../../relational/write/notation.ts';
import { runOnConnect } from '../../../relational/write/once-statements.ts';
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
import type { PostgresWriterConfig } from './config.ts';
import { copyNotation } from './copy-notation.ts';
import { DRAFT_DIALECT } from './ddl.ts';
import { isOutsideOnly } from './errors.ts';
import { ledgerDialect } from './ledger.ts';
import { CopyLoader } from './loader.ts';
import { PostgresSession } from './session.ts';
import { isDirect } from './statements.ts';
import { readTable } from './table.ts';

/** Longest wait for a lock that another transaction holds. */
const LOCK_TIMEOUT_MS = 60_000;
/** The server ends a transaction in which nothing happens for so long: its client is gone. */
const IDLE_TRANSACTION_MS = 600_000;
/** A field of the server's own limit of 1 GB. */
const MAX_ROW_BYTES = 1_000_000_000;

/** One table of a PostgreSQL database. */
export class PostgresTarget implements RelationalTarget {
  readonly location: string;
  readonly tableSql: string;
  readonly ledger;
  readonly #table: TableName;
  readonly #config: PostgresWriterConfig;
  readonly #context: ConnectorContext;

  constructor(config: PostgresWriterConfig, context: ConnectorContext) {
    const { connection } = config;
    const named = parseTableName('postgresql', config.table);
    this.#table =
      named.schema === undefined && connection.schema !== undefined
        ? { ...named, schema: connection.schema }
        : named;
    this.tableSql = quoteTable('postgresql', this.#table);
    this.ledger = ledgerDialect(this.#table);
    this.location = locationOf('postgresql', connection, this.#table, DEFAULT_PORTS.postgresql);
    this.#config = config;
    this.#context = context;
  }

  async connect(name: string): Promise<PostgresSession> {
    const connection = await openConnection(this.#config.connection, this.#context, { side: 'target' });
    const session = new PostgresSession(connection);
    try {
      await session.run(
        "SELECT set_config('application_name', ?, false), set_config('lock_timeout', ?, false), " +
          "set_config('idle_in_transaction_session_timeout', ?, false)",
        [applicationName(name), LOCK_TIMEOUT_MS, IDLE_TRANSACTION_MS],
      );
      await runOnConnect(session, this.#config.session);
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** Without the right to do so the predecessor is waited for, until the server notices that its client is gone. */
  async evict(session: PostgresSession, name: string): Promise<void> {
    try {
      await session.run(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity ' +
          'WHERE application_name = ? AND pid <> pg_backend_pid()',
        [applicationName(name)],
      );
    } catch (error) {
      if (!(error instanceof SyncError) || error.retryable) throw error;
      this.#context.log.warn('a predecessor could not be ended', { code: error.code });
    }
  }

  async lock(session: PostgresSession, name: string): Promise<void> {
    await session.run('SELECT pg_advisory_lock(hashtext(?))', [name]);
  }

  readTable(session: PostgresSession): Promise<TargetTable | undefined> {
    return readTable(session.connection, this.#table);
  }

  draftTable(columns: readonly Column[], names: readonly string[]): TableDraft {
    return draftTable(this.tableSql, columns, names, DRAFT_DIALECT);
  }

  conflictKey(rule: ConflictRule, table: TargetTable, fields: readonly TargetField[]): readonly string[] {
    if (rule === 'fail') return [];
    const { conflictTarget } = this.#config;
    if (rule === 'keep' && conflictTarget === undefined) return [];
    const key = conflictTarget === undefined ? table.primaryKey : this.#keyNamed(conflictTarget, table);
    if (key.length === 0) throw noKey('the table has no primary key; name a unique key in `conflictTarget`');
    const missing = key.filter((name) => !fields.some((field) => field.name === name));
    if (missing.length > 0) throw noKey(`the job does not write ${missing.join(', ')} of the key`);
    return key;
  }

  updatedByDefault(
    table: TargetTable,
    fields: readonly TargetField[],
    rule: ConflictRule,
  ): readonly string[] {
    const key = new Set(this.conflictKey(rule, table, fields));
    return fields.map(({ name }) => name).filter((name) => !key.has(name));
  }

  unquote(name: string): string {
    return plainName('postgresql', name) ?? name;
  }

  notation(layout: LoadLayout): Notation {
    return copyNotation(!isDirect(layout.rule));
  }

  limits(): BatchLimits {
    return this.#config.limits;
  }

  async measure(): Promise<number> {
    return MAX_ROW_BYTES;
  }

  loader(
    session: PostgresSession,
    _columns: readonly EncodedColumn[],
    layout: LoadLayout,
  ): Promise<CopyLoader> {
    return CopyLoader.open(session, this.tableSql, layout);
  }

  isOutsideOnly(fault: SyncError): boolean {
    return isOutsideOnly(fault);
  }

  #keyNamed(names: readonly string[], table: TargetTable): readonly string[] {
    const wanted = names.map((name) => findColumn(table.fields, this.unquote(name))?.name ?? name);
    const key = table.uniqueKeys.find(
      (columns) => columns.length === wanted.length && columns.every((name) => wanted.includes(name)),
    );
    if (key) return key;
    const known = table.uniqueKeys.map((columns) => `(${columns.join(', ')})`).join(', ');
    throw noKey(`(${names.join(', ')}) is no unique key of the table; there are ${known || 'none'}`);
  }
}

/** How the connection of a holder is found among all: names are cut at 63 bytes. */
const applicationName = (name: string): string => (name === '' ? 'millrace' : `millrace ${name}`);

const noKey = (message: string): SyncError => new SyncError('DST-4023', 'config', message);
