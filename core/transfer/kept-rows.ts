import type { Batch, RowFault } from '../connectors/contract.ts';
import { type RowBlock, selectRows } from '../types/index.ts';

/** The rows of a batch that its source stands by, for the sink. */
export interface KeptRows {
  readonly block: RowBlock;
  /** The others. */
  refused(): RowBlock;
  /** All refused rows of the batch in order: those of the source, and these that the sink found in `block`. */
  withFaults(found: readonly RowFault[]): readonly RowFault[];
}

/** Leaves out the rows that the source refused. */
export function keptRows({ block, refused = [] }: Batch): KeptRows {
  if (refused.length === 0)
    return { block, refused: () => selectRows(block, []), withFaults: (found) => found };
  const bad = new Set(refused.map(({ row }) => row));
  const rows = Array.from({ length: block.rowCount }, (_, row) => row).filter((row) => !bad.has(row));
  return {
    block: selectRows(block, rows),
    refused: () => selectRows(block, [...bad]),
    withFaults: (found) =>
      [...refused, ...found.map((fault) => ({ ...fault, row: rows[fault.row]! }))].sort(
        (a, b) => a.row - b.row,
      ),
  };
}
