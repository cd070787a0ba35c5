import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitIntegers } from '../../../core/relational/read/integer-split.ts';
import { piecesPerTable } from '../../../core/relational/read/plan.ts';

describe('ranges of whole numbers', () => {
  it.each([
    [1n, 10n, 3, [1, 4, 7, 10]],
    [10n, 1n, 3, [1, 4, 7, 10]],
    [0n, 9n, 4, [0, 3, 5, 7, 9]],
    [5n, 5n, 4, [5, 5]],
    [1n, 3n, 10, [1, 2, 3]],
    [-5n, 5n, 4, [-5, -2, 1, 3, 5]],
    [1n, 10n, 10, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [0n, 100n, 15, [0, 7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 76, 82, 88, 94, 100]],
  ])('cuts %s to %s into %s', (left, right, parts, points) => {
    expect(splitIntegers(left, right, parts).map(Number)).toEqual(points);
  });

  it('loses nothing beyond 53 bits', () => {
    expect(splitIntegers(0n, 2n ** 64n - 1n, 3).map(String)).toEqual([
      '0',
      '6148914691236517205',
      '12297829382473034410',
      '18446744073709551615',
    ]);
  });

  it.each([0, -1, 1.5])('refuses %s ranges', (parts) => {
    expect(() => splitIntegers(0n, 9n, parts)).toThrow(RangeError);
  });

  it('covers the range in order, with widths that differ by one at most', () => {
    const bound = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n });
    fc.assert(
      fc.property(bound, bound, fc.integer({ min: 1, max: 50 }), (left, right, parts) => {
        const points = splitIntegers(left, right, parts);
        const widths = points.slice(1).map((point, i) => point - points[i]!);
        const [low, high] = left < right ? [left, right] : [right, left];
        expect(points[0]).toBe(low);
        expect(points.at(-1)).toBe(high);
        expect(points.length - 1).toBeLessThanOrEqual(parts);
        if (low < high) {
          const sorted = [...widths].sort((a, b) => (a < b ? -1 : 1));
          expect(sorted[0]! > 0n && sorted.at(-1)! - sorted[0]! <= 1n).toBe(true);
        }
      }),
    );
  });
});

describe('shards per table', () => {
  it.each([
    ['one table, two channels', 2, 1, 1, 10],
    ['one table, one channel', 1, 1, 1, 1],
    ['two tables of one connection', 5, 2, 2, 3],
    ['a table in each of three connections: the factor counts once', 6, 3, 1, 10],
    ['more tables than channels', 4, 9, 9, 1],
    ['no more than a run may have', 9_999, 1, 1, 10_000],
  ])('%s', (_what, want, inAll, ofConnection, pieces) => {
    expect(piecesPerTable(want, inAll, ofConnection, 5)).toBe(pieces);
  });
});
