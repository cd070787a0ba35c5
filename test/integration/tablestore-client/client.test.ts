import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SyncError, UnknownOutcomeError } from '../../../core/errors/index.ts';
import {
  INF_MAX,
  INF_MIN,
  type KeyBound,
  type KeyColumn,
  type StoredRow,
  type Value,
} from '../../../core/tablestore/index.ts';
import { type OtsHarness, plain, startHarness } from '../ots-reader/ots-harness.ts';

let harness: OtsHarness;
beforeAll(async () => {
  harness = await startHarness();
  await harness.client.createTable({
    table: 'rows',
    key: [
      { name: 'job', type: 'STRING' },
      { name: 'n', type: 'INTEGER' },
    ],
  });
});
afterAll(() => harness[Symbol.asyncDispose]());

let jobs = 0;
/** The key of a row that no other test uses. */
const freshKey = (n = 0n) => [
  { name: 'job', value: `job${jobs++}` },
  { name: 'n', value: n },
];
const cells = (row: StoredRow | undefined): Record<string, unknown> | undefined =>
  row && Object.fromEntries([...row.columns].map(([name, value]) => [name, plain(value)]));
const table = 'rows';

describe('tables', () => {
  test('are created once', async () => {
    const definition = { table: 'once', key: [{ name: 'k', type: 'BINARY' }] } as const;
    expect(await harness.client.createTable(definition)).toBe('created');
    expect(await harness.client.createTable(definition)).toBe('exists');
    expect(await harness.client.describeTable('once')).toEqual({ ...definition, defined: [] });
    expect(await harness.client.listTable()).toContain('once');
    await harness.client.deleteTable('once');
    expect(await harness.client.listTable()).not.toContain('once');
  });
});

describe('single rows', () => {
  test('bring back every type exactly', async () => {
    const key = freshKey(-(2n ** 63n));
    const columns: Record<string, Value> = {
      big: 2n ** 63n - 1n,
      bytes: Uint8Array.of(0, 255),
      empty: '',
      no: false,
      num: 0.1,
      text: 'é😀',
      whole: 3,
      yes: true,
    };
    expect(await harness.client.putRow({ table, key, columns, condition: 'ignore' })).toBe('applied');
    const row = await harness.client.getRow({ table, key });
    expect(row?.key).toEqual(key);
    expect(cells(row)).toEqual({ ...columns, bytes: [0, 255] });
  });

  test('that are not there', async () => {
    const key = freshKey();
    expect(await harness.client.getRow({ table, key })).toBeUndefined();
    expect(await harness.client.deleteRow({ table, key, condition: 'ignore' })).toBe('applied');
    const condition = { column: 'ver', equals: 1n };
    expect(await harness.client.putRow({ table, key, columns: { ver: 2n }, condition })).toBe(
      'condition-failed',
    );
  });

  test('are inserted once', async () => {
    const put = { table, key: freshKey(), columns: { ver: 1n }, condition: 'expect-not-exist' } as const;
    expect(await harness.client.putRow(put)).toBe('applied');
    expect(await harness.client.putRow(put)).toBe('condition-failed');
  });

  test('are replaced only while they hold the value that was read', async () => {
    const key = freshKey();
    await harness.client.putRow({
      table,
      key,
      columns: { ver: 9007199254740993n, old: 1n },
      condition: 'ignore',
    });
    const put = (equals: bigint) =>
      harness.client.putRow({
        table,
        key,
        columns: { ver: equals + 1n },
        condition: { column: 'ver', equals },
      });
    expect(await put(9007199254740992n)).toBe('condition-failed');
    expect(await put(9007199254740993n)).toBe('applied');
    expect(cells(await harness.client.getRow({ table, key }))).toEqual({ ver: 9007199254740994n });
  });

  test('a condition on a column that the row lacks fails', async () => {
    const key = freshKey();
    await harness.client.putRow({ table, key, columns: { other: 1n }, condition: 'ignore' });
    const condition = { column: 'ver', equals: 1n };
    expect(await harness.client.deleteRow({ table, key, condition })).toBe('condition-failed');
  });

  test('several conditions must all hold', async () => {
    const key = freshKey();
    await harness.client.putRow({ table, key, columns: { epoch: 3n, owner: 'me' }, condition: 'ignore' });
    const update = (owner: string) =>
      harness.client.updateRow({
        table,
        key,
        put: { state: 'DONE' },
        remove: ['owner'],
        condition: [
          { column: 'epoch', equals: 3n },
          { column: 'owner', equals: owner },
        ],
      });
    expect(await update('you')).toBe('condition-failed');
    expect(await update('me')).toBe('applied');
    expect(cells(await harness.client.getRow({ table, key }))).toEqual({ epoch: 3n, state: 'DONE' });
  });

  test('a lost answer is an unknown outcome whose effect is there', async () => {
    const key = freshKey();
    harness.setFaults(() => ({ kind: 'lose-answer' }));
    const error = await harness.client
      .putRow({ table, key, columns: { ver: 1n }, condition: 'expect-not-exist' })
      .catch((e: unknown) => e);
    harness.setFaults(undefined);
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(cells(await harness.client.getRow({ table, key }))).toEqual({ ver: 1n });
  });
});

describe('batches', () => {
  test('give the rows in request order, with gaps', async () => {
    const keys = [freshKey(), freshKey(), freshKey()];
    for (const [i, key] of keys.entries()) {
      if (i !== 1)
        await harness.client.putRow({ table, key, columns: { i: BigInt(i) }, condition: 'ignore' });
    }
    const rows = await harness.client.batchGetRow({ table, keys });
    expect(rows.map((row) => (row instanceof SyncError ? row : cells(row)))).toEqual([
      { i: 0n },
      undefined,
      { i: 2n },
    ]);
    expect(await harness.client.batchGetRow({ table, keys: [] })).toEqual([]);
  });

  test('decide about each write alone', async () => {
    const [a, b, c] = [freshKey(), freshKey(), freshKey()];
    await harness.client.putRow({ table, key: b, columns: { v: 1n }, condition: 'ignore' });
    const outcomes = await harness.client.batchWriteRow(table, [
      { type: 'put', table, key: a, columns: { v: 1n }, condition: 'expect-not-exist' },
      { type: 'put', table, key: b, columns: { v: 2n }, condition: 'expect-not-exist' },
      { type: 'update', table, key: c, put: { v: 3n }, condition: 'ignore' },
    ]);
    expect(outcomes).toEqual(['applied', 'condition-failed', 'applied']);
    expect(cells(await harness.client.getRow({ table, key: b }))).toEqual({ v: 1n });
  });

  test('that are too large are a defect of the caller', async () => {
    const keys = Array.from({ length: 101 }, () => freshKey());
    await expect(harness.client.batchGetRow({ table, keys })).rejects.toMatchObject({ code: 'BUG-9001' });
  });
});

test('ranges come in pages that continue', async () => {
  const job = `range${jobs++}`;
  const rows = Array.from({ length: 7 }, (_, i) => ({
    primaryKey: [job, BigInt(i)],
    columns: [['v', BigInt(i)]] as const,
  }));
  harness.service.bulkLoad(table, rows);
  const seen: unknown[] = [];
  let begin: KeyColumn<KeyBound>[] | undefined = [
    { name: 'job', value: job },
    { name: 'n', value: INF_MIN },
  ];
  let pages = 0;
  while (begin) {
    const end: KeyColumn<KeyBound>[] = [
      { name: 'job', value: job },
      { name: 'n', value: INF_MAX },
    ];
    const page = await harness.client.getRangeRows({ table, direction: 'FORWARD', begin, end, limit: 3 });
    seen.push(...page.rows.map((row) => row.columns.get('v')));
    begin = page.next ? [...page.next] : undefined;
    pages++;
  }
  expect(seen).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n]);
  expect(pages).toBe(3);
});
