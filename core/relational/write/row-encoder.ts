/** Casts the cells of a block to the target's types and writes them in the target's notation, row after row. */
import type { RowFault } from '../../connectors/contract.ts';
import { CastCell, type Caster, describeTarget, type TargetType } from '../../convert/index.ts';
import { type Code, findCode, SyncError } from '../../errors/index.ts';
import { Form, type RowBlock } from '../../types/index.ts';
import type { EncodedRows } from './encoded-rows.ts';
import type { Lane } from './lanes.ts';

/** How a row is written down. Sizes are upper bounds, so that a cell needs one look at the buffer's room. */
export interface RowNotation {
  /** Begins row `ordinal` (its place among the encoded rows). */
  begin(out: EncodedRows, ordinal: number): void;
  /** Writes a null. */
  putNull(out: EncodedRows): void;
  /** Writes cell `column` of the row, which is not null. */
  put(out: EncodedRows, column: number, cell: CastCell): void;
  /**
   * Writes a cell of text as it stands in the block, if it plainly is what the column holds. False = nothing was
   * written, the caster has to look at it.
   */
  copy(out: EncodedRows, column: number, source: Buffer, start: number, end: number): boolean;
  /** Ends the row `ordinal`. */
  end(out: EncodedRows, ordinal: number): void;
}

/** A target column and how its cells are made. */
export interface EncodedColumn {
  readonly name: string;
  readonly target: TargetType;
  readonly caster: Caster;
  /** The short way of cells of text, if there is one. */
  readonly lane: Lane | undefined;
  /** Text that may be copied as text: bytes up to which it fits whatever it holds; -1 = the caster must look. */
  readonly plainTextBytes: number;
}

/** Encodes block after block into the same memory. */
export class RowEncoder {
  readonly rows: EncodedRows;
  readonly #columns: readonly EncodedColumn[];
  readonly #notation: RowNotation;
  readonly #maxRowBytes: number;
  readonly #cell = new CastCell();

  /** Rows longer than `maxRowBytes` are refused: no statement could carry them. */
  constructor(
    rows: EncodedRows,
    columns: readonly EncodedColumn[],
    notation: RowNotation,
    maxRowBytes: number,
  ) {
    this.rows = rows;
    this.#columns = columns;
    this.#notation = notation;
    this.#maxRowBytes = maxRowBytes;
  }

  /** Encodes the rows of a block that can be cast and returns the faults of the others. */
  encode(block: RowBlock): readonly RowFault[] {
    const { rows } = this;
    const faults: RowFault[] = [];
    rows.clear();
    for (let row = 0; row < block.rowCount; row++) {
      const fault = this.#encodeRow(block, row);
      if (fault === undefined) rows.endRow(row);
      else {
        rows.dropRow();
        faults.push(fault);
      }
    }
    return faults;
  }

  #encodeRow(block: RowBlock, row: number): RowFault | undefined {
    const { rows } = this;
    const columns = this.#columns;
    const notation = this.#notation;
    const cell = this.#cell;
    const first = row * columns.length;
    const start = rows.length;
    notation.begin(rows, rows.count);
    const { forms, starts, ends, bytes } = block;
    for (let column = 0; column < columns.length; column++) {
      const i = first + column;
      const form = forms[i]!;
      if (form === Form.null) notation.putNull(rows);
      else if (form !== Form.text || !notation.copy(rows, column, bytes, starts[i]!, ends[i]!)) {
        const code = columns[column]!.caster.cast(block, i, cell);
        if (code !== undefined) return this.#castFault(row, column, code);
        if (cell.isNull) notation.putNull(rows);
        else notation.put(rows, column, cell);
      }
    }
    notation.end(rows, rows.count);
    return rows.length - start > this.#maxRowBytes ? tooLarge(row, this.#maxRowBytes) : undefined;
  }

  #castFault(row: number, column: number, code: Code): RowFault {
    const { name, target } = this.#columns[column]!;
    const title = findCode(code)?.title ?? 'a value does not fit';
    const error = new SyncError(code, 'data', `column ${name}: ${title}`, { column: name });
    return { row, column, error, targetType: describeTarget(target) };
  }
}

const tooLarge = (row: number, maxBytes: number): RowFault => ({
  row,
  column: -1,
  error: new SyncError('DST-4028', 'data', `the row has more than ${maxBytes} bytes`, { maxBytes }),
  targetType: `row of at most ${maxBytes} bytes`,
});
