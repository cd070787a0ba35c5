/** Finds the smallest scenario that still fails: fewer kinds of fault, no commands, smaller sizes. */
import type { Mutant } from './mutant.ts';
import { type Scenario, withNumber } from './scenario.ts';
import { simulate } from './simulate.ts';

/** A reduced scenario, and how to get it on the command line. */
export interface Reduction {
  readonly scenario: Scenario;
  readonly settings: readonly string[];
  readonly violation: string;
}

const SIZES = [
  'sizes.jobs',
  'sizes.schedules',
  'sizes.byTimer',
  'sizes.begins',
  'sizes.splits',
  'sizes.pageRows',
  'sizes.bulk',
  'sizes.shards',
  'sizes.concurrent',
  'sizes.rows',
  'sizes.sourceChanges',
  'sizes.dirtyEvery',
];

/** Sizes that may be zero. */
const MAY_BE_NONE: ReadonlySet<string> = new Set([
  'sizes.sourceChanges',
  'sizes.dirtyEvery',
  'sizes.byTimer',
  'sizes.splits',
  'sizes.pageRows',
  'sizes.begins',
]);

/** Tries one step after the other and keeps those after which some violation remains. */
export async function reduce(scenario: Scenario, mutant?: Mutant): Promise<Reduction> {
  let current = scenario;
  let violation = (await simulate(scenario, mutant)).violations[0] ?? 'none any more';
  const kept = new Map<string, number>();
  const tryOut = async (path: string, value: number): Promise<boolean> => {
    const smaller = withNumber(current, path, value);
    const [found] = (await simulate(smaller, mutant)).violations;
    if (found === undefined) return false;
    current = smaller;
    violation = found;
    kept.set(path, value);
    return true;
  };
  await tryOut('actions.count', 0);
  for (const name of Object.keys(current.faults) as (keyof Scenario['faults'])[])
    if (current.faults[name] > 0) await tryOut(`faults.${name}`, 0);
  for (const path of SIZES) await shrink(path, () => numberAt(current, path), tryOut);
  const settings = [...kept].map(([path, value]) => `${path}=${value}`);
  return { scenario: current, settings, violation };
}

/** Halves a number as long as the scenario fails. */
async function shrink(
  path: string,
  now: () => number,
  tryOut: (path: string, value: number) => Promise<boolean>,
): Promise<void> {
  const least = MAY_BE_NONE.has(path) ? 0 : 1;
  for (let at = now(); at > least && (await tryOut(path, Math.max(least, Math.floor(at / 2)))); at = now());
}

const numberAt = (scenario: Scenario, path: string): number =>
  scenario.sizes[path.split('.')[1] as keyof Scenario['sizes']];
