/** Answer of `measure` for a cell that ends before it begins or beyond the bytes. */
const DAMAGED: i64 = -1;

/** The lengths of all cells together, or -1 if a cell does not lie within `size` bytes. */
export function measure(starts: usize, ends: usize, cells: u32, size: u32): i64 {
  const quads = cells & ~3;
  const limit = i32x4.splat(size);
  let sum = i64x2.splat(0);
  let bad = i32x4.splat(0);
  for (const last = starts + ((<usize>quads) << 2); starts < last; starts += 16, ends += 16) {
    const start = v128.load(starts);
    const end = v128.load(ends);
    const length = i32x4.sub(end, start);
    bad = v128.or(bad, v128.or(i32x4.gt_u(start, end), i32x4.gt_u(end, limit)));
    sum = i64x2.add(sum, i64x2.add(i64x2.extend_low_i32x4_u(length), i64x2.extend_high_i32x4_u(length)));
  }
  const rest = measureSingly(starts, ends, cells - quads, size);
  if (v128.any_true(bad) || rest < 0) return DAMAGED;
  return i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1) + rest;
}

function measureSingly(starts: usize, ends: usize, cells: u32, size: u32): i64 {
  let sum: i64 = 0;
  for (let i: usize = 0; i < cells; i++) {
    const start = load<u32>(starts + (i << 2));
    const end = load<u32>(ends + (i << 2));
    if (start > end || end > size) return DAMAGED;
    sum += end - start;
  }
  return sum;
}
