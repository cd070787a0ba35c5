/**
 * Cutting a range of whole numbers into pieces with about equally many rows, by what the optimizer of the server
 * estimates for a range: it dives into the index twice and reads no rows, so the cost does not depend on the size of
 * the table. The heaviest pieces are always cut next, until all are light; then neighbours are joined. Skew is found where
 * it is: sparse keys cost only as many dives as they have heavy parts.
 */

/** Keys from `from` up to and without `to`. */
export interface KeyRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** Asks the server how many rows each of the ranges has. */
export type Estimate = (ranges: readonly KeyRange[]) => Promise<readonly number[]>;

/** Light = this part of a wanted piece: a boundary is wrong by half of it at most. */
const GRAINS_PER_PIECE = 8;
/** Few large pieces are made of finer grains: each takes a larger share of the work. */
const LEAST_GRAINS = 128;
/** Ranges to estimate at most. */
const MAX_DIVES = 4_000;
/** Pieces that are cut at once: their halves are estimated in one round trip. */
const CUTS_AT_ONCE = 32;

interface Leaf extends KeyRange {
  readonly rows: number;
}

/** Inner cut points of `[low, high]`, strictly increasing, and the estimate of all rows. */
export async function bisect(
  low: bigint,
  high: bigint,
  pieces: number,
  estimate: Estimate,
): Promise<{ readonly points: readonly bigint[]; readonly rows: number }> {
  const [whole] = await leavesOf([{ from: low, to: high + 1n }], estimate);
  if (whole === undefined) return { points: [], rows: 0 };
  const light = whole.rows / Math.max(LEAST_GRAINS, pieces * GRAINS_PER_PIECE);
  const leaves = await cutHeaviest(whole, Math.max(1, light), estimate);
  const rows = leaves.reduce((sum, leaf) => sum + leaf.rows, 0);
  return { points: joined(leaves, rows, pieces), rows };
}

async function leavesOf(ranges: readonly KeyRange[], estimate: Estimate): Promise<readonly Leaf[]> {
  const rows = await estimate(ranges);
  return ranges.map((range, i) => ({ ...range, rows: rows[i] ?? 0 }));
}

async function cutHeaviest(whole: Leaf, light: number, estimate: Estimate): Promise<readonly Leaf[]> {
  let leaves: readonly Leaf[] = [whole];
  for (let dives = 1; ; ) {
    const room = Math.floor((MAX_DIVES - dives) / 2);
    const heavy = heaviest(leaves, light, Math.min(CUTS_AT_ONCE, room));
    if (heavy.size === 0) return leaves;
    const halves = await leavesOf([...heavy].flatMap(halvesOf), estimate);
    dives += halves.length;
    const halvesBy = new Map([...heavy].map((leaf, i) => [leaf, halves.slice(2 * i, 2 * i + 2)]));
    leaves = leaves.flatMap((leaf) => halvesBy.get(leaf) ?? [leaf]);
  }
}

function halvesOf({ from, to }: KeyRange): readonly KeyRange[] {
  const middle = from + (to - from) / 2n;
  return [
    { from, to: middle },
    { from: middle, to },
  ];
}

/** The pieces with the most rows that can be cut and are not light. */
function heaviest(leaves: readonly Leaf[], light: number, most: number): ReadonlySet<Leaf> {
  const heavy = leaves.filter(({ from, to, rows }) => rows > light && to - from >= 2n);
  return new Set(heavy.sort((a, b) => b.rows - a.rows).slice(0, most));
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
