import { assert, type Code } from '../../errors/index.ts';
import type { RowBlock } from '../../types/index.ts';
import { ByteBuffer } from '../byte-buffer.ts';
import { CellRows, type ColumnValues, OddReason } from './cell-kernel.ts';
import type { CellPlan } from './column-steps.ts';

/** Rows that are converted at a time: their cells stay in the cache of the processor. */
export const SLICE_ROWS = 1024;

/** A row that has no place in the file. */
export interface Misfit {
  /** Number of the row among those converted together. */
  readonly row: number;
  /** The first column at fault. */
  readonly column: number;
  readonly code: Code;
}

/** Reasons that no cast changes. */
const CODES: Readonly<Record<number, Code>> = {
  [OddReason.outOfRange]: 'CNV-3011',
  [OddReason.badLength]: 'CNV-3016',
  [OddReason.notUtf8]: 'CNV-3017',
  [OddReason.isNull]: 'CNV-3040',
  [OddReason.isSkipped]: 'CNV-3014',
};

/**
 * Rows of a block → the values of their columns. Cells in another form than the usual one of their column are cast
 * first, and the rows are converted again with what became of them; and once more if some are refused, without those.
 */
export class RowConverter {
  readonly #plans: readonly CellPlan[];
  readonly #rows: CellRows;
  readonly #refused = new Uint8Array(SLICE_ROWS);
  #misfits = new Map<number, Misfit>();

  constructor(plans: readonly CellPlan[]) {
    this.#plans = plans;
    this.#rows = new CellRows(plans);
  }

  /** Converts at most `SLICE_ROWS` rows. Returns those that are refused, in the order of their columns. */
  convert(block: RowBlock, fromRow: number, rows: number): readonly Misfit[] {
    this.#refused.fill(0, 0, rows);
    const odd: [number, number, number][] = [];
    this.#rows.convert(block, fromRow, rows, this.#refused, false, (column, row, reason) =>
      odd.push([column, row, reason]),
    );
    if (odd.length === 0) return [];
    this.#misfits = new Map();
    const cast = this.#castOdd(block, fromRow, rows, odd);
    this.#rows.convert(cast, 0, rows, this.#refused, true, (column, row, reason) =>
      this.#refuse(column, row, CODES[reason] ?? this.#plans[column]!.misfit),
    );
    if (this.#misfits.size > 0) this.#leaveOut(cast, rows);
    return [...this.#misfits.values()].sort((a, b) => a.column - b.column || a.row - b.row);
  }

  /** The values of a column, without those of refused rows; valid until rows are converted again. */
  values(column: number): ColumnValues {
    return this.#rows.values(column);
  }

  /** The rows with casts in place of the odd cells. */
  #castOdd(
    block: RowBlock,
    fromRow: number,
    rows: number,
    odd: readonly (readonly [number, number, number])[],
  ): RowBlock {
    const width = this.#plans.length;
    const first = fromRow * width;
    const last = first + rows * width;
    const [starts, ends, forms] = [
      block.starts.slice(first, last),
      block.ends.slice(first, last),
      block.forms.slice(first, last),
    ];
    const out = new ByteBuffer();
    out.append(block.bytes);
    for (const [column, row, reason] of odd) {
      const cell = row * width + column;
      const start = out.length;
      const code = CODES[reason] ?? this.#plans[column]!.cast(block, first + cell, out, forms, cell);
      if (code) this.#refuse(column, row, code);
      else {
        starts[cell] = start;
        ends[cell] = out.length;
      }
    }
    const bytes = out.bytes.subarray(0, out.length);
    return { columns: block.columns, rowCount: rows, bytes, starts, ends, forms };
  }

  /** A row counts once, with the first of its columns at fault. */
  #refuse(column: number, row: number, code: Code): void {
    const known = this.#misfits.get(row);
    if (known === undefined || column < known.column) this.#misfits.set(row, { row, column, code });
  }

  #leaveOut(cast: RowBlock, rows: number): void {
    for (const row of this.#misfits.keys()) this.#refused[row] = 1;
    this.#rows.convert(cast, 0, rows, this.#refused, true, () =>
      assert(false, 'a row that was converted had no place the second time'),
    );
  }
}
