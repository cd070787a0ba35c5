import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addCounters, zeroCounters } from '../../../core/run/counters.ts';
import {
  type CellValue,
  type Column,
  hashRows,
  RowBlockBuilder,
  rowChecksum,
} from '../../../core/types/index.ts';
import { checksumOf, rowHash } from './definition.ts';
import { repeated, times } from './repeated-rows.ts';

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

  it('is the sum over any ranges of rows, each row in one', () => {
    fc.assert(
      fc.property(rows, fc.nat(), (values, cut) => {
        const at = cut % (values.length + 1);
        const block = build(values);
        return rowChecksum(block) === add(rowChecksum(block, 0, at), rowChecksum(block, at));
      }),
    );
    expect(rowChecksum(build([['a', 1n]]), 1)).toBe(zeroCounters.checksum);
  });

  it('adds up across a million rows, which are copied in piece by piece', () => {
    const block = repeated(0x10_0010);
    const one = rowChecksum(block, 0, 1);
    for (const [from, to] of [
      [0xf_fff0, 0xf_ffff],
      [0xf_fff0, 0x10_0000],
      [0xf_ffff, 0x10_0010],
      [0xf_fff0, 0x10_0010],
    ] as const) {
      expect(rowChecksum(block, from, to), `${from} to ${to}`).toBe(times(one, BigInt(to - from)));
    }
  });

  it('is what the definition says, for cells of every length', () => {
    const longer = fc.oneof(cell, fc.string({ unit: 'binary-ascii', maxLength: 70 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(longer, longer, longer), { maxLength: 10 }), (values) => {
        const builder = new RowBlockBuilder([...columns, { name: 'c', type: 'any' }]);
        for (const row of values) builder.addRow(row);
        const block = builder.build();
        expect(rowChecksum(block)).toBe(checksumOf(block));
        const hashes = hashRows(block);
        const found = values.map(
          (_, row) => BigInt(hashes[2 * row]!) | (BigInt(hashes[2 * row + 1]!) << 32n),
        );
        expect(found).toEqual(values.map((_, row) => rowHash(block, row)));
      }),
    );
  });

  it('never changes: checkpoints of earlier versions hold it', () => {
    expect(sumOf(Array.from({ length: 41 }, (_, i) => ['x'.repeat(i), BigInt(i) - 9n]))).toBe(
      'aeaf341e62b4046040c64c4d6fa10a09',
    );
    expect(sumOf([[Uint8Array.of(255, 0, 128), -0.5]])).toBe('d9af8468b42fc7e32a42811024752fc4');
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
