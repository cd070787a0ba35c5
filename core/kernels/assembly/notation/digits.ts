/** Which of the bytes of a short text are digits. */

/** Texts of more bytes are not looked at. */
export const MAX_BYTES: usize = 32;

/** A bit for each byte of `[at, at + size)` that is no digit, the first one lowest; `size` is at most `MAX_BYTES`. */
export function otherBytes(at: usize, size: usize): u32 {
  let mask = others(v128.load(at));
  if (size > 16) mask |= others(v128.load(at, 16)) << 16;
  return size < 32 ? mask & ((1 << (<u32>size)) - 1) : mask;
}

function others(text: v128): u32 {
  const values = i8x16.sub(text, i8x16.splat(48));
  return <u32>i8x16.bitmask(i8x16.gt_u(values, i8x16.splat(9)));
}

/** Copies a short text. There is room for `MAX_BYTES`. */
export function copyShort(at: usize, size: usize, out: usize): usize {
  v128.store(out, v128.load(at));
  if (size > 16) v128.store(out, v128.load(at, 16), 16);
  return out + size;
}

/** The number of two digits. */
export function two(at: usize): u32 {
  return (<u32>load<u8>(at) - 48) * 10 + <u32>load<u8>(at, 1) - 48;
}
