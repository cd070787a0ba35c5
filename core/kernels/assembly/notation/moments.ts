/** Dates and times of day in their one form. Years begin with 1000: servers have their own ideas of earlier ones. */
import { copyShort, otherBytes, two } from './digits';

const BLANK: u8 = 32;
const MINUS: u8 = 45;
const POINT: u8 = 46;
const ZERO: u8 = 48;
const COLON: u8 = 58;

const DATE_BYTES: usize = 10;
const TIME_BYTES: usize = 8;
/** Where a time begins in `yyyy-MM-dd HH:mm:ss`. */
const TIME_AT: usize = 11;
/** Digits of a fraction at most: nanoseconds. */
const MAX_SCALE: u32 = 9;

/** Bytes that are no digits, a bit each: of `yyyy-MM-dd`, and of `HH:mm:ss` without and with a fraction. */
const DATE_OTHERS: u32 = 0x90;
const TIME_OTHERS: u32 = 0x24;
const FRACTION_OTHERS: u32 = 0x124;

/** Days of the months without those of a leap year. */
const DAYS: usize = memory.data<u8>([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);

/** `yyyy-MM-dd`. Returns the place behind it; 0 = something else. */
export function putDate(at: usize, end: usize, out: usize): usize {
  if (end - at !== DATE_BYTES || otherBytes(at, DATE_BYTES) !== DATE_OTHERS || !isDate(at)) return 0;
  return copyShort(at, DATE_BYTES, out);
}

/** `HH:mm:ss` of a day, with at most `scale` digits of a fraction. */
export function putTime(at: usize, end: usize, scale: u32, out: usize): usize {
  const size = end - at;
  const others = timeOthers(size, scale);
  return others === 0 || otherBytes(at, size) !== others || !isTime(at, size) ? 0 : copyShort(at, size, out);
}

/** Both, with a blank between. */
export function putDatetime(at: usize, end: usize, scale: u32, out: usize): usize {
  const size = end - at;
  if (size < TIME_AT + TIME_BYTES) return 0;
  const others = timeOthers(size - TIME_AT, scale);
  const wanted = (others << (<u32>TIME_AT)) | (1 << (<u32>DATE_BYTES)) | DATE_OTHERS;
  if (others === 0 || otherBytes(at, size) !== wanted) return 0;
  if (load<u8>(at + DATE_BYTES) !== BLANK || !isDate(at) || !isTime(at + TIME_AT, size - TIME_AT)) return 0;
  return copyShort(at, size, out);
}

/** Which bytes of a time of that length are no digits; 0 = no time has it. */
function timeOthers(size: usize, scale: u32): u32 {
  if (size === TIME_BYTES) return TIME_OTHERS;
  const digits = size - TIME_BYTES - 1;
  return size > TIME_BYTES + 1 && digits <= <usize>min(scale, MAX_SCALE) ? FRACTION_OTHERS : 0;
}

/** What is left to look at once the digits are in their places. */
function isTime(at: usize, size: usize): bool {
  if (load<u8>(at, 2) !== COLON || load<u8>(at, 5) !== COLON) return false;
  if (size > TIME_BYTES && load<u8>(at, 8) !== POINT) return false;
  return two(at) < 24 && load<u8>(at, 3) <= 53 && load<u8>(at, 6) <= 53;
}

function isDate(at: usize): bool {
  if (load<u8>(at, 4) !== MINUS || load<u8>(at, 7) !== MINUS || load<u8>(at) === ZERO) return false;
  const month = two(at + 5);
  const day = two(at + 8);
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= <u32>load<u8>(DAYS + month - 1) || (month === 2 && day === 29 && isLeap(at));
}

function isLeap(at: usize): bool {
  const low = two(at + 2);
  return low === 0 ? (two(at) & 3) === 0 : (low & 3) === 0;
}
