/**
 * Short ways for cells of text that plainly are what the target holds: digits that fit whatever they are, dates in
 * their one form. A lane looks at each byte once, while it copies it. What it is not sure of it leaves to the caster,
 * which is exact and slower; so a lane never refuses, and never lets anything through that the caster would not.
 */
import type { TargetType } from '../../convert/index.ts';
import type { Column } from '../../types/index.ts';

/**
 * Copies `source[start .. end)` to `out[at ..)` and returns the place behind it, or -1 if the caster must look. There
 * is room for the whole cell.
 */
export type Lane = (source: Uint8Array, start: number, end: number, out: Uint8Array, at: number) => number;

const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const POINT = 0x2e;
const COLON = 0x3a;
const SPACE = 0x20;

/** Digits, sign included, that fit a signed integer of so many bits whatever they are. */
const SAFE_DIGITS: Readonly<Record<number, number>> = { 8: 2, 16: 4, 24: 6, 32: 9, 64: 18 };
const DATE_BYTES = 10;
const TIME_BYTES = 8;
/** Where a time begins in `yyyy-MM-dd HH:mm:ss`. */
const TIME_AT = 11;

/** The lane of a column, if there is one. Text has none: how it is escaped is the notation's own. */
export function laneOf(source: Column, target: TargetType): Lane | undefined {
  if (source.type !== target.kind) return undefined;
  switch (target.kind) {
    case 'long':
      return integerLane(SAFE_DIGITS[target.bits]!, target.unsigned);
    case 'decimal':
      return decimalLane(target.precision, target.scale);
    case 'date':
      return dateLane;
    case 'time':
      return clockLane(target.scale);
    case 'datetime':
      return (source.facts?.zoned ?? false) === target.zoned ? momentLane(target.scale) : undefined;
    default:
      return undefined;
  }
}

function integerLane(maxBytes: number, unsigned: boolean): Lane {
  return (source, start, end, out, at) => {
    if (end - start > maxBytes) return -1;
    let i = start;
    let to = at;
    if (source[i] === MINUS && !unsigned) out[to++] = source[i++]!;
    if (i === end || (source[i] === ZERO && end - start > 1)) return -1;
    for (; i < end; i++) {
      const byte = source[i]!;
      if (byte < ZERO || byte > NINE) return -1;
      out[to++] = byte;
    }
    return to;
  };
}

/** Digits with a point between them, not more on either side than the target has. */
function decimalLane(precision: number | undefined, scale: number | undefined): Lane {
  const whole = precision === undefined ? Number.POSITIVE_INFINITY : precision - (scale ?? 0);
  const fraction = precision === undefined ? Number.POSITIVE_INFINITY : (scale ?? 0);
  return (source, start, end, out, at) => {
    let i = start;
    let to = at;
    if (source[i] === MINUS) out[to++] = source[i++]!;
    const first = i;
    let point = -1;
    for (; i < end; i++) {
      const byte = source[i]!;
      if (byte === POINT && point < 0 && i > first && i + 1 < end) point = i;
      else if (byte < ZERO || byte > NINE) return -1;
      out[to++] = byte;
    }
    const wholeEnd = point < 0 ? end : point;
    const isPadded = source[first] === ZERO && wholeEnd - first > 1;
    if (wholeEnd === first || isPadded || wholeEnd - first > whole) return -1;
    return point >= 0 && end - point - 1 > fraction ? -1 : to;
  };
}

const dateLane: Lane = (source, start, end, out, at) =>
  end - start === DATE_BYTES ? copyDate(source, start, out, at) : -1;

function clockLane(scale: number): Lane {
  return (source, start, end, out, at) => copyClock(source, start, end, scale, out, at);
}

function momentLane(scale: number): Lane {
  return (source, start, end, out, at) => {
    if (end - start < TIME_AT + TIME_BYTES || source[start + DATE_BYTES] !== SPACE) return -1;
    const to = copyDate(source, start, out, at);
    if (to < 0) return -1;
    out[to] = SPACE;
    return copyClock(source, start + TIME_AT, end, scale, out, to + 1);
  };
}

/** `yyyy-MM-dd`, from year 1000 on and up to the 28th: servers have their own ideas of earlier years. */
function copyDate(source: Uint8Array, start: number, out: Uint8Array, at: number): number {
  for (let k = 0; k < DATE_BYTES; k++) {
    const byte = source[start + k]!;
    if (k === 4 || k === 7 ? byte !== MINUS : byte < ZERO || byte > NINE) return -1;
    out[at + k] = byte;
  }
  const month = (source[start + 5]! - ZERO) * 10 + source[start + 6]! - ZERO;
  const day = (source[start + 8]! - ZERO) * 10 + source[start + 9]! - ZERO;
  const isPlain = source[start] !== ZERO && month >= 1 && month <= 12 && day >= 1 && day <= 28;
  return isPlain ? at + DATE_BYTES : -1;
}

/** `HH:mm:ss` of a day, with at most `scale` digits of a fraction. */
function copyClock(
  source: Uint8Array,
  start: number,
  end: number,
  scale: number,
  out: Uint8Array,
  at: number,
): number {
  const length = end - start;
  if (length < TIME_BYTES || length === TIME_BYTES + 1 || length > TIME_BYTES + 1 + scale) return -1;
  const tens = source[start]! - ZERO;
  if (tens > 2 || (tens === 2 && source[start + 1]! > ZERO + 3)) return -1;
  if (source[start + 3]! > ZERO + 5 || source[start + 6]! > ZERO + 5) return -1;
  for (let k = 0; k < length; k++) {
    const byte = source[start + k]!;
    const separator = k === 2 || k === 5 ? COLON : k === TIME_BYTES ? POINT : 0;
    if (separator === 0 ? byte < ZERO || byte > NINE : byte !== separator) return -1;
    out[at + k] = byte;
  }
  return at + length;
}
