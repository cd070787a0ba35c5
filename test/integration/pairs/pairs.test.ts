/** Every system to every system, by job files, the real engine and real servers; each value compared. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobText } from './job-text.ts';
import { PairRuns } from './pair-runs.ts';
import { PLACES, type PlaceName, type Places, startPlaces } from './places.ts';
import { differences, type Row, rowsUpTo } from './rows.ts';

const ROWS = 3_000;

let places: Places;
const runs = new PairRuns();
const wanted: readonly Row[] = rowsUpTo(ROWS);

beforeAll(async () => {
  places = await startPlaces();
  for (const name of PLACES) await places.at[name].fill('source', wanted);
});

afterAll(() => places?.[Symbol.asyncDispose]());

/** All pairs; notations take turns, and so does who makes the table. */
const PAIRS = PLACES.flatMap((source, i) =>
  PLACES.map((target, k) => ({
    source,
    target,
    dialect: (i + k) % 2 === 0 ? ('v2' as const) : ('datax' as const),
    create: isDatabase(target) && ((isDatabase(source) && source !== target) || source === 'parquet'),
  })),
);

function isDatabase(name: PlaceName): boolean {
  return name === 'mysql' || name === 'postgresql';
}

describe('each value arrives as it is', () => {
  test.each(PAIRS)(
    '$source to $target ($dialect, create: $create)',
    async ({ source, target, dialect, create }) => {
      const from = places.at[source];
      const to = places.at[target];
      const table = `from_${source}`;
      const writer = await to.target(table, { create, typed: from.typed });
      const run = await runs.run(jobText(dialect, from.reader('source'), writer));
      expect(run.receipt?.counters).toMatchObject({ read: ROWS, written: ROWS, dirty: 0 });
      expect(run.plan?.shardCount).toBeGreaterThanOrEqual(3);
      expect(differences(await to.rows(table), wanted).slice(0, 4)).toEqual([]);
      const report = await runs.verify(run);
      expect({ verdict: report.verdict, problems: report.problems }).toEqual({
        verdict: 'same',
        problems: [],
      });
      await to.alter(table);
      expect((await runs.verify(run)).verdict).toBe('different');
    },
  );
});
