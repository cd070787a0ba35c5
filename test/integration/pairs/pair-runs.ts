/** Whole runs in one process: the real engine and connectors, several workers at once, state in memory. */
import { createSystems, findConnector } from '../../../core/connectors/systems.ts';
import type { DeskDeps } from '../../../core/dirty/desk.ts';
import { withDesk } from '../../../core/dirty/desk-systems.ts';
import { loadJob } from '../../../core/job/index.ts';
import type { FunctionName, RunMessage } from '../../../core/ports/index.ts';
import { silentLogger, systemClock, systemRandom } from '../../../core/ports/system.ts';
import {
  createRun,
  defaultRunOptions,
  type EngineDeps,
  endlessSlice,
  finalize,
  isTerminal,
  orchestrate,
  type RunOptions,
  type RunRow,
  sweep,
  work,
} from '../../../core/run/index.ts';
import { createDeskStore, createStateStore, MemoryRowTable } from '../../../core/stores/index.ts';
import type { RunRef } from '../../../core/types/index.ts';
import type { VerifyReport } from '../../../core/verify/model.ts';
import { verifyRun } from '../../../core/verify/verify-run.ts';

/** Longer than a lease: after that the work of a dead worker is given to another. */
const PAST_LEASE_MS = defaultRunOptions.leaseMs + 1_000;
/** Far more rounds than any run here needs. */
const MAX_ROUNDS = 50;

/** What the engine and verifying need. */
export type RunDeps = EngineDeps & DeskDeps;

/** What stands between a worker and the rest of the world; `killed` resolves when the worker is gone. */
export interface WorkerLife {
  readonly deps: RunDeps;
  readonly killed: Promise<void>;
}

/** Runs jobs and looks at them again. */
export class PairRuns {
  readonly deps: RunDeps;
  /** Decides about each worker that starts; by default it lives. */
  life: (deps: RunDeps) => WorkerLife = (deps) => ({ deps, killed: new Promise(() => undefined) });
  readonly #queue: { readonly target: FunctionName; readonly message: RunMessage }[] = [];
  readonly #workers: Promise<unknown>[] = [];
  #count = 0;
  /** How far the clock was moved forward. */
  #skippedMs = 0;

  constructor() {
    const tables = new Map<string, MemoryRowTable>();
    const open = (name: string): MemoryRowTable => {
      const table = tables.get(name) ?? new MemoryRowTable();
      tables.set(name, table);
      return table;
    };
    const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + this.#skippedMs };
    const ports = { clock, random: systemRandom, log: silentLogger };
    const store = {
      state: createStateStore(open, systemRandom),
      desk: createDeskStore(open('dirty'), systemRandom),
    };
    const secrets = { env: () => undefined, file: () => undefined };
    this.deps = {
      ...ports,
      ...store,
      systems: withDesk(createSystems({ ...ports, dataSources: {}, secrets }), store),
      invoker: {
        invoke: async (target, message) => {
          this.#queue.push({ target, message });
        },
      },
    };
  }

  /** Loads a job file as the command line does, and starts it. */
  async start(text: string, options: Partial<RunOptions> = {}): Promise<RunRef> {
    const schedule = { scheduledMs: systemClock.nowMs(), timeZone: 'Asia/Shanghai' };
    const { job } = await loadJob(text, { schedule, params: {}, findConnector, dataSources: {} });
    const ref = { jobId: 'pairs', runId: `run-${++this.#count}` };
    const all = { ...defaultRunOptions, ...options };
    await createRun(this.deps, { ...ref, job, options: all, scheduledMs: schedule.scheduledMs });
    return ref;
  }

  /** Moves a job to its end, which must be a good one. */
  async run(text: string): Promise<RunRow> {
    const row = await this.settle(await this.start(text));
    if (row.state !== 'SUCCEEDED') throw new Error(`the run is ${row.state}: ${JSON.stringify(row.failure)}`);
    return row;
  }

  /** Delivers messages, all that wait at once, until the run is over; then, and if none is left, time passes. */
  async settle(ref: RunRef): Promise<RunRow> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      while (this.#queue.length > 0)
        await Promise.all(this.#queue.splice(0).map((next) => this.#deliver(next)));
      const row = await this.row(ref);
      if (isTerminal(row.state)) return row;
      this.#skippedMs += PAST_LEASE_MS;
      await sweep(this.deps, this.#slice());
    }
    throw new Error(`the run did not end: ${JSON.stringify(await this.row(ref))}`);
  }

  /** Resolves when no worker is at work any more, those included that were thought dead. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#workers);
  }

  async row(ref: RunRef): Promise<RunRow> {
    const row = await this.deps.state.runs.get(ref);
    if (!row) throw new Error(`there is no run ${ref.runId}`);
    return row.value;
  }

  verify(run: RunRow): Promise<VerifyReport> {
    const hooks = { progress: () => undefined, onUnit: () => undefined };
    return verifyRun(this.deps, run, hooks, new AbortController().signal);
  }

  async #deliver({ target, message }: { target: FunctionName; message: RunMessage }): Promise<void> {
    if (target === 'orchestrator') await orchestrate(this.deps, message, this.#slice());
    if (target === 'finalizer') await finalize(this.deps, message, this.#slice());
    if (target !== 'worker') return;
    const { deps, killed } = this.life(this.deps);
    const worker = work(deps, { ...message, channel: message.channel ?? 0 }, this.#slice());
    this.#workers.push(worker);
    await Promise.race([worker, killed]);
  }

  #slice = (): ReturnType<typeof endlessSlice> => endlessSlice(new AbortController().signal);
}
