import type { Bounds } from './metadata-bytes.ts';
import type { ParquetColumn } from './parquet-column.ts';
import type { Slice } from './slice.ts';
import { WordBounds } from './value-bounds.ts';
import { INITIAL_SLOTS, MAX_DICTIONARY_BYTES, type ValueStore } from './value-store.ts';

const INITIAL_WORDS = 4096;

/** Values of 4 or 8 bytes: INT32, INT64, DOUBLE. The words lie as in the file on little-endian machines. */
export class WordStore implements ValueStore {
  readonly hasDictionary = true;
  /** Words of a value: 1 or 2. */
  readonly #width: number;
  readonly #column: ParquetColumn;
  #bounds: WordBounds;
  #plain = new Int32Array(INITIAL_WORDS);
  #plainWords = 0;
  #entries = new Int32Array(INITIAL_SLOTS);
  #count = 0;
  #seen = 0;
  /** Open addressing: id + 1, or 0. */
  #slots = new Int32Array(INITIAL_SLOTS);

  constructor(column: ParquetColumn) {
    this.#width = column.physical === 'INT32' ? 1 : 2;
    this.#column = column;
    this.#bounds = new WordBounds(column);
  }

  get entryCount(): number {
    return this.#count;
  }

  get entryBytes(): number {
    return this.#count * this.#width * 4;
  }

  get seenBytes(): number {
    return this.#seen * this.#width * 4;
  }

  get plainBytes(): number {
    return this.#plainWords * 4;
  }

  idOf(slice: Slice, row: number): number {
    const low = slice.low[row]!;
    const high = slice.high[row]!;
    const mask = this.#slots.length - 1;
    for (let slot = hash(low, high) & mask; ; slot = (slot + 1) & mask) {
      const id = this.#slots[slot]! - 1;
      if (id < 0) return this.#addEntry(low, high, slot);
      if (this.#holds(id, low, high)) {
        this.#seen++;
        return id;
      }
    }
  }

  entries(): Uint8Array {
    return bytesOf(this.#entries, this.#count * this.#width);
  }

  putPlain(slice: Slice, row: number): void {
    const low = slice.low[row]!;
    const high = slice.high[row]!;
    this.#bounds.see(low, high);
    this.#put(low, high);
  }

  putEntry(id: number): void {
    const at = id * this.#width;
    this.#put(this.#entries[at]!, this.#width === 2 ? this.#entries[at + 1]! : 0);
  }

  takePlain(): Uint8Array {
    const page = bytesOf(this.#plain, this.#plainWords);
    this.#plainWords = 0;
    return page;
  }

  bounds(): Bounds | undefined {
    return this.#bounds.bounds();
  }

  reset(): void {
    this.#bounds = new WordBounds(this.#column);
    this.#plainWords = this.#count = this.#seen = 0;
    this.#slots.fill(0);
  }

  #put(low: number, high: number): void {
    if (this.#plainWords + 2 > this.#plain.length) this.#plain = grown(this.#plain);
    this.#plain[this.#plainWords++] = low;
    if (this.#width === 2) this.#plain[this.#plainWords++] = high;
  }

  #holds(id: number, low: number, high: number): boolean {
    if (this.#width === 1) return this.#entries[id] === low;
    return this.#entries[2 * id] === low && this.#entries[2 * id + 1] === high;
  }

  #addEntry(low: number, high: number, slot: number): number {
    if (this.entryBytes >= MAX_DICTIONARY_BYTES) return -1;
    const id = this.#count++;
    const at = id * this.#width;
    if (at + 2 > this.#entries.length) this.#entries = grown(this.#entries);
    this.#entries[at] = low;
    if (this.#width === 2) this.#entries[at + 1] = high;
    this.#slots[slot] = id + 1;
    this.#bounds.see(low, high);
    this.#seen++;
    if (2 * this.#count > this.#slots.length) this.#rehash();
    return id;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (let id = 0; id < this.#count; id++) {
      const low = this.#entries[id * this.#width]!;
      const high = this.#width === 2 ? this.#entries[2 * id + 1]! : low >> 31;
      let slot = hash(low, high) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

function hash(low: number, high: number): number {
  const h = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  return h ^ (h >>> 15);
}

function grown(words: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * words.length);
  larger.set(words);
  return larger;
}

const bytesOf = (words: Int32Array, count: number): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, count * 4);
