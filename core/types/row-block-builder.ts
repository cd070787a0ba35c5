import type { Column } from './column.ts';
import { type CellForm, type CellValue, Form, type RowBlock } from './row-block.ts';

const INITIAL_BYTES = 64 * 1024;

/**
 * Builds a block cell by cell, row after row. For readers whose values are not already bytes, and for tests;
 * a reader that receives bytes fills the arrays of a block itself.
 */
export class RowBlockBuilder {
  readonly #columns: readonly Column[];
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES);
  #used = 0;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #forms: number[] = [];

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
  }

  /** Whole rows so far. */
  get rowCount(): number {
    return Math.floor(this.#forms.length / this.#columns.length);
  }

  /** Bytes of cells so far. */
  get byteLength(): number {
    return this.#used;
  }

  /** Appends the next cell. Strings become text, bigint int64, number float64, boolean bool. */
  add(value: CellValue): this {
    if (value === null) return this.#cell(Form.null, 0);
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'bigint') return this.#int64(value);
    if (typeof value === 'number') return this.#float64(value);
    if (typeof value === 'boolean') return this.#bool(value);
    return this.#copy(value);
  }

  /** Appends a whole row. */
  addRow(values: readonly CellValue[]): this {
    for (const value of values) this.add(value);
    return this;
  }

  /** The block; the builder is empty afterwards and may be used again. */
  build(): RowBlock {
    const block: RowBlock = {
      columns: this.#columns,
      rowCount: this.rowCount,
      bytes: this.#bytes.subarray(0, this.#used),
      starts: Uint32Array.from(this.#starts),
      ends: Uint32Array.from(this.#ends),
      forms: Uint8Array.from(this.#forms),
    };
    this.#bytes = Buffer.allocUnsafe(INITIAL_BYTES);
    this.#used = 0;
    this.#starts.length = this.#ends.length = this.#forms.length = 0;
    return block;
  }

  #text(value: string): this {
    const length = Buffer.byteLength(value, 'utf8');
    this.#reserve(length);
    this.#bytes.write(value, this.#used, 'utf8');
    return this.#cell(Form.text, length);
  }

  #int64(value: bigint): this {
    this.#reserve(8);
    this.#bytes.writeBigInt64LE(value, this.#used);
    return this.#cell(Form.int64, 8);
  }

  #float64(value: number): this {
    this.#reserve(8);
    this.#bytes.writeDoubleLE(value, this.#used);
    return this.#cell(Form.float64, 8);
  }

  #bool(value: boolean): this {
    this.#reserve(1);
    this.#bytes[this.#used] = value ? 1 : 0;
    return this.#cell(Form.bool, 1);
  }

  #copy(value: Uint8Array): this {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#used);
    return this.#cell(Form.bytes, value.length);
  }

  #cell(form: CellForm, length: number): this {
    this.#starts.push(this.#used);
    this.#used += length;
    this.#ends.push(this.#used);
    this.#forms.push(form);
    return this;
  }

  #reserve(length: number): void {
    if (this.#used + length <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#used + length));
    this.#bytes.copy(grown, 0, 0, this.#used);
    this.#bytes = grown;
  }
}
