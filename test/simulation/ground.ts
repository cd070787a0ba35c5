import { Ledger } from './ledger.ts';
import { SeededRandom } from './random.ts';
import type { Scenario } from './scenario.ts';
import { Scheduler } from './scheduler.ts';
import { Trace } from './trace.ts';

/** Rare orders of events that the suite insists on meeting (the vacuity guard). */
export const RARITIES = [
  'lease stolen',
  'zombie refused',
  'double finalize',
  'claim answer lost',
  'sweeper re-drive',
  'slice chained',
  'given up in time',
  'foreign event refused',
  'runs side by side',
  'tail handed back',
  'child orphaned',
] as const;

/** One of the rare orders. */
export type Rarity = (typeof RARITIES)[number];

const START_MS = Date.UTC(2025, 0, 1);
const MINUTE_MS = 60_000;

/** What everything in a simulated hour stands on: its time, its dice, its record. */
export class Ground {
  readonly scenario: Scenario;
  readonly scheduler = new Scheduler(START_MS);
  readonly trace = new Trace();
  readonly dice: SeededRandom;
  readonly violations: string[] = [];
  readonly met = new Set<Rarity>();
  readonly ledger = new Ledger();
  /** Largest share of each budget that a lineage used. */
  readonly spent = new Map<string, number>();

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.dice = new SeededRandom(scenario.seed, 'dice');
  }

  get quietAtMs(): number {
    return START_MS + this.scenario.quietAtMinute * MINUTE_MS;
  }

  /** The second phase: nothing goes wrong any more. */
  get quiet(): boolean {
    return this.scheduler.nowMs >= this.quietAtMs;
  }

  /** A chance that is only taken in the first phase. */
  strikes(probability: number): boolean {
    return !this.quiet && this.dice.chance(probability);
  }

  log(who: string, what: string, kept = true): void {
    this.trace.add(`${(this.scheduler.nowMs - START_MS).toFixed(0)} ${who} ${what}`, kept);
  }

  violate(what: string): void {
    this.log('!', what);
    this.violations.push(`at minute ${this.scheduler.minutes.toFixed(2)}: ${what}`);
  }

  meet(rarity: Rarity): void {
    this.met.add(rarity);
  }
}
