/** Dates and times in the canonical text of row blocks → numbers. */
import { digits, NO_NUMBER, power, two } from './digits';

const MINUS: u8 = 0x2d;
const COLON: u8 = 0x3a;
const DOT: u8 = 0x2e;
const BLANK: u8 = 0x20;
/** Bytes of `yyyy-MM-dd`. */
export const DATE_BYTES: usize = 10;
/** Bytes of `HH:mm:ss`. */
export const CLOCK_BYTES: usize = 8;
/** Bytes of `yyyy-MM-dd HH:mm:ss`. */
export const MOMENT_BYTES: usize = 19;
/** What the functions below return for a text in another form. */
export const NO_TIME: i64 = i64.MIN_VALUE;

/** Where the digits of a date are; zeros after them. */
const DATE_DIGITS: v128 = i8x16(0, 1, 2, 3, 5, 6, 8, 9, -1, -1, -1, -1, -1, -1, -1, -1);

function daysInMonth(year: u32, month: u32): u32 {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01 in the Gregorian calendar. Years begin in March here, so that the leap day comes last. */
function dayNumber(year: u32, month: u32, day: u32): i64 {
  // Four centuries more keep the year before 0000 positive.
  const y = month <= 2 ? year + 399 : year + 400;
  const dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
  return <i64>(y * 365 + y / 4 - y / 100 + y / 400 + dayOfYear) - 719468 - 146097;
}

/** Days from 1970-01-01 to the date `yyyy-MM-dd` at `at`. */
export function date(at: usize): i64 {
  const text = v128.load(at);
  if ((i8x16.bitmask(i8x16.eq(text, i8x16.splat(MINUS))) & 0x3ff) !== 0x090) return NO_TIME;
  const picked = i8x16.swizzle(v128.xor(text, i8x16.splat(0x30)), DATE_DIGITS);
  if (v128.any_true(i8x16.gt_u(picked, i8x16.splat(9)))) return NO_TIME;
  const digits = i64x2.extract_lane(picked, 0);
  // Century, year, month and day, in the low byte of 16 bits each.
  const parts = digits * 10 + (digits >> 8);
  const year = (<u32>parts & 0xff) * 100 + (<u32>(parts >> 16) & 0xff);
  const month = <u32>(parts >> 32) & 0xff;
  const day = <u32>(parts >> 48) & 0xff;
  if (month - 1 >= 12 || day === 0 || (day > 28 && day > daysInMonth(year, month))) return NO_TIME;
  return dayNumber(year, month, day);
}

/** Seconds from midnight to the time of day `HH:mm:ss` at `at`. */
export function clock(at: usize): i64 {
  if (load<u8>(at, 2) !== COLON || load<u8>(at, 5) !== COLON) return NO_TIME;
  const hour = two(at);
  const minute = two(at + 3);
  const second = two(at + 6);
  return hour > 23 || minute > 59 || second > 59 ? NO_TIME : <i64>(hour * 3600 + minute * 60 + second);
}

/** Seconds from 1970-01-01 00:00:00 to the moment `yyyy-MM-dd HH:mm:ss` at `at`. */
export function moment(at: usize): i64 {
  if (load<u8>(at, DATE_BYTES) !== BLANK) return NO_TIME;
  const days = date(at);
  const seconds = clock(at + DATE_BYTES + 1);
  return days === NO_TIME || seconds === NO_TIME ? NO_TIME : days * 86400 + seconds;
}

/** Units of the fraction of a second `[.f]` in `[at, end)`, of which there are 10^`places` in a second. */
export function fraction(at: usize, end: usize, places: u32): i64 {
  if (at === end) return 0;
  const given = <u32>(end - at) - 1;
  if (load<u8>(at) !== DOT || given - 1 >= places) return NO_TIME;
  const units = digits(at + 1, given);
  return units === NO_NUMBER ? NO_TIME : <i64>(units * power(places - given));
}
