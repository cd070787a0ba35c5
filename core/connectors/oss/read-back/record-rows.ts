import { type Column, Form, type RowBlock } from '../../../types/index.ts';
import { type FieldSink, undoubleQuotes } from './record-parser.ts';

const INITIAL_CELLS = 8 * 1024;

/** Collects records as rows of one width: cells are places in the bytes that are parsed, nothing is copied. */
export class RecordRows implements FieldSink {
  readonly #columns: readonly Column[];
  /** Fields of a record; one more column tells of records of another shape. */
  readonly #width: number;
  #bytes: Buffer = Buffer.alloc(0);
  #starts = new Uint32Array(INITIAL_CELLS);
  #ends = new Uint32Array(INITIAL_CELLS);
  #forms = new Uint8Array(INITIAL_CELLS);
  #cells = 0;
  #fields = 0;
  /** Cells of this record whose quotes stand twice. */
  readonly #doubled: number[] = [];
  /** Places of fields beyond the width; `undefined` = null. */
  readonly #surplus: (readonly [from: number, to: number] | undefined)[] = [];
  /** Text of the last column, behind the bytes. */
  #shapes: Buffer[] = [];
  #shapeBytes = 0;

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.#width = columns.length - 1;
  }

  get rowCount(): number {
    return Math.floor(this.#cells / this.#columns.length);
  }

  /** The bytes that the fields to come are places of. They may be changed: two quotes become one. */
  begin(bytes: Buffer): void {
    this.#bytes = bytes;
  }

  nullField(): void {
    if (this.#fields++ < this.#width) this.#add(0, 0, Form.null);
    else this.#surplus.push(undefined);
  }

  field(from: number, to: number, doubled: boolean): void {
    if (this.#fields++ >= this.#width) {
      this.#surplus.push([from, to]);
      return;
    }
    if (doubled) this.#doubled.push(this.#cells);
    this.#add(from, to, Form.text);
  }

  endRecord(): void {
    for (let i = this.#fields; i < this.#width; i++) this.#add(0, 0, Form.null);
    if (this.#fields === this.#width) this.#add(0, 0, Form.null);
    else this.#addShape();
    for (const cell of this.#doubled)
      this.#ends[cell] = undoubleQuotes(this.#bytes, this.#starts[cell]!, this.#ends[cell]!);
    this.#forget();
  }

  dropRecord(): void {
    this.#cells -= Math.min(this.#fields, this.#width);
    this.#forget();
  }

  /** The rows since the last block. */
  build(): RowBlock {
    const block: RowBlock = {
      columns: this.#columns,
      rowCount: this.rowCount,
      bytes: this.#shapes.length === 0 ? this.#bytes : Buffer.concat([this.#bytes, ...this.#shapes]),
      starts: this.#starts.slice(0, this.#cells),
      ends: this.#ends.slice(0, this.#cells),
      forms: this.#forms.slice(0, this.#cells),
    };
    this.#cells = this.#shapeBytes = 0;
    this.#shapes = [];
    return block;
  }

  #forget(): void {
    this.#fields = this.#doubled.length = this.#surplus.length = 0;
  }

  #add(from: number, to: number, form: number): void {
    if (this.#cells === this.#forms.length) this.#grow();
    this.#starts[this.#cells] = from;
    this.#ends[this.#cells] = to;
    this.#forms[this.#cells++] = form;
  }

  /** The number of fields, and those beyond the width as they stand. */
  #addShape(): void {
    const surplus = this.#surplus.map((place) =>
      place === undefined ? 'null' : JSON.stringify(this.#bytes.toString('latin1', ...place)),
    );
    const shape = Buffer.from(`${this.#fields}: ${surplus.join(',')}`);
    const from = this.#bytes.length + this.#shapeBytes;
    this.#shapes.push(shape);
    this.#shapeBytes += shape.length;
    this.#add(from, from + shape.length, Form.text);
  }

  #grow(): void {
    const capacity = 2 * this.#forms.length;
    const starts = new Uint32Array(capacity);
    const ends = new Uint32Array(capacity);
    const forms = new Uint8Array(capacity);
    starts.set(this.#starts);
    ends.set(this.#ends);
    forms.set(this.#forms);
    [this.#starts, this.#ends, this.#forms] = [starts, ends, forms];
  }
}
