import { BitStore } from './bit-store.ts';
import { ByteStore } from './byte-store.ts';
import { ChunkPages, MAX_PAGE_ROWS, type PageMaking } from './chunk-pages.ts';
import type { ChunkFacts } from './metadata-bytes.ts';
import type { ParquetColumn } from './parquet-column.ts';
import { bitWidth } from './run-length.ts';
import { CellState, type Slice } from './slice.ts';
import type { ValueStore } from './value-store.ts';
import { WordStore } from './word-store.ts';

/** Values after which the dictionary is judged for the first time. */
const FIRST_JUDGEMENT_VALUES = 16 * 1024;
/** Share of distinct values above which the dictionary is given up then. */
const MAX_DISTINCT_SHARE = 0.8;
const INITIAL_IDS = 4096;

/**
 * One column of a row group. It begins with ids into a dictionary; when that does not pay or is full, the open
 * page is written again as plain values, and so are the pages after it.
 */
export class ColumnChunk {
  readonly #making: PageMaking;
  readonly #pages: ChunkPages;
  readonly #store: ValueStore;
  #usesIds: boolean;
  #ids = new Int32Array(INITIAL_IDS);
  #idCount = 0;

  constructor(column: ParquetColumn, making: PageMaking) {
    this.#making = making;
    this.#pages = new ChunkPages(making, column.required);
    this.#store = storeOf(column);
    this.#usesIds = this.#store.hasDictionary;
  }

  /** Bytes before compression, the open page included. */
  get rawBytes(): number {
    const { plainBytes, entryBytes } = this.#store;
    return this.#pages.rawBytes + this.#pages.rows + plainBytes + entryBytes + 4 * this.#idCount;
  }

  /** Appends `rows` rows, except those that are refused (1). */
  append(slice: Slice, rows: number, refused: Uint8Array): void {
    const { state } = slice;
    for (let row = 0; row < rows; row++) {
      if (refused[row] === 1) continue;
      if (state[row] === CellState.null) this.#pages.addRow(0);
      else this.#value(slice, row);
      if (this.#pages.rows >= MAX_PAGE_ROWS) this.#endPage();
    }
  }

  /** Ends the chunk: its bytes in order, and what the metadata says about it. Another one may begin. */
  finish(): { readonly bytes: Buffer[]; readonly facts: ChunkFacts } {
    if (this.#pages.rows > 0) this.#endPage();
    const { bytes, facts } = this.#pages.finish(this.#store.entries(), this.#store.entryCount);
    const bounds = this.#store.bounds();
    this.#store.reset();
    this.#usesIds = this.#store.hasDictionary;
    return { bytes, facts: { ...facts, bounds } };
  }

  #value(slice: Slice, row: number): void {
    if (this.#usesIds) {
      const id = this.#store.idOf(slice, row);
      if (id >= 0) {
        this.#pages.addRow(1);
        this.#addId(id);
        return;
      }
      this.#giveUpIds();
    }
    this.#store.putPlain(slice, row);
    this.#plainRow();
  }

  #addId(id: number): void {
    if (this.#idCount === this.#ids.length) {
      const larger = new Int32Array(2 * this.#idCount);
      larger.set(this.#ids);
      this.#ids = larger;
    }
    this.#ids[this.#idCount++] = id;
    if (this.#idCount === FIRST_JUDGEMENT_VALUES && this.#isDiverse()) this.#giveUpIds();
  }

  #plainRow(): void {
    this.#pages.addRow(1);
    if (this.#store.plainBytes >= this.#making.pageBytes) this.#endPage();
  }

  #endPage(): void {
    if (this.#usesIds && !this.#paysOff()) this.#giveUpIds();
    if (this.#pages.rows === 0) return;
    if (!this.#usesIds) {
      this.#pages.endPlain(this.#store.takePlain());
      return;
    }
    this.#pages.endIds(this.#ids, this.#idCount, this.#store.entryCount);
    this.#idCount = 0;
  }

  #isDiverse(): boolean {
    return !this.#pages.hasIds && this.#store.entryCount > MAX_DISTINCT_SHARE * this.#idCount;
  }

  /** Whether dictionary and ids are smaller than the values. */
  #paysOff(): boolean {
    if (this.#pages.hasIds) return true;
    const { entryBytes, entryCount, seenBytes } = this.#store;
    return entryBytes + (this.#idCount * bitWidth(entryCount)) / 8 <= seenBytes;
  }

  /** Writes the open page again with values. */
  #giveUpIds(): void {
    this.#usesIds = false;
    const levels = this.#pages.takeRows();
    let next = 0;
    for (const level of levels) {
      if (level === 0) {
        this.#pages.addRow(0);
        continue;
      }
      this.#store.putEntry(this.#ids[next++]!);
      this.#plainRow();
    }
    this.#idCount = 0;
  }
}

function storeOf(column: ParquetColumn): ValueStore {
  switch (column.physical) {
    case 'BOOLEAN':
      return new BitStore();
    case 'INT32':
    case 'INT64':
    case 'DOUBLE':
      return new WordStore(column);
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      return new ByteStore(column);
    default:
      return column.physical satisfies never;
  }
}
