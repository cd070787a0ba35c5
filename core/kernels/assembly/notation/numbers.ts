/** Integers and decimals in their plain form: no sign but a minus, no zeros in front, nothing beyond the column. */
import { copyShort, MAX_BYTES, otherBytes } from './digits';

const MINUS: u8 = 45;
const POINT: u8 = 46;
const ZERO: u8 = 48;
/** Digits of which every number is below 2^64. */
const MAX_DIGITS: usize = 19;

/** Text of an integer. Returns the place behind it; 0 = something else. */
export function putInteger(column: usize, at: usize, end: usize, out: usize): usize {
  const size = end - at;
  if (size === 0 || size > MAX_DIGITS + 1) return 0;
  const negative = load<u8>(at) === MINUS;
  const digits = at + <usize>negative;
  const count = end - digits;
  if (count === 0 || count > MAX_DIGITS || otherBytes(at, size) !== <u32>negative) return 0;
  if (load<u8>(digits) === ZERO && size > 1) return 0;
  // Numbers of so few digits fit whatever they are.
  const isShort = !negative && size <= <usize>load<u32>(column, 4);
  return isShort || fits(column, magnitudeOf(digits, end), negative) ? copyShort(at, size, out) : 0;
}

function magnitudeOf(digits: usize, end: usize): u64 {
  let value: u64 = 0;
  for (let at = digits; at < end; at++) value = value * 10 + load<u8>(at) - ZERO;
  return value;
}

function fits(column: usize, magnitude: u64, negative: bool): bool {
  return magnitude <= (negative ? load<u64>(column, 24) : load<u64>(column, 16));
}

/** A signed number of 64 bits. */
export function putInt64(column: usize, value: i64, out: usize): usize {
  const negative = value < 0;
  const magnitude = negative ? 0 - <u64>value : <u64>value;
  if (!fits(column, magnitude, negative)) return 0;
  store<u8>(out, MINUS);
  const first = out + <usize>negative;
  let end = first + 1;
  for (let rest = magnitude / 10; rest > 0; rest /= 10) end++;
  let rest = magnitude;
  for (let at = end; at > first; rest /= 10) store<u8>(--at, <u8>(rest % 10) + ZERO);
  return end;
}

/** Text of a decimal with at most so many digits before and behind its point. */
export function putDecimal(at: usize, end: usize, whole: u32, fraction: u32, out: usize): usize {
  const size = end - at;
  if (size === 0 || size > MAX_BYTES) return 0;
  const negative = load<u8>(at) === MINUS;
  const first = at + <usize>negative;
  const others = otherBytes(at, size) ^ <u32>negative;
  const point = others === 0 ? end : at + <usize>ctz<u32>(others);
  if (point === first || first === end) return 0;
  if (others !== 0 && !isPoint(others, point, end)) return 0;
  const isZero = load<u8>(first) === ZERO;
  const digits = point - first;
  if (isZero && (digits > 1 || (negative && isNought(first, end)))) return 0;
  if ((isZero ? 0 : digits) > <usize>whole) return 0;
  return others !== 0 && end - point - 1 > <usize>fraction ? 0 : copyShort(at, size, out);
}

/** Whether the only byte beside the digits is a point with digits behind it. */
function isPoint(others: u32, point: usize, end: usize): bool {
  return (others & (others - 1)) === 0 && load<u8>(point) === POINT && point + 1 < end;
}

/** Whether all digits are zeros: such a number has no sign. */
function isNought(first: usize, end: usize): bool {
  for (let at = first; at < end; at++) if (load<u8>(at) > ZERO) return false;
  return true;
}
