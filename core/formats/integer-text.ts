/**
 * Decimal digits of 64-bit integers without bigint: JavaScript's bigint allocates per value, and exports are
 * full of integers. All arithmetic stays below 2^53, where doubles are exact.
 */

/** Longest text: `-9223372036854775808`. */
export const MAX_INT64_TEXT_BYTES = 20;

const MINUS = 0x2d;
const ZERO = 0x30;
const BILLION = 1e9;
const TWO_32 = 4294967296;
const TWO_16 = 65536;

/** Tens and units digit of 0..99 as ASCII. */
const TENS = Uint8Array.from({ length: 100 }, (_, i) => ZERO + Math.floor(i / 10));
const UNITS = Uint8Array.from({ length: 100 }, (_, i) => ZERO + (i % 10));

/** Writes the digits of an integer in [0, 2^31) and returns the position after them. */
export function writeUint31(value: number, out: Uint8Array, at: number): number {
  let end = at + digitCount(value);
  const after = end;
  let rest = value;
  while (rest >= 100) {
    const quotient = (rest / 100) | 0;
    const pair = rest - quotient * 100;
    out[--end] = UNITS[pair]!;
    out[--end] = TENS[pair]!;
    rest = quotient;
  }
  if (rest >= 10) {
    out[--end] = UNITS[rest]!;
    out[--end] = TENS[rest]!;
  } else {
    out[--end] = ZERO + rest;
  }
  return after;
}

/** Writes the decimal text of the signed little-endian integer at `source[from]`; returns the end position. */
export function writeInt64(source: Uint8Array, from: number, out: Uint8Array, at: number): number {
  let low =
    (source[from]! | (source[from + 1]! << 8) | (source[from + 2]! << 16) | (source[from + 3]! << 24)) >>> 0;
  let high =
    source[from + 4]! | (source[from + 5]! << 8) | (source[from + 6]! << 16) | (source[from + 7]! << 24);
  let position = at;
  if (high < 0) {
    out[position++] = MINUS;
    low = -low >>> 0;
    high = (~high + (low === 0 ? 1 : 0)) >>> 0;
  }
  if (high === 0 && low < 0x80000000) return writeUint31(low, out, position);
  return writeWide(high, low, out, position);
}

/** Magnitudes from 2^31 to 2^63: split into groups of nine digits by long division in 16-bit steps. */
function writeWide(high: number, low: number, out: Uint8Array, at: number): number {
  const top = Math.floor(high / BILLION);
  const first = (high - top * BILLION) * TWO_16 + (low >>> 16);
  const middle = Math.floor(first / BILLION);
  const second = (first - middle * BILLION) * TWO_16 + (low & 0xffff);
  const bottom = Math.floor(second / BILLION);
  const nine = second - bottom * BILLION;
  const quotient = top * TWO_32 + middle * TWO_16 + bottom;
  if (quotient < BILLION) return writeNine(nine, out, writeUint31(quotient, out, at));
  const leading = Math.floor(quotient / BILLION);
  const position = writeNine(quotient - leading * BILLION, out, writeUint31(leading, out, at));
  return writeNine(nine, out, position);
}

/** Exactly nine digits, zero-padded. */
function writeNine(value: number, out: Uint8Array, at: number): number {
  let rest = value;
  for (let i = at + 8; i > at; i -= 2) {
    const quotient = (rest / 100) | 0;
    const pair = rest - quotient * 100;
    out[i] = UNITS[pair]!;
    out[i - 1] = TENS[pair]!;
    rest = quotient;
  }
  out[at] = ZERO + rest;
  return at + 9;
}

function digitCount(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  if (value < 1000) return 3;
  if (value < 10_000) return 4;
  if (value < 100_000) return 5;
  if (value < 1_000_000) return 6;
  if (value < 10_000_000) return 7;
  if (value < 100_000_000) return 8;
  return value < BILLION ? 9 : 10;
}
