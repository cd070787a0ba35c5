import type { JobModel } from '../../core/job/model.ts';
import type { FunctionName, Invoker, RunMessage } from '../../core/ports/index.ts';
import { silentLogger } from '../../core/ports/system.ts';
import {
  createRun,
  defaultRunOptions,
  type EngineDeps,
  finalize,
  orchestrate,
  type RunOptions,
  type RunRow,
  type Slice,
  sweep,
  work,
} from '../../core/run/index.ts';
import { createStateStore, MemoryRowTable } from '../../core/stores/index.ts';
import type { MemorySystems } from './memory-systems.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A job over the memory systems. */
export const memoryJob = (setting: Partial<JobModel['setting']> = {}): JobModel => ({
  dialect: 'v2',
  reader: { type: 'memory', params: {}, path: 'steps[0].parameter' },
  writer: { type: 'memory', params: {}, path: 'steps[1].parameter' },
  setting: {
    errorLimit: { kind: 'records', limit: 0 },
    speed: { concurrent: 2 },
    timeZone: 'Asia/Shanghai',
    ...setting,
  },
});

/** What may happen to a message on its way. */
export type Delivery = (target: FunctionName, message: RunMessage, count: number) => number;

/** The whole engine over memory, with messages in a queue that the test pumps. */
export class EngineHarness {
  readonly clock = new VirtualClock();
  readonly queue: { target: FunctionName; message: RunMessage }[] = [];
  readonly deps: EngineDeps;
  readonly systems: MemorySystems;
  readonly ref = { jobId: 'job', runId: 'run' };
  /** Times a message is delivered: 0 = lost. */
  delivery: Delivery = () => 1;
  sent = 0;
  #nonce = 0;

  constructor(systems: MemorySystems) {
    this.systems = systems;
    const invoker: Invoker = {
      invoke: async (target, message) => {
        const times = this.delivery(target, message, this.sent++);
        for (let i = 0; i < times; i++) this.queue.push({ target, message });
      },
    };
    const random = { nonce: () => String(++this.#nonce).padStart(32, '0'), fraction: () => 0.5 };
    const tables = new Map<string, MemoryRowTable>();
    const open = (name: string): MemoryRowTable => {
      const table = tables.get(name) ?? new MemoryRowTable();
      tables.set(name, table);
      return table;
    };
    const state = createStateStore(open, random);
    this.deps = { state, systems, invoker, clock: this.clock, random, log: silentLogger };
  }

  /** Creates the run. */
  async start(job = memoryJob(), options: Partial<RunOptions> = {}): Promise<void> {
    const all = { ...defaultRunOptions, ...options };
    await createRun(this.deps, { ...this.ref, job, options: all, scheduledMs: this.clock.nowMs() });
  }

  /** A slice that allows `steps` looks at the time, then is over. */
  slice(steps = Number.POSITIVE_INFINITY): Slice {
    let left = steps;
    return { timeLeftMs: () => (left-- > 0 ? 1 : -1), signal: new AbortController().signal };
  }

  /** Delivers one message; a crash of the function is thrown. */
  async deliver(steps?: number): Promise<boolean> {
    const next = this.queue.shift();
    if (!next) return false;
    const slice = this.slice(steps);
    const { target, message } = next;
    if (target === 'orchestrator') await orchestrate(this.deps, message, slice);
    if (target === 'worker') await work(this.deps, { ...message, channel: message.channel ?? 0 }, slice);
    if (target === 'finalizer') await finalize(this.deps, message, slice);
    return true;
  }

  /** Delivers until no message is left, surviving crashes, with sweeps in between, until the run is over. */
  async settle(limit = 500, steps?: number): Promise<RunRow> {
    for (let i = 0; i < limit; i++) {
      while (this.queue.length > 0) await this.deliver(steps).catch(() => undefined);
      const run = await this.run();
      if (run.state === 'SUCCEEDED' || run.state === 'FAILED' || run.state === 'CANCELED') return run;
      this.clock.advance(61_000);
      await sweep(this.deps, this.slice());
    }
    throw new Error(`the run did not end: ${JSON.stringify(await this.run())}`);
  }

  async run(ref = this.ref): Promise<RunRow> {
    const run = await this.deps.state.runs.get(ref);
    if (!run) throw new Error('no run');
    return run.value;
  }
}
