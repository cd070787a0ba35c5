import { parameterInvalid } from '../ots-error.ts';
import type { ByteWriter } from '../wire/byte-writer.ts';
import { VARIANT } from '../wire/plain-format.ts';

/** A cell value as in-process callers give it; `bigint` is INTEGER, `number` is DOUBLE. */
export type LocalValue = bigint | number | boolean | string | Uint8Array;

/** A row for in-process loading: key cells in schema order, then attribute columns in any order. */
export interface LocalRow {
  readonly primaryKey: readonly LocalValue[];
  readonly columns: ReadonlyArray<readonly [name: string, value: LocalValue]>;
}

/** Bytes before the content of a STRING or BLOB: type and u32 length. */
export const SIZED_PREFIX_BYTES = 5;

const MIN_INT64 = -(1n << 63n);
const MAX_INT64 = (1n << 63n) - 1n;

/** True when `value` fits INTEGER. */
export const fitsInt64 = (value: bigint): boolean => value >= MIN_INT64 && value <= MAX_INT64;

/** Appends the variant (type byte and content) of `value`. Throws OTSParameterInvalid past 64 bits. */
export function writeVariant(out: ByteWriter, value: LocalValue): void {
  if (typeof value === 'string') writeText(out, value);
  else if (typeof value === 'bigint') {
    if (!fitsInt64(value)) throw parameterInvalid(`The integer ${value} does not fit 64 bits.`);
    out.u8(VARIANT.INTEGER);
    out.i64(value);
  } else if (typeof value === 'number') {
    out.u8(VARIANT.DOUBLE);
    out.f64(value);
  } else if (typeof value === 'boolean') {
    out.u8(VARIANT.BOOLEAN);
    out.u8(value ? 1 : 0);
  } else {
    out.u8(VARIANT.BLOB);
    out.u32(value.length);
    out.copy(value);
  }
}

function writeText(out: ByteWriter, text: string): void {
  out.u8(VARIANT.STRING);
  out.u32(0);
  const bytes = out.text(text);
  out.setU32(out.length - bytes - 4, bytes);
}

/** The INTEGER variant of a value. */
export function integerVariant(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(9);
  bytes.writeBigInt64LE(value, 1);
  return bytes;
}

/** The number inside an INTEGER variant that starts at `at`. */
export const readInteger = (bytes: Uint8Array, at: number): bigint => view(bytes).getBigInt64(at + 1, true);

/** The number inside a DOUBLE variant that starts at `at`. */
export const readDouble = (bytes: Uint8Array, at: number): number => view(bytes).getFloat64(at + 1, true);

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/**
 * Size of a value as limits and capacity units count it: content bytes of text and binaries, 8 for numbers,
 * 1 for booleans.
 */
export function valueBytes(value: Uint8Array): number {
  const type = value[0];
  if (type === VARIANT.STRING || type === VARIANT.BLOB) return value.length - SIZED_PREFIX_BYTES;
  return value.length - 1;
}
