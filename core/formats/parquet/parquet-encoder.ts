import type { RowFault } from '../../connectors/contract.ts';
import { assert, type Code, SyncError } from '../../errors/index.ts';
import { type Column, Form, type RowBlock } from '../../types/index.ts';
import { ByteBuffer } from '../byte-buffer.ts';
import { type CellConverter, createConverter } from './cell-converter.ts';
import type { PageMaking } from './chunk-pages.ts';
import { loadCompressor } from './codec.ts';
import { ColumnChunk } from './column-chunk.ts';
import { type CodecName, footerBytes, MAGIC, rowGroupBytes } from './metadata-bytes.ts';
import { describeParquetColumn, type ParquetColumn } from './parquet-column.ts';
import { CellState, SLICE_ROWS, Slice } from './slice.ts';

/** How a file is written. */
export interface ParquetOptions {
  readonly codec: CodecName;
  /** Rows of a row group at most. */
  readonly rowGroupRows: number;
  /** Bytes before compression at which a row group is full. */
  readonly rowGroupBytes: number;
  /** Bytes before compression at which a page ends. */
  readonly pageBytes: number;
  /** Zone of wall-clock readings that become instants. */
  readonly timeZone: string;
}

/** The options of a job that says nothing, apart from compression and zone. */
export const DEFAULT_ROW_GROUP_ROWS = 128 * 1024;
export const DEFAULT_ROW_GROUP_BYTES = 64 * 1024 * 1024;
export const DEFAULT_PAGE_BYTES = 1024 * 1024;

/** An encoder of rows of `source` into files of `columns`, which stand in the same order. */
export async function createParquetEncoder(
  source: readonly Column[],
  columns: readonly ParquetColumn[],
  options: ParquetOptions,
): Promise<ParquetEncoder> {
  return new ParquetEncoder(source, columns, options, {
    codec: options.codec,
    compress: await loadCompressor(options.codec),
    pageBytes: options.pageBytes,
    scratch: new ByteBuffer(options.pageBytes),
  });
}

/**
 * Makes the bytes of Parquet files: `begin` one, `append` rows, `endRowGroup` whenever it is full or rows must
 * leave memory, and `footer` at its end. What it holds is one row group, its ended pages compressed.
 */
export class ParquetEncoder {
  readonly #columns: readonly ParquetColumn[];
  readonly #options: ParquetOptions;
  readonly #making: PageMaking;
  readonly #converters: readonly CellConverter[];
  readonly #slices: readonly Slice[];
  readonly #refused = new Uint8Array(SLICE_ROWS);
  #chunks: readonly ColumnChunk[];
  #pendingRows = 0;
  #rowGroups: Buffer[] = [];
  #rowCount = 0;
  /** Bytes of the file so far. */
  #offset = 0;

  constructor(
    source: readonly Column[],
    columns: readonly ParquetColumn[],
    options: ParquetOptions,
    making: PageMaking,
  ) {
    assert(columns.length > 0, 'a file needs at least one column');
    assert(source.length === columns.length, 'rows and file differ in their columns');
    this.#columns = columns;
    this.#options = options;
    this.#making = making;
    this.#converters = columns.map((column, i) => createConverter(source[i]!, column, options.timeZone));
    this.#slices = columns.map(() => new Slice());
    this.#chunks = this.#newChunks();
  }

  /** Rows of the row group so far. */
  get pendingRows(): number {
    return this.#pendingRows;
  }

  /** Bytes of the row group so far, before compression. */
  get pendingBytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.rawBytes, 0);
  }

  /** Whether the row group must end before more rows. */
  get isFull(): boolean {
    return (
      this.#pendingRows >= this.#options.rowGroupRows || this.pendingBytes >= this.#options.rowGroupBytes
    );
  }

  /** Rows that `append` takes at a time. */
  get roomRows(): number {
    return Math.min(SLICE_ROWS, this.#options.rowGroupRows - this.#pendingRows);
  }

  /** Begins a file; these are its first bytes. */
  begin(): Buffer {
    assert(this.#pendingRows === 0, 'a file was begun within a row group');
    this.#rowGroups = [];
    this.#rowCount = 0;
    this.#offset = MAGIC.length;
    return MAGIC;
  }

  /** Appends at most `roomRows` rows. Refused rows are returned and leave nothing. */
  append(block: RowBlock, fromRow: number, toRow: number): readonly RowFault[] {
    const rows = toRow - fromRow;
    assert(rows <= this.roomRows, 'more rows were appended than there was room for');
    this.#refused.fill(0, 0, rows);
    const faults = this.#columns.flatMap((_, column) => this.#convert(block, column, fromRow, toRow));
    for (const [column, chunk] of this.#chunks.entries())
      chunk.append(this.#slices[column]!, rows, this.#refused);
    this.#pendingRows += rows - faults.length;
    return faults;
  }

  /** Ends the row group, if it has rows, and returns its bytes in order. */
  endRowGroup(): readonly Buffer[] {
    if (this.#pendingRows === 0) return [];
    const chunks = this.#chunks.map((chunk) => chunk.finish());
    const facts = chunks.map((chunk) => chunk.facts);
    this.#rowGroups.push(rowGroupBytes(this.#columns, facts, this.#pendingRows, this.#offset));
    this.#offset += facts.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
    this.#rowCount += this.#pendingRows;
    this.#pendingRows = 0;
    return chunks.flatMap(({ bytes }) => bytes);
  }

  /** The end of a file that holds the row groups ended so far; more may follow in its place. */
  footer(): Buffer {
    return footerBytes(this.#columns, this.#rowGroups, this.#rowCount);
  }

  /** Forgets the rows that are not in an ended row group. */
  dropPending(): void {
    this.#pendingRows = 0;
    this.#chunks = this.#newChunks();
  }

  #newChunks(): readonly ColumnChunk[] {
    return this.#columns.map((column) => new ColumnChunk(column, this.#making));
  }

  /** Converts the cells of a column; a row that another column refused already has its fault. */
  #convert(block: RowBlock, column: number, fromRow: number, toRow: number): RowFault[] {
    const { forms, columns } = block;
    const faults: RowFault[] = [];
    const slice = this.#slices[column]!;
    const converter = this.#converters[column]!;
    const { required } = this.#columns[column]!;
    slice.begin(block.bytes);
    let cell = fromRow * columns.length + column;
    for (let row = 0; row < toRow - fromRow; row++, cell += columns.length) {
      let code: Code | undefined;
      if (forms[cell] !== Form.null) code = converter.convert(block, cell, slice, row);
      else if (required) code = 'CNV-3040';
      else slice.state[row] = CellState.null;
      if (code === undefined || this.#refused[row] === 1) continue;
      this.#refused[row] = 1;
      faults.push(this.#fault(fromRow + row, column, code));
    }
    return faults;
  }

  #fault(row: number, column: number, code: Code): RowFault {
    const target = this.#columns[column]!;
    const targetType = describeParquetColumn(target);
    const error = new SyncError(
      code,
      'data',
      `a value has no place in column ${target.name} of type ${targetType}`,
      {
        column: target.name,
      },
    );
    return { row, column, error, targetType };
  }
}
