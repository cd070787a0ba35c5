import { compareBytes } from '../row/key-encoding.ts';
import {
  cellEndAfterName,
  cellNameEnd,
  cellNameStart,
  cellTimestampHigh,
  cellTimestampLow,
  keyEnd,
} from '../row/stored-row.ts';
import { TAG } from '../wire/plain-format.ts';

/** A time in ms as two unsigned halves, so that comparing needs no bigint. */
export interface SplitTime {
  readonly high: number;
  readonly low: number;
}

/** Halves of a non-negative time. */
export const splitTime = (ms: bigint): SplitTime => ({
  high: Number(ms >> 32n),
  low: Number(ms & 0xffffffffn),
});

/** Which cells of a row a read wants. All bounds are optional; names are sorted bytes. */
export interface CutRule {
  readonly keyColumns: number;
  readonly names: readonly Uint8Array[] | undefined;
  /** True when the list of names holds a key column: then a row is kept even without any wanted cell. */
  readonly keyNamed: boolean;
  readonly startColumn: Uint8Array | undefined;
  readonly endColumn: Uint8Array | undefined;
  /** Inclusive lower bound, already the later of the asked range and the end of life. */
  readonly fromTime: SplitTime | undefined;
  /** Exclusive upper bound. */
  readonly toTime: SplitTime | undefined;
  readonly maxVersions: number;
  /** End of life alone: a row whose every cell is older does not exist. */
  readonly expiry: SplitTime | undefined;
}

const INITIAL_CELLS = 64;

/**
 * The wanted cells of one row, as bounds into its leaf. One instance serves a whole page: `apply` forgets the
 * row before.
 */
export class RowCut {
  bytes: Uint8Array = new Uint8Array(0);
  rowStart = 0;
  keyEnd = 0;
  count = 0;
  /** False when every cell is past its life, which is as if the row did not exist. */
  alive = true;
  starts = new Int32Array(INITIAL_CELLS);
  ends = new Int32Array(INITIAL_CELLS);
  nameEnds = new Int32Array(INITIAL_CELLS);
  #names: readonly Uint8Array[] | undefined;
  #nextName = 0;
  #columnWanted = true;
  /** True once the names of the row have passed all wanted ones. */
  #namesDone = false;
  #versions = 0;

  /** Selects the cells of the row at `start`. */
  apply(bytes: Uint8Array, start: number, rule: CutRule): void {
    this.bytes = bytes;
    this.rowStart = start;
    this.keyEnd = keyEnd(bytes, start, rule.keyColumns);
    this.count = 0;
    this.#names = rule.names;
    this.#nextName = 0;
    this.#namesDone = false;
    let at = this.keyEnd;
    this.alive = bytes[at] !== TAG.ROW_DATA;
    if (this.alive) return;
    at++;
    let previousStart = 0;
    let previousEnd = 0;
    while (bytes[at] === TAG.CELL) {
      const nameStart = cellNameStart(at);
      const nameEnd = cellNameEnd(bytes, at);
      const end = cellEndAfterName(bytes, nameEnd);
      if (!sameBytes(bytes, nameStart, nameEnd, previousStart, previousEnd)) {
        this.#beginColumn(nameStart, nameEnd, rule);
      }
      previousStart = nameStart;
      previousEnd = nameEnd;
      // Past the last wanted name only the life of the row could still be of interest.
      if (this.#namesDone && !rule.expiry) {
        this.alive = true;
        return;
      }
      this.#visit(at, nameEnd, end, rule);
      at = end;
    }
  }

  #beginColumn(start: number, end: number, rule: CutRule): void {
    this.#versions = 0;
    this.#columnWanted = this.#isNamed(start, end) && this.#isBetween(start, end, rule);
  }

  #isNamed(start: number, end: number): boolean {
    const names = this.#names;
    if (!names) return true;
    while (this.#nextName < names.length) {
      const name = names[this.#nextName] as Uint8Array;
      const order = compareBytes(name, 0, name.length, this.bytes, start, end);
      if (order === 0) return true;
      if (order > 0) return false;
      this.#nextName++;
    }
    this.#namesDone = true;
    return false;
  }

  #isBetween(start: number, end: number, rule: CutRule): boolean {
    const { startColumn: from, endColumn: to } = rule;
    if (from && compareBytes(this.bytes, start, end, from, 0, from.length) < 0) return false;
    return !to || compareBytes(this.bytes, start, end, to, 0, to.length) < 0;
  }

  #visit(at: number, nameEnd: number, end: number, rule: CutRule): void {
    const { bytes } = this;
    if (rule.expiry && isBefore(bytes, end, rule.expiry)) return;
    this.alive = true;
    if (!this.#columnWanted || this.#versions >= rule.maxVersions) return;
    if (rule.fromTime && isBefore(bytes, end, rule.fromTime)) return;
    if (rule.toTime && !isBefore(bytes, end, rule.toTime)) return;
    this.#versions++;
    this.#push(at, nameEnd, end);
  }

  #push(start: number, nameEnd: number, end: number): void {
    const index = this.count++;
    if (index === this.starts.length) this.#grow();
    this.starts[index] = start;
    this.nameEnds[index] = nameEnd;
    this.ends[index] = end;
  }

  #grow(): void {
    const wider = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(old.length * 2);
      grown.set(old);
      return grown;
    };
    this.starts = wider(this.starts);
    this.ends = wider(this.ends);
    this.nameEnds = wider(this.nameEnds);
  }

  /** Keeps only `count` cells from the `offset`-th column on; columns are counted, not versions. */
  paginate(offset: number, limit: number): void {
    let column = -1;
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      if (i === 0 || !this.#sameName(i - 1, i)) column++;
      if (column < offset || column >= offset + limit) continue;
      this.starts[kept] = this.starts[i] as number;
      this.nameEnds[kept] = this.nameEnds[i] as number;
      this.ends[kept] = this.ends[i] as number;
      kept++;
    }
    this.count = kept;
  }

  #sameName(a: number, b: number): boolean {
    return sameBytes(
      this.bytes,
      cellNameStart(this.starts[a] as number),
      this.nameEnds[a] as number,
      cellNameStart(this.starts[b] as number),
      this.nameEnds[b] as number,
    );
  }
}

const isBefore = (bytes: Uint8Array, cellEndAt: number, time: SplitTime): boolean => {
  const high = cellTimestampHigh(bytes, cellEndAt);
  return high !== time.high ? high < time.high : cellTimestampLow(bytes, cellEndAt) < time.low;
};

/** Equality of two spans of one buffer. */
function sameBytes(bytes: Uint8Array, aStart: number, aEnd: number, bStart: number, bEnd: number): boolean {
  if (aEnd - aStart !== bEnd - bStart) return false;
  for (let i = aEnd - aStart - 1; i >= 0; i--) {
    if (bytes[aStart + i] !== bytes[bStart + i]) return false;
  }
  return true;
}
