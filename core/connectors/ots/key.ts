/** Keys: their order, and the JSON form that job files, shard ranges and cursors share. */
import { AssertionError, assert } from '../../errors/index.ts';
import { INF_MAX, INF_MIN, type KeyBound, type KeyType } from '../../tablestore/index.ts';

/** A key value in JSON: exact for 64-bit integers (decimal text) and bytes (Base64). */
export interface KeyJson {
  readonly type: 'INT' | 'STRING' | 'BINARY' | 'INF_MIN' | 'INF_MAX';
  readonly value?: string;
}

/** The JSON form of a key value. */
export function keyToJson(bound: KeyBound): KeyJson {
  if (bound === INF_MIN) return { type: 'INF_MIN' };
  if (bound === INF_MAX) return { type: 'INF_MAX' };
  if (typeof bound === 'bigint') return { type: 'INT', value: bound.toString() };
  if (typeof bound === 'string') return { type: 'STRING', value: bound };
  return { type: 'BINARY', value: Buffer.from(bound).toString('base64') };
}

/** The key value of a JSON form that this program wrote. */
export function keyFromJson(json: KeyJson): KeyBound {
  const value = json.value ?? '';
  switch (json.type) {
    case 'INF_MIN':
      return INF_MIN;
    case 'INF_MAX':
      return INF_MAX;
    case 'INT':
      return BigInt(value);
    case 'STRING':
      return value;
    case 'BINARY':
      return Buffer.from(value, 'base64');
    default:
      throw new AssertionError('a stored key value has an unknown type', { type: json.type satisfies never });
  }
}

/** The column type that a key value fits, `undefined` for infinities, which fit every type. */
export function keyTypeOf(bound: KeyBound): KeyType | undefined {
  if (typeof bound === 'bigint') return 'INTEGER';
  if (typeof bound === 'string') return 'STRING';
  return bound instanceof Uint8Array ? 'BINARY' : undefined;
}

/**
 * Order of two values of one key column, as the service has it: integers signed, strings and binary by
 * unsigned bytes (strings as UTF-8, which differs from the order of JavaScript strings), infinities outside.
 */
export function compareBounds(a: KeyBound, b: KeyBound): number {
  if (a === b) return 0;
  if (a === INF_MIN || b === INF_MAX) return -1;
  if (a === INF_MAX || b === INF_MIN) return 1;
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : 1;
  assert(typeof a === typeof b, 'key values of different types have no order');
  return Buffer.compare(bytesOf(a), bytesOf(b));
}

/** Order of two keys or prefixes of keys; where one is the beginning of the other, the shorter is smaller. */
export function compareKeys(a: readonly KeyBound[], b: readonly KeyBound[]): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const order = compareBounds(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** A prefix filled up to the length of the whole key. */
export function padKey(prefix: readonly KeyBound[], length: number, filler: KeyBound): KeyBound[] {
  return [...prefix, ...new Array<KeyBound>(length - prefix.length).fill(filler)];
}

function bytesOf(value: KeyBound): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  assert(value instanceof Uint8Array, 'a key value has no bytes');
  return value;
}
