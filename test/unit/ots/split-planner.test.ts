import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareKeys } from '../../../core/connectors/ots/key.ts';
import type { KeyRange } from '../../../core/connectors/ots/range.ts';
import {
  FIRST_UNIT_BYTES,
  MAX_SHARDS,
  MIN_UNIT_BYTES,
  type Piece,
  piecesAt,
  piecesBySize,
} from '../../../core/connectors/ots/split-planner.ts';
import { INF_MAX, INF_MIN, type KeyBound, type KeyColumn } from '../../../core/tablestore/index.ts';

const key = [
  { name: 'a', type: 'INTEGER' },
  { name: 'b', type: 'INTEGER' },
] as const;
const all: KeyRange = { direction: 'FORWARD', begin: [INF_MIN, INF_MIN], end: [INF_MAX, INF_MAX] };
const backward: KeyRange = { direction: 'BACKWARD', begin: all.end, end: all.begin };

/** A service that stores `rows` rows of `rowBytes`, with keys 0 … rows-1, and obeys the unit. */
function tableOf(rows: number, rowBytes: number) {
  const asked: number[] = [];
  const ask = async (unitBytes: number): Promise<KeyColumn<KeyBound>[][]> => {
    asked.push(unitBytes);
    const step = Math.max(1, Math.floor(unitBytes / rowBytes));
    const points: KeyColumn<KeyBound>[][] = [];
    for (let i = step; i < rows; i += step) points.push([{ name: 'a', value: BigInt(i) }]);
    return points;
  };
  return { ask, asked };
}

/** Whether a key is in a piece: [begin, end) in scan direction. */
function holds({ range }: Piece, k: readonly KeyBound[]): boolean {
  const sign = range.direction === 'FORWARD' ? 1 : -1;
  return compareKeys(range.begin, k) * sign <= 0 && compareKeys(k, range.end) * sign < 0;
}

describe('by stored size', () => {
  test('a large table is cut with the service unit and joined to four pieces for each wanted one', async () => {
    const { ask, asked } = tableOf(100_000, 1024 * 1024);
    const pieces = await piecesBySize(all, key, 8, ask);
    expect(asked).toEqual([FIRST_UNIT_BYTES]);
    expect(pieces).toHaveLength(8 * 4);
    const sizes = pieces.map((p) => p.estimatedBytes!);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(FIRST_UNIT_BYTES);
    expect(sizes.reduce((sum, n) => sum + n)).toBe(1000 * FIRST_UNIT_BYTES);
  });

  test.each([2, 3, 8, 40, 64])('a small table gives about %i pieces in few calls', async (want) => {
    const { ask, asked } = tableOf(50_000, 300);
    const pieces = await piecesBySize(all, key, want, ask);
    expect(pieces.length).toBeGreaterThanOrEqual(want);
    expect(pieces.length).toBeLessThanOrEqual(2 * want);
    expect(asked.length).toBeLessThanOrEqual(4);
  });

  test('a tiny table stays whole', async () => {
    const { ask, asked } = tableOf(10, 100);
    expect(await piecesBySize(all, key, 8, ask)).toEqual([{ range: all }]);
    expect(Math.min(...asked)).toBeGreaterThanOrEqual(MIN_UNIT_BYTES);
  });

  test('a service that ignores the unit gives what it gives', async () => {
    const point = [{ name: 'a', value: 5n }];
    expect(await piecesBySize(all, key, 8, async () => [point])).toHaveLength(2);
  });

  test('never more than the cap', async () => {
    const { ask } = tableOf(30_000, FIRST_UNIT_BYTES);
    expect(await piecesBySize(all, key, 1_000_000, ask)).toHaveLength(MAX_SHARDS);
  });

  test('points outside the range are dropped', async () => {
    const { ask } = tableOf(1000, FIRST_UNIT_BYTES);
    const range: KeyRange = { direction: 'FORWARD', begin: [500n, INF_MIN], end: [503n, 7n] };
    const pieces = await piecesBySize(range, key, 4, ask);
    const cuts = pieces.slice(1).map((p) => p.range.begin);
    expect(cuts).toEqual([
      [501n, INF_MIN],
      [502n, INF_MIN],
      [503n, INF_MIN],
    ]);
  });

  test('a point unlike the key is damage', async () => {
    const ask = async () => [[{ name: 'b', value: 5n }]];
    await expect(piecesBySize(all, key, 2, ask)).rejects.toMatchObject({ code: 'SRC-2005' });
  });
});

describe('pieces cover the range once and in order', () => {
  const small = fc.bigInt({ min: -20n, max: 20n });
  const point = fc
    .oneof(fc.tuple(small), fc.tuple(small, small))
    .map((values) => values.map((value, i) => ({ name: key[i]!.name, value })));
  const wholeKey = fc.tuple(small, small);

  const check = (pieces: readonly Piece[], range: KeyRange, k: readonly KeyBound[]): void => {
    const inside = holds({ range }, k) ? 1 : 0;
    expect(pieces.filter((piece) => holds(piece, k))).toHaveLength(inside);
    expect(pieces[0]?.range.begin).toEqual(range.begin);
    expect(pieces.at(-1)?.range.end).toEqual(range.end);
    for (const [i, piece] of pieces.slice(1).entries()) {
      expect(piece.range.begin).toEqual(pieces[i]!.range.end);
    }
  };

  test('whatever points come, in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(point, { maxLength: 30 }),
        fc.constantFrom(all, backward),
        fc.option(fc.tuple(wholeKey, wholeKey)),
        fc.integer({ min: 2, max: 12 }),
        wholeKey,
        async (points, whole, bounds, want, k) => {
          const range = bounds ? rangeOf(bounds[0], bounds[1], whole.direction) : whole;
          if (!range) return;
          check(await piecesBySize(range, key, want, async () => points), range, k);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('at the values of a job', () => {
    fc.assert(
      fc.property(fc.uniqueArray(small, { maxLength: 8 }), fc.boolean(), wholeKey, (values, forward, k) => {
        const sorted = values.sort((a, b) => Number(forward ? a - b : b - a));
        const range = forward ? all : backward;
        const pieces = piecesAt(
          range,
          sorted.map((v) => [v, INF_MIN]),
        );
        expect(pieces).toHaveLength(values.length + 1);
        check(pieces, range, k);
      }),
    );
  });

  function rangeOf(x: KeyBound[], y: KeyBound[], direction: KeyRange['direction']): KeyRange | undefined {
    const order = compareKeys(x, y);
    if (order === 0) return undefined;
    const [low, high] = order < 0 ? [x, y] : [y, x];
    return direction === 'FORWARD'
      ? { direction, begin: low, end: high }
      : { direction, begin: high, end: low };
  }
});
