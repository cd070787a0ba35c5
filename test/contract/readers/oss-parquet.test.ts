import { type CellValue, type Column, RowBlockBuilder } from '../../../core/types/index.ts';
import { startBucket } from '../../integration/oss-reader/source-bucket.ts';
import { parquetFile } from '../../unit/formats/parquet/files.ts';
import { describeReaderContract } from './reader-contract.ts';

const columns: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'amount', type: 'decimal', facts: { precision: 20, scale: 2 } },
  { name: 'at', type: 'datetime' },
  { name: 'text', type: 'string' },
];
const rowOf = (id: number): CellValue[] => [
  BigInt(id),
  id % 7 === 0 ? null : `${id}.25`,
  `2024-02-03 04:05:06.${String(1 + (id % 9)).padStart(6, '0')}`,
  // Text that neither repeats nor compresses, so that files are large enough to be cut.
  Array.from({ length: 40 }, (_, i) => (Math.imul(id * 40 + i, 0x9e3779b1) >>> 0).toString(36)).join(''),
];

async function fileOf(from: number, to: number, rowGroupRows: number): Promise<Buffer> {
  const builder = new RowBlockBuilder(columns);
  for (let id = from; id < to; id++) builder.addRow(rowOf(id));
  return (await parquetFile([builder.build()], { rowGroupRows })).bytes;
}

/** Made once: the same bytes serve every test. */
const files = Promise.all([fileOf(0, 12_000, 1_500), fileOf(0, 0, 10), fileOf(12_000, 13_000, 5_000)]);
const ROWS = 13_000;

/** Two objects with rows, one of many row groups, and an empty one. */
const start = (params: Readonly<Record<string, unknown>>, chosen: readonly number[]) => async () => {
  const bucket = await startBucket();
  for (const [i, bytes] of (await files).entries()) await bucket.put(`in/${i}.parquet`, bytes);
  const expected = Array.from({ length: ROWS }, (_, id) => {
    const row = rowOf(id).map(String);
    return chosen.map((column) => row[column]!);
  });
  const open = () => bucket.open({ object: 'in/*.parquet', fileFormat: 'parquet', ...params });
  return { open, expected, close: async () => bucket[Symbol.asyncDispose]() };
};

describeReaderContract('oss parquet', start({ column: ['*'] }, [0, 1, 2, 3]));
describeReaderContract(
  'oss parquet, some columns',
  start({ column: [{ name: 'text' }, { index: 0 }] }, [3, 0]),
);
