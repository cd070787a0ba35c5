/**
 * The platform in slow motion: it delivers one message after the other, in the order in which they were sent, each after
 * the invocation before it is over; when none is left it lets a lease pass and starts the sweeper. No message is
 * delivered twice, and none that was lost with its process, but the event of a timer, which the platform repeats.
 */
import { pauseRun, type RunRow, resumeRun } from '../../core/run/index.ts';
import { KEEP_FAILED_MS } from '../../core/run/sweep.ts';
import type { RunRef } from '../../core/types/run-ref.ts';
import type { CloudChild, Message } from '../support/cloud-child.ts';
import type { Deployment } from '../support/deployment.ts';
import type { FunctionClock } from '../support/function-clock.ts';
import { LEASE_MS } from './job.ts';
import { RESUMED_LIMIT, type Scenario, type Stage } from './scenario.ts';

/** What it plays with. */
export interface DirectorParts {
  readonly cloud: CloudChild;
  readonly deployment: Deployment;
  readonly clock: FunctionClock;
  /** Happens whenever nobody has anything to do until the sweeper looks. */
  readonly beforeSweep: () => Promise<void>;
  /** The sweeper looks only so often. */
  readonly maxSweeps?: number | undefined;
}

/** The sweeper takes any event. */
const SWEEP: Message = { functionName: 'sweeper', event: '{}' };
/** Looks of the sweeper after which a run that is not settled never will be. */
const MAX_SWEEPS = 24;

/** Plays one run to its end. */
export class Director implements Stage {
  readonly #parts: DirectorParts;
  readonly #scenario: Scenario;
  readonly #lost: Map<string, number>;
  readonly #beforeSweep: () => Promise<void>;
  readonly #maxSweeps: number;
  readonly #messages: Message[] = [];
  /** The run to watch: the one that was started, or its successor. */
  run: RunRef;

  constructor(parts: DirectorParts, scenario: Scenario, run: RunRef) {
    this.#parts = parts;
    this.#scenario = scenario;
    this.run = run;
    this.#lost = new Map(Object.entries(scenario.lost ?? {}));
    this.#maxSweeps = parts.maxSweeps ?? MAX_SWEEPS;
    this.#beforeSweep = parts.beforeSweep;
  }

  /** The row of the run; absent until a timer's event has made it. */
  async row(): Promise<RunRow | undefined> {
    return (await this.#parts.deployment.deps.state.runs.get(this.run))?.value;
  }

  /** Goes on until nobody has anything left to do. False = that never came. */
  async toTheEnd(first?: Message): Promise<boolean> {
    if (first && !(await this.#invoke(first))) await this.#invoke(first);
    for (let sweeps = 0; ; sweeps++) {
      await this.#deliverAll();
      while (await this.#resume()) await this.#deliverAll();
      if (await this.#isSettled()) return true;
      if (sweeps === this.#maxSweeps) return false;
      await this.#beforeSweep();
      this.advance(await this.#pauseMs());
      await this.#invoke(SWEEP);
    }
  }

  advance(ms: number): void {
    this.#parts.clock.advance(ms);
  }

  async deliverNext(): Promise<boolean> {
    await this.#collect();
    const next = this.#messages.shift();
    if (next) await this.#invoke(next);
    return next !== undefined;
  }

  async sweep(): Promise<void> {
    await this.#invoke(SWEEP);
    await this.#deliverAll();
  }

  async pause(): Promise<void> {
    await pauseRun(this.#parts.deployment.deps, this.run);
  }

  async #deliverAll(): Promise<void> {
    while (await this.deliverNext());
  }

  /** Takes over what was sent, without what is lost on the way. */
  async #collect(): Promise<void> {
    const { messages } = await this.#parts.cloud.ask<{ messages: Message[] }>({ do: 'messages' });
    for (const message of messages) {
      const lost = this.#lost.get(message.functionName) ?? 0;
      this.#lost.set(message.functionName, lost - 1);
      if (lost <= 0) this.#messages.push(message);
    }
  }

  /** False if the process was killed. */
  #invoke({ functionName, event }: Message): Promise<boolean> {
    return this.#parts.deployment.invokeToEnd(functionName, event);
  }

  /** What a person does when nothing moves any more: true if it made a difference. */
  async #resume(): Promise<boolean> {
    const row = await this.row();
    const isFailed = row?.state === 'FAILED' && this.#scenario.resumed === true && row.resumeOf === undefined;
    if (!isFailed && (row === undefined || row.stop !== 'pause' || row.endedMs !== undefined)) return false;
    const changes = isFailed ? { errorLimit: RESUMED_LIMIT } : {};
    this.run = await resumeRun(this.#parts.deployment.deps, this.run, changes);
    return true;
  }

  async #isSettled(): Promise<boolean> {
    return (await this.#parts.deployment.deps.state.listActive()).length === 0;
  }

  /** Long enough for what the sweeper waits for: the end of leases, or that nobody wants a failed run any more. */
  async #pauseMs(): Promise<number> {
    const row = await this.row();
    const leaseMs = row?.options.leaseMs ?? LEASE_MS;
    return row?.state === 'FAILED' ? KEEP_FAILED_MS + leaseMs : leaseMs + 1;
  }
}
