/** What a connector tells the shared writer about its database. */
import type { Caster, TargetType } from '../../convert/index.ts';
import type { SyncError } from '../../errors/index.ts';
import type { Column } from '../../types/index.ts';
import type { EncodedColumn } from './encoded-column.ts';
import type { BatchLimits } from './encoded-rows.ts';
import type { LedgerDialect } from './ledger.ts';
import type { Notation } from './notation.ts';
import type { RowLoader, WriteSession } from './session.ts';

/** What a conflict with an existing row means. */
export type ConflictRule = 'fail' | 'keep' | 'update' | 'replace';

/** What a column holds; a text = the words for why it cannot be written; a function where that depends on the source. */
export type FieldTarget = TargetType | string | ((source: Column) => TargetType | string);

/** What a column holds for values of a source column. */
export const targetFor = (field: TargetField, source: Column): TargetType | string =>
  typeof field.target === 'function' ? field.target(source) : field.target;

/** A column of the target table. */
export interface TargetField {
  readonly name: string;
  /** As the server writes it, for example `varchar(20)`. */
  readonly serverType: string;
  readonly target: FieldTarget;
  readonly nullable: boolean;
  /** A row may leave it out: it has a default, is generated or counts by itself. */
  readonly optional: boolean;
  /** Its value is computed by the server. */
  readonly generated: boolean;
}

/** The target table as it is, or as it will be created. */
export interface TargetTable {
  readonly fields: readonly TargetField[];
  /** Column names of the primary key; empty = none. */
  readonly primaryKey: readonly string[];
  /** Column names of every unique key, the primary one included. */
  readonly uniqueKeys: readonly (readonly string[])[];
  /** Words for the engine if it has no transactions. */
  readonly engineWithoutTransactions?: string;
}

/** A table that `createTable` would make. */
export interface TableDraft {
  /** One statement with IF NOT EXISTS. */
  readonly sql: string;
  readonly table: TargetTable;
  /** What a person should know: types that were guessed. */
  readonly notes: readonly string[];
}

/** The columns that rows are written to, and what happens on a conflict. */
export interface LoadLayout {
  readonly table: TargetTable;
  readonly fields: readonly TargetField[];
  readonly rule: ConflictRule;
  /** Columns that tell whether a row exists, where the database wants to know; empty = any unique key. */
  readonly conflictKey: readonly string[];
  /** Columns that `update` sets. */
  readonly updated: readonly string[];
}

/** One database with one target table. */
export interface RelationalTarget {
  /** For people, without credentials: `mysql://host/database.table`. */
  readonly location: string;
  /** Quoted, as `@table` stands for it. */
  readonly tableSql: string;
  readonly ledger: LedgerDialect;
  /** Opens a session that others can find by `name`. */
  connect(name: string): Promise<WriteSession>;
  /** Ends the session of that name if it still stands; best effort, for a predecessor that hangs. */
  evict(session: WriteSession, name: string): Promise<void>;
  /** Waits for the lock of that name, which this session then holds until it ends. */
  lock(session: WriteSession, name: string): Promise<void>;
  /** The table; `undefined` if there is none. */
  readTable(session: WriteSession): Promise<TargetTable | undefined>;
  /** The table that source columns call for, under the names of the target columns. */
  draftTable(columns: readonly Column[], names: readonly string[]): TableDraft;
  /** Conflict key and faults of a rule over a table. Throws DST-4023. */
  conflictKey(rule: ConflictRule, table: TargetTable, fields: readonly TargetField[]): readonly string[];
  /** Columns that an update sets unless the job says which. */
  updatedByDefault(table: TargetTable, fields: readonly TargetField[], rule: ConflictRule): readonly string[];
  /** A name of the job as the catalogue has it: without quotes. */
  unquote(name: string): string;
  /** A caster that also minds what the server would do to the values of this field by itself. */
  refine?(caster: Caster, field: TargetField, target: TargetType): Caster;
  /** How rows are written down for the loader. */
  notation(layout: LoadLayout): Notation;
  /** Learns what the server takes: bytes that one row may have. Asked before notation, limits and loader. */
  measure(session: WriteSession): Promise<number>;
  /** What one statement may hold where a row may have so many bytes. */
  limits(layout: LoadLayout, maxRowBytes: number): BatchLimits;
  loader(session: WriteSession, columns: readonly EncodedColumn[], layout: LoadLayout): Promise<RowLoader>;
  /** Whether a fault says that a statement cannot stand in a transaction. */
  isOutsideOnly(fault: SyncError): boolean;
}
