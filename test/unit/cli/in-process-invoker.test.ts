import { describe, expect, test } from 'vitest';
import { InProcessInvoker } from '../../../cli/in-process-invoker.ts';
import { Interrupts } from '../../../cli/interrupts.ts';
import { type Meter, meterSystems } from '../../../cli/metered-systems.ts';
import { watchRun } from '../../../cli/run-watch.ts';
import { systemClock } from '../../../core/ports/system.ts';
import {
  createRun,
  defaultRunOptions,
  type EngineDeps,
  pauseRun,
  resumeRun,
} from '../../../core/run/index.ts';
import { EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import { MemorySystems } from '../../support/memory-systems.ts';
import { CapturedIo } from './captured-io.ts';

const ref = { jobId: 'job', runId: 'run' };

/** The engine over memory, its functions in this process. */
function setUp(systems: MemorySystems, maxWorkers?: number) {
  const invoker = new InProcessInvoker(maxWorkers);
  const meter: Meter = { rows: 0, bytes: 0 };
  const base = new EngineHarness(systems).deps;
  const deps: EngineDeps = {
    ...base,
    systems: meterSystems(systems, meter, systemClock),
    invoker,
    clock: systemClock,
  };
  const start = async (concurrent: number): Promise<void> => {
    const job = memoryJob({ speed: { concurrent } });
    await createRun(deps, { ...ref, job, options: defaultRunOptions, scheduledMs: 0 });
    invoker.attach(deps, ref);
    invoker.startSweeping();
  };
  const watch = () =>
    watchRun(ref, {
      state: deps.state,
      clock: systemClock,
      signal: new AbortController().signal,
      onSnapshot: ({ run }) => run.stop === 'pause' && invoker.isIdle,
    });
  return { invoker, deps, meter, start, watch };
}

const numbers = (n: number): bigint[] => Array.from({ length: n }, (_, i) => BigInt(i));

describe('in-process invoker', () => {
  test('moves a run from its first message to the commit', async () => {
    const systems = new MemorySystems(1_000, 8);
    const { invoker, start, watch, meter } = setUp(systems);
    await start(3);
    const { run } = await watch();
    await invoker.close();
    expect(run.state).toBe('SUCCEEDED');
    expect(systems.visible.toSorted((a, b) => Number(a - b))).toEqual(numbers(1_000));
    expect(meter).toEqual({ rows: 1_000, bytes: 8_000 });
    expect(invoker.isIdle).toBe(true);
  });

  test('never more workers at once than allowed', async () => {
    let open = 0;
    let most = 0;
    const systems = new MemorySystems(200, 20);
    const openReader = systems.openReader.bind(systems);
    systems.openReader = async () => {
      const reader = await openReader();
      most = Math.max(most, ++open);
      return { ...reader, close: async () => void open-- };
    };
    const { invoker, start, watch } = setUp(systems, 2);
    await start(10);
    expect((await watch()).run.state).toBe('SUCCEEDED');
    await invoker.close();
    expect(most).toBeLessThanOrEqual(2);
  });

  test('stopping checkpoints, and resuming goes on from there', async () => {
    const systems = new MemorySystems(4_000, 2);
    const first = setUp(systems);
    let reads = 0;
    systems.faults.onRead = () => {
      if (++reads === 20) first.invoker.stop();
    };
    await first.start(2);
    await pauseRun(first.deps, ref);
    const stopped = await first.watch();
    await first.invoker.close();
    expect(stopped.run).toMatchObject({ state: 'RUNNING', stop: 'pause' });
    expect(stopped.shards.every((shard) => shard.state === 'PENDING')).toBe(true);
    const before = stopped.shards.reduce((sum, shard) => sum + shard.counters.read, 0);

    const invoker = new InProcessInvoker();
    const meter: Meter = { rows: 0, bytes: 0 };
    const deps = { ...first.deps, invoker, systems: meterSystems(systems, meter, systemClock) };
    invoker.attach(deps, await resumeRun(deps, ref));
    const { run } = await first.watch();
    await invoker.close();
    expect(run.receipt?.counters.read).toBe(4_000);
    expect(systems.visible.toSorted((a, b) => Number(a - b))).toEqual(numbers(4_000));
    expect(meter.rows).toBe(4_000 - before);
  });

  test('messages of other runs are not its business', async () => {
    const { invoker, start, watch, deps } = setUp(new MemorySystems(10, 1));
    await createRun(deps, {
      jobId: 'job',
      runId: 'other',
      job: memoryJob(),
      options: defaultRunOptions,
      scheduledMs: 0,
    });
    await start(1);
    await watch();
    await invoker.close();
    expect((await deps.state.runs.get({ jobId: 'job', runId: 'other' }))?.value.state).toBe('PLANNING');
  });
});

describe('interrupts', () => {
  test('the first asks, the second ends at once', async () => {
    const io = new CapturedIo({ cwd: '/' });
    const interrupts = new Interrupts(io);
    io.signal('SIGINT');
    await expect(interrupts.first).resolves.toBe('SIGINT');
    expect(interrupts.isForced).toBe(false);
    io.signal('SIGINT');
    await expect(interrupts.forced).resolves.toBe(130);
    expect(interrupts.isForced).toBe(true);
    interrupts.close();
  });

  test('SIGTERM ends by itself when stopping takes too long', async () => {
    const io = new CapturedIo({ cwd: '/' });
    const interrupts = new Interrupts(io, 1);
    io.signal('SIGTERM');
    await expect(interrupts.forced).resolves.toBe(143);
    interrupts.close();
  });
});
