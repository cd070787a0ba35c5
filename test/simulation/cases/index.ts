import type { Scenario } from '../scenario.ts';

/** A scenario that once broke a promise, reduced. It stays in the suite for good. */
export interface Case {
  readonly what: string;
  readonly scenario: Scenario;
}

/** All of them. */
export const cases: readonly Case[] = [];
