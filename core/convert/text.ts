/** Casts to text, bytes, JSON and booleans. */
import { isUtf8 } from 'node:buffer';
import { MAX_DOUBLE_TEXT_BYTES, writeDouble } from '../formats/double-text.ts';
import { writeInt64 } from '../formats/integer-text.ts';
import type { CellCast } from './cast-cell.ts';
import type { TargetType } from './target-type.ts';

const FALSE = 0x30;
const TRUE = 0x31;

type Bounds = Omit<TargetType & { readonly kind: 'string' }, 'kind'>;

/** Casts to text. Cells that are text already are UTF-8 by the contract of row blocks and are not checked again. */
export class StringCasts {
  readonly #maxChars: number;
  readonly #maxBytes: number;
  readonly #refusesNul: boolean;

  constructor(target: TargetType & { readonly kind: 'string' | 'any' | 'json' }) {
    const bounds: Bounds = target.kind === 'string' ? target : {};
    this.#maxChars = bounds.maxChars ?? Number.POSITIVE_INFINITY;
    this.#maxBytes = bounds.maxBytes ?? Number.POSITIVE_INFINITY;
    this.#refusesNul = bounds.refusesNul ?? false;
  }

  readonly fromText: CellCast = (source, from, to, out) => {
    const length = to - from;
    if (length > this.#maxBytes) return 'CNV-3016';
    if (length > this.#maxChars && codePoints(source, from, to) > this.#maxChars) return 'CNV-3016';
    if (this.#refusesNul && hasNul(source, from, to)) return 'CNV-3018';
    return out.setSlice(source, from, to);
  };

  readonly fromBytes: CellCast = (source, from, to, out) =>
    isUtf8(source.subarray(from, to)) ? this.fromText(source, from, to, out) : 'CNV-3017';

  readonly fromInt64: CellCast = (source, from, _to, out) => {
    const scratch = out.scratch(24);
    return this.#checked(scratch, writeInt64(source, from, scratch, 0), out);
  };

  /** As csv has it: the shortest digits that read back as the same double, without exponent. */
  readonly fromFloat64: CellCast = (source, from, _to, out) => {
    const scratch = out.scratch(MAX_DOUBLE_TEXT_BYTES);
    return this.#checked(scratch, writeDouble(source.readDoubleLE(from), scratch, 0), out);
  };

  readonly fromBool: CellCast = (source, from, _to, out) => {
    const scratch = out.scratch(8);
    return this.#checked(scratch, scratch.write(source[from] === 0 ? 'false' : 'true', 0, 'latin1'), out);
  };

  /** ASCII text in the scratch space. */
  #checked(scratch: Buffer, end: number, out: Parameters<CellCast>[3]): ReturnType<CellCast> {
    if (end > this.#maxBytes || end > this.#maxChars) return 'CNV-3016';
    return out.setSlice(scratch, 0, end);
  }
}

/** A cast to bytes: of bytes themselves, or of text as UTF-8. */
export const toBytes =
  (maxBytes = Number.POSITIVE_INFINITY): CellCast =>
  (source, from, to, out) =>
    to - from > maxBytes ? 'CNV-3016' : out.setSlice(source, from, to);

/** A cast to JSON: the text stays as it is if it is JSON. */
export const toJson =
  (text: CellCast): CellCast =>
  (source, from, to, out) => {
    const fault = text(source, from, to, out);
    if (fault) return fault;
    return isJson(out.text() ?? '') ? undefined : 'CNV-3019';
  };

/** Casts to booleans: the single characters `1` and `0`, which every SQL dialect takes. */
export const boolCasts = {
  /** `true` or `false` in any case. */
  fromText: ((source, from, to, out) => {
    const word = to - from <= 5 ? source.toString('latin1', from, to).toLowerCase() : '';
    if (word === 'true') return out.setAscii('1');
    return word === 'false' ? out.setAscii('0') : 'CNV-3015';
  }) as CellCast,
  /** Text of a source that calls it a boolean: also one digit, `t`, `f`, `y`, `n`. */
  fromBoolText: ((source, from, to, out) => {
    const word = to - from <= 5 ? source.toString('latin1', from, to).toLowerCase() : '';
    if (['true', 't', '1', 'y', 'yes'].includes(word)) return out.setAscii('1');
    return ['false', 'f', '0', 'n', 'no'].includes(word) ? out.setAscii('0') : 'CNV-3015';
  }) as CellCast,
  /** Text of an integer: only 0 and 1. */
  fromLongText: ((source, from, to, out) => {
    const digit = source[from];
    if (to - from !== 1 || (digit !== FALSE && digit !== TRUE)) return 'CNV-3015';
    return out.setSlice(source, from, to);
  }) as CellCast,
  fromInt64: ((source, from, _to, out) => {
    const value = source.readBigInt64LE(from);
    if (value !== 0n && value !== 1n) return 'CNV-3015';
    return out.setAscii(value === 0n ? '0' : '1');
  }) as CellCast,
  fromBool: ((source, from, _to, out) => out.setAscii(source[from] === 0 ? '0' : '1')) as CellCast,
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Bytes that are not in the middle of a character. */
function codePoints(source: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if ((source[i]! & 0xc0) !== 0x80) count++;
  return count;
}

function hasNul(source: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (source[i] === 0) return true;
  return false;
}
