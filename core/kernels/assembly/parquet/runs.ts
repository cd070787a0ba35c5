/**
 * Parquet's RLE / bit-packing hybrid
 * (https://github.com/apache/parquet-format/blob/master/Encodings.md#run-length-encoding--bit-packing-hybrid-rle--3):
 *
 *     run of equal values   varint(count << 1), the value in ceil(width / 8) bytes, little-endian
 *     packed values         varint(groups << 1 | 1), groups of 8 values in `width` bits each, lowest bits first
 */

/** Values that are packed together. */
const GROUP: usize = 8;
/** Bytes of a value, u32. */
const ITEM: usize = 4;
const GROUP_BYTES: usize = GROUP * ITEM;

/**
 * Writes the values u32 in `[at, end)`, each of at most `width` bits (0 to 24), to `out`. Behind the values there are
 * 32 free bytes, which are overwritten. Returns the end of the output: at most 5 bytes more than `width` / 8 per value
 * and group of eight.
 */
export function writeRunLengths(at: usize, end: usize, width: u32, out: usize): usize {
  memory.fill(end, 0, GROUP_BYTES);
  let next = at;
  let to = out;
  while (next < end) {
    const runEnd = endOfRun(next, end);
    if (runEnd - next >= GROUP_BYTES || runEnd === end) {
      to = writeRun(load<u32>(next), <u32>((runEnd - next) / ITEM), width, to);
      next = runEnd;
      continue;
    }
    const from = next;
    do next += GROUP_BYTES;
    while (next < end && !isRun(next, end));
    to = writePacked(from, min(next, end), width, to);
  }
  return to;
}

/** Writes a run of one value. */
export function writeRun(value: u32, count: u32, width: u32, out: usize): usize {
  let to = writeVarint(count << 1, out);
  for (let bits: u32 = 0; bits < width; bits += 8) store<u8>(to++, value >> bits);
  return to;
}

function endOfRun(at: usize, end: usize): usize {
  const value = load<u32>(at);
  let next = at + ITEM;
  while (next < end && load<u32>(next) === value) next += ITEM;
  return next;
}

/** Whether eight equal values begin here. */
function isRun(at: usize, end: usize): bool {
  if (at + GROUP_BYTES > end) return false;
  const first = i32x4.splat(load<i32>(at));
  return i32x4.all_true(v128.and(i32x4.eq(first, v128.load(at)), i32x4.eq(first, v128.load(at, 16))));
}

function writePacked(from: usize, end: usize, width: u32, out: usize): usize {
  const groups = (end - from + GROUP_BYTES - 1) / GROUP_BYTES;
  let to = writeVarint(<u32>(groups << 1) | 1, out);
  let pending: u64 = 0;
  let bits: u64 = 0;
  for (let at = from; at < from + groups * GROUP_BYTES; at += ITEM) {
    pending |= (<u64>load<u32>(at)) << bits;
    bits += width;
    if (bits >= 32) {
      store<u32>(to, <u32>pending);
      to += 4;
      pending >>= 32;
      bits -= 32;
    }
  }
  for (; bits >= 8; bits -= 8, pending >>= 8) store<u8>(to++, <u8>pending);
  return to;
}

function writeVarint(value: u32, out: usize): usize {
  let rest = value;
  let to = out;
  for (; rest >= 0x80; rest >>= 7) store<u8>(to++, rest | 0x80);
  store<u8>(to++, rest);
  return to;
}
