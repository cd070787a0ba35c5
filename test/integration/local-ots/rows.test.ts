import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Cloud,
  condition,
  long,
  MovableClock,
  plain,
  refusal,
  sdk,
  startCloud,
  tableOf,
} from './support.ts';

const HOUR_MS = 3_600_000;
const DAY_SECONDS = 86_400;

let cloud: Cloud;
let clock: MovableClock;

beforeEach(async () => {
  clock = new MovableClock();
  cloud = await startCloud({ clock });
  await cloud.client.createTable(tableOf('t', { pk: 'STRING', n: 'INTEGER' }));
});
afterEach(() => cloud.service.close());

const KEY = [{ pk: 'a' }, { n: long(1) }];
const row = (extra: object = {}, key: object[] = KEY, table = 't') => ({
  tableName: table,
  condition: condition(),
  primaryKey: key,
  ...extra,
});
const put = (attributeColumns: object[], extra: object = {}) =>
  cloud.client.putRow(row({ attributeColumns, ...extra }));
const update = (updateOfAttributeColumns: object[], extra: object = {}) =>
  cloud.client.updateRow(row({ updateOfAttributeColumns, ...extra }));
const get = async (extra: object = {}, table = 't') =>
  (await cloud.client.getRow({ tableName: table, primaryKey: KEY, maxVersions: 1, ...extra })).row;
const read = async (extra: object = {}, table = 't') => plain(await get(extra, table));

describe('values', () => {
  test('every type comes back exactly, columns sorted by name', async () => {
    const values = [
      { s: 'grün 汉字 \u0000' },
      { i: long(-9223372036854775808n) },
      { j: long(9007199254740993n) },
      { d: -0.5 },
      { b: true },
      { blob: Buffer.from([0, 255, 1]) },
      { empty: '' },
    ];
    await put(values);
    expect(await read()).toEqual({
      pk: 'a',
      n: 1n,
      b: true,
      blob: Buffer.from([0, 255, 1]),
      d: -0.5,
      empty: '',
      i: -9223372036854775808n,
      j: 9007199254740993n,
      s: 'grün 汉字 \u0000',
    });
    expect((await get()).attributes?.map((cell) => cell.columnName)).toEqual([
      'b',
      'blob',
      'd',
      'empty',
      'i',
      'j',
      's',
    ]);
  });

  test('a put replaces the whole row; a row may be its key alone', async () => {
    await put([{ x: 'old' }, { y: 'old' }]);
    await put([{ x: 'new' }]);
    expect(await read()).toEqual({ pk: 'a', n: 1n, x: 'new' });
    await put([]);
    expect(await read()).toEqual({ pk: 'a', n: 1n });
  });

  test('an absent row is answered empty; deleting it succeeds', async () => {
    expect(await get()).toEqual({});
    await cloud.client.deleteRow(row());
    await put([{ x: 'v' }]);
    await cloud.client.deleteRow(row());
    expect(await get()).toEqual({});
  });
});

describe('updates', () => {
  test('put, delete one version, delete all versions, increment', async () => {
    await cloud.client.createTable(tableOf('v', { pk: 'STRING', n: 'INTEGER' }, { maxVersions: 5 }));
    const at = (ms: number) => clock.now() + ms;
    const versioned = (value: string, ms: number) => ({ d: value, timestamp: at(ms) });
    const on = (changes: object[]) =>
      cloud.client.updateRow(row({ updateOfAttributeColumns: changes }, KEY, 'v'));
    await on([
      { PUT: [versioned('one', 1), versioned('two', 2), versioned('three', 3), { e: 'x' }, { f: long(41) }] },
    ]);
    await on([
      { PUT: [{ c: 'x' }] },
      { DELETE: [{ d: long(at(2)) }] },
      { DELETE_ALL: ['e'] },
      { INCREMENT: [{ f: long(1) }, { g: long(-3) }] },
    ]);
    const after = (await get({ maxVersions: 9 }, 'v')).attributes ?? [];
    expect(after.map(({ columnName, columnValue }) => [columnName, String(columnValue)])).toEqual([
      ['c', 'x'],
      ['d', 'three'],
      ['d', 'one'],
      // The increment has the time of the put before it, so it replaces that version.
      ['f', '42'],
      ['g', '-3'],
    ]);
  });

  test('an update without columns is refused; one that only deletes creates no row', async () => {
    const refused = await refusal(update([]));
    expect(refused.text).toContain('Attribute column is missing.');
    await update([{ DELETE_ALL: ['x'] }]);
    expect(await get()).toEqual({});
  });

  test('deleting every column keeps the row', async () => {
    await put([{ x: 'v' }]);
    await update([{ DELETE_ALL: ['x'] }]);
    expect(await read()).toEqual({ pk: 'a', n: 1n });
  });

  test('only integers can be incremented, and not past 64 bits', async () => {
    await put([{ s: 'text' }, { i: long(9223372036854775807n) }]);
    expect((await refusal(update([{ INCREMENT: [{ s: long(1) }] }]))).text).toContain('OTSParameterInvalid');
    expect((await refusal(update([{ INCREMENT: [{ i: long(1) }] }]))).text).toContain('overflows');
    expect(await read()).toMatchObject({ s: 'text', i: 9223372036854775807n });
  });

  test('the answer returns the key or the columns after the change', async () => {
    const key = await put([{ x: 'v' }], { returnContent: { returnType: sdk.ReturnType.Primarykey } });
    expect(plain(key.row)).toEqual({ pk: 'a', n: 1n });
    const returnContent = { returnType: sdk.ReturnType.AfterModify, returnColumns: ['count'] };
    const after = await update([{ INCREMENT: [{ count: long(5) }] }], { returnContent });
    expect(plain(after.row)).toEqual({ count: 5n });
  });
});

describe('keys', () => {
  test.each([
    ['a wrong name', [{ pq: 'a' }, { n: long(1) }], 'Validate PK name fail. Input: pq, Meta: pk.'],
    ['a wrong type', [{ pk: 'a' }, { n: 'x' }], 'Validate PK type fail. Input: VT_STRING, Meta: VT_INTEGER.'],
    ['a missing column', [{ pk: 'a' }], 'Validate PK size fail. Input: 1, Meta: 2.'],
  ])('%s is refused by every row call', async (_what, key, text) => {
    const { client } = cloud;
    for (const call of [
      client.putRow(row({ attributeColumns: [] }, key)),
      client.updateRow(row({ updateOfAttributeColumns: [{ PUT: [{ x: 'y' }] }] }, key)),
      client.deleteRow(row({}, key)),
      client.getRow({ tableName: 't', primaryKey: key, maxVersions: 1 }),
    ]) {
      const refused = await refusal(call);
      expect(refused.status).toBe(400);
      expect(refused.text).toContain('OTSInvalidPK');
      expect(refused.text).toContain(text);
    }
  });

  test('infinite values are no keys of rows', async () => {
    const refused = await refusal(
      cloud.client.putRow(row({ attributeColumns: [] }, [{ pk: sdk.INF_MIN }, { n: long(1) }])),
    );
    expect(refused.text).toContain('VT_INF_MIN is an invalid type for the primary key.');
  });

  test('key values end at 1024 bytes', async () => {
    await cloud.client.putRow(row({ attributeColumns: [] }, [{ pk: 'k'.repeat(1024) }, { n: long(1) }]));
    const refused = await refusal(
      cloud.client.putRow(row({ attributeColumns: [] }, [{ pk: 'k'.repeat(1025) }, { n: long(1) }])),
    );
    expect(refused.text).toContain(
      "The length of primary key column: 'pk' exceeds the MaxLength:1024 with CurrentLength:1025.",
    );
  });

  test('auto-increment numbers grow within a partition and are returned', async () => {
    const table = {
      tableMeta: {
        tableName: 'auto',
        primaryKey: [
          { name: 'pk', type: 'STRING' },
          { name: 'n', type: 'INTEGER', option: 'AUTO_INCREMENT' },
        ],
      },
      reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
      tableOptions: { timeToLive: -1, maxVersions: 1 },
    };
    await cloud.client.createTable(table);
    const numbers: bigint[] = [];
    for (let i = 0; i < 5; i++) {
      const returnContent = { returnType: sdk.ReturnType.Primarykey };
      const key = [{ pk: 'a' }, { n: sdk.PK_AUTO_INCR }];
      numbers.push(
        plain((await cloud.client.putRow(row({ attributeColumns: [], returnContent }, key, 'auto'))).row)
          .n as bigint,
      );
    }
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => (a < b ? -1 : 1)));
    expect(numbers).toHaveLength(5);
    const refused = await refusal(
      cloud.client.putRow(row({ attributeColumns: [] }, [{ pk: 'a' }, { n: sdk.PK_AUTO_INCR }])),
    );
    expect(refused.text).toContain('Validate PK type fail. Input: VT_AUTO_INCREMENT, Meta: VT_INTEGER.');
  });
});

describe('limits', () => {
  test('attribute values end at 2 MiB', async () => {
    await put([{ x: Buffer.alloc(2097152) }]);
    const refused = await refusal(put([{ x: Buffer.alloc(2097153) }]));
    expect(refused.text).toContain(
      "The length of attribute column: 'x' exceeds the MaxLength:2097152 with CurrentLength:2097153.",
    );
  });

  test('a write holds at most 1024 columns', async () => {
    const columns = Array.from({ length: 1025 }, (_, i) => ({ [`c${i}`]: 'v' }));
    await put(columns.slice(1));
    expect((await refusal(put(columns))).text).toContain(
      'The number of attribute columns exceeds the limit, limit count: 1024, column count: 1025.',
    );
    expect((await refusal(update([{ PUT: columns }]))).text).toContain(
      'The number of columns from the request exceeds the limit, limit count: 1024, column count: 1025.',
    );
  });

  test('column names follow the rule', async () => {
    expect((await refusal(put([{ 'a-b': 'v' }]))).text).toContain("Invalid column name: 'a-b'.");
  });

  test('a read names its versions', async () => {
    const refused = await refusal(
      get({
        maxVersions: undefined,
        timeRange: undefined,
        columnsToGet: Array.from({ length: 129 }, (_, i) => `c${i}`),
      }),
    );
    expect(refused.text).toContain('limit count: 128, column count: 129.');
  });
});

describe('versions and time', () => {
  const versionsOf = async (extra: object) =>
    ((await get(extra, 'v')).attributes ?? []).map(({ columnValue }) => columnValue);

  beforeEach(async () => {
    await cloud.client.createTable(tableOf('v', { pk: 'STRING', n: 'INTEGER' }, { maxVersions: 3 }));
    const base = clock.now();
    for (const [index, value] of ['one', 'two', 'three', 'four'].entries()) {
      const change = [{ PUT: [{ x: value, timestamp: base + index }] }];
      await cloud.client.updateRow(row({ updateOfAttributeColumns: change }, KEY, 'v'));
    }
  });

  test('the newest versions are kept and answered first', async () => {
    expect(await versionsOf({ maxVersions: 1 })).toEqual(['four']);
    expect(await versionsOf({ maxVersions: 10 })).toEqual(['four', 'three', 'two']);
  });

  test('a time range or one time chooses versions, the end excluded', async () => {
    const base = clock.now();
    const range = { startTime: base + 1, endTime: base + 3 };
    expect(await versionsOf({ maxVersions: 10, timeRange: range })).toEqual(['three', 'two']);
    expect(await versionsOf({ maxVersions: 10, timeRange: { specificTime: base + 2 } })).toEqual(['three']);
  });

  test('lowering max_versions hides older versions at once', async () => {
    await cloud.client.updateTable({ tableName: 'v', tableOptions: { maxVersions: 2 } });
    expect(await versionsOf({ maxVersions: 10 })).toEqual(['four', 'three']);
  });

  test('written times must lie within the deviation', async () => {
    const at = (ms: number) => put([{ x: 'v', timestamp: clock.now() + ms }]);
    await at(23 * HOUR_MS);
    await at(-23 * HOUR_MS);
    expect((await refusal(at(25 * HOUR_MS))).text).toContain('OTSParameterInvalid');
    expect((await refusal(at(-25 * HOUR_MS))).text).toContain('OTSParameterInvalid');
    const huge = put([{ x: 'v', timestamp: long(9223372036854775n) }]);
    expect((await refusal(huge)).text).toContain('Timestamp must be in range [0, INT64_MAX/1000).');
  });

  test('cells end with their time to live; a row whose cells all ended does not exist', async () => {
    const { client } = cloud;
    await client.createTable(tableOf('ttl', { pk: 'STRING', n: 'INTEGER' }, { timeToLive: DAY_SECONDS }));
    // Versions nearly a day old: the clock then moves by minutes, which the SDK's own dates tolerate.
    const aged = (minutesLeft: number) => clock.now() - DAY_SECONDS * 1000 + minutesLeft * 60_000;
    const columns = [
      { x: 'first', timestamp: aged(2) },
      { y: 'second', timestamp: aged(6) },
    ];
    await client.putRow(row({ attributeColumns: columns }, KEY, 'ttl'));
    const all = async () => {
      const bound = (value: unknown) => [{ pk: value }, { n: value }];
      const range = {
        inclusiveStartPrimaryKey: bound(sdk.INF_MIN),
        exclusiveEndPrimaryKey: bound(sdk.INF_MAX),
      };
      const page = await client.getRange({
        tableName: 'ttl',
        direction: sdk.Direction.FORWARD,
        maxVersions: 1,
        ...range,
      });
      return page.rows.map(plain);
    };
    expect(await read({}, 'ttl')).toEqual({ pk: 'a', n: 1n, x: 'first', y: 'second' });
    clock.advance(4 * 60_000);
    expect(await read({}, 'ttl')).toEqual({ pk: 'a', n: 1n, y: 'second' });
    expect(await all()).toEqual([{ pk: 'a', n: 1n, y: 'second' }]);
    clock.advance(4 * 60_000);
    expect(await get({}, 'ttl')).toEqual({});
    expect(await all()).toEqual([]);
    const notExist = row({ condition: condition('EXPECT_NOT_EXIST'), attributeColumns: [] }, KEY, 'ttl');
    await client.putRow(notExist);
  });
});
