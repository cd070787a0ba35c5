import { type CellForm, type Column, Form, type RowBlock } from '../../../types/index.ts';
import { ByteBuffer } from '../../byte-buffer.ts';

/** A row block that is filled column by column: cells in any order, each once. */
export class BlockFill {
  readonly #columns: readonly Column[];
  readonly rowCount: number;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  readonly #forms: Uint8Array;
  /** The bytes of all cells; a cell appends its own and then says so. */
  readonly out: ByteBuffer;

  constructor(columns: readonly Column[], rowCount: number, bytes: number) {
    this.#columns = columns;
    this.rowCount = rowCount;
    const cells = rowCount * columns.length;
    this.#starts = new Uint32Array(cells);
    this.#ends = new Uint32Array(cells);
    this.#forms = new Uint8Array(cells).fill(Form.null);
    this.out = new ByteBuffer(bytes);
  }

  /** The cell's bytes are those from `start` to the end of what was appended. */
  set(cell: number, form: CellForm, start: number): void {
    this.#starts[cell] = start;
    this.#ends[cell] = this.out.length;
    this.#forms[cell] = form;
  }

  build(): RowBlock {
    return {
      columns: this.#columns,
      rowCount: this.rowCount,
      bytes: this.out.bytes.subarray(0, this.out.length),
      starts: this.#starts,
      ends: this.#ends,
      forms: this.#forms,
    };
  }
}
