import { silentLogger } from '../../core/ports/system.ts';
import {
  createRun,
  defaultRunOptions,
  type EngineDeps,
  endlessSlice,
  finalize,
  orchestrate,
  type RunRow,
  sweep,
  work,
} from '../../core/run/index.ts';
import { createStateStore, MemoryRowTable } from '../../core/stores/index.ts';
import { memoryJob } from './engine-harness.ts';
import type { MemorySystems } from './memory-systems.ts';
import { SleepingClock } from './sleeping-clock.ts';

const REF = { jobId: 'job', runId: 'run' };
/** Channels of every run here. */
export const CHANNELS = 8;
/** Enough for a shard that is put back after a fault more than once. */
const SWEEPS = 5;
/** Over all channels. */
const ROWS_PER_SECOND = 500;

/** All functions at once in one process, in virtual time: what is invoked runs beside what invoked it. */
export class Installation {
  readonly clock = new SleepingClock();
  readonly systems: MemorySystems;
  readonly deps: EngineDeps;

  /** Replaces the state store, for faults. */
  set state(state: EngineDeps['state']) {
    Object.assign(this.deps, { state });
  }

  constructor(systems: MemorySystems) {
    this.systems = systems;
    let nonces = 0;
    const random = { nonce: () => String(++nonces).padStart(32, '0'), fraction: () => 0.5 };
    const tables = new Map<string, MemoryRowTable>();
    const open = (name: string): MemoryRowTable => {
      const table = tables.get(name) ?? new MemoryRowTable();
      tables.set(name, table);
      return table;
    };
    const slice = endlessSlice(new AbortController().signal);
    this.deps = {
      state: createStateStore(open, random),
      systems,
      clock: this.clock,
      random,
      log: silentLogger,
      invoker: {
        invoke: async (target, message) => {
          if (target === 'orchestrator') void orchestrate(this.deps, message, slice);
          if (target === 'worker') void work(this.deps, { ...message, channel: message.channel ?? 0 }, slice);
          if (target === 'finalizer') void finalize(this.deps, message, slice);
        },
      },
    };
  }

  /** Lets everything happen, with some sweeps a minute apart for what faults left behind. */
  async settle(): Promise<void> {
    await this.clock.settle();
    for (let sweeps = 0; sweeps < SWEEPS; sweeps++) await this.#sweepLater();
  }

  async #sweepLater(): Promise<void> {
    void this.clock.sleep(60_000).then(() => sweep(this.deps, endlessSlice(new AbortController().signal)));
    await this.clock.settle();
  }

  /** Runs a job to its end and tells how long it took in virtual time. */
  async play(): Promise<{ readonly run: RunRow; readonly tookMs: number }> {
    const startedMs = this.clock.nowMs();
    const job = memoryJob({ speed: { concurrent: CHANNELS, recordsPerSecond: ROWS_PER_SECOND } });
    await createRun(this.deps, { ...REF, job, options: defaultRunOptions, scheduledMs: startedMs });
    await this.settle();
    const run = (await this.deps.state.runs.get(REF))!.value;
    return { run, tookMs: (run.endedMs ?? Number.POSITIVE_INFINITY) - startedMs };
  }
}
