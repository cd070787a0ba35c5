import { LEAF_MAX_ROWS, Leaf, type RowTraits } from './leaf.ts';

/** A place in the order: element `index` of leaf `leaf`; `index` may equal the leaf's count. */
export interface Position {
  readonly leaf: number;
  readonly index: number;
}

/**
 * All rows of a table in key order: an array of sorted leaves. A million rows are some ten thousand leaves,
 * so finding a row is two short binary searches, and a page is a handful of block copies.
 * Views handed out are valid until the next write.
 */
export class OrderedRows {
  readonly leaves: Leaf[] = [new Leaf()];
  /** Number of rows. */
  size = 0;
  /** Bytes of all stored rows, keys not counted. */
  bytes = 0;

  get(key: Uint8Array): Uint8Array | undefined {
    const at = this.lowerBound(key);
    const leaf = this.leaves[at.leaf] as Leaf;
    return this.#holds(leaf, at.index, key) ? leaf.row(at.index) : undefined;
  }

  /** Inserts or replaces a row; the bytes are copied. */
  put(key: Uint8Array, row: Uint8Array, traits: RowTraits): void {
    const at = this.lowerBound(key);
    const leaf = this.leaves[at.leaf] as Leaf;
    if (this.#holds(leaf, at.index, key)) {
      this.bytes -= leaf.row(at.index).length;
      leaf.replace(at.index, row);
    } else {
      leaf.insert(at.index, key, row);
      this.size++;
    }
    this.bytes += row.length;
    leaf.note(traits);
    if (leaf.full) this.#split(at.leaf, at.index);
  }

  /** Removes a row; false when there is none. */
  remove(key: Uint8Array): boolean {
    const at = this.lowerBound(key);
    const leaf = this.leaves[at.leaf] as Leaf;
    if (!this.#holds(leaf, at.index, key)) return false;
    this.bytes -= leaf.row(at.index).length;
    leaf.remove(at.index);
    this.size--;
    if (leaf.count === 0 && this.leaves.length > 1) this.leaves.splice(at.leaf, 1);
    return true;
  }

  /** Appends a leaf whose keys are all greater than those present; for loading a snapshot. */
  appendLeaf(leaf: Leaf): void {
    if (this.size === 0) this.leaves.length = 0;
    this.leaves.push(leaf);
    this.size += leaf.count;
    this.bytes += leaf.rowBytes;
  }

  /** Where the first key >= `key` is. When that is past a leaf's last row, the index is that leaf's count. */
  lowerBound(key: Uint8Array): Position {
    let low = 0;
    let high = this.leaves.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.leaves[middle] as Leaf).compareKey(0, key) <= 0) low = middle;
      else high = middle - 1;
    }
    return { leaf: low, index: (this.leaves[low] as Leaf).lowerBound(key) };
  }

  #holds(leaf: Leaf, index: number, key: Uint8Array): boolean {
    return index < leaf.count && leaf.compareKey(index, key) === 0;
  }

  /** Ascending loads fill leaves completely: a split behind the last row leaves the left side as it is. */
  #split(leafIndex: number, insertedAt: number): void {
    const leaf = this.leaves[leafIndex] as Leaf;
    const ascending = insertedAt === leaf.count - 1;
    const cut = ascending ? leaf.count - 1 : leaf.count >>> 1;
    const right = leaf.splitAt(Math.max(1, Math.min(cut, LEAF_MAX_ROWS)));
    if (ascending) right.reserveLike(leaf);
    this.leaves.splice(leafIndex + 1, 0, right);
    if (right.full) this.#split(leafIndex + 1, insertedAt - leaf.count);
  }
}
