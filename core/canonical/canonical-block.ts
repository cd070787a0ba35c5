import { ByteBuffer } from '../formats/index.ts';
import { type Column, Form, type RowBlock } from '../types/index.ts';

/** Collects rows of text cells; a row that turns out to be none can be taken back. */
export class CanonicalBlock {
  readonly #columns: readonly Column[];
  readonly #bytes = new ByteBuffer();
  readonly #ends: number[] = [];
  readonly #forms: number[] = [];

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

  addBytes(bytes: Uint8Array, form: typeof Form.text | typeof Form.bytes): void {
    this.#bytes.append(bytes);
    this.#end(form);
  }

  /** Forgets the cells of a row that was begun. */
  dropRow(): void {
    const whole = this.#forms.length - (this.#forms.length % this.#columns.length);
    this.#forms.length = this.#ends.length = whole;
    this.#bytes.length = this.#ends.at(-1) ?? 0;
  }

  build(): RowBlock {
    const ends = Uint32Array.from(this.#ends);
    const starts = new Uint32Array(ends.length);
    starts.set(ends.subarray(0, Math.max(0, ends.length - 1)), Math.min(1, ends.length));
    return {
      columns: this.#columns,
      rowCount: ends.length / this.#columns.length,
      bytes: Buffer.from(this.#bytes.bytes.subarray(0, this.#bytes.length)),
      starts,
      ends,
      forms: Uint8Array.from(this.#forms),
    };
  }

  #end(form: number): void {
    this.#ends.push(this.#bytes.length);
    this.#forms.push(form);
  }
}
