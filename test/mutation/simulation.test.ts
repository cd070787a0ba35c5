import { expect, it } from 'vitest';
import { drawScenario } from '../simulation/scenario.ts';
import { simulate } from '../simulation/simulate.ts';

const SEEDS = 40;

it('keeps every promise of the simulation on a few fixed seeds', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    expect((await simulate(drawScenario(seed))).violations, `seed ${seed}`).toEqual([]);
  }
});
