import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Cloud, condition, long, plain, refusal, sdk, startCloud, tableOf } from './support.ts';

let cloud: Cloud;
const KEY = [{ pk: 'a' }];

beforeEach(async () => {
  cloud = await startCloud();
  await cloud.client.createTable(tableOf('t', { pk: 'STRING' }, { maxVersions: 2 }));
});
afterEach(() => cloud.service.close());

const put = (attributeColumns: object[], when: object = condition()) =>
  cloud.client.putRow({ tableName: 't', condition: when, primaryKey: KEY, attributeColumns });
const get = async (extra: object) =>
  plain((await cloud.client.getRow({ tableName: 't', primaryKey: KEY, maxVersions: 2, ...extra })).row);
const passes = async (columnFilter: object, extra: object = {}) =>
  Object.keys(await get({ columnFilter, ...extra })).length > 0;

const single = (
  name: string,
  value: unknown,
  comparator: string,
  passIfMissing = true,
  latestVersionOnly = true,
): object =>
  new sdk.SingleColumnCondition(
    name,
    value,
    sdk.ComparatorType[comparator],
    passIfMissing,
    latestVersionOnly,
  );

const composite = (operator: string, ...parts: object[]): object => {
  const whole = new sdk.CompositeCondition(sdk.LogicalOperator[operator]);
  for (const part of parts) whole.addSubCondition(part);
  return whole;
};

describe('filters', () => {
  test.each([
    ['EQUAL', [false, true, false]],
    ['NOT_EQUAL', [true, false, true]],
    ['GREATER_THAN', [true, false, false]],
    ['GREATER_EQUAL', [true, true, false]],
    ['LESS_THAN', [false, false, true]],
    ['LESS_EQUAL', [false, true, true]],
  ])('%s compares integers, doubles and strings by value', async (comparator, expected) => {
    await put([{ i: long(5) }, { d: 5.5 }, { s: 'm' }]);
    const three = async (name: string, values: unknown[]) =>
      Promise.all(values.map((value) => passes(single(name, value, comparator))));
    expect(await three('i', [long(-7), long(5), long(6)])).toEqual(expected);
    expect(await three('d', [-1.5, 5.5, 1e9])).toEqual(expected);
    expect(await three('s', ['a', 'm', 'ma'])).toEqual(expected);
  });

  test('a value of another type only differs', async () => {
    await put([{ i: long(5) }]);
    expect(await passes(single('i', '5', 'EQUAL'))).toBe(false);
    expect(await passes(single('i', '5', 'GREATER_EQUAL'))).toBe(false);
    expect(await passes(single('i', '5', 'NOT_EQUAL'))).toBe(true);
  });

  test('a missing column passes or fails as told; a column that was not read is missing', async () => {
    await put([{ i: long(5) }, { j: long(6) }]);
    expect(await passes(single('absent', long(1), 'EQUAL', true))).toBe(true);
    expect(await passes(single('absent', long(1), 'EQUAL', false))).toBe(false);
    expect(await passes(single('i', long(5), 'EQUAL', false), { columnsToGet: ['j'] })).toBe(false);
  });

  test('old versions count unless only the latest is asked for', async () => {
    const now = Date.now();
    await put([
      { x: 'old', timestamp: now - 10 },
      { x: 'new', timestamp: now },
    ]);
    expect(await passes(single('x', 'old', 'EQUAL', true, true))).toBe(false);
    expect(await passes(single('x', 'old', 'EQUAL', true, false))).toBe(true);
  });

  test('NOT, AND and OR combine', async () => {
    await put([{ i: long(5) }]);
    const yes = single('i', long(5), 'EQUAL');
    const no = single('i', long(6), 'EQUAL');
    expect(await passes(composite('AND', yes, no))).toBe(false);
    expect(await passes(composite('OR', no, yes))).toBe(true);
    expect(await passes(composite('NOT', no))).toBe(true);
    expect(await passes(composite('AND', yes, composite('NOT', composite('OR', no, no))))).toBe(true);
  });

  test('key columns can be compared too', async () => {
    await put([{ i: long(5) }]);
    expect(await passes(single('pk', 'a', 'EQUAL'))).toBe(true);
    expect(await passes(single('pk', 'b', 'EQUAL'))).toBe(false);
  });

  test('more than ten conditions are refused', async () => {
    await put([{ i: long(5) }]);
    const parts = Array.from({ length: 11 }, () => single('i', long(5), 'EQUAL'));
    expect((await refusal(get({ columnFilter: composite('AND', ...parts) }))).text).toContain(
      'exceeds the limit: 10',
    );
  });

  test('pagination keeps a window of columns', async () => {
    await put([{ a: 'x' }, { b: 'x' }, { c: 'x' }, { d: 'x' }]);
    const columnFilter = new sdk.ColumnPaginationFilter(2, 1);
    expect(await get({ columnFilter })).toEqual({ pk: 'a', b: 'x', c: 'x' });
  });
});

describe('conditions', () => {
  const fails = async (write: Promise<unknown>) => {
    const refused = await refusal(write);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('OTSConditionCheckFail');
    expect(refused.text).toContain('Condition check failed.');
  };

  test('row existence', async () => {
    await fails(put([{ x: 'v' }], condition('EXPECT_EXIST')));
    await put([{ x: 'v' }], condition('EXPECT_NOT_EXIST'));
    await fails(put([{ x: 'w' }], condition('EXPECT_NOT_EXIST')));
    await put([{ x: 'w' }], condition('EXPECT_EXIST'));
    expect(await get({})).toEqual({ pk: 'a', x: 'w' });
  });

  test('a column condition compares with the stored row; a failure changes nothing', async () => {
    await put([{ epoch: long(1) }]);
    const when = (epoch: number) => condition('IGNORE', single('epoch', long(epoch), 'EQUAL', false));
    await put([{ epoch: long(2) }], when(1));
    await fails(put([{ epoch: long(3) }], when(1)));
    await fails(cloud.client.deleteRow({ tableName: 't', primaryKey: KEY, condition: when(1) }));
    expect(await get({})).toEqual({ pk: 'a', epoch: 2n });
  });

  test('passIfMissing lets a write through when the column, or the whole row, is missing', async () => {
    const lenient = condition('IGNORE', single('epoch', long(1), 'EQUAL'));
    const strict = condition('IGNORE', single('epoch', long(1), 'EQUAL', false));
    await fails(put([{ x: 'v' }], strict));
    await put([{ x: 'v' }], lenient);
    await fails(put([{ x: 'w' }], strict));
    await put([{ x: 'w' }], lenient);
    expect(await get({})).toEqual({ pk: 'a', x: 'w' });
  });

  test('a condition costs one read unit', async () => {
    const free = await put([{ x: 'v' }]);
    const checked = await put([{ x: 'v' }], condition('EXPECT_EXIST'));
    expect([free.consumed.capacityUnit.read, checked.consumed.capacityUnit.read]).toEqual([0, 1]);
    expect(checked.consumed.capacityUnit.write).toBe(1);
  });
});
