/**
 * Repeatable randomness: the value of a cell depends only on shard, row, column and draw, so that a resumed
 * read makes the same rows. Two rounds of MurmurHash3's 32-bit finalizer; good enough for test data, no more.
 */
export class CellRandom {
  readonly #seed: number;
  #draw = 0;

  constructor(shard: number, row: number, column: number) {
    this.#seed = mix(mix(shard ^ Math.imul(column + 1, 0x9e3779b1)) ^ row) ^ Math.floor(row / 2 ** 32);
  }

  /** The next 32 bits, unsigned. */
  next(): number {
    return mix(this.#seed + Math.imul(++this.#draw, 0x85ebca77)) >>> 0;
  }

  /** Uniform in [0, 1), 53 bits. */
  fraction(): number {
    return ((this.next() >>> 5) * 2 ** 26 + (this.next() >>> 6)) / 2 ** 53;
  }

  /** An integer from `low` to `high`, both included. */
  integer(low: bigint, high: bigint): bigint {
    const bits = (BigInt(this.next()) << 32n) | BigInt(this.next());
    return low + (bits % (high - low + 1n));
  }
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
