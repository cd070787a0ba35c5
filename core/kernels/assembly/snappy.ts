/**
 * Snappy's raw format (https://github.com/google/snappy/blob/main/format_description.txt):
 *
 *     varint: length of the content
 *     literal   (length - 1) << 2, or 60 or 61 << 2 with the length - 1 in 1 or 2 bytes after it; then the bytes
 *     copy 1    1 | (length - 4) << 2 | offset >> 8 << 5, offset & 255           length 4 to 11, offset below 2,048
 *     copy 2    2 | (length - 1) << 2, offset in 2 bytes, little-endian          length 1 to 64
 *
 * Content is taken in blocks of 64 KiB, so that every offset fits two bytes.
 */
const BLOCK_BYTES: usize = 64 * 1024;
const TABLE_BITS: u32 = 14;
/** Where, in its block, four bytes with a hash were seen last: u16 each. */
const TABLE: usize = memory.data(2 << 14, 16);
/** A block's last bytes are not searched: eight bytes can be read everywhere before them. */
const MARGIN_BYTES: usize = 15;
const MAX_COPY_BYTES: u32 = 64;

/** Where the memory is free. */
export function arena(): usize {
  return __heap_base;
}

/** Compresses `[at, end)` to `to`, where 32 + length × 7 / 6 bytes are free. Returns the end of the result. */
export function compress(at: usize, end: usize, to: usize): usize {
  let out = to;
  let length = <u32>(end - at);
  for (; length >= 0x80; length >>= 7) store<u8>(out++, length | 0x80);
  store<u8>(out++, length);
  for (let from = at; from < end; from += BLOCK_BYTES) out = block(from, min(end, from + BLOCK_BYTES), out);
  return out;
}

function hashOf(word: u32): usize {
  return TABLE + ((<usize>((word * 0x1e35a7bd) >> (32 - TABLE_BITS))) << 1);
}

function block(base: usize, end: usize, to: usize): usize {
  memory.fill(TABLE, 0, 2 << TABLE_BITS);
  let out = to;
  let emitted = base;
  const limit = end - min(end - base, MARGIN_BYTES);
  // The longer nothing was found, the larger the steps: 32 in vain, then every second byte, and so on.
  for (let at = base + 1, vain: u32 = 32; at <= limit; ) {
    const word = load<u32>(at);
    const slot = hashOf(word);
    const candidate = base + load<u16>(slot);
    store<u16>(slot, <u16>(at - base));
    if (load<u32>(candidate) !== word || candidate >= at) {
      at += vain++ >> 5;
      continue;
    }
    out = literal(emitted, at, out);
    const length = matchLength(candidate, at, end);
    out = copies(at - candidate, length, out);
    at += length;
    emitted = at;
    vain = 32;
    if (at <= limit) store<u16>(hashOf(load<u32>(at - 1)), <u16>(at - 1 - base));
  }
  return literal(emitted, end, out);
}

/** Equal bytes from `candidate` and `at` on; four were compared. */
function matchLength(candidate: usize, at: usize, end: usize): usize {
  let i = at + 4;
  let j = candidate + 4;
  for (; i + 8 <= end; i += 8, j += 8) {
    const difference = load<u64>(i) ^ load<u64>(j);
    if (difference) return i - at + <usize>(ctz(difference) >> 3);
  }
  while (i < end && load<u8>(i) === load<u8>(j)) {
    i++;
    j++;
  }
  return i - at;
}

/** Up to 15 bytes behind the literal are overwritten. */
function literal(from: usize, to: usize, out: usize): usize {
  if (from === to) return out;
  const length = to - from;
  const code = <u32>length - 1;
  let next = out + 1;
  if (code < 60) {
    store<u8>(out, code << 2);
  } else if (code < 0x100) {
    store<u16>(out, (60 << 2) | (code << 8));
    next = out + 2;
  } else {
    store<u32>(out, (61 << 2) | (code << 8));
    next = out + 3;
  }
  for (let i: usize = 0; i < length; i += 16) v128.store(next + i, v128.load(from + i));
  return next + length;
}

function copies(offset: usize, length: usize, to: usize): usize {
  let out = to;
  let left = <u32>length;
  // Pieces of 64; the last two are such that at least 4 bytes remain for a short copy.
  for (; left >= MAX_COPY_BYTES + 4; left -= MAX_COPY_BYTES) out = copy2(<u32>offset, MAX_COPY_BYTES, out);
  if (left > MAX_COPY_BYTES) {
    out = copy2(<u32>offset, MAX_COPY_BYTES - 4, out);
    left -= MAX_COPY_BYTES - 4;
  }
  if (left >= 12 || offset >= 2048) return copy2(<u32>offset, left, out);
  store<u16>(out, 1 | ((left - 4) << 2) | ((<u32>offset >> 8) << 5) | ((<u32>offset) << 8));
  return out + 2;
}

function copy2(offset: u32, length: u32, out: usize): usize {
  store<u32>(out, 2 | ((length - 1) << 2) | (offset << 8));
  return out + 3;
}
