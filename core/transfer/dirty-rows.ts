import type { Batch, RowFault } from '../connectors/contract.ts';
import { type DirtyRow, MAX_DIRTY_VALUE } from '../run/model.ts';
import { type CellValue, cellValue } from '../types/index.ts';

/** The dirty-desk entry of a refused row. */
export function dirtyRow(batch: Batch, fault: RowFault, shardId: string, ordinal: number): DirtyRow {
  const column = batch.block.columns[fault.column];
  const value = column ? cellValue(batch.block, fault.row, fault.column) : null;
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
  };
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
