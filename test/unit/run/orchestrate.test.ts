import { describe, expect, it } from 'vitest';
import type { ReadPlan } from '../../../core/connectors/contract.ts';
import { SyncError } from '../../../core/errors/index.ts';
import { MAX_SHARDS, orchestrate, type RunRow, zeroCounters } from '../../../core/run/index.ts';
import { hint } from '../../../core/run/orchestrate.ts';
import { type EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import { MemorySystems } from '../../support/memory-systems.ts';
import { changeRun, messages, preparedRun, shardsNow } from './prepared-run.ts';

const orchestrated = async (harness: EngineHarness): Promise<RunRow> => {
  await orchestrate(harness.deps, harness.ref, harness.slice());
  return harness.run();
};

/** A run to be planned, with what the reader is asked and may answer. */
async function unplanned(shards = 3, change: (plan: ReadPlan) => ReadPlan = (plan) => plan) {
  const harness = await preparedRun({ systems: new MemorySystems(100 * shards, shards) });
  const calls: string[] = [];
  const { openReader, openWriter } = harness.systems;
  harness.systems.openReader = async () => {
    const reader = await openReader.call(harness.systems);
    const plan = async (want: number) => {
      calls.push(`plan ${want}`);
      return change(await reader.plan(want));
    };
    return { ...reader, plan, close: async () => void calls.push('reader closed') };
  };
  harness.systems.openWriter = async () => {
    const writer = await openWriter.call(harness.systems);
    return {
      ...writer,
      prepare: async (run, columns) => void calls.push(`prepare ${run.runId} ${columns.length}`),
      close: async () => void calls.push('writer closed'),
    };
  };
  return { harness, calls };
}

describe('planning', () => {
  it('asks the reader for as many shards as move at once, then the writer, and closes both', async () => {
    const { harness, calls } = await unplanned();
    await orchestrated(harness);
    expect(calls).toEqual(['plan 2', 'prepare run 1', 'writer closed', 'reader closed']);
  });

  it('stores untouched shards, seals the plan and starts one worker for each channel', async () => {
    const { harness } = await unplanned(3);
    await changeRun(harness, { driveAttempts: 4, job: memoryJob({ speed: { concurrent: 2 } }) });
    const run = await orchestrated(harness);
    expect(run).toMatchObject({ state: 'RUNNING', drivenUntilMs: 0, driveAttempts: 0 });
    expect(run.begun).toBeUndefined();
    expect(run.plan).toEqual({
      planId: expect.stringMatching(/^[0-9a-f]{16}$/),
      shardCount: 3,
      columns: [{ name: 'id', type: 'long' }],
      channels: 2,
      sealedMs: harness.clock.nowMs(),
    });
    const shards = await harness.deps.state.listShards(run, run.plan!.planId);
    expect(shards.map(({ value }) => value)).toEqual(
      [0, 1, 2].map((i) => ({
        shardId: `0000${i}`,
        range: JSON.stringify([i * 100, i * 100 + 100]),
        state: 'PENDING',
        epoch: 0,
        owner: '',
        leaseUntilMs: 0,
        notBeforeMs: 0,
        attempts: 0,
        retries: 0,
        outputEpoch: 0,
        counters: zeroCounters,
      })),
    );
    expect(messages(harness)).toEqual(['worker 0', 'worker 1']);
  });

  it('opens no more channels than there are shards, and keeps estimates', async () => {
    const { harness } = await unplanned(1, (plan) => ({
      ...plan,
      shards: plan.shards.map((shard) => ({ ...shard, estimatedRows: 55 })),
    }));
    await changeRun(harness, { job: memoryJob({ speed: { concurrent: 9 } }) });
    const { plan } = await orchestrated(harness);
    expect(plan?.channels).toBe(1);
    const [shard] = await harness.deps.state.listShards(harness.ref, plan!.planId);
    expect(shard?.value.estimatedRows).toBe(55);
  });

  it('names equal plans alike and different ones apart', async () => {
    const planIdOf = async (...plan: Parameters<typeof unplanned>) =>
      (await orchestrated((await unplanned(...plan)).harness)).plan?.planId;
    const first = await planIdOf(3);
    expect(await planIdOf(3)).toBe(first);
    expect(await planIdOf(4)).not.toBe(first);
    expect(await planIdOf(3, (plan) => ({ ...plan, columns: [{ name: 'x', type: 'long' }] }))).not.toBe(
      first,
    );
    const moved = (plan: ReadPlan) => ({
      ...plan,
      shards: plan.shards.map((s) => ({ ...s, range: `${s.range} ` })),
    });
    expect(await planIdOf(3, moved)).not.toBe(first);
  });

  it('adds nothing when it is repeated after a crash before the seal', async () => {
    const { harness } = await unplanned(3);
    const { replace } = harness.deps.state.runs;
    let crashes = 1;
    harness.deps.state.runs.replace = async (key, current, next) => {
      if (next.state === 'RUNNING' && crashes-- > 0) throw new SyncError('RUN-5007', 'transient', 'cut');
      return replace.call(harness.deps.state.runs, key, current, next);
    };
    expect((await orchestrated(harness)).state).toBe('PLANNING');
    expect(messages(harness)).toEqual([]);
    const run = await orchestrated(harness);
    expect(await harness.deps.state.listShards(run, run.plan!.planId)).toHaveLength(3);
    expect(messages(harness)).toEqual(['worker 0', 'worker 1']);
  });

  it('of more shards than a run may have fails it, exactly beyond the limit', async () => {
    expect(MAX_SHARDS).toBe(10_000);
    const many = (count: number) => (plan: ReadPlan) => ({
      ...plan,
      shards: Array.from({ length: count }, (_, i) => ({
        shardId: String(i).padStart(5, '0'),
        range: '[0,0]',
      })),
    });
    const refused = await orchestrated((await unplanned(1, many(10_001))).harness);
    expect(refused).toMatchObject({
      state: 'FAILED',
      failure: { code: 'RUN-5006', message: 'the plan has 10001 shards, at most 10000 are allowed' },
    });
    const { harness } = await unplanned(1, many(10_000));
    // Stored by hand: ten thousand rows are another test's matter.
    harness.deps.state.shards.insert = async () => 'created';
    expect((await orchestrated(harness)).plan?.shardCount).toBe(10_000);
  });

  it('that fails leaves the run to the sweeper or fails it, and starts nobody', async () => {
    const failing = async (kind: SyncError['kind']) => {
      const { harness } = await unplanned();
      harness.systems.faults.onPlan = () => {
        throw new SyncError('SRC-2001', kind, 'no route');
      };
      const run = await orchestrated(harness);
      expect(messages(harness)).toEqual([]);
      return run;
    };
    expect(await failing('transient')).toMatchObject({ state: 'PLANNING', drivenUntilMs: 0 });
    expect(await failing('config')).toMatchObject({ state: 'FAILED', failure: { code: 'SRC-2001' } });
  });

  it('is nobody’s business while somebody else does it, or the run is paused or over', async () => {
    const { harness, calls } = await unplanned();
    await changeRun(harness, { drivenUntilMs: harness.clock.nowMs() + 1 });
    await orchestrated(harness);
    await changeRun(harness, { drivenUntilMs: 0, stop: 'pause' });
    await orchestrated(harness);
    await changeRun(harness, { state: 'CANCELED', stop: 'none' });
    await orchestrated(harness);
    expect([calls, messages(harness)]).toEqual([[], []]);
  });
});

describe('a planned run', () => {
  it('gets its workers again', async () => {
    const harness = await preparedRun({ shards: [{}, {}], channels: [{}, {}, {}] });
    await orchestrated(harness);
    expect(messages(harness)).toEqual(['worker 0', 'worker 1', 'worker 2']);
  });

  it('gets none while it is paused, or in any other state', async () => {
    const paused = await preparedRun({ shards: [{}], run: { stop: 'pause' } });
    await orchestrated(paused);
    const committing = await preparedRun({ shards: [{}], run: { state: 'COMMITTING' } });
    await orchestrated(committing);
    expect([...messages(paused), ...messages(committing)]).toEqual([]);
  });
});

describe('a target that must be made ready', () => {
  /** Planned already, not begun; what the target does is the test's. */
  async function unbegun(onBegin: (harness: EngineHarness) => void, run: Partial<RunRow> = {}) {
    const harness = await preparedRun({ shards: [{}], run: { begun: false, ...run } });
    let begins = 0;
    harness.systems.onBegin = () => {
      begins++;
      onBegin(harness);
    };
    return { harness, begins: () => begins };
  }

  it('is noted in the plan, made ready, and only then written to', async () => {
    const { harness } = await unplanned(1);
    const seen: unknown[] = [];
    harness.systems.onBegin = () => seen.push(messages(harness));
    expect(await orchestrated(harness)).toMatchObject({ begun: true, drivenUntilMs: 0, driveAttempts: 0 });
    expect(seen).toEqual([[]]);
    expect(messages(harness)).toEqual(['worker 0']);
  });

  it('is made ready by one driver at a time', async () => {
    const { harness, begins } = await unbegun(() => {});
    await changeRun(harness, { drivenUntilMs: harness.clock.nowMs() + 1 });
    await orchestrated(harness);
    expect([begins(), messages(harness)]).toEqual([0, []]);
    harness.clock.advance(1);
    expect((await orchestrated(harness)).begun).toBe(true);
    expect([begins(), messages(harness)]).toEqual([1, ['worker 0']]);
    await orchestrated(harness);
    expect([begins(), messages(harness)]).toEqual([1, ['worker 0']]);
  });

  it('is tried again after a fault that may pass, and fails the run otherwise', async () => {
    const fault = (kind: SyncError['kind']) => () => {
      throw new SyncError('DST-4001', kind, 'no route');
    };
    const passing = await unbegun(fault('transient'));
    expect(await orchestrated(passing.harness)).toMatchObject({
      state: 'RUNNING',
      begun: false,
      drivenUntilMs: 0,
    });
    const lasting = await unbegun(fault('config'));
    expect(await orchestrated(lasting.harness)).toMatchObject({ state: 'FAILED', begun: false });
    expect([...messages(passing.harness), ...messages(lasting.harness)]).toEqual([]);
  });

  it('is not noted in a run that was ended meanwhile', async () => {
    const { harness } = await unbegun(({ deps, ref }) => {
      const { get } = deps.state.runs;
      deps.state.runs.get = async (key) => {
        deps.state.runs.get = get;
        const row = (await get.call(deps.state.runs, key))!;
        await deps.state.runs.replace(ref, row, { ...row.value, state: 'CANCELED' });
        return get.call(deps.state.runs, key);
      };
    });
    expect(await orchestrated(harness)).toMatchObject({ state: 'CANCELED', begun: false });
    expect(messages(harness)).toEqual([]);
  });

  it('gets the columns of the plan', async () => {
    const harness = await preparedRun({ shards: [{}], run: { begun: false } });
    const { openWriter } = harness.systems;
    const given: unknown[] = [];
    harness.systems.openWriter = async () => ({
      ...(await openWriter.call(harness.systems)),
      begin: async (run, columns) => void given.push(run.runId, columns),
    });
    await orchestrated(harness);
    expect(given).toEqual(['run', [{ name: 'id', type: 'long' }]]);
  });
});

describe('a plan that its reader must hold open', () => {
  it('is watched every second until the run moves on, pauses, or the time is over', async () => {
    for (const change of [{ state: 'COMMITTING' }, { stop: 'pause' }] as const) {
      const { harness, calls } = await unplanned(1, (plan) => ({ ...plan, held: true }));
      const startedMs = harness.clock.nowMs();
      const { sleep } = harness.clock;
      harness.clock.sleep = async (ms) => {
        expect(ms).toBe(1000);
        expect(calls).not.toContain('reader closed');
        await sleep.call(harness.clock, ms);
        if (harness.clock.nowMs() - startedMs >= 5000) await changeRun(harness, change);
      };
      await orchestrated(harness);
      expect(harness.clock.nowMs() - startedMs).toBe(5000);
      expect(calls.at(-1)).toBe('reader closed');
    }
    const { harness } = await unplanned(1, (plan) => ({ ...plan, held: true }));
    const startedMs = harness.clock.nowMs();
    await orchestrate(harness.deps, harness.ref, harness.slice(3));
    expect(harness.clock.nowMs() - startedMs).toBe(3000);
  });

  it('that another one sealed first is let go at once', async () => {
    const { harness, calls } = await unplanned(1, (plan) => ({ ...plan, held: true }));
    const other = await preparedRun({ shards: [{}] });
    const { plan } = await other.run();
    harness.systems.faults.onPlan = () => {
      const { get } = harness.deps.state.runs;
      harness.deps.state.runs.get = async (key) => {
        harness.deps.state.runs.get = get;
        await changeRun(harness, { state: 'RUNNING', plan: plan! });
        return get.call(harness.deps.state.runs, key);
      };
    };
    const startedMs = harness.clock.nowMs();
    expect((await orchestrated(harness)).plan?.planId).toBe(plan?.planId);
    expect(harness.clock.nowMs()).toBe(startedMs);
    expect(calls.at(-1)).toBe('reader closed');
  });
});

it('a message that is refused costs only time', async () => {
  const harness = await preparedRun({ shards: [{}], channels: [{}, {}] });
  harness.deps.invoker.invoke = async () => {
    throw new SyncError('RUN-5010', 'transient', 'refused');
  };
  await hint(harness.deps, 'worker', { v: 1, ...harness.ref, channel: 0 });
  expect((await orchestrated(harness)).state).toBe('RUNNING');
  expect(await shardsNow(harness)).toHaveLength(1);
});
