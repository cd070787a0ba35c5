import type { ByteWriter } from '../wire/byte-writer.ts';
import { readU32, VARIANT } from '../wire/plain-format.ts';
import { SIZED_PREFIX_BYTES } from './value.ts';

/**
 * Keys as bytes whose plain unsigned order is the order of the service.
 *
 *     key    := column*
 *     column := 00                        INF_MIN
 *             | 01 content                a value
 *             | ff                        INF_MAX
 *     content of INTEGER: 8 bytes big-endian with the sign bit flipped
 *     content of STRING and BLOB: the bytes with each 00 written as 00 ff, then 00 00
 *
 * Columns of one schema position always hold the same type, so no type byte is needed.
 */
const MARK_MIN = 0x00;
const MARK_VALUE = 0x01;
const MARK_MAX = 0xff;
const ESCAPE = 0x00;
const ESCAPED_ZERO = 0xff;
const TERMINATOR = 0x00;

/** Appends the order-preserving form of the variant `value[at…]`. */
export function writeKeyColumn(out: ByteWriter, value: Uint8Array, at = 0): void {
  const type = value[at];
  if (type === VARIANT.INF_MIN) out.u8(MARK_MIN);
  else if (type === VARIANT.INF_MAX) out.u8(MARK_MAX);
  else if (type === VARIANT.INTEGER) writeInteger(out, value, at + 1);
  else {
    const start = at + SIZED_PREFIX_BYTES;
    writeEscaped(out, value, start, start + readU32(value, at + 1));
  }
}

function writeInteger(out: ByteWriter, value: Uint8Array, at: number): void {
  out.reserve(9);
  const { bytes } = out;
  let end = out.length;
  bytes[end++] = MARK_VALUE;
  bytes[end++] = (value[at + 7] as number) ^ 0x80;
  for (let i = 6; i >= 0; i--) bytes[end++] = value[at + i] as number;
  out.length = end;
}

function writeEscaped(out: ByteWriter, value: Uint8Array, start: number, stop: number): void {
  out.reserve((stop - start) * 2 + 3);
  const { bytes } = out;
  let end = out.length;
  bytes[end++] = MARK_VALUE;
  for (let i = start; i < stop; i++) {
    const byte = value[i] as number;
    bytes[end++] = byte;
    if (byte === ESCAPE) bytes[end++] = ESCAPED_ZERO;
  }
  bytes[end++] = ESCAPE;
  bytes[end++] = TERMINATOR;
  out.length = end;
}

/** Compares `a[aStart, aEnd)` with `b[bStart, bEnd)` by unsigned bytes: negative, zero or positive. */
export function compareBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const common = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < common; i++) {
    const difference = (a[aStart + i] as number) - (b[bStart + i] as number);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}
