/**
 * Dates and times as text. Read: `yyyy-MM-dd`, `[-]HH:mm:ss[.f]`, and both joined by a blank or `T`, with 1 to 9
 * fraction digits and, after a time of day, an optional `Z`, `±HH`, `±HHmm`, `±HH:mm` or `±HH:mm:ss`. Written: the
 * canonical form of row blocks (a blank between, no offset). Every field is checked against calendar and clock.
 */
import { daysInMonth } from './civil-days.ts';
import { isDigit } from './number-text.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const PLUS = 0x2b;
const COLON = 0x3a;
const DOT = 0x2e;
const BLANK = 0x20;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;

/** Fraction digits at most: nanoseconds. */
export const MAX_FRACTION_DIGITS = 9;
/** The longest canonical text is `yyyy-MM-dd HH:mm:ss.fffffffff`; this has room to spare. */
export const MAX_MOMENT_BYTES = 40;
/** MySQL's TIME ends at 838:59:59. */
const MAX_HOURS = 838;
/** The widest offset in use is below 16 hours; PostgreSQL takes up to 15:59:59. */
const MAX_OFFSET_HOURS = 15;

/** What a text of a moment says. Reused from scan to scan. */
export class MomentParts {
  hasDate = false;
  hasTime = false;
  year = 0;
  month = 0;
  day = 0;
  /** The sign of a length of time. */
  negative = false;
  hour = 0;
  minute = 0;
  second = 0;
  fractionStart = 0;
  fractionEnd = 0;
  /** Seconds ahead of UTC, if the text says so. */
  offset: number | undefined;
  /** Whether the text is in canonical form already. */
  canonical = true;

  /** Reads the whole text; false if it is no moment. */
  scan(source: Uint8Array, from: number, to: number): boolean {
    this.offset = undefined;
    this.canonical = true;
    this.negative = false;
    this.hasDate = this.#date(source, from, to);
    this.hasTime = false;
    this.hour = this.minute = this.second = this.fractionStart = this.fractionEnd = 0;
    if (!this.hasDate) return this.#duration(source, from, to);
    if (from + 10 === to) return true;
    const separator = source[from + 10];
    if (separator !== BLANK && separator !== LETTER_T) return false;
    if (separator === LETTER_T) this.canonical = false;
    const end = this.#clock(source, from + 11, 2, to);
    if (end < 0 || this.hour > 23) return false;
    this.hasTime = true;
    return end === to || this.#offset(source, end, to);
  }

  #date(source: Uint8Array, from: number, to: number): boolean {
    if (to - from < 10 || source[from + 4] !== MINUS || source[from + 7] !== MINUS) return false;
    const century = two(source, from);
    const year = two(source, from + 2);
    this.month = two(source, from + 5);
    this.day = two(source, from + 8);
    if ((century | year | this.month | this.day) < 0) return false;
    this.year = century * 100 + year;
    const { month, day } = this;
    return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(this.year, month);
  }

  /** A time alone: of the day, or a length of time with a sign or more than two digits of hours. */
  #duration(source: Uint8Array, from: number, to: number): boolean {
    this.negative = source[from] === MINUS;
    const first = this.negative ? from + 1 : from;
    let digits = 0;
    while (digits < 4 && first + digits < to && isDigit(source[first + digits]!)) digits++;
    if (digits < 2 || digits > 3) return false;
    this.hasTime = this.#clock(source, first, digits, to) === to;
    if (digits === 3 && source[first] === ZERO) this.canonical = false;
    return this.hasTime;
  }

  /** Reads `HH:mm:ss[.f]` and returns the position after it, or -1. */
  #clock(source: Uint8Array, from: number, hourDigits: number, to: number): number {
    const minutes = from + hourDigits + 1;
    if (minutes + 5 > to || source[minutes - 1] !== COLON || source[minutes + 2] !== COLON) return -1;
    const low = two(source, minutes - 3);
    this.hour = hourDigits === 3 ? (source[from]! - ZERO) * 100 + low : low;
    this.minute = two(source, minutes);
    this.second = two(source, minutes + 3);
    if ((low | this.minute | this.second) < 0) return -1;
    if (this.hour > MAX_HOURS || this.minute > 59 || this.second > 59) return -1;
    return this.#fraction(source, minutes + 5, to);
  }

  #fraction(source: Uint8Array, from: number, to: number): number {
    if (from >= to || source[from] !== DOT) return from;
    let at = from + 1;
    while (at < to && isDigit(source[at]!)) at++;
    this.fractionStart = from + 1;
    this.fractionEnd = at;
    const digits = at - from - 1;
    return digits >= 1 && digits <= MAX_FRACTION_DIGITS ? at : -1;
  }

  #offset(source: Uint8Array, from: number, to: number): boolean {
    this.canonical = false;
    this.offset = 0;
    if (source[from] === LETTER_Z) return from + 1 === to;
    const negative = source[from] === MINUS;
    if (!negative && source[from] !== PLUS) return false;
    const hours = two(source, from + 1);
    let at = from + 3;
    let rest = 0;
    for (let unit = 60; unit >= 1 && at < to; unit /= 60) {
      // Only minutes may follow without a colon.
      if (source[at] === COLON) at++;
      else if (unit === 1) return false;
      const value = at + 2 <= to ? two(source, at) : -1;
      if (value < 0 || value > 59) return false;
      rest += value * unit;
      at += 2;
    }
    if (hours < 0 || hours > MAX_OFFSET_HOURS || at !== to) return false;
    this.offset = (negative ? -1 : 1) * (hours * 3600 + rest);
    return true;
  }
}

/** Two digits as a number, or -1. */
function two(source: Uint8Array, at: number): number {
  const tens = source[at]! ^ ZERO;
  const units = source[at + 1]! ^ ZERO;
  return tens <= 9 && units <= 9 ? tens * 10 + units : -1;
}

/** Writes two digits; returns the position after them. */
export function writeTwo(value: number, out: Uint8Array, at: number): number {
  const tens = (value / 10) | 0;
  out[at] = ZERO + tens;
  out[at + 1] = ZERO + value - tens * 10;
  return at + 2;
}

/** Writes `yyyy-MM-dd` of a year from 0 to 9999. */
export function writeDate(year: number, month: number, day: number, out: Uint8Array, from: number): number {
  const century = (year / 100) | 0;
  let at = writeTwo(year - century * 100, out, writeTwo(century, out, from));
  out[at++] = MINUS;
  at = writeTwo(month, out, at);
  out[at++] = MINUS;
  return writeTwo(day, out, at);
}

/** Writes `HH:mm:ss`, hours with as many digits as they need. */
export function writeClock(
  hour: number,
  minute: number,
  second: number,
  out: Uint8Array,
  from: number,
): number {
  let at = from;
  if (hour > 99) out[at++] = ZERO + Math.floor(hour / 100);
  at = writeTwo(hour % 100, out, at);
  out[at++] = COLON;
  at = writeTwo(minute, out, at);
  out[at++] = COLON;
  return writeTwo(second, out, at);
}

/** Writes `.` and fraction digits, nothing if there are none. */
export function writeFraction(
  source: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
): number {
  if (to <= from) return at;
  out[at] = DOT;
  for (let i = from; i < to; i++) out[at + 1 + i - from] = source[i]!;
  return at + 1 + to - from;
}
