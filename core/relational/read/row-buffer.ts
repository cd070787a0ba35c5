/**
 * Rows of an answer as they came: the bytes of the wire in one buffer, and where the fields are. A scanner of a
 * protocol finds the fields; the block that is made of them points into the same bytes, nothing is copied again.
 */
import { SyncError } from '../../errors/index.ts';
import { type Column, Form, type RowBlock } from '../../types/index.ts';
import type { KeyColumn, Tuple } from './key.ts';
import type { KeyedBlock } from './source.ts';

/** Rows of a block at most. */
export const BLOCK_ROWS = 5_000;
/** Wire bytes of a block, about; a single row may be larger. */
export const BLOCK_BYTES = 1024 * 1024;
/** A row larger than this is refused: a reader holds at least two. */
export const MAX_ROW_BYTES = 64 * 1024 * 1024;

/** Bytes that a socket hands over at once. */
const CHUNK_BYTES = 64 * 1024;

/** What the scanner of a protocol fills. Public fields, because its loops run once per byte. */
export class RowBuffer {
  /** Fields of a row on the wire: the columns of the job, then hidden ones. */
  readonly fields: number;
  bytes = Buffer.allocUnsafeSlow(BLOCK_BYTES / 4);
  /** Bytes received so far. */
  length = 0;
  /** Everything before is scanned. */
  at = 0;
  rows = 0;
  /** Bounds of field `row * fields + field`; an end before its start is a null. */
  starts: Uint32Array;
  ends: Uint32Array;

  constructor(fields: number) {
    this.fields = fields;
    this.starts = new Uint32Array(BLOCK_ROWS * fields);
    this.ends = new Uint32Array(BLOCK_ROWS * fields);
  }

  /** Whether the rows so far are enough for a block. */
  get full(): boolean {
    return this.rows >= BLOCK_ROWS || this.at >= BLOCK_BYTES;
  }

  append(chunk: Buffer): void {
    const needed = this.length + chunk.length;
    if (needed > this.bytes.length) this.#grow(needed);
    chunk.copy(this.bytes, this.length);
    this.length = needed;
  }

  #grow(needed: number): void {
    if (this.length - this.at > MAX_ROW_BYTES) {
      const message = `a row has more than ${MAX_ROW_BYTES / 1024 / 1024} MiB`;
      throw new SyncError('SRC-2026', 'config', message);
    }
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  /** The scanned rows, leaving the rest of the bytes here for the next ones. */
  takeRows(): ScannedRows {
    const { fields, rows, bytes, starts, ends, at, length } = this;
    const scanned = { fields, rows, bytes: bytes.subarray(0, at), starts, ends };
    const rest = length - at;
    // The next block is about as large as this one; what is not used would only wake the garbage collector.
    const likely = Math.min(BLOCK_BYTES, at + at / 16);
    this.bytes = Buffer.allocUnsafeSlow(Math.ceil(Math.max(likely, rest)) + CHUNK_BYTES);
    bytes.copy(this.bytes, 0, at, length);
    this.length = rest;
    this.at = 0;
    this.rows = 0;
    this.starts = new Uint32Array(BLOCK_ROWS * fields);
    this.ends = new Uint32Array(BLOCK_ROWS * fields);
    return scanned;
  }
}

/** Rows with the bounds of their fields. */
export interface ScannedRows {
  readonly fields: number;
  readonly rows: number;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** Turns the wire's text of a column into the form of a block, in place; called once per block and column. */
export type ColumnRule = (cells: ColumnCells) => void;

/** One column of a block while it is made. Cell `i` of the column is at `first + i * step`. */
export interface ColumnCells {
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly forms: Uint8Array;
  readonly first: number;
  readonly step: number;
  readonly rows: number;
}

/** How rows of one result become blocks. */
export interface BlockPlan {
  readonly columns: readonly Column[];
  /** By column; absent = the text is right as it is. */
  readonly rules: readonly (ColumnRule | undefined)[];
  readonly key: readonly KeyColumn[];
  readonly keyPlaces: readonly number[];
}

/** A block of the scanned rows, hidden fields left out of it and kept for its keys. */
export function makeBlock(scanned: ScannedRows, plan: BlockPlan): KeyedBlock {
  const { fields, rows, bytes } = scanned;
  const width = plan.columns.length;
  const keyOf = keysOf(scanned, plan);
  const shown = fields === width ? trimmed(scanned) : visible(scanned, width);
  const forms = new Uint8Array(rows * width);
  const { starts, ends } = shown;
  for (let i = 0; i < forms.length; i++) {
    if (ends[i]! >= starts[i]!) forms[i] = Form.text;
    else ends[i] = starts[i]!;
  }
  for (const [column, rule] of plan.rules.entries()) {
    rule?.({ bytes, starts, ends, forms, first: column, step: width, rows });
  }
  const block: RowBlock = { columns: plan.columns, rowCount: rows, bytes, starts, ends, forms };
  return { block, keyOf };
}

const trimmed = ({ starts, ends, rows, fields }: ScannedRows) => ({
  starts: starts.subarray(0, rows * fields),
  ends: ends.subarray(0, rows * fields),
});

function visible({ starts, ends, rows, fields }: ScannedRows, width: number) {
  const shown = { starts: new Uint32Array(rows * width), ends: new Uint32Array(rows * width) };
  for (let row = 0, to = 0; row < rows; row++) {
    for (let from = row * fields; from < row * fields + width; from++, to++) {
      shown.starts[to] = starts[from]!;
      shown.ends[to] = ends[from]!;
    }
  }
  return shown;
}

/** Key fields are places of the wire whose bytes no rule changes. */
function keysOf(
  { fields, bytes, starts, ends, rows }: ScannedRows,
  { key, keyPlaces }: BlockPlan,
): (row: number) => Tuple {
  const width = key.length;
  const from = new Uint32Array(rows * width);
  const to = new Uint32Array(rows * width);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let k = 0; k < width; k++, i++) {
      const cell = row * fields + keyPlaces[k]!;
      from[i] = starts[cell]!;
      to[i] = ends[cell]!;
    }
  }
  const text = (i: number, column: KeyColumn): string =>
    bytes.toString(column.kind === 'bytes' ? 'hex' : 'utf8', from[i]!, to[i]!);
  return (row) => key.map((column, k) => text(row * width + k, column));
}
