import { describe, expect, it } from 'vitest';
import type { Column } from '../../../core/types/index.ts';
import type { LocalRow } from '../../../infra/local/ots/index.ts';
import { run, startTarget, writeRows } from './ots-target.ts';

const columns: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'a', type: 'string' },
  { name: 'b', type: 'long' },
];
const params = {
  table: 't',
  primaryKey: [{ name: 'id', type: 'int' }],
  column: [
    { name: 'a', type: 'string' },
    { name: 'b', type: 'int' },
  ],
};

async function withRows() {
  const target = await startTarget();
  await target.createTable('t', { id: 'INTEGER' });
  const cells: LocalRow['columns'] = [
    ['a', 'old'],
    ['b', 1n],
    ['c', 'untouched'],
  ];
  target.harness.service.bulkLoad(
    't',
    [1n, 2n, 3n].map((id) => ({ primaryKey: [id], columns: cells })),
  );
  return target;
}

describe('writeMode', () => {
  it('PutRow replaces the whole row; nulls are left out, a row without attributes stays a row', async () => {
    await using target = await withRows();
    const { faults } = await writeRows(target.writer(params), columns, [
      [1n, 'new', null],
      [2n, null, null],
      [4n, null, 4n],
    ]);
    expect(faults).toEqual([]);
    expect(await target.stored('t')).toEqual([
      { id: '1n', a: 'new' },
      { id: '2n' },
      { id: '3n', a: 'old', b: '1n', c: 'untouched' },
      { id: '4n', b: '4n' },
    ]);
  });

  it('UpdateRow merges; null removes the attribute', async () => {
    await using target = await withRows();
    const writer = target.writer({ ...params, writeMode: 'UpdateRow' });
    const { faults } = await writeRows(writer, columns, [
      [1n, 'new', null],
      [2n, null, null],
      [4n, 'born', 4n],
      [5n, null, null],
    ]);
    expect(faults).toEqual([]);
    expect(await target.stored('t')).toEqual([
      { id: '1n', a: 'new', c: 'untouched' },
      { id: '2n', c: 'untouched' },
      { id: '3n', a: 'old', b: '1n', c: 'untouched' },
      { id: '4n', a: 'born', b: '4n' },
    ]);
  });

  it('DeleteRow removes rows, also those that are not there', async () => {
    await using target = await withRows();
    const writer = target.writer({ ...params, writeMode: 'DeleteRow', column: [] });
    const { faults } = await writeRows(writer, columns.slice(0, 1), [[1n], [3n], [9n]]);
    expect(faults).toEqual([]);
    expect((await target.stored('t')).map(({ id }) => id)).toEqual(['2n']);
    await expect(writer.readBack?.(run, [], columns.slice(0, 1))).rejects.toMatchObject({ code: 'RUN-5030' });
  });

  it('defaultTimestampInMillisecond is the version of every value, over 32 bits', async () => {
    await using target = await withRows();
    const version = Date.now() - 1000;
    const writer = target.writer({ ...params, defaultTimestampInMillisecond: version });
    expect((await writeRows(writer, columns, [[7n, 'x', 1n]])).faults).toEqual([]);
    expect(await target.stored('t')).toContainEqual({ id: '7n', a: 'x', b: '1n' });
    const old = target.writer({ ...params, defaultTimestampInMillisecond: 1 });
    const { faults } = await writeRows(old, columns, [[8n, 'x', 1n]]);
    expect(faults.map(({ error }) => [error.code, error.message])).toEqual([
      ['DST-4045', expect.stringContaining('out of the valid range')],
    ]);
  });

  it('rows of one key are stored in the order of the source, within a batch and across batches', async () => {
    await using target = await withRows();
    const writer = target.writer({ ...params, writeMode: 'UpdateRow', batchWriteCount: 3 });
    const rows = Array.from({ length: 60 }, (_, i) => [
      BigInt(10 + (i % 7)),
      i % 2 ? null : `v${i}`,
      BigInt(i),
    ]);
    expect((await writeRows(writer, columns, rows)).faults).toEqual([]);
    const last = [...new Map(rows.map((row) => [String(row[0]), row])).values()];
    const found = (await target.stored('t')).slice(3);
    expect(found).toEqual(
      last
        .toSorted((x, y) => Number(x[0]) - Number(y[0]))
        .map(([id, a, b]) => ({ id: `${id}n`, ...(a !== null && { a }), b: `${b}n` })),
    );
  });
});

describe('the table', () => {
  it('must exist and fit before a row is written', async () => {
    await using target = await withRows();
    const missing = target.writer({ ...params, table: 'nowhere' });
    await expect(missing.prepare(run, columns)).rejects.toMatchObject({
      code: 'DST-4040',
      message: 'there is no table `nowhere` in instance inst',
    });
    const other = target.writer({ ...params, primaryKey: [{ name: 'id', type: 'string' }] });
    await expect(other.prepare(run, columns)).rejects.toMatchObject({ code: 'DST-4041' });
    await expect(target.writer(params).describe(columns.slice(1))).rejects.toMatchObject({
      code: 'DST-4042',
    });
    expect(target.writes).toEqual([]);
  });

  it('is described by plan, without an effect', async () => {
    await using target = await withRows();
    const writer = target.writer(params);
    const plan = await writer.describe(columns);
    expect(plan.location).toBe('ots://inst/t');
    expect(plan.columns).toEqual([
      { name: 'id', type: 'INTEGER key', lossy: false, note: 'integers out of range are dirty' },
      { name: 'a', type: 'STRING', lossy: false, note: 'longer text is dirty' },
      { name: 'b', type: 'INTEGER', lossy: false, note: 'integers out of range are dirty' },
    ]);
    expect(target.writes).toEqual([]);
  });
});
