/** Casts to exact decimals: `-?` digits `[. digits]`, never rounded. */
import { writeInt64 } from '../formats/integer-text.ts';
import type { CastCell, CellCast } from './cast-cell.ts';
import { NumberParts, skipZeros, trimZeros, withoutExponent } from './number-text.ts';
import { specialWord } from './special-number.ts';
import type { TargetType } from './target-type.ts';

const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;

/** Casts to one decimal type. */
export class DecimalCasts {
  readonly #maxWhole: number;
  readonly #maxFraction: number;
  readonly #specials: boolean;
  readonly #parts = new NumberParts();

  constructor(target: TargetType & { readonly kind: 'decimal' }) {
    const { precision, scale } = target;
    this.#maxWhole = precision === undefined ? Number.POSITIVE_INFINITY : precision - (scale ?? 0);
    this.#maxFraction = scale ?? (precision === undefined ? Number.POSITIVE_INFINITY : 0);
    this.#specials = target.specials ?? false;
  }

  /** Text of a number. */
  readonly fromText: CellCast = (source, from, to, out) => {
    const parts = this.#parts;
    if (!parts.scan(source, from, to)) return this.#special(source, from, to, out);
    if (parts.hasExponent) {
      const plain = withoutExponent(source, parts);
      return plain ? this.fromText(plain, 0, plain.length, out) : 'CNV-3011';
    }
    const { intStart, intEnd, fractionStart, fractionEnd } = parts;
    const first = skipZeros(source, intStart, intEnd);
    if (intEnd - first > this.#maxWhole) return 'CNV-3011';
    let end = fractionEnd;
    if (end - fractionStart > this.#maxFraction) {
      end = fractionStart + this.#maxFraction;
      if (trimZeros(source, end, fractionEnd) > end) return 'CNV-3012';
    }
    const plainWhole =
      intEnd > intStart && (first === intStart || (first === intEnd && intEnd - intStart === 1));
    const plainFraction = end === fractionEnd && (!parts.hasDot || end > fractionStart);
    // There is one zero: a sign before it means nothing.
    const isZero = first === intEnd && trimZeros(source, fractionStart, end) === fractionStart;
    parts.negative &&= !isZero;
    const plainSign = !parts.plus && (source[from] === MINUS) === parts.negative;
    if (plainWhole && plainFraction && plainSign) return out.setSlice(source, from, to);
    return this.#rewrite(source, first, end, out);
  };

  readonly fromInt64: CellCast = (source, from, _to, out) => {
    const scratch = out.scratch(24);
    const end = writeInt64(source, from, scratch, 0);
    const digits = scratch[0] === MINUS ? end - 1 : end;
    if (digits > this.#maxWhole && !(digits === 1 && scratch[0] === ZERO)) return 'CNV-3011';
    return out.setScratch(end);
  };

  /** The shortest digits that read back as the same double. */
  readonly fromFloat64: CellCast = (source, from, _to, out) => {
    const text = Buffer.from(String(source.readDoubleLE(from)));
    return this.fromText(text, 0, text.length, out);
  };

  readonly fromBool: CellCast = (source, from, _to, out) => {
    const one = source[from] !== 0;
    return one && this.#maxWhole < 1 ? 'CNV-3011' : out.setAscii(one ? '1' : '0');
  };

  #special(source: Buffer, from: number, to: number, out: CastCell): ReturnType<CellCast> {
    const word = specialWord(source, from, to);
    if (word === undefined) return 'CNV-3010';
    return this.#specials ? out.setAscii(word) : 'CNV-3011';
  }

  /** Writes the canonical form of the scanned number: whole digits from `first`, fraction up to `end`. */
  #rewrite(source: Uint8Array, first: number, end: number, out: CastCell): undefined {
    const { intEnd, fractionStart, negative } = this.#parts;
    const scratch = out.scratch(intEnd - first + Math.max(0, end - fractionStart) + 3);
    let at = 0;
    if (negative) scratch[at++] = MINUS;
    if (first === intEnd) scratch[at++] = ZERO;
    scratch.set(source.subarray(first, intEnd), at);
    at += intEnd - first;
    if (end > fractionStart) {
      scratch[at++] = DOT;
      scratch.set(source.subarray(fractionStart, end), at);
      at += end - fractionStart;
    }
    return out.setScratch(at);
  }
}
