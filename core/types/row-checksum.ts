import type { RowBlock } from './row-block.ts';

/**
 * Order-free checksum of rows: the sum, per 64-bit lane, of two 32-bit hashes of each row. A row's hash covers
 * the form, the length and the bytes of each of its cells in column order, so a changed, missing, extra or
 * doubled row changes the sum, whatever the order of rows and blocks. It is a guard against faults, not
 * against forgery. Returned as 32 hex digits.
 */
export function rowChecksum(block: RowBlock, fromRow = 0, toRow = block.rowCount): string {
  const width = block.columns.length;
  let sumA = 0;
  let sumB = 0;
  let laneA = 0n;
  let laneB = 0n;
  for (let row = fromRow; row < toRow; row++) {
    const pair = hashRow(block, row * width, width);
    sumA += pair[0]!;
    sumB += pair[1]!;
    if ((row & 0xfffff) === 0xfffff) {
      // Sums of 2^20 hashes stay below 2^53: exact in a number.
      laneA += BigInt(sumA);
      laneB += BigInt(sumB);
      sumA = sumB = 0;
    }
  }
  return hex64(laneA + BigInt(sumA)) + hex64(laneB + BigInt(sumB));
}

const pair = new Uint32Array(2);

/** Two independent 32-bit hashes of the cells `first .. first + width`; the next call reuses the array. */
export function hashRow(block: RowBlock, first: number, width: number): Uint32Array {
  const { bytes, starts, ends, forms } = block;
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (let i = first; i < first + width; i++) {
    let at = starts[i]!;
    const end = ends[i]!;
    const head = (forms[i]! << 24) ^ (end - at);
    a = Math.imul(a ^ head, 0x01000193);
    b = Math.imul(rotate(b, 5) ^ head, 0xcc9e2d51);
    for (const last = end - 3; at < last; at += 4) {
      const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      a = Math.imul(rotate(a, 13) ^ word, 0x01000193);
      b = Math.imul(rotate(b, 17) ^ word, 0xcc9e2d51);
    }
    for (; at < end; at++) {
      a = Math.imul(rotate(a, 13) ^ bytes[at]!, 0x01000193);
      b = Math.imul(rotate(b, 17) ^ bytes[at]!, 0xcc9e2d51);
    }
  }
  pair[0] = finish(a ^ rotate(b, 11));
  pair[1] = finish(b ^ rotate(a, 19));
  return pair;
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** Spreads every input bit over the word (the finalizer of MurmurHash3). */
function finish(x: number): number {
  let h = x ^ (x >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const hex64 = (value: bigint): string => (value & ((1n << 64n) - 1n)).toString(16).padStart(16, '0');
