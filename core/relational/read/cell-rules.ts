/** Rules that both dialects share: they run once per block and column, over bytes. */
import { Form } from '../../types/index.ts';
import type { ColumnCells, ColumnRule } from './row-buffer.ts';

const ZERO = 0x30;
const MINUS = 0x2d;

/** Calls `visit` for each cell that is not null. */
export function eachCell(
  cells: ColumnCells,
  visit: (cell: number, start: number, end: number) => void,
): void {
  const { starts, ends, forms, first, step, rows } = cells;
  for (let row = 0, cell = first; row < rows; row++, cell += step) {
    if (forms[cell] !== Form.null) visit(cell, starts[cell]!, ends[cell]!);
  }
}

/** Takes zeros off the front that a server puts there for looks: `00042`, `-0001.50`. */
export const withoutPadding: ColumnRule = (cells) =>
  eachCell(cells, (cell, start, end) => {
    const { bytes, starts } = cells;
    const negative = bytes[start] === MINUS;
    let at = negative ? start + 1 : start;
    while (at + 1 < end && bytes[at] === ZERO && isDigit(bytes[at + 1]!)) at++;
    if (negative) bytes[--at] = MINUS;
    starts[cell] = at;
  });

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= 0x39;

/** A list of rules as one. */
export const inTurn =
  (...rules: readonly ColumnRule[]): ColumnRule =>
  (cells) => {
    for (const rule of rules) rule(cells);
  };
