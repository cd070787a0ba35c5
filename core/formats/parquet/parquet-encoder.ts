import type { RowFault } from '../../connectors/contract.ts';
import { assert, SyncError } from '../../errors/index.ts';
import type { Column, RowBlock } from '../../types/index.ts';
import { ByteBuffer } from '../byte-buffer.ts';
import type { PageMaking } from './chunk-pages.ts';
import { loadCompressor } from './codec.ts';
import { ColumnChunk } from './column-chunk.ts';
import { cellPlan } from './column-steps.ts';
import { type CodecName, footerBytes, MAGIC, rowGroupBytes } from './metadata-bytes.ts';
import { describeParquetColumn, type ParquetColumn } from './parquet-column.ts';
import { type Misfit, RowConverter, SLICE_ROWS } from './row-converter.ts';

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

/**
 * The options of a job that says nothing, apart from compression and zone. A writer holds a row group and an open page
 * per column: with these it takes about 45 MB, its uploads included, for 16 columns.
 */
export const DEFAULT_ROW_GROUP_ROWS = 32 * 1024;
export const DEFAULT_ROW_GROUP_BYTES = 32 * 1024 * 1024;
export const DEFAULT_PAGE_BYTES = 256 * 1024;

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
    scratch: new ByteBuffer(),
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
  readonly #converter: RowConverter;
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
    const plans = columns.map((column, i) => cellPlan(source[i]!, column, options.timeZone));
    this.#converter = new RowConverter(plans);
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
    const faults = this.#converter
      .convert(block, fromRow, rows)
      .map((misfit) => this.#fault({ ...misfit, row: fromRow + misfit.row }));
    for (const [column, chunk] of this.#chunks.entries()) chunk.append(this.#converter.values(column));
    this.#pendingRows += rows - faults.length;
    return faults;
  }

  /** Ends the row group, if it has rows, and returns its bytes in order; the next `append` overwrites them. */
  endRowGroup(): readonly Buffer[] {
    if (this.#pendingRows === 0) return [];
    const chunks = this.#chunks.map((chunk) => chunk.finish());
    const facts = chunks.map((chunk) => chunk.facts);
    this.#rowGroups.push(rowGroupBytes(this.#columns, facts, this.#pendingRows, this.#offset));
    this.#offset += facts.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
    this.#rowCount += this.#pendingRows;
    this.#pendingRows = 0;
    return chunks.flatMap(({ bytes }) => bytes).filter(({ length }) => length > 0);
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

  #fault({ row, column, code }: Misfit): RowFault {
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
