/**
 * Casts to binary floating point. Text of a number stays as it is (the target rounds it to the nearest value, as
 * every reader of that text would); integers must be exact; NaN and infinities need a target that has them.
 */
import { writeInt64 } from '../formats/integer-text.ts';
import type { CastCell, CellCast } from './cast-cell.ts';
import { NumberParts, skipZeros } from './number-text.ts';
import { specialWord } from './special-number.ts';

const MINUS = 0x2d;

/** What the width of a float means for text. */
interface Width {
  /** A plain number of this many characters can neither overflow nor underflow. */
  readonly safeLength: number;
  /** Integers of this many digits are exact. */
  readonly exactDigits: number;
  readonly round: (value: number) => number;
}

const SINGLE: Width = { safeLength: 30, exactDigits: 7, round: Math.fround };
const DOUBLE: Width = { safeLength: 300, exactDigits: 15, round: (value) => value };

/** Casts to one float type. */
export class DoubleCasts {
  readonly #width: Width;
  readonly #specials: boolean;
  readonly #parts = new NumberParts();

  constructor(bits: 32 | 64, specials: boolean) {
    this.#width = bits === 32 ? SINGLE : DOUBLE;
    this.#specials = specials;
  }

  /** Text of a number: its format and range are checked. */
  readonly fromText: CellCast = (source, from, to, out) => {
    const parts = this.#parts;
    if (!parts.scan(source, from, to)) return this.#special(specialWord(source, from, to), out);
    if (parts.hasExponent || to - from > this.#width.safeLength) {
      const value = this.#width.round(Number(source.toString('latin1', from, to)));
      if (!Number.isFinite(value) || (value === 0 && !isZero(source, parts))) return 'CNV-3011';
    }
    return out.setSlice(source, from, to);
  };

  /** Text of an integer: it must be exact as a float. */
  readonly fromLongText: CellCast = (source, from, to, out) => {
    if (!this.#parts.scan(source, from, to)) return 'CNV-3010';
    if (to - from > this.#width.exactDigits && !this.#isExact(source.toString('latin1', from, to))) {
      return 'CNV-3012';
    }
    return this.fromText(source, from, to, out);
  };

  readonly fromInt64: CellCast = (source, from, _to, out) => {
    const scratch = out.scratch(24);
    const end = writeInt64(source, from, scratch, 0);
    const digits = scratch[0] === MINUS ? end - 1 : end;
    if (digits > this.#width.exactDigits && !this.#isExact(scratch.toString('latin1', 0, end))) {
      return 'CNV-3012';
    }
    return out.setScratch(end);
  };

  /** The shortest digits that read back as the same double; a 32-bit target rounds to its nearest value. */
  readonly fromFloat64: CellCast = (source, from, _to, out) => {
    const value = source.readDoubleLE(from);
    const text = Object.is(value, -0) ? '-0' : String(value);
    if (!Number.isFinite(value)) return this.#special(text, out);
    const rounded = this.#width.round(value);
    if (!Number.isFinite(rounded) || (rounded === 0 && value !== 0)) return 'CNV-3011';
    return out.setAscii(text);
  };

  readonly fromBool: CellCast = (source, from, _to, out) => out.setAscii(source[from] === 0 ? '0' : '1');

  #special(word: string | undefined, out: CastCell): ReturnType<CellCast> {
    if (word === undefined) return 'CNV-3010';
    return this.#specials ? out.setAscii(word) : 'CNV-3011';
  }

  #isExact(text: string): boolean {
    const value = this.#width.round(Number(text));
    return Number.isInteger(value) && /^[+-]?\d+$/.test(text) && BigInt(value) === BigInt(text);
  }
}

const isZero = (source: Uint8Array, { intStart, intEnd, fractionStart, fractionEnd }: NumberParts): boolean =>
  skipZeros(source, intStart, intEnd) === intEnd &&
  skipZeros(source, fractionStart, fractionEnd) === fractionEnd;
