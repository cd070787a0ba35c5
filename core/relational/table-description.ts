/** What the catalogue of a database says of a table, in words that both dialects share. */
import { SyncError } from '../errors/index.ts';
import type { Column, ColumnFacts, LogicalType } from '../types/index.ts';
import { type TableName, tableText } from './identifiers.ts';

/** A column as the server has it. */
export interface TableColumn extends Column {
  /** Always present: at least `nullable`. */
  readonly facts: ColumnFacts;
  /** As the server writes it in DDL, for example `bigint(20) unsigned` or `numeric(12,2)`. */
  readonly serverType: string;
  /** The type's bare name in lower case, domains resolved: `bigint`, `varchar`, `timestamptz`, `int4[]`. */
  readonly typeName: string;
  /** Collation that compares it, as SQL text after COLLATE; absent = it has none. */
  readonly collation?: string;
  /** Character set, MySQL only. */
  readonly charset?: string;
  /** The server computes it: it cannot be written. */
  readonly generated: boolean;
  /** The server numbers it when it is left out. */
  readonly autoIncrement: boolean;
  readonly hasDefault: boolean;
}

/** A unique key over whole columns. */
export interface UniqueKey {
  readonly name: string;
  readonly columns: readonly string[];
  /** Whether one of its columns may be null, so that rows may repeat. */
  readonly nullable: boolean;
}

/** A table and what orders and identifies its rows. */
export interface TableDescription {
  /** With the schema or database that it was found in. */
  readonly table: Required<TableName>;
  readonly kind: 'table' | 'view';
  readonly columns: readonly TableColumn[];
  /** Column names in key order; empty = none. */
  readonly primaryKey: readonly string[];
  /** All unique keys but the primary one, those without null first, then by number of columns and name. */
  readonly uniqueKeys: readonly UniqueKey[];
  /** Columns that an index begins with, so that ranges of them can be found. */
  readonly indexStarts: readonly string[];
  /** Whether rows of other tables show in it that its keys say nothing about (inheritance of PostgreSQL). */
  readonly hasHeirs: boolean;
  /** Whether rows lie in one file whose blocks can be asked for (`ctid` of PostgreSQL). */
  readonly hasPlaces: boolean;
  /** Storage engine (MySQL) or access method (PostgreSQL); empty for views. */
  readonly engine: string;
  /** As the server's statistics have it; absent = unknown. */
  readonly estimatedRows?: number;
  /** Stored bytes without indexes, as the statistics have it. */
  readonly estimatedBytes?: number;
  /** Columns that cannot be read, and why; `type` and `facts` of these mean nothing. */
  readonly refusals: ReadonlyMap<string, string>;
}

/** How a type of the server is read here; a text says why it cannot be. */
export type TypeReading = { readonly type: LogicalType; readonly facts: ColumnFacts } | string;

/** A column by name: as it is written, or the only one that differs in case alone. */
export function findColumn<T extends { readonly name: string }>(
  columns: readonly T[],
  name: string,
): T | undefined {
  const exact = columns.find((column) => column.name === name);
  if (exact) return exact;
  const similar = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
  return similar.length === 1 ? similar[0] : undefined;
}

/** The key that identifies each row: the primary key, or the shortest unique key without nulls; empty = none. */
export function rowKey(table: TableDescription): readonly string[] {
  if (table.hasHeirs) return [];
  if (table.primaryKey.length > 0) return table.primaryKey;
  return table.uniqueKeys.find((key) => !key.nullable)?.columns ?? [];
}

/** Unique keys in the order of `TableDescription`. */
export const orderedKeys = (keys: readonly UniqueKey[]): UniqueKey[] =>
  [...keys].sort(
    (a, b) =>
      Number(a.nullable) - Number(b.nullable) ||
      a.columns.length - b.columns.length ||
      (a.name < b.name ? -1 : 1),
  );

/** The refusal of a table that is not there; `code` is of the side that looks for it. */
export const noSuchTable = (table: TableName, code: 'SRC-2020' | 'DST-4004'): SyncError =>
  new SyncError(code, 'config', `there is no table ${tableText(table)}, or this user may not see it`);
