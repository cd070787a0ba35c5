import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { KeyRange } from '../../../core/connectors/ots/range.ts';
import { joinedPieces, piecesAt } from '../../../core/connectors/ots/split-planner.ts';
import { INF_MAX, INF_MIN } from '../../../core/tablestore/index.ts';

const all: KeyRange = { direction: 'FORWARD', begin: [INF_MIN], end: [INF_MAX] };

it('joins neighbours into at most so many pieces, of about equal number, and covers the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 }), (cuts, most) => {
      const keys = Array.from({ length: cuts }, (_, i) => [BigInt(i)]);
      const pieces = piecesAt(
        all,
        keys,
        Array.from({ length: cuts + 1 }, () => 10),
      );
      const joined = joinedPieces(pieces, most);
      expect(joined).toHaveLength(Math.min(pieces.length, most));
      expect(joined[0]?.range.begin).toEqual(all.begin);
      expect(joined.at(-1)?.range.end).toEqual(all.end);
      for (const [i, piece] of joined.entries()) {
        if (i > 0) expect(piece.range.begin).toEqual(joined[i - 1]!.range.end);
        expect(piece.range.direction).toBe('FORWARD');
      }
      const bytes = joined.map(({ estimatedBytes = 0 }) => estimatedBytes);
      expect(bytes.reduce((sum, one) => sum + one, 0)).toBe(10 * pieces.length);
      expect(Math.max(...bytes) - Math.min(...bytes)).toBeLessThanOrEqual(10);
    }),
  );
});

it('adds up the sizes that are known', () => {
  const pieces = piecesAt(all, [[1n], [2n], [3n]], [5, 7]);
  expect(joinedPieces(pieces, 2).map(({ estimatedBytes }) => estimatedBytes)).toEqual([12, 0]);
});
