/**
 * What a run goes through besides the crash under test. Together the scenarios make every function do all kinds of work
 * that it has; each is played by the clock, so that the same calls come in every run.
 */
import type { ErrorLimitModel } from '../../core/job/model.ts';
import type { RunOptions } from '../../core/run/index.ts';
import { ENOUGH_DIRTY, LEASE_MS } from './job.ts';

/** What can be done while a call is held, and between two messages. */
export interface Stage {
  /** Lets time pass for the functions. */
  advance(ms: number): void;
  /** Delivers the oldest message and waits until its invocation is over. */
  deliverNext(): Promise<boolean>;
  /** Starts the sweeper and delivers all messages there are. */
  sweep(): Promise<void>;
  /** Asks the run to pause, as a person would. */
  pause(): Promise<void>;
}

/** The circumstances of a run. */
export interface Scenario {
  readonly name: string;
  /** Functions that are killed in it. */
  readonly kills: readonly FunctionUnderTest[];
  /** How the run comes to be; by a message unless it says otherwise. */
  readonly trigger?: 'timer';
  readonly errorLimit?: ErrorLimitModel;
  readonly options?: Partial<RunOptions>;
  /** Messages that never arrive: so many of the first ones to a function. */
  readonly lost?: Readonly<Record<string, number>>;
  /** Crashes that belong to the circumstances. */
  readonly crashes?: readonly string[];
  /** Calls that are refused as by a busy service. */
  readonly refused?: readonly string[];
  /** What happens just before a call, by its name. */
  readonly before?: Readonly<Record<string, (stage: Stage) => Promise<void> | void>>;
  /** An entry for the sweeper that was left by a crash before its run was stored. */
  readonly ghost?: true;
  /** The failed run is resumed, with enough dirty rows allowed. */
  readonly resumed?: true;
  /** Code with which the run has to fail; absent = it succeeds. */
  readonly failsWith?: string;
}

/** Names of all functions that are swept. */
export const FUNCTIONS = ['orchestrator', 'worker', 'finalizer', 'sweeper'] as const;
export type FunctionUnderTest = (typeof FUNCTIONS)[number];

/** After the first of four pages of the first shard: somebody is in the middle of it. */
const IN_THE_MIDDLE = 'worker:PutRow shards 00000 checkpoint:1';
/** More than what a worker may take. */
const SLICE_MS = 600_000;
/** More than the least time after which a shard counts as slow. */
const SLOW_MS = 10_000;
/** The worker that meets the first one fails the run. */
const NO_DIRTY: ErrorLimitModel = { kind: 'records', limit: 0 };
/** A share is judged by the finalizer. */
const TOO_MANY_AT_THE_END: ErrorLimitModel = { kind: 'share', limit: 0 };

/** The other worker does all the rest meanwhile, and asks for a part. */
async function handBack(stage: Stage): Promise<void> {
  await stage.deliverNext();
  stage.advance(SLOW_MS);
}

/** The first is played at every call; what the others add: see points.ts. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'plain', kills: FUNCTIONS },
  { name: 'timer', kills: ['orchestrator'], trigger: 'timer' },
  {
    // Leases get old while a shard is moved, and between two shards.
    name: 'slow',
    kills: ['worker'],
    before: {
      [IN_THE_MIDDLE]: (stage) => stage.advance(LEASE_MS / 2),
      'worker:PutRow shards 00000 done:1': (stage) => stage.advance(LEASE_MS / 2),
    },
  },
  {
    name: 'out of time',
    kills: ['worker'],
    before: { [IN_THE_MIDDLE]: (stage) => stage.advance(SLICE_MS) },
  },
  {
    name: 'handed back',
    kills: ['worker'],
    options: { checkpointMs: 0 },
    before: { [IN_THE_MIDDLE]: handBack },
  },
  {
    // It is silent for longer than a lease; when it goes on, others have ended the run.
    name: 'replaced',
    kills: ['worker'],
    before: {
      [IN_THE_MIDDLE]: async (stage) => {
        stage.advance(LEASE_MS + 1);
        await stage.sweep();
      },
    },
  },
  {
    name: 'paused',
    kills: ['orchestrator', 'worker'],
    before: { [IN_THE_MIDDLE]: (stage) => stage.pause() },
  },
  {
    name: 'busy services',
    kills: ['orchestrator', 'worker'],
    refused: ['orchestrator:DescribeTable narrow:1', 'worker:GetRange narrow:2'],
  },
  {
    // The sweeper has to start the planning, both workers, the commit, and the commit again.
    name: 'forsaken',
    kills: ['finalizer', 'sweeper'],
    lost: { orchestrator: 1, worker: 2, finalizer: 1 },
    crashes: ['finalizer:PutObject manifest.json:1:before'],
    ghost: true,
  },
  {
    name: 'committed twice',
    kills: ['finalizer'],
    crashes: ['finalizer:PutRow runs R COMMITTING to SUCCEEDED:1:before'],
  },
  {
    name: 'too dirty',
    kills: ['worker', 'sweeper'],
    errorLimit: NO_DIRTY,
    failsWith: 'RUN-5001',
  },
  {
    name: 'too dirty at the end',
    kills: ['finalizer'],
    errorLimit: TOO_MANY_AT_THE_END,
    failsWith: 'RUN-5001',
  },
  {
    name: 'used up',
    kills: ['worker'],
    options: { maxAttempts: 1 },
    crashes: [`${IN_THE_MIDDLE}:before`],
    failsWith: 'RUN-5002',
  },
  { name: 'resumed', kills: ['orchestrator', 'sweeper'], errorLimit: NO_DIRTY, resumed: true },
  {
    name: 'resumed with pieces',
    kills: ['orchestrator'],
    errorLimit: TOO_MANY_AT_THE_END,
    before: { [IN_THE_MIDDLE]: handBack },
    resumed: true,
  },
];

/** The limit with which a failed run is resumed. */
export const RESUMED_LIMIT = ENOUGH_DIRTY;

/** The circumstances of a name. Throws when there are none. */
export function scenarioOf(name: string): Scenario {
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (scenario) return scenario;
  throw new Error(`no scenario '${name}'; there are ${SCENARIOS.map((each) => each.name).join(', ')}`);
}
