import type { Batch, RowFault } from '../connectors/contract.ts';
import { type CellJson, cellToJson } from '../dirty/cell-json.ts';
import { type DirtyRow, MAX_DIRTY_ROW_BYTES, MAX_DIRTY_VALUE } from '../run/model.ts';
import { type CellValue, cellValue, type RowBlock } from '../types/index.ts';

/** The dirty-desk entry of a refused row. The same row always gives the same entry. */
export function dirtyRow(batch: Batch, fault: RowFault, shardId: string, ordinal: number): DirtyRow {
  const { block } = batch;
  const column = block.columns[fault.column];
  const value = column ? cellValue(block, fault.row, fault.column) : null;
  const rowBytes = bytesOf(block, fault.row);
  return {
    shardId,
    ordinal,
    key: batch.keyOf(fault.row).slice(0, MAX_DIRTY_VALUE),
    column: column?.name ?? '',
    value: valueText(value).slice(0, MAX_DIRTY_VALUE),
    valueType: valueType(value),
    targetType: fault.targetType,
    code: fault.error.code,
    message: fault.error.message,
    ...(rowBytes <= MAX_DIRTY_ROW_BYTES ? { cells: cellsOf(block, fault.row) } : {}),
    rowBytes,
  };
}

const cellsOf = (block: RowBlock, row: number): readonly CellJson[] =>
  block.columns.map((_, column) => cellToJson(block, row, column));

function bytesOf({ columns, starts, ends }: RowBlock, row: number): number {
  let sum = 0;
  for (let i = row * columns.length; i < (row + 1) * columns.length; i++) sum += ends[i]! - starts[i]!;
  return sum;
}

/** Bytes are shown as hex digits, since they need not be text. */
function valueText(value: CellValue): string {
  if (value === null) return '';
  if (value instanceof Uint8Array) return Buffer.from(value.subarray(0, MAX_DIRTY_VALUE / 2)).toString('hex');
  return String(value);
}

function valueType(value: CellValue): string {
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return 'bytes';
  if (typeof value === 'bigint') return 'long';
  return typeof value === 'number' ? 'double' : typeof value;
}
