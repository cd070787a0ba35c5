/** A map from key to value that can be walked in UTF-8 order from any position; inserts stay cheap at a million keys. */

import { compareUtf8 } from './byte-order.ts';

/** A block is split when it grows to this many keys. */
const MAX_BLOCK = 1024;

/** A map whose keys are also kept in order, in blocks. */
export class SortedMap<V> {
  private readonly values = new Map<string, V>();
  /** Non-empty blocks of sorted keys, themselves in order. */
  private readonly blocks: string[][] = [];

  get size(): number {
    return this.values.size;
  }

  get(key: string): V | undefined {
    return this.values.get(key);
  }

  set(key: string, value: V): void {
    if (!this.values.has(key)) this.insert(key);
    this.values.set(key, value);
  }

  delete(key: string): boolean {
    if (!this.values.delete(key)) return false;
    const at = this.blockOf(key);
    const block = this.blocks[at]!;
    block.splice(lowerBound(block, key), 1);
    if (block.length === 0) this.blocks.splice(at, 1);
    return true;
  }

  /** Entries with a key not below `from`, in order. The map must not change during the walk. */
  *entriesFrom(from: string): Generator<readonly [string, V]> {
    for (let b = this.blockOf(from); b < this.blocks.length; b += 1) {
      const block = this.blocks[b]!;
      for (let i = lowerBound(block, from); i < block.length; i += 1) {
        yield [block[i]!, this.values.get(block[i]!)!];
      }
    }
  }

  /** All values in order of their keys. */
  *[Symbol.iterator](): Generator<V> {
    for (const [, value] of this.entriesFrom('')) yield value;
  }

  private insert(key: string): void {
    const at = Math.min(this.blockOf(key), Math.max(this.blocks.length - 1, 0));
    const block = this.blocks[at];
    if (!block) {
      this.blocks.push([key]);
      return;
    }
    block.splice(lowerBound(block, key), 0, key);
    if (block.length >= MAX_BLOCK) this.blocks.splice(at + 1, 0, block.splice(MAX_BLOCK / 2));
  }

  /** Index of the first block whose last key is not below `key`. */
  private blockOf(key: string): number {
    let [low, high] = [0, this.blocks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareUtf8(this.blocks[middle]!.at(-1)!, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function lowerBound(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUtf8(keys[middle]!, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
