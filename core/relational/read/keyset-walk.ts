/** Cutting by walking along an index: exact for any key that the server can order, one scan of the index. */
import type { Tuple } from './key.ts';

/** The key `rows` places after `after` in key order, or `undefined` beyond the end. */
export type Skip = (after: Tuple | undefined, rows: number) => Promise<Tuple | undefined>;

/** Steps per wanted piece: more give a better balance when the estimate of rows is wrong. */
const OVERSAMPLE = 4;
/** Steps at most per wanted step, for tables that are much larger than estimated. */
const PATIENCE = 4;

/** Cut points, strictly increasing because each was found after the one before. */
export async function walk(
  estimatedRows: number,
  pieces: number,
  skip: Skip,
): Promise<{ readonly points: readonly Tuple[]; readonly rows: number }> {
  const steps = pieces * OVERSAMPLE;
  const stride = Math.max(1, Math.floor(estimatedRows / steps));
  const found: Tuple[] = [];
  let at: Tuple | undefined;
  while (found.length < steps * PATIENCE) {
    at = await skip(at, stride);
    if (at === undefined) break;
    found.push(at);
  }
  return { points: evenly(found, pieces), rows: (found.length + 1) * stride };
}

/** At most `pieces - 1` of the points, at equal distances; `n` points bound `n + 1` parts. */
export function evenly<T>(points: readonly T[], pieces: number): readonly T[] {
  const parts = points.length + 1;
  if (parts <= pieces) return points;
  return Array.from({ length: pieces - 1 }, (_, i) => points[Math.round(((i + 1) * parts) / pieces) - 1]!);
}
