/** Dates and times in the canonical text of row blocks → the numbers that Parquet stores. */
import { dayNumber, daysInMonth } from '../../convert/civil-days.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const COLON = 0x3a;
const DOT = 0x2e;
const BLANK = 0x20;
const DATE_BYTES = 10;
const CLOCK_BYTES = 8;
/** Seconds of a day. */
export const DAY_SECONDS = 86_400;

/** What `readDate` and `readClock` return for a text that is not in the form. */
export const NO_MOMENT = -0x8000_0000;

/** Days from 1970-01-01 to the first of each month from January 0000 on, as far as they were asked for. */
let monthStarts: Int32Array | undefined;

function monthStart(year: number, month: number): number {
  monthStarts ??= new Int32Array(12 * 10_000).fill(NO_MOMENT);
  const index = 12 * year + month - 1;
  const known = monthStarts[index]!;
  if (known !== NO_MOMENT) return known;
  const start = dayNumber(year, month, 1);
  monthStarts[index] = start;
  return start;
}

/** Days from 1970-01-01 to the date `yyyy-MM-dd` at `at`. */
export function readDate(source: Uint8Array, at: number, to: number): number {
  if (to - at < DATE_BYTES || source[at + 4] !== MINUS || source[at + 7] !== MINUS) return NO_MOMENT;
  const century = two(source, at);
  const year = two(source, at + 2);
  const month = two(source, at + 5);
  const day = two(source, at + 8);
  if (century < 0 || year < 0 || month < 1 || month > 12 || day < 1) return NO_MOMENT;
  const whole = 100 * century + year;
  if (day > 28 && day > daysInMonth(whole, month)) return NO_MOMENT;
  return monthStart(whole, month) + day - 1;
}

/** Seconds from midnight to the time of day `HH:mm:ss` at `at`. */
export function readClock(source: Uint8Array, at: number, to: number): number {
  if (to - at < CLOCK_BYTES || source[at + 2] !== COLON || source[at + 5] !== COLON) return NO_MOMENT;
  const hour = two(source, at);
  const minute = two(source, at + 3);
  const second = two(source, at + 6);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return NO_MOMENT;
  return hour * 3600 + minute * 60 + second;
}

/** A time of day or a moment: whole seconds, and the units after them. Reused from value to value. */
export class CivilNumber {
  /** From midnight, or from 1970-01-01 00:00:00. */
  seconds = 0;
  /** Always counted forwards from `seconds`. */
  units = 0;

  /** Reads `HH:mm:ss[.f]` with at most `digits` fraction digits. */
  readTime(source: Uint8Array, from: number, to: number, digits: number): boolean {
    this.seconds = readClock(source, from, to);
    return this.seconds !== NO_MOMENT && this.#fraction(source, from + CLOCK_BYTES, to, digits);
  }

  /** Reads `yyyy-MM-dd HH:mm:ss[.f]` with at most `digits` fraction digits. */
  readDatetime(source: Uint8Array, from: number, to: number, digits: number): boolean {
    if (source[from + DATE_BYTES] !== BLANK) return false;
    const days = readDate(source, from, to);
    const clock = readClock(source, from + DATE_BYTES + 1, to);
    if (days === NO_MOMENT || clock === NO_MOMENT) return false;
    this.seconds = days * DAY_SECONDS + clock;
    return this.#fraction(source, from + DATE_BYTES + 1 + CLOCK_BYTES, to, digits);
  }

  #fraction(source: Uint8Array, from: number, to: number, digits: number): boolean {
    this.units = 0;
    if (from === to) return true;
    const given = to - from - 1;
    if (source[from] !== DOT || given < 1 || given > digits) return false;
    for (let i = 1; i <= digits; i++) {
      const digit = i <= given ? source[from + i]! ^ ZERO : 0;
      if (digit > 9) return false;
      this.units = this.units * 10 + digit;
    }
    return true;
  }
}

/** The number of two digits, or -1. */
function two(source: Uint8Array, at: number): number {
  const tens = source[at]! ^ ZERO;
  const units = source[at + 1]! ^ ZERO;
  return tens <= 9 && units <= 9 ? tens * 10 + units : -1;
}
