/** UTF-8 as Unicode defines it: no surrogates, nothing longer than needed, nothing beyond U+10FFFF. */

const HIGH_BITS: u64 = 0x8080808080808080;

/** Copies `length` bytes, 16 at a time; up to 15 bytes behind the copy are overwritten. */
export function copy(to: usize, from: usize, length: usize): void {
  for (let i: usize = 0; i < length; i += 16) v128.store(to + i, v128.load(from + i));
}

/** Copies like `copy`; returns whether all bytes are ASCII. */
export function copyAscii(to: usize, from: usize, length: usize): bool {
  let seen = i8x16.splat(0);
  let i: usize = 0;
  for (; i + 16 <= length; i += 16) {
    const piece = v128.load(from + i);
    v128.store(to + i, piece);
    seen = v128.or(seen, piece);
  }
  const rest = v128.load(from + i);
  v128.store(to + i, rest);
  const high = i8x16.bitmask(rest) & ((1 << (<u32>(length - i))) - 1);
  return (high | i8x16.bitmask(seen)) === 0;
}

/** Whether `[at, end)` is UTF-8. */
export function isUtf8(at: usize, end: usize): bool {
  while (at < end) {
    if (at + 8 <= end && (load<u64>(at) & HIGH_BITS) === 0) {
      at += 8;
      continue;
    }
    const length = sequence(at, end);
    if (length === 0) return false;
    at += length;
  }
  return true;
}

/** Bytes of the character at `at`, 0 if there is none. */
function sequence(at: usize, end: usize): usize {
  const first = <u32>load<u8>(at);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length: usize = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > end || !isSecond(first, load<u8>(at, 1))) return 0;
  for (let i: usize = 2; i < length; i++) if ((load<u8>(at + i) & 0xc0) !== 0x80) return 0;
  return length;
}

/** Whether the byte may follow the first one. */
function isSecond(first: u32, second: u32): bool {
  if (second < 0x80 || second > 0xbf) return false;
  if (first === 0xe0) return second >= 0xa0;
  if (first === 0xed) return second < 0xa0;
  if (first === 0xf0) return second >= 0x90;
  return first !== 0xf4 || second < 0x90;
}
