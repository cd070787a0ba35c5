/**
 * Snappy's raw format (https://github.com/google/snappy/blob/main/format_description.txt):
 *
 *     varint: length of the content
 *     literal   (length - 1) << 2, or 60 to 63 << 2 with the length - 1 in 1 to 4 bytes after it; then the bytes
 *     copy 1    1 | (length - 4) << 2 | offset >> 8 << 5, offset & 255           length 4 to 11, offset below 2,048
 *     copy 2    2 | (length - 1) << 2, offset in 2 bytes, little-endian          length 1 to 64
 *
 * Content is taken in blocks of 64 KiB, so that every offset fits two bytes.
 */
import { readWord } from './words.ts';

const BLOCK_BYTES = 64 * 1024;
const TABLE_BITS = 14;
const HASH_SHIFT = 32 - TABLE_BITS;
/** A block's last bytes are not searched: four bytes can be read everywhere before them. */
const MARGIN_BYTES = 15;
const MAX_COPY_BYTES = 64;

/** Compresses one content after the other. */
export class SnappyCompressor {
  /** Where, in its block, four bytes with a hash were seen last. */
  readonly #table = new Uint16Array(1 << TABLE_BITS);
  #out = Buffer.alloc(0);
  #at = 0;

  /** The compressed form of `raw`, in space of its own. */
  compress(raw: Uint8Array): Buffer {
    this.#out = Buffer.allocUnsafeSlow(32 + raw.length + Math.ceil(raw.length / 6));
    this.#at = 0;
    let length = raw.length;
    for (; length >= 0x80; length = Math.floor(length / 0x80)) this.#byte((length % 0x80) | 0x80);
    this.#byte(length);
    for (let from = 0; from < raw.length; from += BLOCK_BYTES) {
      this.#block(raw, from, Math.min(raw.length, from + BLOCK_BYTES));
    }
    return this.#out.subarray(0, this.#at);
  }

  #block(raw: Uint8Array, base: number, end: number): void {
    const table = this.#table.fill(0);
    const limit = end - MARGIN_BYTES;
    let emitted = base;
    let at = base + 1;
    // The longer nothing was found, the larger the steps: 32 in vain, then every second byte, and so on.
    for (let vain = 32; at <= limit; ) {
      const word = readWord(raw, at);
      const hash = hashOf(word);
      const candidate = base + table[hash]!;
      table[hash] = at - base;
      if (candidate >= at || readWord(raw, candidate) !== word) {
        at += vain++ >>> 5;
        continue;
      }
      this.#literal(raw, emitted, at);
      const length = matchLength(raw, candidate, at, end);
      this.#copy(at - candidate, length);
      at += length;
      emitted = at;
      vain = 32;
      if (at <= limit) table[hashOf(readWord(raw, at - 1))] = at - 1 - base;
    }
    this.#literal(raw, emitted, end);
  }

  #literal(raw: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (length === 0) return;
    const code = length - 1;
    if (code < 60) {
      this.#byte(code << 2);
    } else if (code < 0x100) {
      this.#byte(60 << 2);
      this.#byte(code);
    } else {
      this.#byte(61 << 2);
      this.#byte(code & 0xff);
      this.#byte(code >>> 8);
    }
    const out = this.#out;
    let at = this.#at;
    if (length > 48) out.set(raw.subarray(from, to), at);
    else for (let i = from; i < to; i++) out[at++] = raw[i]!;
    this.#at += length;
  }

  #copy(offset: number, length: number): void {
    let left = length;
    // Pieces of 64; the last two are such that at least 4 bytes remain for a short copy.
    while (left >= MAX_COPY_BYTES + 4) {
      this.#copy2(offset, MAX_COPY_BYTES);
      left -= MAX_COPY_BYTES;
    }
    if (left > MAX_COPY_BYTES) {
      this.#copy2(offset, MAX_COPY_BYTES - 4);
      left -= MAX_COPY_BYTES - 4;
    }
    if (left >= 12 || offset >= 2048) {
      this.#copy2(offset, left);
      return;
    }
    this.#byte(1 | ((left - 4) << 2) | ((offset >>> 8) << 5));
    this.#byte(offset & 0xff);
  }

  #copy2(offset: number, length: number): void {
    this.#byte(2 | ((length - 1) << 2));
    this.#byte(offset & 0xff);
    this.#byte(offset >>> 8);
  }

  #byte(value: number): void {
    this.#out[this.#at++] = value;
  }
}

const hashOf = (word: number): number => Math.imul(word, 0x1e35a7bd) >>> HASH_SHIFT;

/** Bytes from `at` on that are equal to those from `candidate` on; at least the four that were compared. */
function matchLength(raw: Uint8Array, candidate: number, at: number, end: number): number {
  let i = at + 4;
  for (let j = candidate + 4; i < end && raw[i] === raw[j]; i++) j++;
  return i - at;
}
