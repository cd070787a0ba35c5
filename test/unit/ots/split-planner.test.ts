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

  test.each([
    ['another column', [{ name: 'b', value: 5n }]],
    [
      'its first column twice',
      [
        { name: 'a', value: 5n },
        { name: 'a', value: 5n },
      ],
    ],
    ['more columns than the key', ['a', 'b', 'c'].map((name) => ({ name, value: 5n }))],
  ])('a point unlike the key is damage that may pass: %s', async (_, point) => {
    const damage = piecesBySize(all, key, 2, async () => [point]);
    await expect(damage).rejects.toMatchObject({
      code: 'SRC-2005',
      kind: 'transient',
      message: 'a split point is not a key of the table',
    });
  });

  test('a backward range is cut at the same points, the other way round', async () => {
    const points = [3n, 1n, 2n].map((value) => [{ name: 'a', value }]);
    const pieces = await piecesBySize(backward, key, 4, async () => points);
    expect(pieces.map((piece) => piece.range.begin[0])).toEqual([INF_MAX, 3n, 2n, 1n]);
    expect(pieces.map((piece) => piece.range.direction)).toEqual(Array(4).fill('BACKWARD'));
  });

  test('a point given twice, or at an end of the range, cuts nothing off', async () => {
    const range: KeyRange = { direction: 'FORWARD', begin: [1n, INF_MIN], end: [3n, INF_MIN] };
    const points = [1n, 2n, 2n, 3n].map((value) => [{ name: 'a', value }]);
    const pieces = await piecesBySize(range, key, 2, async () => points);
    expect(pieces.map((piece) => piece.range.begin)).toEqual([
      [1n, INF_MIN],
      [2n, INF_MIN],
    ]);
  });
});

/** What the planner asks when the service answers with these numbers of points, one answer after the other. */
async function asked(want: number, ...answers: readonly number[]) {
  const units: number[] = [];
  const pieces = await piecesBySize(all, key, want, async (unitBytes) => {
    const points = answers[Math.min(units.length, answers.length - 1)]!;
    units.push(unitBytes);
    return Array.from({ length: points }, (_, i) => [{ name: 'a', value: BigInt(i) }]);
  });
  return { units, pieces };
}

describe('what the service is asked', () => {
  const MIB = 1024 * 1024;

  test('the smallest unit is 16 KiB, the first 100 MiB', () => {
    expect([MIN_UNIT_BYTES, FIRST_UNIT_BYTES]).toEqual([16 * 1024, 100 * MIB]);
  });

  test('no more once there are enough pieces, exactly as many as wanted', async () => {
    expect((await asked(8, 7)).units).toHaveLength(1);
    expect((await asked(8, 6, 7)).units).toHaveLength(2);
  });

  test('four times at most', async () => {
    expect((await asked(8, 1)).units).toHaveLength(4);
  });

  test('a unit that follows from the number of pieces, at least halved each time', async () => {
    expect((await asked(8, 1, 7)).units).toEqual([100 * MIB, 25 * MIB]);
    expect((await asked(8, 5, 7)).units).toEqual([100 * MIB, 50 * MIB]);
    expect((await asked(12, 3, 11)).units).toEqual([100 * MIB, Math.floor((100 * MIB) / 3)]);
  });

  test('a much smaller unit while the range is one piece, and never below the smallest', async () => {
    expect((await asked(8, 0, 7)).units).toEqual([100 * MIB, (100 * MIB) / 32]);
    expect((await asked(1000, 0)).units).toEqual([100 * MIB, 26_214, MIN_UNIT_BYTES]);
  });
});

describe('the pieces that are made of the answers', () => {
  test('the answer with most cuts counts, the finer one among equals', async () => {
    const dwindling = await asked(8, 3, 1, 2, 0);
    expect(dwindling.pieces).toHaveLength(4);
    expect(dwindling.pieces[0]?.estimatedBytes).toBe(dwindling.units[0]);
    const equal = await asked(8, 3, 3, 3, 3);
    expect(equal.pieces.map((piece) => piece.estimatedBytes)).toEqual(Array(4).fill(equal.units[3]));
  });

  test('of the first unit, four per wanted one; up to twice as many stay as they are', async () => {
    expect((await asked(2, 15)).pieces).toHaveLength(16);
    expect((await asked(2, 16)).pieces).toHaveLength(8);
  });

  test('of a smaller unit, one per wanted one; up to twice as many stay as they are', async () => {
    expect((await asked(4, 0, 7)).pieces).toHaveLength(8);
    expect((await asked(4, 0, 8)).pieces).toHaveLength(4);
  });

  test('joined ones are of as equal a size as pieces allow, and their sizes add up', async () => {
    const { pieces } = await asked(3, 99);
    const sizes = pieces.map((piece) => piece.estimatedBytes! / FIRST_UNIT_BYTES);
    expect(sizes.reduce((sum, n) => sum + n)).toBe(100);
    expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([8, 9]);
  });

  test('as many as a run may have stay, more are joined although the tolerance would allow them', async () => {
    expect((await asked(6000, MAX_SHARDS - 1)).pieces).toHaveLength(MAX_SHARDS);
    expect((await asked(6000, MAX_SHARDS)).pieces).toHaveLength(MAX_SHARDS);
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

  test('and none of them is empty, and none is without a size but a whole range', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(point, { maxLength: 30 }),
        fc.constantFrom(all, backward),
        fc.integer({ min: 1, max: 12 }),
        async (points, range, want) => {
          const pieces = await piecesBySize(range, key, want, async () => points);
          const sign = range.direction === 'FORWARD' ? 1 : -1;
          for (const piece of pieces) {
            expect(compareKeys(piece.range.begin, piece.range.end) * sign).toBeLessThan(0);
            expect(piece.estimatedBytes === undefined).toBe(pieces.length === 1);
          }
        },
      ),
    );
  });

  test('a piece of the values of a job has no size at all', () => {
    const pieces = piecesAt(all, [[1n, INF_MIN]], [100]);
    expect('estimatedBytes' in pieces[0]!).toBe(true);
    expect('estimatedBytes' in pieces[1]!).toBe(false);
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
