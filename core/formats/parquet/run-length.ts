/**
 * Parquet's RLE / bit-packing hybrid
 * (https://github.com/apache/parquet-format/blob/master/Encodings.md#run-length-encoding--bit-packing-hybrid-rle--3):
 *
 *     run of equal values   varint(count << 1), the value in ceil(width / 8) bytes, little-endian
 *     packed values         varint(groups << 1 | 1), groups of 8 values in `width` bits each, lowest bits first
 */
import type { ByteBuffer } from '../byte-buffer.ts';

/** Values that are packed together. */
const GROUP = 8;
const MAX_VARINT_BYTES = 5;

/** Bits that values up to `max` need. */
export const bitWidth = (max: number): number => 32 - Math.clz32(max);

/** Appends values 0 .. `count` of `values`, each of at most `width` bits (0 to 24). */
export function writeRunLengths(
  values: Int32Array | Uint8Array,
  count: number,
  width: number,
  out: ByteBuffer,
): void {
  let at = 0;
  while (at < count) {
    const run = runLength(values, at, count);
    if (run >= GROUP || at + run === count) {
      writeRun(values[at]!, run, width, out);
      at += run;
      continue;
    }
    const from = at;
    do at += GROUP;
    while (at < count && !startsRun(values, at, count));
    at = Math.min(at, count);
    writePacked(values, from, at, width, out);
  }
}

/** Appends a run of one value. */
export function writeRun(value: number, count: number, width: number, out: ByteBuffer): void {
  writeVarint(count * 2, out);
  for (let bits = 0; bits < width; bits += 8) out.bytes[out.length++] = (value >>> bits) & 0xff;
}

function runLength(values: Int32Array | Uint8Array, at: number, count: number): number {
  const first = values[at];
  let end = at + 1;
  while (end < count && values[end] === first) end++;
  return end - at;
}

/** Whether at least a group of equal values begins here. */
function startsRun(values: Int32Array | Uint8Array, at: number, count: number): boolean {
  if (at + GROUP > count) return false;
  const first = values[at];
  for (let i = at + 1; i < at + GROUP; i++) if (values[i] !== first) return false;
  return true;
}

function writePacked(
  values: Int32Array | Uint8Array,
  from: number,
  to: number,
  width: number,
  out: ByteBuffer,
): void {
  const groups = Math.ceil((to - from) / GROUP);
  writeVarint(groups * 2 + 1, out);
  const bytes = out.reserve(groups * width + MAX_VARINT_BYTES);
  let position = out.length;
  let pending = 0;
  let bits = 0;
  for (let i = from; i < from + groups * GROUP; i++) {
    pending |= (i < to ? values[i]! : 0) << bits;
    bits += width;
    for (; bits >= 8; bits -= 8) {
      bytes[position++] = pending & 0xff;
      pending >>>= 8;
    }
  }
  out.length = position;
}

function writeVarint(value: number, out: ByteBuffer): void {
  // Room for the run's value too.
  const bytes = out.reserve(MAX_VARINT_BYTES + 4);
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[out.length++] = (rest % 0x80) | 0x80;
  bytes[out.length++] = rest;
}
