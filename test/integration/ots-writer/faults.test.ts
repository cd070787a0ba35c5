import { describe, expect, it } from 'vitest';
import type { SinkState } from '../../../core/connectors/contract.ts';
import type { Column } from '../../../core/types/index.ts';
import { blockOf, LOST, type OtsTarget, run, startTarget, THROTTLED, task, writeRows } from './ots-target.ts';

const columns: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'a', type: 'string' },
];
const params = {
  table: 't',
  primaryKey: [{ name: 'id', type: 'int' }],
  column: [{ name: 'a', type: 'string' }],
};
const COUNT = 1_000;
const rows = Array.from({ length: COUNT }, (_, i) => [BigInt(i), i % 3 === 0 ? null : `row ${i}`]);
const shown = (some: readonly (readonly [bigint, string | null])[]) =>
  some.map(([id, a]) => ({ id: `${id}n`, ...(a !== null && { a }) }));
const all = shown(rows as [bigint, string | null][]);

async function started(): Promise<OtsTarget> {
  const target = await startTarget();
  await target.createTable('t', { id: 'INTEGER' });
  return target;
}

describe('writing through faults', () => {
  it.each([
    ['throttling', THROTTLED],
    ['lost answers', LOST],
    ['cut connections', { kind: 'reset' } as const],
    [
      'server errors of unknown outcome',
      { kind: 'refuse', status: 503, code: 'OTSTimeout', message: 'Operation timeout.' } as const,
    ],
  ])('rides out %s with every row stored once', async (_what, fault) => {
    await using target = await started();
    target.inject(25, fault);
    const { faults, state } = await writeRows(target.writer(params), columns, rows);
    expect(faults).toEqual([]);
    expect(target.faultsLeft).toBe(0);
    expect(target.writes.length).toBe(10 + 25);
    expect(JSON.parse(state)).toMatchObject({ rows: COUNT });
    expect(await target.stored('t')).toEqual(all);
  });

  it('ends with the fault when the tries are used up, and nothing counts as written', async () => {
    await using target = await started();
    target.inject(1_000, THROTTLED);
    const writer = target.writer({ ...params, maxRetryTime: 2, concurrencyWrite: 1 });
    const sink = await writer.open(task(), columns, undefined);
    await expect(sink.write(blockOf(columns, rows))).rejects.toMatchObject({
      code: 'DST-4003',
      kind: 'throttled',
    });
    expect(target.writes).toHaveLength(3);
    expect(JSON.parse((await sink.checkpoint()) as SinkState)).toEqual({ v: 1, rows: 0, bytes: 0 });
    target.inject(0, THROTTLED);
    expect(await sink.write(blockOf(columns, rows))).toEqual([]);
    expect(await target.stored('t')).toEqual(all);
  });

  it('ends at once when the credentials are refused: no row is called dirty', async () => {
    await using target = await started();
    target.inject(1_000, { kind: 'refuse', status: 403, code: 'OTSAuthFailed', message: 'no' });
    const writer = target.writer({ ...params, concurrencyWrite: 1 });
    await expect(writeRows(writer, columns, rows)).rejects.toMatchObject({ code: 'DST-4002', kind: 'auth' });
    expect(target.writes).toHaveLength(1);
  });

  it('halves a batch that is refused as a whole; what is stored alone is not dirty', async () => {
    await using target = await started();
    target.inject(1, { kind: 'refuse', status: 413, code: 'OTSRequestBodyTooLarge', message: 'too large' });
    const writer = target.writer({ ...params, concurrencyWrite: 1 });
    const { faults } = await writeRows(writer, columns, rows.slice(0, 8));
    expect(faults).toEqual([]);
    expect(target.writes).toHaveLength(3);
    expect(await target.stored('t')).toEqual(all.slice(0, 8));
  });

  it('rows that the service refuses one by one are dirty, the others of the batch stored', async () => {
    await using target = await started();
    const writer = target.writer(params);
    const sink = await writer.open(task(), columns, undefined);
    await predefineAsInteger(target, 'a');
    const faults = await sink.write(blockOf(columns, rows.slice(0, 9)));
    expect(faults.map(({ row, column, error }) => [row, column, error.code, error.kind])).toEqual(
      [1, 2, 4, 5, 7, 8].map((row) => [row, -1, 'DST-4045', 'data']),
    );
    expect(faults[0]?.error.message).toContain('Invalid column type for column a');
    expect(JSON.parse((await sink.finish()) as SinkState)).toMatchObject({ rows: 3 });
    expect(await target.stored('t')).toEqual([{ id: '0n' }, { id: '3n' }, { id: '6n' }]);
    await expect(target.writer(params).prepare(run, columns)).rejects.toMatchObject({ code: 'DST-4042' });
  });

  it('ends when the table is gone', async () => {
    await using target = await started();
    const sink = await target.writer(params).open(task(), columns, undefined);
    await target.harness.client.deleteTable('t');
    await expect(sink.write(blockOf(columns, rows))).rejects.toMatchObject({ code: 'DST-4004' });
  });
});

describe('requests', () => {
  it('stay within rows and bytes; a row larger than a request should be goes alone', async () => {
    await using target = await started();
    const writer = target.writer({ ...params, requestTotalSizeLimitation: 10_000, batchWriteCount: 200 });
    const long = [
      [1n, 'x'.repeat(4_900)],
      [2n, 'x'.repeat(4_900)],
      [3n, 'x'.repeat(200)],
      [4n, 'x'.repeat(20_000)],
      [5n, 'y'],
    ];
    expect((await writeRows(writer, columns, long)).faults).toEqual([]);
    const perRequest = target.writes.map(({ key }) => key.split(',').length);
    expect(perRequest.toSorted((a, b) => a - b)).toEqual([1, 1, 1, 2]);
    expect(await target.stored('t')).toHaveLength(5);
  });

  it('may be as large as the service allows', async () => {
    await using target = await started();
    const writer = target.writer({
      ...params,
      requestTotalSizeLimitation: 4_194_304,
      batchWriteCount: 200,
      concurrencyWrite: 2,
    });
    const many = Array.from({ length: 600 }, (_, i) => [BigInt(i), 'z'.repeat(20_000 + i)]);
    expect((await writeRows(writer, columns, many)).faults).toEqual([]);
    expect(target.writes.length).toBeLessThanOrEqual(4);
    expect(await target.stored('t')).toHaveLength(600);
  });
});

/** AddDefinedColumn `{ 1 table, 2* { 1 name, 2 type } }`, which neither SDK of this process knows. */
async function predefineAsInteger({ harness }: OtsTarget, name: string): Promise<void> {
  const column = Buffer.from([0x0a, name.length, ...Buffer.from(name), 0x10, 1]);
  await harness.client.call(
    {
      name: 'addDefinedColumn',
      write: true,
      encode: () => Buffer.from([0x0a, 1, 0x74, 0x12, column.length, ...column]),
      decode: () => undefined,
    },
    {},
  );
}
