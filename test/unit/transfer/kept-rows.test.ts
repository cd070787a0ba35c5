import { expect, it } from 'vitest';
import type { RowFault } from '../../../core/connectors/contract.ts';
import { SyncError } from '../../../core/errors/index.ts';
import { keptRows } from '../../../core/transfer/kept-rows.ts';
import { cellValue, RowBlockBuilder } from '../../../core/types/index.ts';

const fault = (row: number): RowFault => ({
  row,
  column: 0,
  error: new SyncError('CNV-3010', 'data', 'no number'),
  targetType: 'long',
});

const batchOf = (refused?: readonly RowFault[]) => {
  const builder = new RowBlockBuilder([{ name: 'n', type: 'long' }]);
  for (let row = 0; row < 6; row++) builder.add(BigInt(row));
  return { block: builder.build(), keyOf: String, ...(refused && { refused }) };
};

it('keeps all rows of a batch without refused ones', () => {
  const batch = batchOf();
  const { block, withFaults } = keptRows(batch);
  expect(block).toBe(batch.block);
  expect(withFaults([fault(3)])).toEqual([fault(3)]);
});

it('leaves refused rows out, and numbers those of the sink as the batch does', () => {
  const { block, refused, withFaults } = keptRows(batchOf([fault(1), fault(4)]));
  const values = Array.from({ length: block.rowCount }, (_, row) => cellValue(block, row, 0));
  expect(values).toEqual([0n, 2n, 3n, 5n]);
  expect(refused().rowCount).toBe(2);
  expect(withFaults([fault(0), fault(2)]).map(({ row }) => row)).toEqual([0, 1, 3, 4]);
});

it('leaves nothing of a batch that is refused as a whole', () => {
  const { block, withFaults } = keptRows(batchOf([0, 1, 2, 3, 4, 5].map(fault)));
  expect(block.rowCount).toBe(0);
  expect(withFaults([])).toHaveLength(6);
});
