/** Decimals in plain digits → the unscaled integers that Parquet stores. */
import { digits, folded, NO_NUMBER, power } from './digits';

const ZERO: u8 = 0x30;
const MINUS: u8 = 0x2d;
const DOT: u8 = 0x2e;
/** Digits that always fit 64 signed bits. */
const SHORT_PRECISION: u32 = 18;
/** Digits that are taken at a time where there are more: a product with 10^9 leaves room for a carry. */
const STEP: u32 = 9;

/** The value in two's complement after `decimal` found one. */
export let low: u64 = 0;
export let high: u64 = 0;

const IOTA: v128 = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

let precision: u32 = 0;
let scale: u32 = 0;

/** The type of the decimals that follow; at most 38 digits. */
export function setDecimal(ofPrecision: u32, ofScale: u32): void {
  precision = ofPrecision;
  scale = ofScale;
}

/**
 * Whether `[at, end)` is `-?` digits `[. digits]` with at most the digits of the type, zeros in front not counted;
 * its value is in `low` and `high` then.
 */
export function decimal(at: usize, end: usize): bool {
  if (at === end) return false;
  const negative = load<u8>(at) === MINUS;
  let first = negative ? at + 1 : at;
  if (precision <= SHORT_PRECISION && usual(first, end)) {
    if (negative) negate();
    return true;
  }
  const point = pointOf(first, end);
  if (point === first || point + 1 === end) return false;
  while (first < point && load<u8>(first) === ZERO) first++;
  const whole = <u32>(point - first);
  const places = point < end ? <u32>(end - point) - 1 : 0;
  if (places > scale || whole + scale > precision) return false;
  const found =
    precision <= SHORT_PRECISION
      ? short(first, whole, point + 1, places)
      : long(first, whole, point + 1, places);
  if (found && negative) negate();
  return found;
}

/**
 * The usual case: at most 16 bytes with a point, and at most 18 digits. The digits are moved to the end of a vector,
 * over the point. False is no verdict.
 */
function usual(at: usize, end: usize): bool {
  const length = <i32>(end - at);
  const text = v128.load(at);
  const point = <i32>ctz(i8x16.bitmask(i8x16.eq(text, i8x16.splat(DOT))) | 0x10000);
  const places = <u32>(length - 1 - point);
  if (length > 16 || point === 0 || places - 1 >= scale || <u32>point + scale > SHORT_PRECISION) return false;
  const from = i8x16.add(IOTA, i8x16.splat(<i8>(length - 17)));
  const over = i8x16.sub(from, i8x16.ge_s(from, i8x16.splat(<i8>point)));
  const found = i8x16.swizzle(v128.xor(text, i8x16.splat(ZERO)), over);
  if (v128.any_true(i8x16.gt_u(found, i8x16.splat(9)))) return false;
  const bottom = folded(i64x2.extract_lane(found, 1));
  const top = i64x2.extract_lane(found, 0);
  low = (top === 0 ? bottom : folded(top) * 100000000 + bottom) * power(scale - places);
  high = 0;
  return low < power(precision);
}

/** Where the point is, or the end. */
function pointOf(at: usize, end: usize): usize {
  const dots = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(DOT)));
  const point = at + ctz(dots | 0x10000);
  if (point < at + 16 || end <= at + 16) return min(point, end);
  for (let next = point; next < end; next++) if (load<u8>(next) === DOT) return next;
  return end;
}

/** Up to 18 digits in all; either part may have more than `digits` takes. */
function short(at: usize, whole: u32, fractionAt: usize, places: u32): bool {
  const left = upTo18(at, whole);
  const right = upTo18(fractionAt, places);
  if (left === NO_NUMBER || right === NO_NUMBER) return false;
  low = left * power(scale) + right * power(scale - places);
  high = 0;
  return true;
}

function upTo18(at: usize, length: u32): u64 {
  if (length <= 16) return digits(at, length);
  const top = digits(at, length - 16);
  const rest = digits(at + length - 16, 16);
  return top === NO_NUMBER || rest === NO_NUMBER ? NO_NUMBER : top * 10000000000000000 + rest;
}

/** Any number of digits up to 38, which fit 128 bits. */
function long(at: usize, whole: u32, fractionAt: usize, places: u32): bool {
  low = high = 0;
  if (!append(at, whole) || !append(fractionAt, places)) return false;
  let missing = scale - places;
  for (; missing > STEP; missing -= STEP) multiplyAdd(power(STEP), 0);
  multiplyAdd(power(missing), 0);
  return true;
}

function append(at: usize, length: u32): bool {
  let rest = length;
  while (rest > 0) {
    const step = min(rest, STEP);
    const value = digits(at, step);
    if (value === NO_NUMBER) return false;
    multiplyAdd(power(step), value);
    at += step;
    rest -= step;
  }
  return true;
}

/** The value becomes value × factor + addend; both are below 2^32. */
function multiplyAdd(factor: u64, addend: u64): void {
  const a = (low & 0xffffffff) * factor + addend;
  const b = (low >> 32) * factor + (a >> 32);
  low = (a & 0xffffffff) | (b << 32);
  high = high * factor + (b >> 32);
}

function negate(): void {
  low = 0 - low;
  high = ~high + (low === 0 ? 1 : 0);
}
