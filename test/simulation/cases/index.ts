/** Scenarios that once broke a promise, reduced. They stay in the suite for good. */
import { readdirSync, readFileSync } from 'node:fs';
import { completed, type Scenario } from '../scenario.ts';

/** One of them. */
export interface Case {
  /** What was wrong. */
  readonly what: string;
  readonly scenario: Scenario;
}

const FOLDER = 'test/simulation/cases';

/** All of them, in the order of their files. */
export const cases: readonly Case[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => JSON.parse(readFileSync(`${FOLDER}/${name}`, 'utf8')) as Case)
  .map(({ what, scenario }) => ({ what, scenario: completed(scenario) }));
