import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addCounters, zeroCounters } from '../../../core/run/counters.ts';
import { type CellValue, type Column, RowBlockBuilder, rowChecksum } from '../../../core/types/index.ts';

const columns: Column[] = [
  { name: 'a', type: 'any' },
  { name: 'b', type: 'any' },
];
const cell: fc.Arbitrary<CellValue> = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'grapheme' }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.boolean(),
  fc.double({ noNaN: true }),
  fc.uint8Array({ maxLength: 20 }),
);
const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 20 });

const build = (values: readonly (readonly CellValue[])[]) => {
  const builder = new RowBlockBuilder(columns);
  for (const row of values) builder.addRow(row);
  return builder.build();
};
const sumOf = (values: readonly (readonly CellValue[])[]): string => rowChecksum(build(values));
const add = (a: string, b: string): string =>
  addCounters({ ...zeroCounters, checksum: a }, { ...zeroCounters, checksum: b }).checksum;

describe('the row checksum', () => {
  it('does not depend on the order of rows or on how they are cut into blocks', () => {
    fc.assert(
      fc.property(rows, fc.nat(), (values, cut) => {
        const at = cut % (values.length + 1);
        const parts = add(sumOf(values.slice(at)), sumOf(values.slice(0, at)));
        return sumOf(values) === parts && sumOf([...values].reverse()) === parts;
      }),
    );
  });

  it('changes with a missing, doubled or changed row', () => {
    fc.assert(
      fc.property(rows, fc.nat(), cell, (values, at, other) => {
        const i = at % values.length;
        const before = sumOf(values);
        const changed = values.map((row, r) => (r === i ? [row[0], other] : row));
        const same = JSON.stringify(describeCell(values[i]![1])) === JSON.stringify(describeCell(other));
        return (
          sumOf(values.filter((_, r) => r !== i)) !== before &&
          sumOf([...values, values[i]!]) !== before &&
          (same || sumOf(changed) !== before)
        );
      }),
    );
  });

  it('tells apart what a careless one would not', () => {
    const pairs: [CellValue, CellValue][][] = [
      [['', null]],
      [[null, '']],
      [['ab', 'c']],
      [['a', 'bc']],
      [['1', null]],
      [[1n, null]],
      [[true, null]],
      [['a', 'b']],
      [['b', 'a']],
    ];
    expect(new Set(pairs.map(sumOf)).size).toBe(pairs.length);
  });
});

const describeCell = (value: CellValue): unknown =>
  Object.is(value, -0)
    ? '-0'
    : typeof value === 'bigint'
      ? `n${value}`
      : value instanceof Uint8Array
        ? [...value]
        : [typeof value, value];
