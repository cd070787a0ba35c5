import type { Batch, RowFault } from '../connectors/contract.ts';
import type { RowBlock } from '../types/index.ts';

/** The rows of a batch that its source stands by, for the sink. */
export interface KeptRows {
  readonly block: RowBlock;
  /** The others. */
  readonly refused: RowBlock;
  /** All refused rows of the batch in order: those of the source, and these that the sink found in `block`. */
  withFaults(found: readonly RowFault[]): readonly RowFault[];
}

/** Leaves out the rows that the source refused. */
export function keptRows({ block, refused = [] }: Batch): KeptRows {
  if (refused.length === 0) return { block, refused: selectRows(block, []), withFaults: (found) => found };
  const bad = new Set(refused.map(({ row }) => row));
  const rows = Array.from({ length: block.rowCount }, (_, row) => row).filter((row) => !bad.has(row));
  return {
    block: selectRows(block, rows),
    refused: selectRows(block, [...bad]),
    withFaults: (found) =>
      [...refused, ...found.map((fault) => ({ ...fault, row: rows[fault.row]! }))].sort(
        (a, b) => a.row - b.row,
      ),
  };
}

/** A block of some rows of another one, over the same bytes. */
function selectRows(block: RowBlock, rows: readonly number[]): RowBlock {
  const width = block.columns.length;
  const starts = new Uint32Array(rows.length * width);
  const ends = new Uint32Array(rows.length * width);
  const forms = new Uint8Array(rows.length * width);
  for (const [i, row] of rows.entries()) {
    starts.set(block.starts.subarray(row * width, (row + 1) * width), i * width);
    ends.set(block.ends.subarray(row * width, (row + 1) * width), i * width);
    forms.set(block.forms.subarray(row * width, (row + 1) * width), i * width);
  }
  return { columns: block.columns, bytes: block.bytes, rowCount: rows.length, starts, ends, forms };
}
