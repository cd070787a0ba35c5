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
const TWO_21 = 2097152;
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

/** Magnitudes from 2^31 to 2^63, in groups of nine digits. The `| 0` keeps the digit loops on integers. */
function writeWide(high: number, low: number, out: Uint8Array, at: number): number {
  if (high < TWO_21) {
    const value = high * TWO_32 + low;
    const quotient = Math.floor(value / BILLION);
    return writeNine((value - quotient * BILLION) | 0, out, writeUint31(quotient | 0, out, at));
  }
  // Long division in 16-bit steps: the value itself would not fit a double.
  const top = Math.floor(high / BILLION);
  const first = (high - top * BILLION) * TWO_16 + (low >>> 16);
  const middle = Math.floor(first / BILLION);
  const second = (first - middle * BILLION) * TWO_16 + (low & 0xffff);
  const bottom = Math.floor(second / BILLION);
  const nine = (second - bottom * BILLION) | 0;
  const quotient = top * TWO_32 + middle * TWO_16 + bottom;
  const leading = Math.floor(quotient / BILLION);
  const between = (quotient - leading * BILLION) | 0;
  if (leading === 0) return writeNine(nine, out, writeUint31(between, out, at));
  return writeNine(nine, out, writeNine(between, out, writeUint31(leading | 0, out, at)));
}

/** Exactly nine digits, zero-padded. */
function writeNine(value: number, out: Uint8Array, at: number): number {
  const upper = (value / 10_000) | 0;
  const last = value - upper * 10_000;
  const first = (upper / 10_000) | 0;
  out[at] = ZERO + first;
  writeFour(upper - first * 10_000, out, at + 1);
  writeFour(last, out, at + 5);
  return at + 9;
}

function writeFour(value: number, out: Uint8Array, at: number): void {
  const front = (value / 100) | 0;
  const back = value - front * 100;
  out[at] = TENS[front]!;
  out[at + 1] = UNITS[front]!;
  out[at + 2] = TENS[back]!;
  out[at + 3] = UNITS[back]!;
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
