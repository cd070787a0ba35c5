import { compareBytes } from '../row/key-encoding.ts';

/** Rows per leaf: small enough that shifting a leaf costs about a microsecond, large enough to copy in bulk. */
export const LEAF_MAX_ROWS = 128;
/** A leaf of larger rows splits earlier, so that an insert never shifts more than this. */
export const LEAF_MAX_BYTES = 64 * 1024;

const INITIAL_BYTES = 1024;

/** What a read must know about a row to skip looking into its cells. */
export interface RowTraits {
  /** Lowest cell timestamp in ms, rounded to a double; Infinity for a row without cells. */
  readonly oldestMs: number;
  readonly multiVersion: boolean;
}

/** A run of rows in key order: keys and rows packed back to back, `ends[i]` = start of element i. */
export class Leaf {
  count = 0;
  keys: Uint8Array = new Uint8Array(INITIAL_BYTES);
  rows: Uint8Array = new Uint8Array(INITIAL_BYTES);
  readonly keyEnds = new Uint32Array(LEAF_MAX_ROWS + 2);
  readonly rowEnds = new Uint32Array(LEAF_MAX_ROWS + 2);
  /** Lower bound of the cell timestamps of all rows, so a page can skip TTL checks. */
  oldestMs = Number.POSITIVE_INFINITY;
  /** True when some row may hold two versions of a column. */
  multiVersion = false;

  get rowBytes(): number {
    return this.rowEnds[this.count] as number;
  }

  get full(): boolean {
    return this.count > LEAF_MAX_ROWS || (this.count > 1 && this.rowBytes > LEAF_MAX_BYTES);
  }

  key(index: number): Uint8Array {
    return this.keys.subarray(this.keyEnds[index] as number, this.keyEnds[index + 1] as number);
  }

  row(index: number): Uint8Array {
    return this.rows.subarray(this.rowEnds[index] as number, this.rowEnds[index + 1] as number);
  }

  /** Compares the key at `index` with `key`. */
  compareKey(index: number, key: Uint8Array): number {
    const start = this.keyEnds[index] as number;
    return compareBytes(this.keys, start, this.keyEnds[index + 1] as number, key, 0, key.length);
  }

  /** Index of the first key >= `key`; `count` when there is none. */
  lowerBound(key: Uint8Array): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compareKey(middle, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  insert(index: number, key: Uint8Array, row: Uint8Array): void {
    this.keys = splice(this.keys, this.keyEnds, this.count, index, 0, key);
    this.rows = splice(this.rows, this.rowEnds, this.count, index, 0, row);
    makeEnd(this.keyEnds, this.count, index, key.length);
    makeEnd(this.rowEnds, this.count, index, row.length);
    this.count++;
  }

  replace(index: number, row: Uint8Array): void {
    const old = (this.rowEnds[index + 1] as number) - (this.rowEnds[index] as number);
    this.rows = splice(this.rows, this.rowEnds, this.count, index, 1, row);
    for (let i = index + 1; i <= this.count; i++) {
      this.rowEnds[i] = (this.rowEnds[i] as number) + row.length - old;
    }
  }

  remove(index: number): void {
    this.keys = splice(this.keys, this.keyEnds, this.count, index, 1, EMPTY);
    this.rows = splice(this.rows, this.rowEnds, this.count, index, 1, EMPTY);
    removeEnd(this.keyEnds, this.count, index);
    removeEnd(this.rowEnds, this.count, index);
    this.count--;
  }

  /** Cuts the rows from `index` on into a new leaf. */
  splitAt(index: number): Leaf {
    const right = new Leaf();
    right.keys = this.keys.slice(this.keyEnds[index] as number, this.keyEnds[this.count] as number);
    right.rows = this.rows.slice(this.rowEnds[index] as number, this.rowEnds[this.count] as number);
    copyEnds(this.keyEnds, index, this.count, right.keyEnds);
    copyEnds(this.rowEnds, index, this.count, right.rowEnds);
    right.count = this.count - index;
    right.oldestMs = this.oldestMs;
    right.multiVersion = this.multiVersion;
    this.count = index;
    this.compact();
    return right;
  }

  /** Gives back spare room when it is worth a copy. */
  compact(): void {
    this.keys = trimmed(this.keys, this.keyEnds[this.count] as number);
    this.rows = trimmed(this.rows, this.rowEnds[this.count] as number);
  }

  /** Makes room as large as `other` uses: the leaf after a full one will likely fill the same way. */
  reserveLike(other: Leaf): void {
    this.keys = widened(this.keys, other.keyEnds[other.count] as number);
    this.rows = widened(this.rows, other.rowBytes);
  }

  note(traits: RowTraits): void {
    if (traits.oldestMs < this.oldestMs) this.oldestMs = traits.oldestMs;
    if (traits.multiVersion) this.multiVersion = true;
  }
}

const EMPTY = new Uint8Array(0);

/** Spare room up to this share of what is used stays: copying it away costs more than it frees. */
const TOLERATED_SPARE = 0.15;

const trimmed = (bytes: Uint8Array, used: number): Uint8Array =>
  bytes.length - used > used * TOLERATED_SPARE ? bytes.slice(0, used) : bytes;

function widened(bytes: Uint8Array, capacity: number): Uint8Array {
  if (bytes.length >= capacity) return bytes;
  const wider = new Uint8Array(Math.ceil(capacity * (1 + TOLERATED_SPARE / 2)));
  wider.set(bytes);
  return wider;
}

/** Replaces `removed` (0 or 1) elements at `index` by `inserted`; returns the buffer, grown when needed. */
function splice(
  bytes: Uint8Array,
  ends: Uint32Array,
  count: number,
  index: number,
  removed: number,
  inserted: Uint8Array,
): Uint8Array {
  const start = ends[index] as number;
  const stop = ends[index + removed] as number;
  const used = ends[count] as number;
  const needed = used - (stop - start) + inserted.length;
  let target = bytes;
  if (needed > bytes.length) {
    target = new Uint8Array(Math.max(needed, Math.ceil(bytes.length * 1.5)));
    target.set(bytes.subarray(0, start));
    target.set(bytes.subarray(stop, used), start + inserted.length);
  } else {
    target.copyWithin(start + inserted.length, stop, used);
  }
  target.set(inserted, start);
  return target;
}

function makeEnd(ends: Uint32Array, count: number, index: number, bytes: number): void {
  for (let i = count; i >= index; i--) ends[i + 1] = (ends[i] as number) + bytes;
}

function removeEnd(ends: Uint32Array, count: number, index: number): void {
  const bytes = (ends[index + 1] as number) - (ends[index] as number);
  for (let i = index + 1; i < count; i++) ends[i] = (ends[i + 1] as number) - bytes;
}

function copyEnds(from: Uint32Array, start: number, stop: number, to: Uint32Array): void {
  const base = from[start] as number;
  for (let i = start; i <= stop; i++) to[i - start] = (from[i] as number) - base;
}
