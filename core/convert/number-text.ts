/**
 * Numbers as text: `[+-] digits [. digits] [e [+-] digits]` with at least one digit before the exponent.
 * Nothing is computed in floating point.
 */

const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;

/** Digits that an exponent may add: PostgreSQL's `numeric` holds 131,072 before and 16,383 after the point. */
export const MAX_EXPANDED_DIGITS = 150_000;

/** Whether a byte is an ASCII digit. */
export const isDigit = (byte: number): boolean => (byte ^ ZERO) <= 9;

/** The parts of a number as bounds into the scanned bytes. Reused from scan to scan. */
export class NumberParts {
  negative = false;
  /** Whether the text begins with `+`. */
  plus = false;
  intStart = 0;
  intEnd = 0;
  fractionStart = 0;
  fractionEnd = 0;
  hasDot = false;
  hasExponent = false;
  /** Clamped to ±10,000,000. */
  exponent = 0;

  /** Finds the parts; false if the bytes are no number. */
  scan(source: Uint8Array, from: number, to: number): boolean {
    let at = from;
    this.negative = source[at] === MINUS;
    this.plus = source[at] === PLUS;
    if (at < to && (this.negative || this.plus)) at++;
    this.intStart = at;
    while (at < to && isDigit(source[at]!)) at++;
    this.intEnd = this.fractionStart = this.fractionEnd = at;
    this.hasDot = at < to && source[at] === DOT;
    if (this.hasDot) {
      this.fractionStart = ++at;
      while (at < to && isDigit(source[at]!)) at++;
      this.fractionEnd = at;
    }
    this.hasExponent = false;
    this.exponent = 0;
    if (this.intEnd === this.intStart && this.fractionEnd === this.fractionStart) return false;
    return at === to || this.#scanExponent(source, at, to);
  }

  #scanExponent(source: Uint8Array, from: number, to: number): boolean {
    if ((source[from]! | 0x20) !== 0x65) return false;
    let at = from + 1;
    const negative = source[at] === MINUS;
    if (at < to && (negative || source[at] === PLUS)) at++;
    if (at >= to) return false;
    let value = 0;
    for (; at < to; at++) {
      if (!isDigit(source[at]!)) return false;
      value = Math.min(value * 10 + (source[at]! - ZERO), 10_000_000);
    }
    this.hasExponent = true;
    this.exponent = negative ? -value : value;
    return true;
  }
}

/** First position that is no zero, or `to`. */
export function skipZeros(source: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && source[at] === ZERO) at++;
  return at;
}

/** The end without trailing zeros, not before `from`. */
export function trimZeros(source: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && source[end - 1] === ZERO) end--;
  return end;
}

/**
 * The same number without exponent, as bytes of its own; `undefined` if that takes too many digits.
 * For the rare numbers that have one.
 */
export function withoutExponent(source: Uint8Array, parts: NumberParts): Buffer | undefined {
  const digits = Buffer.concat([
    source.subarray(parts.intStart, parts.intEnd),
    source.subarray(parts.fractionStart, parts.fractionEnd),
  ]);
  const first = skipZeros(digits, 0, digits.length);
  const last = trimZeros(digits, first, digits.length);
  if (first === last) return Buffer.from('0');
  // The value is 0.d1d2d3… × 10^point with d1 not zero.
  const point = parts.intEnd - parts.intStart - first + parts.exponent;
  if (Math.abs(point) > MAX_EXPANDED_DIGITS) return undefined;
  const significant = digits.subarray(first, last).toString('latin1');
  const sign = parts.negative ? '-' : '';
  if (point <= 0) return Buffer.from(`${sign}0.${'0'.repeat(-point)}${significant}`);
  const whole = significant.slice(0, point).padEnd(point, '0');
  const fraction = significant.slice(point);
  return Buffer.from(fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`);
}
