/** The comparison of two multisets of rows: by buckets, then row by row. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CellValue, RowBlockBuilder } from '../../../core/types/index.ts';
import { BUCKETS, BucketTable } from '../../../core/verify/bucket-table.ts';
import { Narrowing } from '../../../core/verify/narrowing.ts';

const columns = [
  { name: 'a', type: 'any' as const },
  { name: 'b', type: 'any' as const },
];
type Row = readonly [CellValue, CellValue];

const blockOf = (rows: readonly Row[]) => {
  const builder = new RowBlockBuilder(columns);
  for (const row of rows) builder.addRow(row);
  return builder.build();
};

/** Few values, so that rows repeat and differ in one cell, in form only, or in where a boundary lies. */
const cell: fc.Arbitrary<CellValue> = fc.constantFrom<CellValue>(
  null,
  '',
  'a',
  'ab',
  'b',
  '1',
  1n,
  1,
  true,
  Buffer.from('a'),
);
const row: fc.Arbitrary<Row> = fc.oneof(
  fc.tuple(cell, cell),
  fc.tuple(fc.string({ maxLength: 4 }), fc.bigInt({ min: -9n, max: 9n })),
);
const rows = fc.array(row, { maxLength: 40 });

/** A list with its elements in another order, cut into blocks elsewhere. */
const shuffled = (given: readonly Row[]) =>
  fc.tuple(fc.shuffledSubarray([...given], { minLength: given.length, maxLength: given.length }), fc.nat());

const compare = (source: readonly Row[], target: readonly Row[], cut = 0): readonly number[] => {
  const table = new BucketTable();
  table.add(blockOf(source), 1);
  const at = target.length === 0 ? 0 : cut % target.length;
  table.add(blockOf(target.slice(0, at)), -1);
  table.add(blockOf(target.slice(at)), -1);
  return table.differing();
};

/** The difference by brute force: times on the left less times on the right. */
function balance(source: readonly Row[], target: readonly Row[]): Map<string, number> {
  const name = (one: Row): string =>
    JSON.stringify(one.map((value) => [typeof value, value instanceof Uint8Array ? 'b' : '', String(value)]));
  const times = new Map<string, number>();
  for (const one of source) times.set(name(one), (times.get(name(one)) ?? 0) + 1);
  for (const one of target) times.set(name(one), (times.get(name(one)) ?? 0) - 1);
  return new Map([...times].filter(([, n]) => n !== 0));
}

describe('two multisets of rows', () => {
  it('are equal in any order and in any blocks', () => {
    fc.assert(
      fc.property(
        rows.chain((given) => fc.tuple(fc.constant(given), shuffled(given))),
        ([given, [other, cut]]) => {
          expect(compare(given, other, cut)).toEqual([]);
        },
      ),
    );
  });

  it('differ in some bucket exactly if they differ, and narrowing finds just the rows that do', () => {
    fc.assert(
      fc.property(rows, rows, fc.nat(), (common, more, seed) => {
        const source = [...common, ...more.slice(0, seed % (more.length + 1))];
        const target = [...common, ...more.slice(seed % (more.length + 1))].reverse();
        const expected = balance(source, target);
        const buckets = compare(source, target);
        expect(buckets.length > 0).toBe(expected.size > 0);
        const narrowing = new Narrowing(buckets);
        narrowing.add(blockOf(source), 1);
        narrowing.add(blockOf(target), -1);
        const { missing, extra, unseen } = narrowing.result();
        const sum = (times: readonly number[]): number => times.reduce((all, n) => all + Math.abs(n), 0);
        const times = [...expected.values()];
        expect(sum(missing.map((odd) => odd.times))).toBe(sum(times.filter((n) => n > 0)));
        expect(sum(extra.map((odd) => odd.times))).toBe(sum(times.filter((n) => n < 0)));
        expect(missing.length + extra.length).toBe(expected.size);
        expect(unseen).toEqual([]);
      }),
    );
  });

  it.each<[string, readonly Row[], readonly Row[]]>([
    ['one altered cell', [['a', 1n]], [['a', 2n]]],
    ['a missing row', [['a', 1n]], []],
    ['an extra row', [], [['a', 1n]]],
    [
      'a doubled row',
      [['a', 1n]],
      [
        ['a', 1n],
        ['a', 1n],
      ],
    ],
    [
      'two rows that swapped a cell',
      [
        ['a', 1n],
        ['b', 2n],
      ],
      [
        ['a', 2n],
        ['b', 1n],
      ],
    ],
    ['null against empty', [[null, 1n]], [['', 1n]]],
    ['a boundary between cells', [['ab', 'c']], [['a', 'bc']]],
    ['text against bytes', [['a', 1n]], [[Buffer.from('a'), 1n]]],
  ])('tells %s', (_what, source, target) => {
    const many = Array.from({ length: 5_000 }, (_, i): Row => [`row ${i}`, BigInt(i)]);
    expect(compare([...many, ...source], [...many, ...target])).not.toEqual([]);
    expect(compare([...many, ...source], [...source, ...many])).toEqual([]);
  });

  it('cancels exactly, however often a row repeats', () => {
    const table = new BucketTable();
    const block = blockOf(Array.from({ length: 1_000 }, (): Row => ['same', 1n]));
    for (let i = 0; i < 300; i++) table.add(block, 1);
    for (let i = 0; i < 300; i++) table.add(block, -1);
    expect(table.differing()).toEqual([]);
  });

  it('spread over the buckets', () => {
    const table = new BucketTable();
    table.add(blockOf(Array.from({ length: BUCKETS }, (_, i): Row => [BigInt(i), `${i}`])), 1);
    // As many balls as urns leave a share of 1/e empty: 63.2 % are hit.
    expect(table.differing().length / BUCKETS).toBeCloseTo(1 - 1 / Math.E, 2);
  });
});

describe('narrowing', () => {
  it('with too many rows looks into fewer buckets, and what it names stays true', () => {
    const source = Array.from({ length: 4_000 }, (_, i): Row => [`row ${i}`, 'x'.repeat(100)]);
    const target = source.filter((_, i) => i % 10 !== 0);
    const narrowing = new Narrowing(compare(source, target), { maxBytes: 100_000 });
    narrowing.add(blockOf(source), 1);
    narrowing.add(blockOf(target), -1);
    const { missing, extra, unseen } = narrowing.result();
    expect(extra).toEqual([]);
    expect(unseen.length).toBeGreaterThan(0);
    expect(missing.length).toBeGreaterThan(10);
    expect(missing.length).toBeLessThan(400);
    const lacking = new Set(source.filter((_, i) => i % 10 === 0).map(([name]) => name));
    for (const { cells } of missing) expect(lacking).toContain(cells[0]);
  });
});
