/**
 * 64-bit integers as two 32-bit words: JavaScript's bigint allocates per value, and columns are full of integers.
 * All arithmetic stays below 2^53, where doubles are exact.
 */

const ZERO = 0x30;
const MINUS = 0x2d;
const TWO_15 = 0x8000;
const TWO_17 = 0x20000;
const TWO_32 = 0x1_0000_0000;
const BILLION = 1e9;
/** Digits of 2^64 - 1. */
const MAX_DIGITS = 20;
/** Digits that `BILLION` splits off. */
const SPLIT_DIGITS = 9;

/** One integer, reused from value to value. The words are signed 32-bit numbers whatever the integer's sign. */
export class Words {
  low = 0;
  high = 0;

  /** Takes the eight little-endian bytes at `at`. */
  read(source: Uint8Array, at: number): void {
    this.low = readWord(source, at);
    this.high = readWord(source, at + 4);
  }

  /**
   * Becomes `top * factor + add`; false if that is not below 2^64. `top` is below 2^38, `factor` at most 2^30
   * and `add` below 2^47, none negative.
   */
  setProduct(top: number, factor: number, add: number): boolean {
    const upper = Math.floor(top / TWO_17);
    const a = upper * factor;
    const b = (top - upper * TWO_17) * factor + add;
    const carried = Math.floor(a / TWO_15);
    const rest = (a - carried * TWO_15) * TWO_17 + b;
    const overflow = Math.floor(rest / TWO_32);
    const high = carried + overflow;
    this.low = (rest - overflow * TWO_32) | 0;
    this.high = high | 0;
    return high < TWO_32;
  }

  /** Becomes the value of these ASCII digits; false if something else is among them or 2^64 is reached. */
  setDigits(source: Uint8Array, from: number, to: number): boolean {
    if (to <= from || to - from > MAX_DIGITS) return false;
    const split = Math.max(from, to - SPLIT_DIGITS);
    const top = split > from ? digitsOf(source, from, split) : 0;
    const bottom = digitsOf(source, split, to);
    if (top < 0 || bottom < 0) return false;
    if (top > 0) return this.setProduct(top, BILLION, bottom);
    this.low = bottom;
    this.high = 0;
    return true;
  }

  /** Becomes the value of `-?` digits; false for anything else, and beyond 64 signed bits. */
  setSigned(source: Uint8Array, from: number, to: number): boolean {
    const negative = source[from] === MINUS;
    if (!this.setDigits(source, negative ? from + 1 : from, to)) return false;
    if (this.high >= 0) {
      if (negative) this.negate();
      return true;
    }
    // The magnitude is at least 2^63: only the lowest integer has it.
    return negative && this.high === -0x8000_0000 && this.low === 0;
  }

  /** Becomes its own negative. */
  negate(): void {
    this.low = -this.low | 0;
    this.high = (~this.high + (this.low === 0 ? 1 : 0)) | 0;
  }
}

/** The number that up to eleven ASCII digits stand for; negative if something else is among them. */
function digitsOf(source: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = source[i]! ^ ZERO;
    if (digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The signed little-endian word at `at`. */
export const readWord = (source: Uint8Array, at: number): number =>
  source[at]! | (source[at + 1]! << 8) | (source[at + 2]! << 16) | (source[at + 3]! << 24);
