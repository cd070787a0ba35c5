import { RARITIES } from './ground.ts';
import type { Reduction } from './reduce.ts';
import type { Outcome } from './simulate.ts';

const SHOWN_VIOLATIONS = 3;
const SHOWN_LINES = 40;

/** Counts over many seeds. */
export class Tally {
  seeds = 0;
  failed = 0;
  events = 0;
  readonly ends = new Map<string, number>();
  readonly met = new Map<string, number>();
  /** Largest share of each budget that was used. */
  readonly spent = new Map<string, number>();
  readonly #startMs = Date.now();

  add(outcome: Outcome): void {
    this.seeds++;
    this.events += outcome.events;
    if (outcome.violations.length > 0) this.failed++;
    for (const end of outcome.ends) count(this.ends, end);
    for (const rarity of outcome.met) count(this.met, rarity);
    for (const [name, share] of outcome.spent)
      this.spent.set(name, Math.max(share, this.spent.get(name) ?? 0));
  }

  /** Share of seeds in which each rare order was met. */
  get shares(): ReadonlyMap<string, number> {
    return new Map(RARITIES.map((rarity) => [rarity, (this.met.get(rarity) ?? 0) / this.seeds]));
  }

  summary(): string {
    const seconds = (Date.now() - this.#startMs) / 1000;
    const ends = [...this.ends].map(([end, times]) => `${times} ${end}`).join(', ');
    const shares = [...this.shares]
      .map(([name, share]) => `${name} ${(share * 100).toFixed(1)} %`)
      .join(', ');
    return [
      `${this.seeds} seeds, ${this.failed} failed, ${this.events} events in ${seconds.toFixed(1)} s`,
      `ends: ${ends}`,
      `met: ${shares}`,
      `budgets used at most: ${[...this.spent].map(([name, share]) => `${name} ${share.toFixed(2)}`).join(', ')}`,
    ].join('\n');
  }
}

const count = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

/** What a person needs to see a failing seed again. */
export function failureReport(outcome: Outcome, reduced: Reduction, mutant?: string): string {
  const { seed } = outcome.scenario;
  const flags = mutant === undefined ? '' : ` --mutant '${mutant}'`;
  const command = `npm run test:sim -- --seed ${seed} --count 1${flags}`;
  const settings = reduced.settings.map((setting) => ` --set ${setting}`).join('');
  return [
    `seed ${seed} fails (trace ${outcome.hash}):`,
    ...outcome.violations.slice(0, SHOWN_VIOLATIONS).map((violation) => `  ${violation}`),
    '  last lines:',
    ...outcome.lastLines.slice(-SHOWN_LINES).map((line) => `    ${line}`),
    `  replay:  ${command} --trace`,
    `  reduced: ${command}${settings} --trace`,
    `           ${reduced.violation}`,
  ].join('\n');
}
