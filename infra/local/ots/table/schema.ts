import { MAX_NAME_BYTES } from '../limits.ts';
import { parameterInvalid } from '../ots-error.ts';
import { VARIANT } from '../wire/plain-format.ts';

/** Types of a key column, numbered as in the protocol. */
export const KEY_TYPE = { INTEGER: 1, STRING: 2, BINARY: 3 } as const;

/** Types of a predefined column, numbered as in the protocol. */
export const DEFINED_TYPES: ReadonlySet<number> = new Set([1, 2, 3, 4, 7]);

/** One column of the primary key. */
export interface KeyColumn {
  readonly name: string;
  readonly type: number;
  readonly autoIncrement: boolean;
}

/** A predefined attribute column; the type is the number of the protocol. */
export interface DefinedColumn {
  readonly name: string;
  readonly type: number;
}

/** Table options; `ttlSeconds` -1 keeps data for ever. */
export interface TableOptions {
  readonly ttlSeconds: number;
  readonly maxVersions: number;
  readonly deviationSeconds: bigint;
  readonly allowUpdate: boolean;
}

/** The change stream of a table; times in microseconds, 0 and '' while it was never enabled. */
export interface StreamState {
  readonly enabled: boolean;
  readonly streamId: string;
  readonly expirationHours: number;
  readonly enabledAtMicros: number;
  /** Columns whose value before a change is recorded with it. */
  readonly originColumns: readonly string[];
}

/** Reserved capacity and when it last changed (seconds since the epoch). */
export interface Throughput {
  readonly read: number;
  readonly write: number;
  readonly changedAtSeconds: number;
}

/** Everything about a table but its rows and changes. */
export interface TableDefinition {
  readonly id: number;
  readonly name: string;
  readonly keyColumns: readonly KeyColumn[];
  readonly definedColumns: readonly DefinedColumn[];
  readonly options: TableOptions;
  readonly stream: StreamState;
  readonly throughput: Throughput;
  readonly createdAtMicros: number;
}

/** The stream state of a table without stream. */
export const NO_STREAM: StreamState = {
  enabled: false,
  streamId: '',
  expirationHours: 0,
  enabledAtMicros: 0,
  originColumns: [],
};

const NAME_PATTERN = /^[A-Za-z_][A-Za-z0-9_]*$/;

const isName = (name: string): boolean => name.length <= MAX_NAME_BYTES && NAME_PATTERN.test(name);

/** Refuses a table name that is not 1–255 letters, digits and underscores, not starting with a digit. */
export function checkTableName(name: string): void {
  if (!isName(name)) throw parameterInvalid(`Invalid table name: '${name}'.`);
}

/** The same rule for columns. */
export function checkColumnName(name: string): void {
  if (!isName(name)) throw parameterInvalid(`Invalid column name: '${name}'.`);
}

/** The value type byte that a key column of `type` holds. */
export function keyVariant(type: number): number {
  if (type === KEY_TYPE.INTEGER) return VARIANT.INTEGER;
  return type === KEY_TYPE.STRING ? VARIANT.STRING : VARIANT.BLOB;
}
