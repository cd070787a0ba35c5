/** Casts to integers: `-?` digits without leading zeros, within the bounds of the target. */
import { writeInt64 } from '../formats/integer-text.ts';
import type { CastCell, CellCast } from './cast-cell.ts';
import { isDigit, NumberParts, skipZeros, trimZeros, withoutExponent } from './number-text.ts';

const MINUS = 0x2d;
const ZERO = 0x30;
/** Every finite double beyond this magnitude is out of the range of every integer target. */
const BEYOND_64_BITS = 2 ** 64;

/** Bounds of an integer type, as digits, so that any number of digits can be compared exactly. */
export class IntegerBounds {
  readonly #max: Uint8Array;
  /** Digits of the lowest value without its sign. */
  readonly #min: Uint8Array;

  constructor(bits: number, unsigned: boolean) {
    const half = 1n << BigInt(bits - 1);
    this.#max = Buffer.from(String(unsigned ? 2n * half - 1n : half - 1n));
    this.#min = Buffer.from(String(unsigned ? 0n : half));
  }

  /** Whether the number of these digits, without leading zeros, lies within the bounds. */
  hold(source: Uint8Array, from: number, to: number, negative: boolean): boolean {
    const bound = negative ? this.#min : this.#max;
    const length = to - from;
    if (length !== bound.length) return length < bound.length;
    for (let i = 0; i < length; i++) {
      const difference = source[from + i]! - bound[i]!;
      if (difference !== 0) return difference < 0;
    }
    return true;
  }
}

/** Casts to one integer type. */
export class IntegerCasts {
  readonly #bounds: IntegerBounds;
  /** Whether every int64 cell fits. */
  readonly #takesInt64: boolean;
  readonly #parts = new NumberParts();

  constructor(bits: number, unsigned: boolean) {
    this.#bounds = new IntegerBounds(bits, unsigned);
    this.#takesInt64 = bits === 64 && !unsigned;
  }

  /** Text of an integer, or of a number whose fraction is zero. */
  readonly fromText: CellCast = (source, from, to, out) => {
    const negative = source[from] === MINUS;
    const first = negative ? from + 1 : from;
    let at = first;
    while (at < to && isDigit(source[at]!)) at++;
    const canonical = at === to && at > first && (source[first] !== ZERO || (to - first === 1 && !negative));
    if (!canonical) return this.#fromAnyNumber(source, from, to, out);
    if (!this.#bounds.hold(source, first, to, negative)) return 'CNV-3011';
    return out.setSlice(source, from, to);
  };

  readonly fromInt64: CellCast = (source, from, _to, out) => {
    const scratch = out.scratch(24);
    const end = writeInt64(source, from, scratch, 0);
    if (this.#takesInt64) return out.setScratch(end);
    const negative = scratch[0] === MINUS;
    if (!this.#bounds.hold(scratch, negative ? 1 : 0, end, negative)) return 'CNV-3011';
    return out.setScratch(end);
  };

  readonly fromFloat64: CellCast = (source, from, _to, out) => {
    const value = source.readDoubleLE(from);
    if (Number.isNaN(value)) return 'CNV-3010';
    if (Math.abs(value) >= BEYOND_64_BITS) return 'CNV-3011';
    if (!Number.isInteger(value)) return 'CNV-3012';
    return this.#digits(String(BigInt(value)), out);
  };

  readonly fromBool: CellCast = (source, from, _to, out) => out.setAscii(source[from] === 0 ? '0' : '1');

  /** Digits of a whole number that was computed. */
  #digits(text: string, out: CastCell): ReturnType<CellCast> {
    const bytes = Buffer.from(text);
    const negative = bytes[0] === MINUS;
    if (!this.#bounds.hold(bytes, negative ? 1 : 0, bytes.length, negative)) return 'CNV-3011';
    return out.setAscii(text);
  }

  /** `+7`, `007`, `1.00`, `1e3`. */
  #fromAnyNumber(source: Uint8Array, from: number, to: number, out: CastCell): ReturnType<CellCast> {
    const parts = this.#parts;
    if (!parts.scan(source, from, to)) return 'CNV-3010';
    if (parts.hasExponent) {
      const plain = withoutExponent(source, parts);
      return plain ? this.#fromAnyNumber(plain, 0, plain.length, out) : 'CNV-3011';
    }
    const { fractionStart, fractionEnd, intEnd, negative } = parts;
    if (trimZeros(source, fractionStart, fractionEnd) > fractionStart) return 'CNV-3012';
    const first = skipZeros(source, parts.intStart, intEnd);
    if (first === intEnd) return out.setAscii('0');
    if (!this.#bounds.hold(source, first, intEnd, negative)) return 'CNV-3011';
    const scratch = out.scratch(intEnd - first + 1);
    let end = 0;
    if (negative) scratch[end++] = MINUS;
    scratch.set(source.subarray(first, intEnd), end);
    return out.setScratch(end + intEnd - first);
  }
}
