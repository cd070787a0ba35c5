/** Digits of 64-bit integers, eight at a time. */
const EIGHT_DIGITS: u64 = 100_000_000;
const SIXTEEN_DIGITS: u64 = EIGHT_DIGITS * EIGHT_DIGITS;
const ZEROS: u64 = 0x3030303030303030;
const MINUS: u8 = 0x2d;

/** Writes the decimal text of an integer and returns where it ends; may write 8 bytes beyond. */
export function writeInt64(value: i64, out: usize): usize {
  let at = out;
  let magnitude = <u64>value;
  if (value < 0) {
    store<u8>(at++, MINUS);
    magnitude = 0 - magnitude;
  }
  if (magnitude < EIGHT_DIGITS) return writeLeading(magnitude, at);
  const high = magnitude / EIGHT_DIGITS;
  const low = magnitude - high * EIGHT_DIGITS;
  const end = magnitude < SIXTEEN_DIGITS ? writeLeading(high, at) : writeTwice(high, at);
  return writeEight(low, end);
}

function writeTwice(value: u64, at: usize): usize {
  const high = value / EIGHT_DIGITS;
  return writeEight(value - high * EIGHT_DIGITS, writeLeading(high, at));
}

/** A number below 10^8 without zeros before it. */
function writeLeading(value: u64, at: usize): usize {
  const digits = eightDigits(value);
  const skipped = <u64>(ctz<u64>(digits | (1 << 56)) >> 3);
  store<u64>(at, (digits | ZEROS) >> (skipped << 3));
  return at + 8 - <usize>skipped;
}

function writeEight(value: u64, at: usize): usize {
  store<u64>(at, eightDigits(value) | ZEROS);
  return at + 8;
}

/** One digit per byte, the first in the lowest: halves, quarters and eighths, divided by multiplication. */
function eightDigits(value: u64): u64 {
  const upper = <u64>(<u32>value / 10_000);
  const fours = upper | ((value - upper * 10_000) << 32);
  const hundreds = ((fours * 10_486) >> 20) & 0x0000007f0000007f;
  const pairs = hundreds | ((fours - hundreds * 100) << 16);
  const tens = ((pairs * 103) >> 10) & 0x000f000f000f000f;
  return tens | ((pairs - tens * 10) << 8);
}
