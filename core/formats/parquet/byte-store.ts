import { ByteBuffer } from '../byte-buffer.ts';
import type { Bounds } from './metadata-bytes.ts';
import type { ParquetColumn } from './parquet-column.ts';
import { CellState, type Slice } from './slice.ts';
import { ByteBounds } from './value-bounds.ts';
import { INITIAL_SLOTS, MAX_DICTIONARY_BYTES, MAX_KEPT_BYTES, type ValueStore } from './value-store.ts';
import { readWord } from './words.ts';

/** Bytes up to which a copy byte by byte is faster than a call. */
const SHORT_COPY_BYTES = 48;
const INITIAL_PLAIN_BYTES = 16 * 1024;

/** Values that are bytes: BYTE_ARRAY, each with its length in 4 bytes before it, and FIXED_LEN_BYTE_ARRAY without. */
export class ByteStore implements ValueStore {
  readonly hasDictionary = true;
  /** Bytes before a value. */
  readonly #head: 0 | 4;
  readonly #column: ParquetColumn;
  #bounds: ByteBounds;
  #plain = new ByteBuffer(INITIAL_PLAIN_BYTES);
  readonly #entries = new ByteBuffer(4 * 1024);
  /** Where the bytes of each entry begin and end. */
  #starts = new Uint32Array(INITIAL_SLOTS);
  #ends = new Uint32Array(INITIAL_SLOTS);
  #hashes = new Int32Array(INITIAL_SLOTS);
  #count = 0;
  #seen = 0;
  /** Open addressing: id + 1, or 0. */
  #slots = new Int32Array(INITIAL_SLOTS);

  constructor(column: ParquetColumn) {
    this.#head = column.physical === 'BYTE_ARRAY' ? 4 : 0;
    this.#column = column;
    this.#bounds = new ByteBounds(column);
  }

  get entryCount(): number {
    return this.#count;
  }

  get entryBytes(): number {
    return this.#entries.length;
  }

  get seenBytes(): number {
    return this.#seen;
  }

  get plainBytes(): number {
    return this.#plain.length;
  }

  idOf(slice: Slice, row: number): number {
    const source = sourceOf(slice, row);
    const from = slice.starts[row]!;
    const to = slice.ends[row]!;
    const hash = hashOf(source, from, to);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = this.#slots[slot]! - 1;
      if (id < 0) return this.#addEntry(source, from, to, hash, slot);
      if (this.#hashes[id] === hash && this.#holds(id, source, from, to)) {
        this.#seen += to - from + this.#head;
        return id;
      }
    }
  }

  entries(): Uint8Array {
    return this.#entries.bytes.subarray(0, this.#entries.length);
  }

  putPlain(slice: Slice, row: number): void {
    const source = sourceOf(slice, row);
    const from = slice.starts[row]!;
    const to = slice.ends[row]!;
    this.#bounds.see(source, from, to);
    append(source, from, to, this.#head, this.#plain);
  }

  putEntry(id: number): void {
    append(this.#entries.bytes, this.#starts[id]!, this.#ends[id]!, this.#head, this.#plain);
  }

  takePlain(): Uint8Array {
    const page = this.#plain.bytes.subarray(0, this.#plain.length);
    this.#plain.length = 0;
    return page;
  }

  bounds(): Bounds | undefined {
    return this.#bounds.bounds();
  }

  reset(): void {
    this.#bounds = new ByteBounds(this.#column);
    if (this.#plain.bytes.length > MAX_KEPT_BYTES) this.#plain = new ByteBuffer(INITIAL_PLAIN_BYTES);
    this.#plain.length = this.#entries.length = this.#count = this.#seen = 0;
    this.#slots.fill(0);
  }

  #holds(id: number, source: Uint8Array, from: number, to: number): boolean {
    const start = this.#starts[id]!;
    if (this.#ends[id]! - start !== to - from) return false;
    const entries = this.#entries.bytes;
    for (let i = from, j = start; i < to; i++, j++) if (source[i] !== entries[j]) return false;
    return true;
  }

  #addEntry(source: Uint8Array, from: number, to: number, hash: number, slot: number): number {
    if (this.#entries.length + to - from > MAX_DICTIONARY_BYTES) return -1;
    const id = this.#count++;
    if (id >= this.#hashes.length) this.#growEntries();
    append(source, from, to, this.#head, this.#entries);
    this.#starts[id] = this.#entries.length - (to - from);
    this.#ends[id] = this.#entries.length;
    this.#hashes[id] = hash;
    this.#slots[slot] = id + 1;
    this.#bounds.see(source, from, to);
    this.#seen += to - from + this.#head;
    if (2 * this.#count > this.#slots.length) this.#rehash();
    return id;
  }

  #growEntries(): void {
    const larger = 2 * this.#hashes.length;
    const [starts, ends, hashes] = [new Uint32Array(larger), new Uint32Array(larger), new Int32Array(larger)];
    starts.set(this.#starts);
    ends.set(this.#ends);
    hashes.set(this.#hashes);
    this.#starts = starts;
    this.#ends = ends;
    this.#hashes = hashes;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (let id = 0; id < this.#count; id++) {
      let slot = this.#hashes[id]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

const sourceOf = (slice: Slice, row: number): Uint8Array =>
  slice.state[row] === CellState.inScratch ? slice.scratch.bytes : slice.block;

/** Appends a value, with its length before it if `head` is 4. */
function append(source: Uint8Array, from: number, to: number, head: 0 | 4, out: ByteBuffer): void {
  const length = to - from;
  const bytes = out.reserve(length + head);
  let at = out.length;
  if (head === 4) {
    bytes[at++] = length & 0xff;
    bytes[at++] = (length >>> 8) & 0xff;
    bytes[at++] = (length >>> 16) & 0xff;
    bytes[at++] = length >>> 24;
  }
  if (length <= SHORT_COPY_BYTES) for (let i = from; i < to; i++) bytes[at++] = source[i]!;
  else bytes.set(source.subarray(from, to), at);
  out.length += length + head;
}

function hashOf(source: Uint8Array, from: number, to: number): number {
  let h = to - from;
  let i = from;
  for (const last = to - 3; i < last; i += 4) {
    h = Math.imul(h ^ readWord(source, i), 0x9e3779b1);
    h ^= h >>> 15;
  }
  for (; i < to; i++) h = Math.imul(h ^ source[i]!, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return h ^ (h >>> 13);
}
