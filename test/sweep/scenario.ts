/** What a run goes through besides the crash under test, so that a function has all of its kinds of work to do. */
import type { LostDeliveries } from '../support/cloud-child.ts';
import type { CrashPoint } from '../support/crash-point.ts';

/** The circumstances of a run. */
export interface Scenario {
  readonly name: string;
  /** Messages that never arrive: so many of the first ones to a function. */
  readonly lost: LostDeliveries;
  /** Crashes that belong to the circumstances. */
  readonly crashes: readonly CrashPoint[];
}

/** Nothing goes wrong but the crash under test. The platform repeats nothing, so the sweeper has to. */
const PLAIN: Scenario = { name: 'plain', lost: {}, crashes: [] };

/**
 * The first messages to everybody are lost and the finalizer dies in the middle of its commit: the sweeper has to start
 * the planning, both workers, the commit, and the commit again.
 */
const FORSAKEN: Scenario = {
  name: 'forsaken',
  lost: { orchestrator: 1, worker: 2, finalizer: 1 },
  crashes: [
    { functionName: 'finalizer', call: 'CompleteMultipartUpload output', ordinal: 2, moment: 'before' },
  ],
};

/** The functions that are killed, each in the circumstances that give it the most to do. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  orchestrator: PLAIN,
  worker: PLAIN,
  finalizer: PLAIN,
  sweeper: FORSAKEN,
};

/** The circumstances in which a function is killed. Throws for a function that there is not. */
export function scenarioOf(functionName: string): Scenario {
  const scenario = SCENARIOS[functionName];
  if (scenario) return scenario;
  throw new Error(`no function '${functionName}'; there are ${Object.keys(SCENARIOS).join(', ')}`);
}
