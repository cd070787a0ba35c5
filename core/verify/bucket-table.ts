import { hashRows, type RowBlock } from '../types/index.ts';

/** Buckets that rows fall into by their hash. */
export const BUCKETS = 65_536;

const LANES = 4;
const BUCKET_SHIFT = 16;

/** The bucket of each row; the same bytes in the same forms always fall into the same. */
export function bucketsOf(block: RowBlock): Uint32Array {
  const hashes = hashRows(block);
  const buckets = new Uint32Array(block.rowCount);
  for (let row = 0; row < buckets.length; row++) {
    buckets[row] = bucketOfHash(hashes[2 * row]!, hashes[2 * row + 1]!);
  }
  return buckets;
}

const bucketOfHash = (a: number, b: number): number => mix(a ^ Math.imul(b, 0x9e3779b1)) >>> BUCKET_SHIFT;

/**
 * The difference of two multisets of rows in constant memory (1.3 MB), whatever their order: per bucket the difference
 * of the counts and of four 32-bit sums of row hashes, all modulo 2^32. Equal multisets leave every bucket at zero; a
 * missing, extra or changed row leaves its bucket at zero with a chance of 2^-64.
 */
export class BucketTable {
  readonly #counts = new Int32Array(BUCKETS);
  readonly #sums = new Int32Array(BUCKETS * LANES);

  /** Adds the rows of one side with sign 1, those of the other with -1. */
  add(block: RowBlock, sign: 1 | -1): void {
    const hashes = hashRows(block);
    const sums = this.#sums;
    for (let row = 0; row < block.rowCount; row++) {
      const a = hashes[2 * row]!;
      const b = hashes[2 * row + 1]!;
      const bucket = bucketOfHash(a, b);
      const lane = bucket * LANES;
      // Typed arrays wrap around: sums modulo 2^32 that cancel exactly, however many rows there are.
      this.#counts[bucket]! += sign;
      sums[lane]! += Math.imul(sign, a);
      sums[lane + 1]! += Math.imul(sign, b);
      sums[lane + 2]! += Math.imul(sign, mix(a + Math.imul(b, 0x85ebca6b)));
      sums[lane + 3]! += Math.imul(sign, mix(b ^ Math.imul(a, 0xc2b2ae35)));
    }
  }

  /** Buckets whose rows differ, in order. */
  differing(): readonly number[] {
    const found: number[] = [];
    for (let bucket = 0; bucket < BUCKETS; bucket++) if (this.#differs(bucket)) found.push(bucket);
    return found;
  }

  #differs(bucket: number): boolean {
    const lane = bucket * LANES;
    const sums = this.#sums;
    return (this.#counts[bucket]! | sums[lane]! | sums[lane + 1]! | sums[lane + 2]! | sums[lane + 3]!) !== 0;
  }
}

/** Spreads every input bit over the word (the finalizer of MurmurHash3). */
function mix(x: number): number {
  let h = x ^ (x >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
