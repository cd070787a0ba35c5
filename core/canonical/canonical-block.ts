import { ByteBuffer } from '../formats/index.ts';
import { type Column, Form, type RowBlock } from '../types/index.ts';

const INITIAL_CELLS = 16 * 1024;
/** Up to this length a loop copies faster than a call. */
const SHORT_BYTES = 32;

/** Collects rows cell by cell; a row that turns out to be none can be taken back. */
export class CanonicalBlock {
  readonly #columns: readonly Column[];
  readonly #bytes = new ByteBuffer();
  #ends = new Uint32Array(INITIAL_CELLS);
  #forms = new Uint8Array(INITIAL_CELLS);
  #cells = 0;

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
  }

  addNull(): void {
    this.#end(Form.null);
  }

  addText(text: string): void {
    const room = this.#bytes.reserve(3 * text.length);
    this.#bytes.length += room.write(text, this.#bytes.length, 'utf8');
    this.#end(Form.text);
  }

  addBytes(bytes: Uint8Array, from: number, to: number, form: typeof Form.text | typeof Form.bytes): void {
    const length = to - from;
    const room = this.#bytes.reserve(length);
    const at = this.#bytes.length;
    if (length > SHORT_BYTES) room.set(bytes.subarray(from, to), at);
    else for (let i = 0; i < length; i++) room[at + i] = bytes[from + i]!;
    this.#bytes.length += length;
    this.#end(form);
  }

  /** Forgets the cells of a row that was begun. */
  dropRow(): void {
    this.#cells -= this.#cells % this.#columns.length;
    this.#bytes.length = this.#cells === 0 ? 0 : this.#ends[this.#cells - 1]!;
  }

  build(): RowBlock {
    const ends = this.#ends.slice(0, this.#cells);
    const starts = new Uint32Array(ends.length);
    if (ends.length > 0) starts.set(ends.subarray(0, ends.length - 1), 1);
    return {
      columns: this.#columns,
      rowCount: ends.length / this.#columns.length,
      bytes: Buffer.from(this.#bytes.bytes.subarray(0, this.#bytes.length)),
      starts,
      ends,
      forms: this.#forms.slice(0, this.#cells),
    };
  }

  #end(form: number): void {
    if (this.#cells === this.#forms.length) this.#grow();
    this.#ends[this.#cells] = this.#bytes.length;
    this.#forms[this.#cells++] = form;
  }

  #grow(): void {
    const ends = new Uint32Array(2 * this.#ends.length);
    const forms = new Uint8Array(2 * this.#forms.length);
    ends.set(this.#ends);
    forms.set(this.#forms);
    [this.#ends, this.#forms] = [ends, forms];
  }
}
