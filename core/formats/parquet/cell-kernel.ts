import { assert } from '../../errors/index.ts';
import { Kernel } from '../../kernels/kernel.ts';
import { WASM } from '../../kernels/wasm/parquet-cells.ts';
import type { RowBlock } from '../../types/index.ts';

/** The functions of a column; each takes its ordinal and whether it is without nulls, and returns an end address. */
export interface CellFunctions {
  integers(column: number, required: number, bits: number, unsigned: number, size: number): number;
  doubles(column: number, required: number): number;
  bools(column: number, required: number): number;
  casts(column: number, required: number): number;
  texts(column: number, required: number, limit: number): number;
  bytes(column: number, required: number, limit: number): number;
  fixedBytes(column: number, required: number, size: number): number;
  decimals(
    column: number,
    required: number,
    precision: number,
    scale: number,
    size: number,
    fixed: number,
  ): number;
  dates(column: number, required: number): number;
  times(column: number, required: number, places: number, size: number): number;
  moments(column: number, required: number, places: number): number;
  instants(end: number, places: number): number;
}

interface Functions extends CellFunctions {
  setRows(origin: number, starts: number, ends: number, forms: number, columns: number, rows: number): void;
  setOutput(refused: number, levels: number, values: number, odd: number): void;
  extent(): number;
  firstByte(): number;
  lastByte(): number;
  cellBytes(): number;
  levelCount(): number;
  nulls(): number;
  oddCount(): number;
}

/** Why a row has no place in its column as it is; numbers of the kernel. */
export const OddReason = {
  needsCast: 1,
  outOfRange: 2,
  badLength: 3,
  notUtf8: 4,
  isNull: 5,
  isSkipped: 6,
} as const;
const REASON_BITS = 3;

/** Bytes before each value of a BYTE_ARRAY. */
const HEAD_BYTES = 4;
/** Between the values of columns, at least: the kernel writes 16 bytes at a time. */
const GAP_BYTES = 16;
/** Places of columns are multiples of it. */
const ALIGNMENT_BYTES = 16;
/** Room for the bytes of rows, and for those of byte strings in PLAIN form, that is kept. */
const USUAL_ROOM_BYTES = 1024 * 1024;

const kernel = new Kernel<Functions>(WASM);

/** The values of one column: addresses in `bytes`. */
export interface ColumnValues {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly levels: number;
  /** Rows, each with a level, and how many are without a value. */
  readonly rows: number;
  readonly nulls: number;
}

/** How the kernel converts a column. */
export interface ColumnSteps {
  /** Most bytes that a row takes in the output; `undefined` = those of its cell and a length. */
  readonly rowBytes: number | undefined;
  /** Converts; returns where the values end. `isCast`: cells that needed a cast have had it. */
  run(functions: CellFunctions, column: number, isCast: boolean, records: RecordSpace): number;
}

/** The memory in which records of moments lie, for those who change them. */
export interface RecordSpace {
  readonly from: number;
  readonly floats: () => Float64Array;
}

/** Told of rows without a place in their column. */
export type SeeOdd = (column: number, row: number, reason: number) => void;

/** Rows in the memory of the kernel, converted column by column. Valid until the next rows are loaded. */
export class CellRows {
  readonly #columns: readonly ColumnSteps[];
  readonly #found: Omit<ColumnValues, 'bytes' | 'levels'>[] = [];
  #byteRoom = USUAL_ROOM_BYTES;
  #textRoom = USUAL_ROOM_BYTES;
  #levels = 0;
  #rows = 0;

  constructor(columns: readonly ColumnSteps[]) {
    this.#columns = columns;
  }

  /** Converts rows, except those that `refused` marks with 1. Rows that have no place are told to `see`. */
  convert(
    block: RowBlock,
    fromRow: number,
    rows: number,
    refused: Uint8Array,
    isCast: boolean,
    see: SeeOdd,
  ): void {
    const at = this.#load(block, fromRow, rows, refused);
    const { functions } = kernel;
    let { fixed, text } = at;
    for (const [column, steps] of this.#columns.entries()) {
      const from = steps.rowBytes === undefined ? text : fixed;
      functions.setOutput(at.refused, this.#levels + column * rows, from, at.odd);
      const end = steps.run(functions, column, isCast, { from, floats: kernelFloats });
      if (steps.rowBytes === undefined) text = after(end);
      else fixed = after(from + steps.rowBytes * rows);
      this.#found[column] = { from, to: end, rows: functions.levelCount(), nulls: functions.nulls() };
      if (functions.oddCount() > 0) seeRows(at.odd, functions.oddCount(), column, see);
    }
  }

  /** The values of a column. */
  values(column: number): ColumnValues {
    return { ...this.#found[column]!, bytes: kernel.bytes, levels: this.#levels + column * this.#rows };
  }

  /** Copies the rows in; the room grows until they fit. */
  #load(block: RowBlock, fromRow: number, rows: number, refused: Uint8Array): Layout {
    this.#rows = rows;
    for (;;) {
      const at = this.#layOut(rows);
      const byteCount = this.#loadCells(block, fromRow, rows, at);
      const textBytes = this.#textBytes(rows);
      if (byteCount <= this.#byteRoom && textBytes <= this.#textRoom) {
        kernel.bytes.set(refused.subarray(0, rows), at.refused);
        if (byteCount + textBytes > 2 * USUAL_ROOM_BYTES) this.#byteRoom = this.#textRoom = USUAL_ROOM_BYTES;
        return at;
      }
      this.#byteRoom = Math.max(this.#byteRoom, byteCount);
      this.#textRoom = Math.max(this.#textRoom, textBytes);
    }
  }

  #layOut(rows: number): Layout {
    const cells = rows * this.#columns.length;
    const rowBytes = this.#columns.reduce((sum, column) => sum + (column.rowBytes ?? 0), 0);
    const gaps = this.#columns.length * (GAP_BYTES + ALIGNMENT_BYTES);
    const [
      starts = 0,
      ends = 0,
      forms = 0,
      refused = 0,
      odd = 0,
      levels = 0,
      bytes = 0,
      fixed = 0,
      text = 0,
    ] = kernel.layOut(
      4 * cells,
      4 * cells,
      cells,
      rows,
      8 * rows,
      cells,
      this.#byteRoom,
      rowBytes * rows + gaps,
      this.#textRoom + gaps,
    );
    this.#levels = levels;
    return { starts, ends, forms, refused, odd, bytes, fixed, text };
  }

  /** Copies the cells and, if there is room, their bytes. Returns how many bytes there are. */
  #loadCells(block: RowBlock, fromRow: number, rows: number, at: Layout): number {
    const { functions, bytes } = kernel;
    const width = this.#columns.length;
    const first = fromRow * width;
    const end = first + rows * width;
    bytes.set(bytesOf(block.starts, first, end), at.starts);
    bytes.set(bytesOf(block.ends, first, end), at.ends);
    bytes.set(block.forms.subarray(first, end), at.forms);
    functions.setRows(0, at.starts, at.ends, at.forms, width, rows);
    assert(functions.extent() !== 0, 'a cell ends before it starts');
    const from = Math.min(functions.firstByte() >>> 0, functions.lastByte() >>> 0);
    const to = functions.lastByte() >>> 0;
    assert(to <= block.bytes.length, 'a cell ends behind its block');
    if (to - from <= this.#byteRoom) bytes.set(block.bytes.subarray(from, to), at.bytes);
    functions.setRows(at.bytes - from, at.starts, at.ends, at.forms, width, rows);
    return to - from;
  }

  /** Bytes that the byte strings of the rows may need. */
  #textBytes(rows: number): number {
    const texts = this.#columns.filter(({ rowBytes }) => rowBytes === undefined).length;
    return texts === 0 ? 0 : kernel.functions.cellBytes() + HEAD_BYTES * texts * rows;
  }
}

interface Layout {
  readonly starts: number;
  readonly ends: number;
  readonly forms: number;
  readonly refused: number;
  readonly odd: number;
  readonly bytes: number;
  readonly fixed: number;
  readonly text: number;
}

/** Where the values of the next column may begin. */
const after = (end: number): number => Math.ceil((end + GAP_BYTES) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;

const kernelFloats = (): Float64Array => new Float64Array(kernel.bytes.buffer);

const bytesOf = (words: Uint32Array, from: number, to: number): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset + 4 * from, 4 * (to - from));

function seeRows(at: number, count: number, column: number, see: SeeOdd): void {
  for (let i = 0; i < count; i++) {
    const item = kernel.bytes.readUInt32LE(at + 4 * i);
    see(column, item >>> REASON_BITS, item & ((1 << REASON_BITS) - 1));
  }
}
