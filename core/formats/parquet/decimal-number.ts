/** Decimals in plain digits → the unscaled integers that Parquet stores. */
import { Words } from './words.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const DOT = 0x2e;
const BILLION = 1e9;
/** Digits that `BILLION` splits off. */
const SPLIT_DIGITS = 9;
/** Digits that always fit the words. */
const WORD_DIGITS = 18;
/** Digits that are exact in a double. */
const SHORT_DIGITS = 15;
const TWO_32 = 0x1_0000_0000;
const POWERS = Array.from({ length: SHORT_DIGITS + 1 }, (_, i) => 10 ** i);

/** One decimal, reused from value to value. */
export class DecimalNumber {
  readonly #precision: number;
  readonly #scale: number;
  /** The unscaled value, unless `isWide`. */
  readonly words = new Words();
  /** Whether the value has more than 18 digits: it is in `wide` then. */
  isWide = false;
  wide = 0n;

  constructor(precision: number, scale: number) {
    this.#precision = precision;
    this.#scale = scale;
  }

  /**
   * Reads `-?` digits `[. digits]` with at most the digits of the type; false for any other text, also for one with
   * zeros too many.
   */
  read(source: Uint8Array, from: number, to: number): boolean {
    const negative = source[from] === MINUS;
    if (this.#readShort(source, negative ? from + 1 : from, to)) return this.#sign(negative);
    let first = negative ? from + 1 : from;
    let point = first;
    while (point < to && source[point] !== DOT) point++;
    if (point === first || point === to - 1) return false;
    while (first < point && source[first] === ZERO) first++;
    const whole = point - first;
    const fraction = Math.max(0, to - point - 1);
    if (fraction > this.#scale || whole + this.#scale > this.#precision) return false;
    const digits = whole + this.#scale;
    this.isWide = digits > WORD_DIGITS;
    if (this.isWide) return this.#readWide(source, first, point, to, negative);
    return this.#readWords(source, first, point, to, digits) && this.#sign(negative);
  }

  /** Writes the value as a big-endian two's complement integer of `length` bytes. */
  write(out: Uint8Array, at: number, length: number): void {
    if (this.isWide) {
      let rest = this.wide;
      for (let i = length - 1; i >= 0; i--, rest >>= 8n) out[at + i] = Number(rest & 0xffn);
      return;
    }
    const { low, high } = this.words;
    const sign = high >> 31;
    for (let i = 0; i < length; i++) {
      const shift = 8 * (length - 1 - i);
      out[at + i] = shift >= 64 ? sign : shift >= 32 ? high >> (shift - 32) : low >> shift;
    }
  }

  /** The usual case: few digits, none too many. */
  #readShort(source: Uint8Array, from: number, to: number): boolean {
    if (to - from > SHORT_DIGITS) return false;
    let value = 0;
    let point = to;
    for (let i = from; i < to; i++) {
      const digit = source[i]! ^ ZERO;
      if (digit <= 9) value = value * 10 + digit;
      else if (source[i] === DOT && point === to) point = i;
      else return false;
    }
    const missing = this.#scale - Math.max(0, to - point - 1);
    if (point === from || point === to - 1 || missing < 0) return false;
    if (point - from + this.#scale > Math.min(SHORT_DIGITS, this.#precision)) return false;
    value *= POWERS[missing]!;
    const high = Math.floor(value / TWO_32);
    this.words.low = (value - high * TWO_32) | 0;
    this.words.high = high;
    this.isWide = false;
    return true;
  }

  #readWords(source: Uint8Array, from: number, point: number, to: number, digits: number): boolean {
    let top = 0;
    let bottom = 0;
    let at = from;
    for (let i = 0; i < digits; i++) {
      if (at === point) at++;
      const digit = at < to ? source[at++]! ^ ZERO : 0;
      if (digit > 9) return false;
      if (i < digits - SPLIT_DIGITS) top = top * 10 + digit;
      else bottom = bottom * 10 + digit;
    }
    return this.words.setProduct(top, BILLION, bottom);
  }

  #readWide(source: Uint8Array, from: number, point: number, to: number, negative: boolean): boolean {
    const text = latin1(source, from, point) + latin1(source, point + 1, to).padEnd(this.#scale, '0');
    if (!/^\d+$/.test(text)) return false;
    this.wide = negative ? -BigInt(text) : BigInt(text);
    return true;
  }

  #sign(negative: boolean): true {
    if (negative) this.words.negate();
    return true;
  }
}

const latin1 = (source: Uint8Array, from: number, to: number): string =>
  from < to ? Buffer.from(source.buffer, source.byteOffset + from, to - from).toString('latin1') : '';
