import { type CellForm, type Column, Form, type RowBlock } from '../../types/index.ts';
import { ByteBuffer } from '../byte-buffer.ts';

const INITIAL_CELLS = 16 * 1024;
const INITIAL_SPILL_BYTES = 4 * 1024;

/**
 * Builds a block of cells that are mostly slices of one buffer, the window. What had to be changed on the way lies in
 * the spill, behind the window in the finished block; until then its positions count from `#spillBase`.
 */
export class BlockAssembly {
  readonly #columns: readonly Column[];
  readonly #spill = new ByteBuffer(INITIAL_SPILL_BYTES);
  #starts = new Uint32Array(INITIAL_CELLS);
  #ends = new Uint32Array(INITIAL_CELLS);
  #forms = new Uint8Array(INITIAL_CELLS);
  #cells = 0;
  /** Where shared cells lie in the spill, by key; -1 = not yet. */
  readonly #shared: number[] = [];

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
  }

  get rowCount(): number {
    return this.#cells / this.#columns.length;
  }

  /** Makes room for another row. */
  beginRow(): void {
    const wanted = this.#cells + this.#columns.length;
    if (wanted <= this.#forms.length) return;
    const capacity = Math.max(2 * this.#forms.length, wanted);
    this.#starts = grown(this.#starts, new Uint32Array(capacity));
    this.#ends = grown(this.#ends, new Uint32Array(capacity));
    this.#forms = grown(this.#forms, new Uint8Array(capacity));
  }

  addNull(): void {
    this.#add(0, 0, Form.null);
  }

  /** The next cell is these bytes of the window. */
  addSlice(start: number, end: number, form: CellForm): void {
    this.#add(start, end, form);
  }

  /** The next cell is a copy of these bytes. */
  addCopy(source: Uint8Array, from: number, to: number, form: CellForm): void {
    const start = this.#spill.length;
    this.#spill.append(source.subarray(from, to));
    this.#add(SPILL + start, SPILL + this.#spill.length, form);
  }

  /** The next cell is a copy of these bytes; those of one key (0, 1, 2 …) are copied once per block. */
  addShared(key: number, source: Uint8Array, form: CellForm): void {
    let start = this.#shared[key] ?? -1;
    if (start < 0) {
      start = this.#spill.length;
      this.#spill.append(source);
      this.#shared[key] = start;
    }
    this.#add(SPILL + start, SPILL + start + source.length, form);
  }

  /** The block over the window's bytes `[from, to)`, where all its slices lie. The assembly is empty afterwards. */
  build(window: Buffer, from: number, to: number): RowBlock {
    const count = this.#cells;
    const starts = this.#starts.slice(0, count);
    const ends = this.#ends.slice(0, count);
    const block = {
      columns: this.#columns,
      rowCount: this.rowCount,
      bytes: window,
      starts,
      ends,
      forms: this.#forms.slice(0, count),
    };
    this.#cells = 0;
    if (this.#spill.length === 0) return block;
    const spilled = this.#spill.bytes.subarray(0, this.#spill.length);
    const bytes = Buffer.concat([window.subarray(from, to), spilled]);
    this.#spill.length = 0;
    this.#shared.length = 0;
    rebase(starts, from, to - from);
    rebase(ends, from, to - from);
    return { ...block, bytes };
  }

  #add(start: number, end: number, form: CellForm): void {
    const i = this.#cells++;
    this.#starts[i] = start;
    this.#ends[i] = end;
    this.#forms[i] = form;
  }
}

/** Positions from here on are in the spill; no window is that long. */
const SPILL = 2 ** 31;

function rebase(positions: Uint32Array, from: number, length: number): void {
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i]!;
    if (position >= SPILL) positions[i] = position - SPILL + length;
    else if (position >= from) positions[i] = position - from;
  }
}

function grown<T extends Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
