/**
 * What a value means, whatever bytes carry it. `any` is a column whose cells each bring their own type
 * (Tablestore attributes have no schema).
 */
export type LogicalType =
  | 'long'
  | 'double'
  | 'decimal'
  | 'string'
  | 'bool'
  | 'bytes'
  | 'date'
  | 'time'
  | 'datetime'
  | 'any';

/** What a source knows of a column beyond its logical type; for checks, casts and tables created on request. */
export interface ColumnFacts {
  /** Digits in all; of a `long`: absent. Only for `decimal`. */
  readonly precision?: number;
  /** Digits after the point of a `decimal`, or of the second of a `time` or `datetime`. */
  readonly scale?: number;
  /** Characters of a `string`, bytes of `bytes`; absent = no bound known. */
  readonly length?: number;
  /** Whole bytes of a `long` (1 to 8) or of a `double` (4 or 8). */
  readonly width?: number;
  readonly unsigned?: boolean;
  /** A `datetime` that is an instant, shown in the job's time zone. */
  readonly zoned?: boolean;
  /** Absent = unknown. */
  readonly nullable?: boolean;
  /** Position in the primary key, from 1; absent = not part of it. */
  readonly keyOrdinal?: number;
}

/** A column of a row block, in job order. */
export interface Column {
  readonly name: string;
  readonly type: LogicalType;
  readonly facts?: ColumnFacts;
}
