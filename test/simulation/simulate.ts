/** One seed: a world played to its end, and judged. */
import { withoutRealWorld } from './globals-guard.ts';
import type { Rarity } from './ground.ts';
import type { Mutant } from './mutant.ts';
import type { Scenario } from './scenario.ts';
import { judge } from './verdict.ts';
import { World } from './world.ts';

/** What became of a seed. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly violations: readonly string[];
  readonly hash: string;
  readonly events: number;
  readonly minutes: number;
  /** How the last run of each lineage ended. */
  readonly ends: readonly string[];
  readonly met: ReadonlySet<Rarity>;
  readonly spent: ReadonlyMap<string, number>;
  readonly lastLines: readonly string[];
}

/** Plays a scenario to its end. Same scenario and same code, same outcome to the last bit. */
export function simulate(
  scenario: Scenario,
  mutant?: Mutant,
  onLine?: (line: string) => void,
): Promise<Outcome> {
  return withoutRealWorld(async () => {
    const world = new World(scenario, mutant, onLine);
    await world.play();
    if (world.ground.violations.length === 0) await judge(world);
    return outcomeOf(world);
  });
}

const outcomeOf = (world: World): Outcome => {
  const { ground } = world;
  return {
    scenario: ground.scenario,
    violations: ground.violations,
    hash: ground.trace.hash,
    events: ground.scheduler.events,
    minutes: ground.scheduler.minutes,
    ends: world.lineages.map(({ person }) => world.run(person.current)?.state ?? 'none'),
    met: ground.met,
    spent: ground.spent,
    lastLines: ground.trace.last,
  };
};
