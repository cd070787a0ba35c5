/** What a database has to offer to be read: one implementation per dialect, with the driver inside. */
import type { Column, RowBlock } from '../../types/index.ts';
import type { Dialect } from '../dialect.ts';
import type { TableName } from '../identifiers.ts';
import type { TableDescription } from '../table-description.ts';
import type { KeyColumn, Tuple } from './key.ts';

/** A column of a result: what it is here and what it is in the server. */
export interface ReadColumn extends Column {
  readonly sourceType: string;
}

/** The part of a table that a cut is about. Both bounds are exclusive: no point equals one of them. */
export interface CutRequest {
  readonly table: TableDescription;
  /** Condition of the job, already checked. */
  readonly where?: string;
  readonly columns: readonly KeyColumn[];
  readonly lower?: Tuple;
  readonly upper?: Tuple;
  /** Wanted number of pieces, at least 2. */
  readonly pieces: number;
}

/** Where to cut: strictly increasing as the server compares, strictly inside the bounds. */
export interface Cuts {
  readonly points: readonly Tuple[];
  /** Rows in all, if the cut came to know. */
  readonly estimatedRows?: number;
  /** Why there are none although some were wanted. */
  readonly reason?: string;
}

/** A query to stream, with the columns of the result. */
export interface StreamQuery {
  readonly sql: string;
  readonly columns: readonly ReadColumn[];
  /** Where the values of the order columns are in the result, by ordinal; hidden ones come after the columns. */
  readonly keyPlaces: readonly number[];
  /** Columns of the result behind those of the job. */
  readonly hidden: number;
  readonly key: readonly KeyColumn[];
  /** The rows come in the order of the file: no index may be used. */
  readonly physical: boolean;
  /** A snapshot that another session exported; absent = one of its own. */
  readonly snapshot?: string;
}

/** Rows of a result, and the text of the key values that go with them. */
export interface KeyedBlock {
  readonly block: RowBlock;
  keyOf(row: number): Tuple;
  /** Gives the memory of the block back to be used again; who does not call it keeps the block. */
  release(): void;
}

/** A session that reads. One call at a time. */
export interface ReadSession {
  readonly dialect: Dialect;
  /** What a person should know about this session, such as a zone that the server does not know. */
  readonly warnings: readonly string[];
  describe(table: TableName): Promise<TableDescription>;
  /** Names (empty = none) and types of a SELECT, which is not run. Throws SRC-2021 for a type that cannot be read. */
  columnsOf(sql: string): Promise<readonly ReadColumn[]>;
  cut(request: CutRequest): Promise<Cuts>;
  /** Whether each tuple is strictly less than the next, as the columns compare. Throws for values they cannot hold. */
  increasing(columns: readonly KeyColumn[], tuples: readonly Tuple[]): Promise<boolean>;
  /** Rows in blocks, in one snapshot of the database. Leaving early drops the session. */
  stream(query: StreamQuery): AsyncGenerator<KeyedBlock>;
  /**
   * Takes a snapshot that other sessions can read in as long as this one is open and does nothing else. Absent where
   * the server has none to share.
   */
  exportSnapshot?(): Promise<string>;
  /** Whether the session can be used once more. */
  readonly usable: boolean;
  close(): Promise<void>;
}

/** Columns as blocks and plans have them. */
export const plainColumns = (columns: readonly ReadColumn[]): readonly Column[] =>
  columns.map(({ name, type, facts }) => ({ name, type, ...(facts && { facts }) }));

/** A column whose name is its place in the job if the server gave it none. */
export const namedColumn = (column: ReadColumn, place: number): ReadColumn =>
  column.name === '' ? { ...column, name: `column_${place + 1}` } : column;
