import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EXPORTED, expectedFields, order, rowOf } from './orders.ts';

const ROWS = 10_000;

test('every row is found again by its order number', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2_000_000 }), (i) => {
      expect(rowOf(expectedFields(i)[1])).toBe(i);
    }),
  );
});

test.each([null, undefined, '', '0', '1', '-5', '7x', '9223372036854775806'])(
  '%j is no order number',
  (text) => {
    expect(rowOf(text)).toBe(-1);
  },
);

test('the attributes have every column type, nulls, and both ends of int64', () => {
  const orders = Array.from({ length: ROWS }, (_, i) => order(i, 1));
  const values = orders.flatMap(({ attributes }) => attributes.map(([, value]) => value));
  const types = new Set(values.map((value) => (value instanceof Uint8Array ? 'binary' : typeof value)));
  expect([...types].sort()).toEqual(['bigint', 'binary', 'boolean', 'number', 'string']);
  for (const extreme of [2n ** 63n - 1n, -(2n ** 63n)]) {
    expect(values).toContain(extreme);
    expect(orders.map(({ orderId }) => orderId)).toContain(extreme);
  }
  const fields = Array.from({ length: ROWS }, (_, i) => expectedFields(i));
  expect(fields.every((row) => row.length === EXPORTED.length)).toBe(true);
  for (const special of [null, 'null', '', 'true', 'written as bytes']) {
    expect(fields.map(([, , status]) => status)).toContain(special);
  }
});

test('no key occurs twice', () => {
  const keys = new Set(Array.from({ length: ROWS }, (_, i) => expectedFields(i).slice(0, 2).join()));
  expect(keys.size).toBe(ROWS);
});
