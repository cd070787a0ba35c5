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

/** A column of a row block, in job order. */
export interface Column {
  readonly name: string;
  readonly type: LogicalType;
}
