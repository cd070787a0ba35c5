import { expect, test } from 'vitest';
import type { LocalRow } from '../../../infra/local/ots/index.ts';
import { type Cloud, long, plain, refusal, type SdkRow, sdk, startCloud, tableOf } from './support.ts';

const PAGE_ROWS = 5000;

const infinite = (value: unknown): object[] => [{ pk: value }, { n: value }];

/** Reads a whole range page by page, as the SDK's documentation shows. */
async function scan(cloud: Cloud, params: object): Promise<{ rows: SdkRow[]; pages: number[] }> {
  const rows: SdkRow[] = [];
  const pages: number[] = [];
  let start: object[] | undefined;
  do {
    const page = await cloud.client.getRange({
      tableName: 't',
      direction: sdk.Direction.FORWARD,
      inclusiveStartPrimaryKey: infinite(sdk.INF_MIN),
      exclusiveEndPrimaryKey: infinite(sdk.INF_MAX),
      maxVersions: 1,
      ...params,
      ...(start && { inclusiveStartPrimaryKey: start }),
    });
    rows.push(...page.rows);
    pages.push(page.rows.length);
    start = page.nextStartPrimaryKey?.map(({ name, value }) => ({ [name]: value }));
  } while (start);
  return { rows, pages };
}

const keysOf = (rows: readonly SdkRow[]): string[] => rows.map((row) => `${plain(row).pk}/${plain(row).n}`);

async function withRows(rows: readonly LocalRow[]): Promise<Cloud> {
  const cloud = await startCloud();
  await cloud.client.createTable(tableOf('t', { pk: 'STRING', n: 'INTEGER' }));
  expect(cloud.service.bulkLoad('t', rows)).toBe(rows.length);
  return cloud;
}

const small: readonly LocalRow[] = ['a', 'b', 'c'].flatMap((pk) =>
  [-1n, 0n, 7n].map((n) => ({
    primaryKey: [pk, n],
    columns: [
      ['x', `${pk}${n}`],
      ['y', n],
    ],
  })),
);
const ALL = ['a/-1', 'a/0', 'a/7', 'b/-1', 'b/0', 'b/7', 'c/-1', 'c/0', 'c/7'];
const BACKWARD = {
  direction: sdk.Direction.BACKWARD,
  inclusiveStartPrimaryKey: infinite(sdk.INF_MAX),
  exclusiveEndPrimaryKey: infinite(sdk.INF_MIN),
};

test('both directions, bounds and limits', async () => {
  await using cloud = await withRows(small);
  expect(keysOf((await scan(cloud, {})).rows)).toEqual(ALL);
  expect(keysOf((await scan(cloud, BACKWARD)).rows)).toEqual([...ALL].reverse());
  const limited = await scan(cloud, { limit: 4 });
  expect(keysOf(limited.rows)).toEqual(ALL);
  expect(limited.pages).toEqual([4, 4, 1]);
  const backward = await scan(cloud, { ...BACKWARD, limit: 4 });
  expect(keysOf(backward.rows)).toEqual([...ALL].reverse());
  expect(backward.pages).toEqual([4, 4, 1]);
  const key = (pk: string, n: unknown) => [{ pk }, { n }];
  const part = await scan(cloud, {
    inclusiveStartPrimaryKey: key('a', long(7)),
    exclusiveEndPrimaryKey: key('c', long(0)),
  });
  expect(keysOf(part.rows)).toEqual(['a/7', 'b/-1', 'b/0', 'b/7', 'c/-1']);
  const partBack = await scan(cloud, {
    direction: sdk.Direction.BACKWARD,
    inclusiveStartPrimaryKey: key('c', long(0)),
    exclusiveEndPrimaryKey: key('a', long(7)),
  });
  expect(keysOf(partBack.rows)).toEqual(['c/0', 'c/-1', 'b/7', 'b/0', 'b/-1']);
  const one = await scan(cloud, {
    inclusiveStartPrimaryKey: key('b', sdk.INF_MIN),
    exclusiveEndPrimaryKey: key('b', sdk.INF_MAX),
  });
  expect(keysOf(one.rows)).toEqual(['b/-1', 'b/0', 'b/7']);
});

test('a page that ends exactly with the range has no next key', async () => {
  await using cloud = await withRows(small);
  expect((await scan(cloud, { limit: 9 })).pages).toEqual([9]);
  expect((await scan(cloud, { limit: 3 })).pages).toEqual([3, 3, 3]);
});

test('bounds in the wrong order, equal bounds and a zero limit are refused', async () => {
  await using cloud = await withRows(small);
  const forward = await refusal(scan(cloud, { ...BACKWARD, direction: sdk.Direction.FORWARD }));
  expect(forward.text).toContain('Begin key must less than end key in FORWARD');
  const backward = await refusal(scan(cloud, { direction: sdk.Direction.BACKWARD }));
  expect(backward.text).toContain('Begin key must more than end key in BACKWARD');
  const same = infinite(sdk.INF_MIN);
  const equal = await refusal(scan(cloud, { inclusiveStartPrimaryKey: same, exclusiveEndPrimaryKey: same }));
  expect(equal.text).toContain('Begin key must less than end key in FORWARD');
  expect((await refusal(scan(cloud, { limit: -1 }))).text).toContain('The limit must be greater than 0.');
});

test('a page holds 5000 rows at most, in both directions', async () => {
  const rows = Array.from({ length: 12_345 }, (_, i) => ({
    primaryKey: ['p', BigInt(i)],
    columns: [['x', BigInt(i)] as const],
  }));
  await using cloud = await withRows(rows);
  const forward = await scan(cloud, {});
  expect(forward.pages).toEqual([PAGE_ROWS, PAGE_ROWS, 2345]);
  expect(forward.rows.map((row) => plain(row).x)).toEqual(rows.map((_, i) => BigInt(i)));
  const backward = await scan(cloud, BACKWARD);
  expect(backward.pages).toEqual([PAGE_ROWS, PAGE_ROWS, 2345]);
  expect(keysOf(backward.rows)).toEqual(keysOf(forward.rows).reverse());
  expect((await scan(cloud, { columnsToGet: ['x'] })).pages).toEqual([PAGE_ROWS, PAGE_ROWS, 2345]);
});

test('a page ends at 4 MiB of what is read', async () => {
  const rows = Array.from({ length: 10 }, (_, i) => ({
    primaryKey: ['p', BigInt(i)],
    columns: [['big', 'b'.repeat(1024 * 1024)] as const, ['small', 's'] as const],
  }));
  await using cloud = await withRows(rows);
  expect((await scan(cloud, {})).pages).toEqual([4, 4, 2]);
  expect((await scan(cloud, BACKWARD)).pages).toEqual([4, 4, 2]);
  expect((await scan(cloud, { columnsToGet: ['big'] })).pages).toEqual([4, 4, 2]);
  expect((await scan(cloud, { columnsToGet: ['small'] })).pages).toEqual([10]);
});

test('columns_to_get drops rows that have none of them, unless a key column is named', async () => {
  await using cloud = await withRows([
    {
      primaryKey: ['a', 1n],
      columns: [
        ['x', 1n],
        ['y', 2n],
      ],
    },
    { primaryKey: ['b', 1n], columns: [['z', 3n]] },
    { primaryKey: ['c', 1n], columns: [] },
  ]);
  const read = async (columnsToGet: string[], more: object = {}) =>
    (await scan(cloud, { columnsToGet, ...more })).rows.map(plain);
  expect(await read(['y', 'x', 'y'])).toEqual([{ pk: 'a', n: 1n, x: 1n, y: 2n }]);
  expect(await read(['absent'])).toEqual([]);
  expect(await read(['x', 'pk'])).toEqual([
    { pk: 'a', n: 1n, x: 1n },
    { pk: 'b', n: 1n },
    { pk: 'c', n: 1n },
  ]);
  expect(await read([])).toHaveLength(3);
  expect(await read([], { startColumn: 'y', endColumn: 'z' })).toEqual([
    { pk: 'a', n: 1n, y: 2n },
    { pk: 'b', n: 1n },
    { pk: 'c', n: 1n },
  ]);
});

test('a filtered page may be empty and still name the next key', async () => {
  const rows = Array.from({ length: 11_000 }, (_, i) => ({
    primaryKey: ['p', BigInt(i)],
    columns: [['x', BigInt(i)] as const],
  }));
  await using cloud = await withRows(rows);
  const columnFilter = new sdk.SingleColumnCondition(
    'x',
    long(10_998),
    sdk.ComparatorType.GREATER_THAN,
    false,
  );
  const found = await scan(cloud, { columnFilter });
  expect(found.pages).toEqual([0, 0, 1]);
  expect(keysOf(found.rows)).toEqual(['p/10999']);
});
