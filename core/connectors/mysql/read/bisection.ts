/**
 * Cutting a range of whole numbers into pieces with about equally many rows, by what the optimizer of the server
 * estimates for a range: it dives into the index twice and reads no rows, so the cost does not depend on the size of
 * the table. The heaviest piece is always cut next, until all are light; then neighbours are joined. Skew is found where
 * it is: sparse keys cost only as many dives as they have heavy parts.
 */

/** Asks the server how many rows have `from <= key < to`. */
export type Estimate = (from: bigint, to: bigint) => Promise<number>;

/** Light = this part of a wanted piece: a boundary is wrong by half of it at most. */
const GRAINS_PER_PIECE = 8;
/** Few large pieces are made of finer grains: each takes a larger share of the work. */
const LEAST_GRAINS = 256;
/** Dives at most; each takes a round trip. */
const MAX_DIVES = 4_000;

interface Leaf {
  readonly from: bigint;
  readonly to: bigint;
  readonly rows: number;
}

/** Inner cut points of `[low, high]`, strictly increasing, and the estimate of all rows. */
export async function bisect(
  low: bigint,
  high: bigint,
  pieces: number,
  estimate: Estimate,
): Promise<{ readonly points: readonly bigint[]; readonly rows: number }> {
  const whole = { from: low, to: high + 1n, rows: await estimate(low, high + 1n) };
  const light = whole.rows / Math.max(LEAST_GRAINS, pieces * GRAINS_PER_PIECE);
  const leaves = await cutHeaviest(whole, Math.max(1, light), estimate);
  const rows = leaves.reduce((sum, leaf) => sum + leaf.rows, 0);
  return { points: joined(leaves, rows, pieces), rows };
}

async function cutHeaviest(whole: Leaf, light: number, estimate: Estimate): Promise<readonly Leaf[]> {
  const leaves: Leaf[] = [whole];
  let dives = 1;
  while (dives + 2 <= MAX_DIVES) {
    const index = heaviest(leaves, light);
    const leaf = leaves[index];
    if (leaf === undefined) break;
    const middle = leaf.from + (leaf.to - leaf.from) / 2n;
    const left = { from: leaf.from, to: middle, rows: await estimate(leaf.from, middle) };
    const right = { from: middle, to: leaf.to, rows: await estimate(middle, leaf.to) };
    dives += 2;
    leaves.splice(index, 1, left, right);
  }
  return leaves;
}

/** Index of the piece with the most rows that can be cut, -1 if all are light. */
function heaviest(leaves: readonly Leaf[], light: number): number {
  let best = -1;
  for (const [i, leaf] of leaves.entries()) {
    if (leaf.rows <= light || leaf.to - leaf.from < 2n) continue;
    if (best < 0 || leaf.rows > leaves[best]!.rows) best = i;
  }
  return best;
}

/** Ends a piece where the rows so far come closest to its share. */
function joined(leaves: readonly Leaf[], rows: number, pieces: number): bigint[] {
  const points: bigint[] = [];
  let before = 0;
  for (const [i, leaf] of leaves.entries()) {
    if (i > 0) {
      const share = (rows * (points.length + 1)) / pieces;
      const after = before + leaf.rows;
      const isNearest = before >= share || (after > share && share - before <= after - share);
      if (before > 0 && isNearest && points.length < pieces - 1) points.push(leaf.from);
    }
    before += leaf.rows;
  }
  return points;
}
