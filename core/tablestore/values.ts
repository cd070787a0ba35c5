/** Values and keys as this folder's callers see them, and their way into the SDK's encoder. */
import { assert } from '../errors/index.ts';
import { type SdkCells, type SdkValue, sdk } from './sdk.ts';

/** Before every key. */
export const INF_MIN: unique symbol = Symbol('INF_MIN');
/** After every key. */
export const INF_MAX: unique symbol = Symbol('INF_MAX');

/** A primary key value: INTEGER, STRING or BINARY. */
export type KeyValue = bigint | string | Uint8Array;

/** A key value, or one of the two infinities that ranges may use. */
export type KeyBound = KeyValue | typeof INF_MIN | typeof INF_MAX;

/** INTEGER, DOUBLE, BOOLEAN, STRING or BINARY. 64-bit integers are always bigint, a number is a DOUBLE. */
export type Value = bigint | number | boolean | string | Uint8Array;

/** One column of a key, in schema order. */
export interface KeyColumn<V extends KeyBound = KeyValue> {
  readonly name: string;
  readonly value: V;
}

/** A row as stored; the newest version of each attribute. */
export interface StoredRow {
  readonly key: readonly KeyColumn[];
  readonly columns: ReadonlyMap<string, Value>;
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const LONE_SURROGATE = /\p{Surrogate}/u;
/** The service allows no other names, and the SDK miscounts the bytes of names beyond ASCII. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;

/** A key for the encoder. */
export const sdkKey = (key: readonly KeyColumn<KeyBound>[]): SdkCells =>
  key.map(({ name, value }) => ({ [checkedName(name)]: sdkBound(value) }));

/** Attribute cells for the encoder. */
export const sdkCells = (columns: Readonly<Record<string, Value>>): SdkCells =>
  Object.entries(columns).map(([name, value]) => ({ [attributeName(name)]: sdkValue(value) }));

/** A value for the encoder. Integers go through text: every other way through the SDK loses digits. */
export function sdkValue(value: Value): SdkValue {
  if (typeof value === 'bigint') {
    assert(value >= INT64_MIN && value <= INT64_MAX, 'an integer does not fit in 64 bits');
    return sdk.Long.fromString(value.toString());
  }
  if (typeof value === 'string') {
    assert(!LONE_SURROGATE.test(value), 'a string holds half of a surrogate pair, which UTF-8 cannot carry');
    return value;
  }
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return value;
}

/** The encoder reads a column of this name as the version of the cell. */
export function attributeName(name: string): string {
  assert(name !== 'timestamp', 'an attribute cannot be called "timestamp"');
  return checkedName(name);
}

function sdkBound(value: KeyBound): SdkValue {
  if (value === INF_MIN) return sdk.INF_MIN;
  if (value === INF_MAX) return sdk.INF_MAX;
  return sdkValue(value);
}

function checkedName(name: string): string {
  assert(NAME.test(name), 'a column name is not valid in Tablestore', { name: name.slice(0, 64) });
  return name;
}
