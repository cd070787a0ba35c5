import { describe, expect, it } from 'vitest';
import { cases } from './cases/index.ts';
import { EscapeError, withoutRealWorld } from './globals-guard.ts';
import { mutants } from './mutants/index.ts';
import { reduce } from './reduce.ts';
import { failureReport, Tally } from './report.ts';
import { drawScenario, withNumber } from './scenario.ts';
import { simulate } from './simulate.ts';

const FIXED_SEEDS = 500;
/** Seeds of the day: each run of the suite looks where none has looked before. */
const FRESH_SEEDS = 100;
const FIRST_FRESH = 1_000_000 + (Math.floor(Date.now() / 1000) % 1_000_000_000);
const MUTANT_SEEDS = 500;
/** A seed with more than one job. */
const SEED_OF_SEVERAL_JOBS = 9;
/** For a machine that is busy with other things, milliseconds. */
const PATIENCE_MS = 600_000;
/** Share of seeds in which each rare order must have been met. */
const LEAST_SHARE = 0.01;

/** Plays seeds; returns a report of each that fails. */
async function play(first: number, count: number, tally: Tally): Promise<readonly string[]> {
  const reports: string[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const outcome = await simulate(drawScenario(seed));
    tally.add(outcome);
    if (outcome.violations.length > 0) reports.push(failureReport(outcome, await reduce(outcome.scenario)));
  }
  return reports;
}

describe('a simulated hour', { timeout: PATIENCE_MS }, () => {
  it('keeps every promise on the fixed seeds, and meets every rare order', async () => {
    const tally = new Tally();
    expect(await play(1, FIXED_SEEDS, tally)).toEqual([]);
    for (const [rarity, share] of tally.shares)
      expect.soft(share, rarity).toBeGreaterThanOrEqual(LEAST_SHARE);
  });

  it(`keeps every promise on fresh seeds, today from ${FIRST_FRESH}`, async () => {
    expect(await play(FIRST_FRESH, FRESH_SEEDS, new Tally())).toEqual([]);
  });

  it('is the same to the last bit when it is played again', async () => {
    for (const seed of [3, 14, 159]) {
      const [first, second] = [await simulate(drawScenario(seed)), await simulate(drawScenario(seed))];
      expect(second.hash).toBe(first.hash);
      expect(second.events).toBe(first.events);
    }
  });

  it('differs from seed to seed', async () => {
    expect((await simulate(drawScenario(1))).hash).not.toBe((await simulate(drawScenario(2))).hash);
  });

  it.each(cases)('stays mended: $what', async ({ scenario }) => {
    expect((await simulate(scenario)).violations).toEqual([]);
  });
});

describe('the simulation', { timeout: PATIENCE_MS }, () => {
  it.each(mutants)('catches: $name', async (mutant) => {
    for (let seed = 1; seed <= MUTANT_SEEDS; seed++) {
      if ((await simulate(drawScenario(seed), mutant)).violations.length > 0) return;
    }
    expect.fail(`${mutant.name} was not caught within ${MUTANT_SEEDS} seeds`);
  });

  it('lets nothing reach the clock or the randomness of the machine', async () => {
    for (const way of [() => Date.now(), () => Math.random(), () => setTimeout(() => {}, 0)])
      await expect(withoutRealWorld(async () => way())).rejects.toThrow(EscapeError);
    expect(Date.now()).toBeGreaterThan(0);
  });

  it('reduces a failing seed to a smaller one that fails as well', async () => {
    const mutant = mutants.find(({ name }) => name === 'no sweeper')!;
    const scenario = drawScenario(SEED_OF_SEVERAL_JOBS);
    expect(scenario.sizes.jobs).toBeGreaterThan(1);
    const reduced = await reduce(scenario, mutant);
    expect((await simulate(reduced.scenario, mutant)).violations[0]).toBe(reduced.violation);
    expect(reduced.scenario.sizes.shards).toBeLessThanOrEqual(scenario.sizes.shards);
    expect(reduced.scenario.sizes.jobs).toBe(1);
    const replayed = reduced.settings.reduce((all, setting) => {
      const [path = '', value = ''] = setting.split('=');
      return withNumber(all, path, Number(value));
    }, drawScenario(SEED_OF_SEVERAL_JOBS));
    expect(replayed).toEqual(reduced.scenario);
  });
});
