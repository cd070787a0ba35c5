import { ByteBuffer } from '../byte-buffer.ts';
import type { ColumnValues } from './cell-kernel.ts';
import { ChunkPages, type PageMaking } from './chunk-pages.ts';
import type { ChunkFacts } from './metadata-bytes.ts';
import { type Dictionary, makePage, type ValueShape } from './page-kernel.ts';
import type { ParquetColumn } from './parquet-column.ts';
import { ChunkBounds } from './value-bounds.ts';

/** Rows of a page at most, also where they take few bytes. */
export const MAX_PAGE_ROWS = 128 * 1024;
const INITIAL_BYTES = 16 * 1024;
/** Space that is kept from page to page; more was due to an unusual value, bytes. */
const MAX_KEPT_BYTES = 2 * 1024 * 1024;
/** Bytes before each value that has no fixed length. */
const HEAD_BYTES = 4;

/**
 * One column of a row group: an open page of values in PLAIN form, and ended pages. Pages are of ids into a dictionary
 * until that does not pay or is full; the page at hand and those after it have plain values then.
 */
export class ColumnChunk {
  readonly #making: PageMaking;
  readonly #pages: ChunkPages;
  readonly #shape: ValueShape;
  readonly #isRequired: boolean;
  readonly #bounds: ChunkBounds;
  readonly #dictionary: Dictionary = { entries: new ByteBuffer(INITIAL_BYTES), count: 0 };
  #usesIds: boolean;
  #values = new ByteBuffer(INITIAL_BYTES);
  readonly #levels = new ByteBuffer(INITIAL_BYTES);
  /** Rows of the open page without a value. */
  #nulls = 0;

  constructor(column: ParquetColumn, making: PageMaking) {
    this.#making = making;
    this.#pages = new ChunkPages(making);
    this.#shape = shapeOf(column);
    this.#isRequired = column.required;
    this.#bounds = new ChunkBounds(this.#shape);
    this.#usesIds = this.#hasDictionary;
  }

  /** Bytes before compression, the open page included. */
  get rawBytes(): number {
    return this.#pages.rawBytes + this.#values.length + this.#levels.length + this.#dictionary.entries.length;
  }

  /** Appends rows. */
  append({ bytes, from, to, levels, rows, nulls }: ColumnValues): void {
    let row = 0;
    let at = from;
    let nullsLeft = nulls;
    while (row < rows) {
      const fits = this.#rowsThatFit(bytes, at, to, levels + row, rows - row, nullsLeft);
      this.#values.append(bytes.subarray(at, fits.end));
      this.#levels.append(bytes.subarray(levels + row, levels + row + fits.rows));
      this.#nulls += fits.nulls;
      nullsLeft -= fits.nulls;
      at = fits.end;
      row += fits.rows;
      if (this.#isPageFull) this.#endPage();
    }
  }

  /** Ends the chunk: its bytes in order, and what the metadata says about it. Another one may begin. */
  finish(): { readonly bytes: Buffer[]; readonly facts: ChunkFacts } {
    if (this.#levels.length > 0) this.#endPage();
    const { entries, count } = this.#dictionary;
    const { bytes, facts } = this.#pages.finish(entries.bytes.subarray(0, entries.length), count);
    this.#dictionary.entries.length = this.#dictionary.count = 0;
    this.#usesIds = this.#hasDictionary;
    return { bytes, facts: { ...facts, bounds: this.#bounds.take() } };
  }

  get #hasDictionary(): boolean {
    return this.#shape.order !== 'bits';
  }

  get #isPageFull(): boolean {
    return this.#values.length >= this.#making.pageBytes || this.#levels.length >= MAX_PAGE_ROWS;
  }

  /** How many of the rows the open page takes, and where their values end. A page ends with the value that fills it. */
  #rowsThatFit(
    bytes: Uint8Array,
    from: number,
    to: number,
    levels: number,
    rows: number,
    nulls: number,
  ): { readonly rows: number; readonly end: number; readonly nulls: number } {
    const roomBytes = this.#making.pageBytes - this.#values.length;
    const roomRows = MAX_PAGE_ROWS - this.#levels.length;
    if (to - from < roomBytes && rows <= roomRows) return { rows, end: to, nulls };
    const { size } = this.#shape;
    let end = from;
    let row = 0;
    let values = 0;
    for (; row < Math.min(rows, roomRows) && end - from < roomBytes; row++) {
      if (bytes[levels + row] === 0) continue;
      end += size > 0 ? size : HEAD_BYTES + lengthAt(bytes, end);
      values++;
    }
    return { rows: row, end, nulls: row - values };
  }

  #endPage(): void {
    const rows = this.#levels.length;
    const nulls = this.#nulls;
    const content = { values: this.#values, levels: this.#levels, nulls, isRequired: this.#isRequired };
    const page = makePage(this.#shape, content, this.#usesIds ? this.#dictionary : undefined);
    this.#usesIds &&= page.kind === 'ids';
    this.#bounds.see(page.bounds);
    this.#pages.add(page.kind, page.bytes, rows, nulls);
    if (this.#values.bytes.length > MAX_KEPT_BYTES) this.#values = new ByteBuffer(INITIAL_BYTES);
    this.#values.length = this.#levels.length = this.#nulls = 0;
  }
}

function shapeOf({ physical, annotation, length = 0 }: ParquetColumn): ValueShape {
  const isUnsigned = annotation.kind === 'integer' && !annotation.signed;
  switch (physical) {
    case 'BOOLEAN':
      return { size: 1, order: 'bits' };
    case 'INT32':
    case 'INT64':
      return { size: physical === 'INT32' ? 4 : 8, order: isUnsigned ? 'unsigned' : 'signed' };
    case 'DOUBLE':
      return { size: 8, order: 'float' };
    case 'BYTE_ARRAY':
      return { size: 0, order: 'bytes' };
    case 'FIXED_LEN_BYTE_ARRAY':
      return { size: length, order: annotation.kind === 'decimal' ? 'number' : 'bytes' };
    default:
      return physical satisfies never;
  }
}

const lengthAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! + bytes[at + 1]! * 0x100 + bytes[at + 2]! * 0x1_0000 + bytes[at + 3]! * 0x100_0000;
