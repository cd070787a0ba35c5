/** ASCII digits → integers, eight at a time. Up to seven bytes behind the text are read and have no effect. */

const MINUS: u8 = 0x2d;
const HALF: u64 = 1 << 63;
const ZEROS: u64 = 0x3030303030303030;
/** What `digits` returns where something else is among the digits. */
export const NO_NUMBER: u64 = u64.MAX_VALUE;
/** Digits that `digits` takes at most: every number of so many is below `NO_NUMBER`. */
const MAX_SHORT: u32 = 16;
/** Digits of 2^64 - 1, and its value in two parts. */
const MAX_DIGITS: u32 = 20;
const TOP_LIMIT: u64 = 1844;
const LOW_LIMIT: u64 = 6744073709551615;

const POWERS: usize = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000,
  1000000000000, 10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000,
  1000000000000000000, 10000000000000000000,
]);

/** 10 to the `exponent`, which is at most 19. */
export function power(exponent: u32): u64 {
  return load<u64>(POWERS + ((<usize>exponent) << 3));
}

/** The number of 1 to 8 digits at `at`. */
function eight(at: usize, length: u32): u64 {
  // The first digit is in the lowest byte: zeros come in below it.
  const value = (load<u64>(at) ^ ZEROS) << ((<u64>(8 - length)) << 3);
  return ((value + 0x7676767676767676) | value) & 0x8080808080808080 ? NO_NUMBER : folded(value);
}

/** The number of eight digits, a byte each, the first in the lowest. */
export function folded(value: u64): u64 {
  const pairs = (value * 10 + (value >> 8)) & 0x00ff00ff00ff00ff;
  const fours = (pairs * 100 + (pairs >> 16)) & 0x0000ffff0000ffff;
  return (fours * 10000 + (fours >> 32)) & 0xffffffff;
}

/** The number of 0 to 16 digits at `at`. */
export function digits(at: usize, length: u32): u64 {
  if (length === 0) return 0;
  if (length <= 8) return eight(at, length);
  if (length > MAX_SHORT) return NO_NUMBER;
  const top = eight(at, length - 8);
  const low = eight(at + length - 8, 8);
  return top === NO_NUMBER || low === NO_NUMBER ? NO_NUMBER : top * 100000000 + low;
}

/** Whether the last `natural` or `signed` found a number. */
export let isNumber: bool = false;

/** The number of the 1 to 20 digits `[at, end)`, below 2^64. */
export function natural(at: usize, end: usize): u64 {
  const length = <u32>(end - at);
  if (length - 1 < 8) {
    const short = eight(at, length);
    isNumber = short !== NO_NUMBER;
    return short;
  }
  isNumber = false;
  if (length - 1 >= MAX_DIGITS) return 0;
  const head = length > MAX_SHORT ? length - MAX_SHORT : 0;
  const top = digits(at, head);
  const low = digits(at + head, length - head);
  if (top === NO_NUMBER || low === NO_NUMBER) return 0;
  if (top > TOP_LIMIT || (top === TOP_LIMIT && low > LOW_LIMIT)) return 0;
  isNumber = true;
  return top * 10000000000000000 + low;
}

/** The number of `-?` digits, within 64 signed bits. */
export function signed(at: usize, end: usize): u64 {
  const negative = at < end && load<u8>(at) === MINUS;
  const size = natural(negative ? at + 1 : at, end);
  if (size > HALF || (size === HALF && !negative)) isNumber = false;
  return negative ? 0 - size : size;
}

/** The number of two digits at `at`; above 99 if they are none. */
export function two(at: usize): u32 {
  const pair = <u32>load<u16>(at) ^ 0x3030;
  if (((pair + 0x7676) | pair) & 0x8080) return 0xffff;
  return (pair & 0xff) * 10 + (pair >> 8);
}
