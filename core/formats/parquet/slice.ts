import { ByteBuffer } from '../byte-buffer.ts';

/** Rows that are converted at a time. */
export const SLICE_ROWS = 1024;

/** What `Slice.state` says of a row: no value, or where the bytes of its value are. */
export const CellState = { null: 0, inBlock: 1, inScratch: 2 } as const;

/**
 * The values of one column for some rows, converted and not yet encoded: rows that another column refuses are
 * left out when they are. Values of at most 8 bytes are in `low` and `high`, others are bytes from `starts` to
 * `ends` of the block or of the scratch space.
 */
export class Slice {
  readonly state = new Uint8Array(SLICE_ROWS);
  readonly low = new Int32Array(SLICE_ROWS);
  /** Upper word; of a value of 32 bits its sign. */
  readonly high = new Int32Array(SLICE_ROWS);
  readonly starts = new Uint32Array(SLICE_ROWS);
  readonly ends = new Uint32Array(SLICE_ROWS);
  block: Uint8Array = new Uint8Array(0);
  readonly scratch = new ByteBuffer(1024);

  /** Begins anew with cells of this block. */
  begin(block: Uint8Array): void {
    this.block = block;
    this.scratch.length = 0;
  }

  setWords(row: number, low: number, high: number): void {
    this.state[row] = CellState.inBlock;
    this.low[row] = low;
    this.high[row] = high;
  }

  /** The value is bytes of the block. */
  setBlock(row: number, start: number, end: number): void {
    this.state[row] = CellState.inBlock;
    this.starts[row] = start;
    this.ends[row] = end;
  }

  /** The value is these bytes, which are copied. */
  setCopy(row: number, bytes: Uint8Array): void {
    this.state[row] = CellState.inScratch;
    this.starts[row] = this.scratch.length;
    this.scratch.append(bytes);
    this.ends[row] = this.scratch.length;
  }
}
