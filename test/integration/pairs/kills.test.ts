/**
 * Workers that die in the middle of writing, at moments that follow from a seed. Tables take plain inserts and have no
 * key, so that a row too much or too little would show.
 */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunRow, resumeRun } from '../../../core/run/index.ts';
import { jobText } from './job-text.ts';
import { PairRuns } from './pair-runs.ts';
import { type PlaceName, type Places, startPlaces } from './places.ts';
import { Reaper } from './reaper.ts';
import { differences, type Row, rowsUpTo } from './rows.ts';

const ROWS = 3_000;
const KILLS = 3;
/** Decides when workers die; in the names of the tests, to be given again. */
const SEED = Number(process.env.MILLRACE_PAIRS_SEED ?? randomInt(1_000_000));

let places: Places;
const wanted: readonly Row[] = rowsUpTo(ROWS);

const PAIRS: readonly (readonly [PlaceName, PlaceName])[] = [
  ['postgresql', 'mysql'],
  ['mysql', 'postgresql'],
  ['csv', 'ots'],
  ['mysql', 'csv'],
  ['postgresql', 'parquet'],
];

beforeAll(async () => {
  places = await startPlaces();
  for (const name of new Set(PAIRS.map(([source]) => source))) await places.at[name].fill('source', wanted);
});

afterAll(() => places?.[Symbol.asyncDispose]());

async function expectExact(runs: PairRuns, row: RunRow, target: PlaceName, table: string): Promise<void> {
  expect(row.failure).toBeUndefined();
  expect(row.state).toBe('SUCCEEDED');
  expect(row.receipt?.counters).toMatchObject({ read: ROWS, written: ROWS, dirty: 0 });
  expect(differences(await places.at[target].rows(table), wanted).slice(0, 4)).toEqual([]);
  expect((await runs.verify(row)).verdict).toBe('same');
}

async function jobOf(source: PlaceName, target: PlaceName, table: string): Promise<string> {
  const { [source]: from, [target]: to } = places.at;
  return jobText('v2', from.reader('source'), await to.target(table, { keyless: true, typed: from.typed }));
}

describe(`each row arrives once (seed ${SEED})`, () => {
  test.each(PAIRS)(`%s to %s, although ${KILLS} workers die and wake up later`, async (source, target) => {
    const runs = new PairRuns();
    const reaper = new Reaper(SEED, KILLS);
    runs.life = reaper.life;
    const table = `killed_${source}`;
    const row = await runs.settle(await runs.start(await jobOf(source, target, table)));
    expect(reaper.deaths, 'the moments').toHaveLength(KILLS);
    await expectExact(runs, row, target, table);
    reaper.wake();
    await runs.idle();
    await expectExact(runs, await runs.row(row), target, table);
  });

  test.each(PAIRS)('%s to %s, although the run failed by it and is resumed', async (source, target) => {
    const runs = new PairRuns();
    const reaper = new Reaper(SEED + 1, 1);
    runs.life = reaper.life;
    const table = `resumed_${source}`;
    const failed = await runs.settle(
      await runs.start(await jobOf(source, target, table), { maxAttempts: 1 }),
    );
    expect({ state: failed.state, deaths: reaper.deaths.length }).toEqual({ state: 'FAILED', deaths: 1 });
    const row = await runs.settle(await resumeRun(runs.deps, failed));
    reaper.wake();
    await runs.idle();
    await expectExact(runs, row, target, table);
  });
});
