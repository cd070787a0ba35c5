import { MAX_PAGE_BYTES, MAX_PAGE_ROWS } from '../limits.ts';
import { keyEnd } from '../row/stored-row.ts';
import type { Leaf } from '../table/leaf.ts';
import type { Position } from '../table/ordered-rows.ts';
import type { Table } from '../table/table.ts';
import { ByteWriter } from '../wire/byte-writer.ts';
import { writeHeader } from '../wire/plain-writer.ts';
import { RowCut } from './cut.ts';
import { cutRule, type ReadRequest } from './read-request.ts';
import { RowOutput, writeKeyOnly } from './row-output.ts';
import { expiryMs } from './table-cut.ts';

/** A range read: `start` inclusive and `end` exclusive in order-preserving form, in reading direction. */
export interface RangeRequest extends ReadRequest {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
  readonly backward: boolean;
  /** Rows wanted at most; `undefined` = as many as a page holds. */
  readonly limit: number | undefined;
}

/** One page. `rows` is a view that the next page overwrites. */
export interface Page {
  readonly rows: Uint8Array;
  readonly count: number;
  /** Bytes of the cut rows before filtering, which capacity units are counted on. */
  readonly readBytes: number;
  /** The first unread key as a buffer with header; absent = range done. */
  readonly next: Uint8Array | undefined;
}

/** Page bytes are gathered here, so that a page costs no large allocation until its final size is known. */
const scratch = new ByteWriter(MAX_PAGE_BYTES + 64 * 1024);
const cut = new RowCut();

class PageScan {
  readonly #table: Table;
  readonly #request: RangeRequest;
  readonly #output: RowOutput;
  readonly #maxRows: number;
  readonly #lifeEndMs: number;
  /** True when a row of one version within its life is answered exactly as it is stored. */
  readonly #plain: boolean;
  #leaf: number;
  #index: number;
  readonly #stop: Position;
  #returned = 0;
  #scanned = 0;
  #readBytes = 0;

  constructor(table: Table, request: RangeRequest, nowMs: number) {
    const rule = cutRule(request, table, nowMs);
    this.#table = table;
    this.#request = request;
    this.#output = new RowOutput(cut, table, request, rule);
    this.#maxRows = request.limit ?? MAX_PAGE_ROWS;
    this.#lifeEndMs = expiryMs(table, nowMs);
    this.#plain =
      !rule.names &&
      !rule.startColumn &&
      !rule.endColumn &&
      !rule.toTime &&
      !request.times &&
      !request.filter;
    const from = table.rows.lowerBound(request.start);
    this.#stop = request.backward ? this.#after(request.end) : table.rows.lowerBound(request.end);
    this.#leaf = from.leaf;
    // Backward, positions mean "the row before": the start itself is included when it exists.
    this.#index = request.backward ? this.#after(request.start).index : from.index;
  }

  run(): Page {
    scratch.length = 0;
    writeHeader(scratch);
    const headerBytes = scratch.length;
    while (this.#settle() && !this.#isFull()) {
      if (!(this.#plain && this.#copyRun())) this.#readRow();
    }
    const rows = scratch.length === headerBytes ? new Uint8Array(0) : scratch.view();
    return { rows, count: this.#returned, readBytes: this.#readBytes, next: this.#nextKey() };
  }

  #isFull(): boolean {
    return (
      this.#returned >= this.#maxRows || this.#scanned >= MAX_PAGE_ROWS || this.#readBytes >= MAX_PAGE_BYTES
    );
  }

  /** Position behind the last key <= `key`. */
  #after(key: Uint8Array): Position {
    const at = this.#table.rows.lowerBound(key);
    const leaf = this.#table.rows.leaves[at.leaf] as Leaf;
    const exact = at.index < leaf.count && leaf.compareKey(at.index, key) === 0;
    return { leaf: at.leaf, index: exact ? at.index + 1 : at.index };
  }

  /** Moves over leaf borders; false when the range has no further row. */
  #settle(): boolean {
    const { leaves } = this.#table.rows;
    if (this.#request.backward) {
      while (this.#index === 0 && this.#leaf > this.#stop.leaf) {
        this.#leaf--;
        this.#index = (leaves[this.#leaf] as Leaf).count;
      }
      return this.#leaf > this.#stop.leaf || this.#index > this.#stop.index;
    }
    while (this.#index === (leaves[this.#leaf] as Leaf).count && this.#leaf < this.#stop.leaf) {
      this.#leaf++;
      this.#index = 0;
    }
    return this.#leaf < this.#stop.leaf || (this.#leaf === this.#stop.leaf && this.#index < this.#stop.index);
  }

  /** Index in its leaf of the row that is read next; call after {@link #settle}. */
  get #current(): number {
    return this.#request.backward ? this.#index - 1 : this.#index;
  }

  #step(): void {
    this.#index += this.#request.backward ? -1 : 1;
  }

  /** Copies rows as they are, a whole run at once when reading forward; false when this leaf needs a look inside. */
  #copyRun(): boolean {
    const leaf = this.#table.rows.leaves[this.#leaf] as Leaf;
    if (leaf.multiVersion || leaf.oldestMs <= this.#lifeEndMs) return false;
    const first = this.#current;
    const last = this.#request.backward ? first + 1 : this.#runEnd(leaf, first);
    const start = leaf.rowEnds[first] as number;
    const end = leaf.rowEnds[last] as number;
    scratch.copy(leaf.rows, start, end);
    this.#returned += last - first;
    this.#scanned += last - first;
    this.#readBytes += end - start;
    this.#index = this.#request.backward ? first : last;
    return true;
  }

  /** End of the run from `first`: bounded by the range, the rows left on the page and the bytes left. */
  #runEnd(leaf: Leaf, first: number): number {
    const stop = this.#leaf === this.#stop.leaf ? this.#stop.index : leaf.count;
    const left = Math.min(this.#maxRows - this.#returned, MAX_PAGE_ROWS - this.#scanned);
    let end = Math.min(stop, first + left);
    const bytesLeft = MAX_PAGE_BYTES - this.#readBytes;
    const start = leaf.rowEnds[first] as number;
    while (end > first + 1 && (leaf.rowEnds[end - 1] as number) - start >= bytesLeft) end--;
    return end;
  }

  #readRow(): void {
    const leaf = this.#table.rows.leaves[this.#leaf] as Leaf;
    const start = leaf.rowEnds[this.#current] as number;
    this.#step();
    this.#scanned++;
    if (!this.#output.select(leaf.rows, start)) return;
    this.#readBytes += this.#output.size();
    if (!this.#output.passes()) return;
    this.#output.write(scratch);
    this.#returned++;
  }

  #nextKey(): Uint8Array | undefined {
    if (!this.#settle()) return undefined;
    const leaf = this.#table.rows.leaves[this.#leaf] as Leaf;
    const start = leaf.rowEnds[this.#current] as number;
    const out = new ByteWriter();
    const end = keyEnd(leaf.rows, start, this.#table.keyCount);
    writeKeyOnly(out, leaf.rows, start, end, this.#table.keyCount);
    return out.view();
  }
}

/** Reads the next page of a range. Bounds must be in reading order. */
export const readPage = (table: Table, request: RangeRequest, nowMs: number): Page =>
  new PageScan(table, request, nowMs).run();
