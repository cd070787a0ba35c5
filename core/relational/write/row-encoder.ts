/**
 * Casts the cells of a block to the target's types and writes them in the target's notation, row after row: most of them
 * the kernel, the others one by one.
 */
import type { RowFault } from '../../connectors/contract.ts';
import { CastCell, describeTarget } from '../../convert/index.ts';
import { type Code, findCode, SyncError } from '../../errors/index.ts';
import type { RowBlock } from '../../types/index.ts';
import type { EncodedColumn } from './encoded-column.ts';
import type { EncodedRows } from './encoded-rows.ts';
import type { Notation } from './notation.ts';
import { RowKernel, Stop } from './row-kernel.ts';
import { RowText } from './row-text.ts';

/** Encodes block after block. */
export class RowEncoder {
  readonly #columns: readonly EncodedColumn[];
  readonly #kernel: RowKernel;
  readonly #text: RowText;
  readonly #maxRowBytes: number;
  readonly #cell = new CastCell();

  /** Rows longer than `maxRowBytes` are refused: no statement could carry them. */
  constructor(columns: readonly EncodedColumn[], notation: Notation, maxRowBytes: number) {
    this.#columns = columns;
    this.#kernel = new RowKernel(notation, columns, maxRowBytes);
    this.#text = new RowText(notation, columns);
    this.#maxRowBytes = maxRowBytes;
  }

  /** Puts the rows of a block that can be cast into `rows`, in place of what was there; returns the faults of the others. */
  encode(block: RowBlock, rows: EncodedRows): readonly RowFault[] {
    const faults: RowFault[] = [];
    const width = this.#columns.length;
    rows.clear();
    this.#kernel.load(block);
    for (let row = 0, column = 0; row < block.rowCount; ) {
      const why = this.#kernel.run(row, column, rows);
      ({ row, column } = this.#kernel);
      if (why === Stop.full || why === Stop.done) continue;
      let fault = why === Stop.long ? tooLarge(row, this.#maxRowBytes) : undefined;
      do fault ??= this.#putCell(block, row, column, rows);
      while (fault === undefined && ++column < width && this.#columns[column]!.lane === undefined);
      if (fault === undefined && column < width) continue;
      fault ??= this.#endRow(row, rows);
      if (fault) {
        rows.dropRow();
        faults.push(fault);
      }
      row++;
      column = 0;
    }
    return faults;
  }

  /** Casts and writes a cell that the kernel left. */
  #putCell(block: RowBlock, row: number, column: number, rows: EncodedRows): RowFault | undefined {
    const cell = this.#cell;
    const { caster } = this.#columns[column]!;
    const code = caster.cast(block, row * this.#columns.length + column, cell);
    if (code !== undefined) return this.#castFault(row, column, code);
    if (column === 0) this.#text.begin(rows);
    if (cell.isNull) this.#text.putNull(rows);
    else this.#text.put(rows, column, cell);
    return undefined;
  }

  #endRow(row: number, rows: EncodedRows): RowFault | undefined {
    this.#text.end(rows, rows.count);
    if (rows.length - rows.start(rows.count) > this.#maxRowBytes) return tooLarge(row, this.#maxRowBytes);
    rows.endRow(row);
    return undefined;
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
