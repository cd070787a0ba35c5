import type { RowBlock } from '../../../types/index.ts';
import { BlockFill } from './block-fill.ts';
import { type CellWriter, cellWriter } from './cell-writer.ts';
import { ChunkReader, type DataPage, type ReadBytes } from './chunk-reader.ts';
import { wellFormed } from './damage.ts';
import { loadDecompressor } from './decompression.ts';
import type { FileColumn } from './file-column.ts';
import type { RowGroupPlace } from './file-metadata.ts';

/** Rows of a block at most. */
const BLOCK_ROWS = 5_000;
/** Bytes that a block should have. */
const BLOCK_BYTES = 4 * 1024 * 1024;
/** Bytes read ahead for all columns together, shared out among them within the bounds below. */
const READ_AHEAD_BYTES = 32 * 1024 * 1024;
const MIN_WINDOW_BYTES = 128 * 1024;
const MAX_WINDOW_BYTES = 2 * 1024 * 1024;

/** The rows of a row group in blocks. */
export class RowGroupReader {
  readonly #cursors: readonly ColumnCursor[];
  readonly #columns: readonly FileColumn[];
  readonly #blockRows: number;
  readonly #blockBytes: number;
  #rowsLeft: number;

  private constructor(
    place: RowGroupPlace,
    columns: readonly FileColumn[],
    cursors: readonly ColumnCursor[],
  ) {
    this.#columns = columns;
    this.#cursors = cursors;
    this.#rowsLeft = place.rowCount;
    const bytes = columns.reduce((sum, { leaf }) => sum + place.chunks[leaf]!.rawBytes, 0);
    const rowBytes = Math.max(1, bytes / Math.max(1, place.rowCount));
    this.#blockRows = Math.max(1, Math.min(BLOCK_ROWS, Math.floor(BLOCK_BYTES / rowBytes)));
    this.#blockBytes = Math.ceil(Math.min(BLOCK_BYTES, this.#blockRows * rowBytes * 1.5)) + 1024;
  }

  /** Begins at the first row; instants are shown in `timeZone`. */
  static async open(
    place: RowGroupPlace,
    columns: readonly FileColumn[],
    read: ReadBytes,
    timeZone: string,
  ): Promise<RowGroupReader> {
    const share = Math.floor(READ_AHEAD_BYTES / columns.length);
    const windowBytes = Math.min(MAX_WINDOW_BYTES, Math.max(MIN_WINDOW_BYTES, share));
    const cursors: ColumnCursor[] = [];
    for (const column of columns) {
      const chunk = place.chunks[column.leaf]!;
      wellFormed(chunk.valueCount === place.rowCount, `column ${column.name} has not one value per row`);
      const decompress = await loadDecompressor(chunk.codec);
      const pages = new ChunkReader(column, chunk, { read, decompress, windowBytes });
      cursors.push(new ColumnCursor(pages, cellWriter(column, timeZone)));
    }
    return new RowGroupReader(place, columns, cursors);
  }

  /** Leaves rows out. */
  async skip(rows: number): Promise<void> {
    wellFormed(rows <= this.#rowsLeft, 'the position is behind the end of its row group');
    for (const cursor of this.#cursors) await cursor.skip(rows);
    this.#rowsLeft -= rows;
  }

  /** The next rows; `undefined` at the end. */
  async next(): Promise<RowBlock | undefined> {
    if (this.#rowsLeft === 0) return undefined;
    const rows = Math.min(this.#blockRows, this.#rowsLeft);
    const columns = this.#columns.map(({ column }) => column);
    const block = new BlockFill(columns, rows, this.#blockBytes);
    for (const [i, cursor] of this.#cursors.entries()) await cursor.fill(block, i, columns.length);
    this.#rowsLeft -= rows;
    return block.build();
  }
}

/** The values of one column, row after row over its pages. */
class ColumnCursor {
  readonly #pages: ChunkReader;
  readonly #write: CellWriter;
  #page: DataPage | undefined;
  #row = 0;
  /** Values of the page before `#row`. */
  #value = 0;

  constructor(pages: ChunkReader, write: CellWriter) {
    this.#pages = pages;
    this.#write = write;
  }

  async skip(rows: number): Promise<void> {
    for (let left = rows; left > 0; ) {
      const page = await this.#current();
      const end = Math.min(page.rows, this.#row + left);
      left -= end - this.#row;
      for (; this.#row < end; this.#row++) if (page.levels?.[this.#row] !== 0) this.#value++;
    }
  }

  /** Writes the cells of a column of the block. */
  async fill(block: BlockFill, column: number, width: number): Promise<void> {
    for (let row = 0; row < block.rowCount; ) {
      const page = await this.#current();
      const rows = Math.min(block.rowCount - row, page.rows - this.#row);
      this.#cells(page, rows, block, row * width + column, width);
      row += rows;
    }
  }

  #cells(
    { levels, values, ids }: DataPage,
    rows: number,
    block: BlockFill,
    first: number,
    width: number,
  ): void {
    const { bytes, starts, ends, width: size } = values;
    let cell = first;
    for (const end = this.#row + rows; this.#row < end; this.#row++, cell += width) {
      if (levels && levels[this.#row] === 0) continue;
      const value = this.#value++;
      const index = ids ? ids[value]! : value;
      if (size > 0) this.#write(bytes, index * size, (index + 1) * size, block, cell);
      else this.#write(bytes, starts[index]!, ends[index]!, block, cell);
    }
  }

  async #current(): Promise<DataPage> {
    while (!this.#page || this.#row === this.#page.rows) {
      this.#page = await this.#pages.page();
      this.#row = this.#value = 0;
    }
    return this.#page;
  }
}
