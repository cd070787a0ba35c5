/**
 * The column names that a decoder expects, by number: first the key columns in schema order, then the wanted
 * attributes. Cells are matched by guessing the next name and comparing its bytes; a wrong guess is looked up
 * by the CRC of the name, which has to be computed anyway.
 */
import { crc8 } from '../../../tablestore/index.ts';

/** Number of every name that is not in the table. */
export const UNKNOWN_NAME = -1;

/** Names with their bytes, lengths and CRCs. */
export class NameTable {
  readonly size: number;
  readonly lengths: Int32Array;
  readonly crcs: Uint8Array;
  readonly #bytes: Buffer;
  readonly #starts: Int32Array;
  /** First name of each CRC value, and the next one of the same CRC. */
  readonly #heads = new Int32Array(256).fill(UNKNOWN_NAME);
  readonly #chain: Int32Array;

  constructor(names: readonly string[]) {
    const encoded = names.map((name) => Buffer.from(name, 'utf8'));
    this.size = names.length;
    this.#bytes = Buffer.concat(encoded);
    this.#starts = new Int32Array(names.length);
    this.lengths = Int32Array.from(encoded, (name) => name.length);
    this.crcs = Uint8Array.from(encoded, (name) => crc8(0, name, 0, name.length));
    this.#chain = new Int32Array(names.length);
    let start = 0;
    for (let id = 0; id < names.length; id++) {
      this.#starts[id] = start;
      start += this.lengths[id]!;
      this.#chain[id] = this.#heads[this.crcs[id]!]!;
      this.#heads[this.crcs[id]!] = id;
    }
  }

  /** Whether `bytes` holds the name `id` at `at`; the lengths are known to be equal. */
  matches(id: number, bytes: Uint8Array, at: number): boolean {
    const own = this.#bytes;
    let p = this.#starts[id]!;
    const end = p + this.lengths[id]!;
    for (let q = at; p < end; p++, q++) {
      if (own[p] !== bytes[q]) return false;
    }
    return true;
  }

  /** The number of the name of `length` bytes at `at`, whose CRC is `crc`. */
  find(crc: number, bytes: Uint8Array, at: number, length: number): number {
    let id = this.#heads[crc]!;
    while (id !== UNKNOWN_NAME) {
      if (this.lengths[id] === length && this.matches(id, bytes, at)) return id;
      id = this.#chain[id]!;
    }
    return UNKNOWN_NAME;
  }
}
