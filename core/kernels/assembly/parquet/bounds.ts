/** Lowest and highest of values in PLAIN form. */

/** Values in `[at, end)` of 4 bytes, signed. Stores the lowest and the highest, 8 bytes each, at `to`. */
export function bounds32(at: usize, end: usize, to: usize): void {
  let low = load<i32>(at);
  let high = low;
  for (let next = at; next < end; next += 4) {
    const value = load<i32>(next);
    low = min(low, value);
    high = max(high, value);
  }
  store<i64>(to, low);
  store<i64>(to, high, 8);
}

/** The same of values of 4 bytes, unsigned. */
export function boundsU32(at: usize, end: usize, to: usize): void {
  let low = load<u32>(at);
  let high = low;
  for (let next = at; next < end; next += 4) {
    const value = load<u32>(next);
    low = min(low, value);
    high = max(high, value);
  }
  store<u64>(to, low);
  store<u64>(to, high, 8);
}

/** The same of values of 8 bytes, signed if `flip` is 0, unsigned if it is 1 << 63. */
export function bounds64(at: usize, end: usize, flip: u64, to: usize): void {
  let low = i64.MAX_VALUE;
  let high = i64.MIN_VALUE;
  for (let next = at; next < end; next += 8) {
    const value = <i64>(load<u64>(next) ^ flip);
    low = min(low, value);
    high = max(high, value);
  }
  store<u64>(to, <u64>low ^ flip);
  store<u64>(to, <u64>high ^ flip, 8);
}

/** The same of doubles; false if one is NaN. */
export function boundsF64(at: usize, end: usize, to: usize): bool {
  let low: f64 = Infinity;
  let high: f64 = -Infinity;
  for (let next = at; next < end; next += 8) {
    const value = load<f64>(next);
    if (F64.isNaN(value)) return false;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  store<f64>(to, low);
  store<f64>(to, high, 8);
  return true;
}

/**
 * The lowest and the highest of byte strings: `fixed` bytes each, or with their length before them if it is 0. Of
 * numbers the highest bit of the first byte is a sign. Stores where they begin and end, 4 × u32, at `to`. False if
 * they do not end at `end`.
 */
export function boundsBytes(at: usize, end: usize, fixed: u32, isNumber: bool, to: usize): bool {
  const flip: u32 = isNumber ? 0x80 : 0;
  let low: usize = 0;
  let lowEnd: usize = 0;
  let high: usize = 0;
  let highEnd: usize = 0;
  let next = at;
  while (next < end) {
    const from = fixed ? next : next + 4;
    const length: usize = fixed ? fixed : load<u32>(next);
    next = from + length;
    if (from > end || length > end - from) return false;
    if (low === 0 || isLess(from, next, low, lowEnd, flip)) {
      low = from;
      lowEnd = next;
    }
    if (high === 0 || isLess(high, highEnd, from, next, flip)) {
      high = from;
      highEnd = next;
    }
  }
  store<u32>(to, <u32>low);
  store<u32>(to, <u32>lowEnd, 4);
  store<u32>(to, <u32>high, 8);
  store<u32>(to, <u32>highEnd, 12);
  return next === end;
}

function isLess(a: usize, aEnd: usize, b: usize, bEnd: usize, flip: u32): bool {
  const common = min(aEnd - a, bEnd - b);
  if (flip && common > 0 && load<u8>(a) !== load<u8>(b)) {
    return (<u32>load<u8>(a) ^ flip) < (<u32>load<u8>(b) ^ flip);
  }
  let i: usize = 0;
  while (i < common && load<u64>(a + i) === load<u64>(b + i)) i += 8;
  if (i < common) {
    const difference = load<u64>(a + i) ^ load<u64>(b + i);
    i += <usize>(ctz(difference) >> 3);
    if (i < common) return load<u8>(a + i) < load<u8>(b + i);
  }
  return aEnd - a < bEnd - b;
}
