import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../core/errors/index.ts';
import { MAX_DIRTY_ROW_BYTES } from '../../../core/run/index.ts';
import { dirtyCodec } from '../../../core/stores/row-codecs.ts';
import { dirtyRow } from '../../../core/transfer/dirty-rows.ts';
import { RowBlockBuilder } from '../../../core/types/index.ts';

const columns = [
  { name: 'id', type: 'long' as const },
  { name: 'note', type: 'string' as const },
];

const refused = (note: string) => {
  const block = new RowBlockBuilder(columns).addRow([1n, 'other']).addRow([2n, note]).build();
  const error = new SyncError('CNV-3002', 'data', 'no such character');
  const fault = { row: 1, column: 1, error, targetType: 'text in GBK' };
  return dirtyRow({ block, keyOf: (row) => `id=${row + 1}` }, fault, '00003', 8);
};

describe('a stored refused row', () => {
  it('holds the whole row beside the value at fault', () => {
    const row = refused('😀');
    expect(row).toEqual({
      shardId: '00003',
      ordinal: 8,
      key: 'id=2',
      column: 'note',
      value: '😀',
      valueType: 'string',
      targetType: 'text in GBK',
      code: 'CNV-3002',
      message: 'no such character',
      cells: [{ long: '2' }, '😀'],
      rowBytes: 12,
    });
    expect(dirtyCodec.decode(dirtyCodec.encode(row))).toEqual(row);
  });

  it('of the largest size is kept, and one byte more is not', () => {
    const largest = refused('x'.repeat(MAX_DIRTY_ROW_BYTES - 8));
    expect(largest.cells).toHaveLength(2);
    const larger = refused('x'.repeat(MAX_DIRTY_ROW_BYTES - 7));
    expect(larger).toMatchObject({ rowBytes: MAX_DIRTY_ROW_BYTES + 1, value: 'x'.repeat(256) });
    expect(larger.cells).toBeUndefined();
    expect(dirtyCodec.decode(dirtyCodec.encode(larger))).toEqual(larger);
  });

  it('of the first layout is still read, without its cells', () => {
    const { cells: _cells, rowBytes: _bytes, ...first } = refused('x');
    const { cells: _none, rowBytes: _size, ...columnsOfLayout1 } = dirtyCodec.encode(refused('x'));
    expect(dirtyCodec.decode({ ...columnsOfLayout1, v: 1n })).toEqual(first);
  });
});
