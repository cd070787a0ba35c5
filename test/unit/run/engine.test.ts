import { describe, expect, it, vi } from 'vitest';
import { SyncError } from '../../../core/errors/index.ts';
import { MAX_DRIVE_ATTEMPTS, takeDrive } from '../../../core/run/drive.ts';
import {
  cancelRun,
  finalize,
  MAY_BE_VISIBLE,
  pauseRun,
  resumeRun,
  sweep,
  work,
} from '../../../core/run/index.ts';
import { EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import { MemorySystems } from '../../support/memory-systems.ts';

const all = (rows: number): bigint[] => Array.from({ length: rows }, (_, i) => BigInt(i));

describe('a run', () => {
  it('copies every row once and writes a receipt', async () => {
    const harness = new EngineHarness(new MemorySystems(1000, 7));
    await harness.start();
    const run = await harness.settle();
    expect(run.state).toBe('SUCCEEDED');
    expect(harness.systems.visible).toEqual(all(1000));
    expect(run.receipt?.counters).toMatchObject({ read: 1000, written: 1000, dirty: 0, bytes: 8000 });
    expect(run.receipt?.shards).toBe(7);
  });

  it('shows nothing before the commit', async () => {
    const harness = new EngineHarness(new MemorySystems(1000, 7));
    await harness.start();
    while (harness.queue[0]?.target !== 'finalizer') await harness.deliver();
    expect(harness.systems.visible).toEqual([]);
    await harness.settle();
    expect(harness.systems.visible).toHaveLength(1000);
  });

  it('survives every message delivered twice', async () => {
    const harness = new EngineHarness(new MemorySystems(1000, 7));
    harness.delivery = () => 2;
    await harness.start();
    await harness.settle();
    expect(harness.systems.visible).toEqual(all(1000));
  });

  it('survives the loss of every first message of a kind', async () => {
    const harness = new EngineHarness(new MemorySystems(1000, 7));
    const seen = new Set<string>();
    harness.delivery = (target) => {
      const first = !seen.has(target);
      seen.add(target);
      return first ? 0 : 1;
    };
    await harness.start();
    expect((await harness.settle()).state).toBe('SUCCEEDED');
    expect(harness.systems.visible).toEqual(all(1000));
  });

  it('continues itself when a slice is too short for a shard', async () => {
    const harness = new EngineHarness(new MemorySystems(1000, 2));
    await harness.start();
    const run = await harness.settle(500, 6);
    expect(run.state).toBe('SUCCEEDED');
    expect(harness.systems.visible).toEqual(all(1000));
    const shards = await harness.deps.state.listShards(run, run.plan?.planId ?? '');
    expect(shards[0]?.value.epoch).toBeGreaterThan(5);
  });

  it('redoes at most one checkpoint interval after a crash', async () => {
    let reads = 0;
    let crashes = 0;
    const systems = new MemorySystems(2000, 2, {
      onRead: () => {
        if (++reads % 37 === 0 && crashes++ < 20) throw new SyncError('SRC-2001', 'transient', 'cut');
      },
    });
    const harness = new EngineHarness(systems);
    await harness.start(memoryJob(), { checkpointBytes: 400 });
    expect((await harness.settle()).state).toBe('SUCCEEDED');
    expect(systems.visible).toEqual(all(2000));
    // 50 rows are 400 bytes: five batches may be read again per crash, and one was cut.
    expect(reads).toBeLessThanOrEqual(200 + crashes * 6);
  });

  it('fails after as many attempts without progress as allowed, and says why', async () => {
    const systems = new MemorySystems(100, 2, {
      onRead: (shard) => {
        if (shard === '00001') throw new SyncError('SRC-2001', 'transient', 'no route');
      },
    });
    const harness = new EngineHarness(systems);
    await harness.start(memoryJob(), { maxAttempts: 3 });
    const run = await harness.settle();
    expect(run).toMatchObject({ state: 'FAILED', failure: { code: 'RUN-5002', shardId: '00001' } });
    expect(run.failure?.message).toContain('no route');
    expect(systems.visible).toEqual([]);
  });

  it('fails at once on a fault that no attempt can mend', async () => {
    const systems = new MemorySystems(100, 2, {
      onRead: () => {
        throw new SyncError('SRC-2002', 'auth', 'key refused');
      },
    });
    const harness = new EngineHarness(systems);
    await harness.start();
    expect(await harness.settle()).toMatchObject({ state: 'FAILED', failure: { code: 'SRC-2002' } });
  });

  it('seals the first plan when two orchestrators plan differently', async () => {
    const systems = new MemorySystems(1000, 5);
    const harness = new EngineHarness(systems);
    await harness.start();
    const inner = harness.deps.state.runs.replace.bind(harness.deps.state.runs);
    const other = new EngineHarness(new MemorySystems(1000, 3));
    Object.assign(other, { deps: { ...other.deps, state: harness.deps.state } });
    let sealed = false;
    harness.deps.state.runs.replace = async (key, current, next) => {
      if (next.state === 'RUNNING' && !sealed) {
        sealed = true;
        await inner(key, current, { ...current.value, drivenUntilMs: 0 });
        await other.deps.invoker.invoke('orchestrator', { v: 1, ...harness.ref });
        await other.deliver();
        return undefined;
      }
      return inner(key, current, next);
    };
    const run = await harness.settle();
    expect(run.plan?.shardCount).toBe(3);
    expect(systems.visible).toEqual(all(1000));
  });
});

describe('a driver that is killed every time', () => {
  it('fails the run once the attempts are used up, and says that the output may be visible', async () => {
    const harness = new EngineHarness(new MemorySystems(100, 2));
    await harness.start();
    while (harness.queue[0]?.target !== 'finalizer') await harness.deliver();
    harness.systems.openWriter = () => new Promise(() => {});
    void harness.deliver();
    await vi.waitFor(async () => expect((await harness.run()).state).toBe('COMMITTING'));
    for (let taken = 1; taken <= MAX_DRIVE_ATTEMPTS; taken++) {
      expect((await harness.run()).state).toBe('COMMITTING');
      harness.clock.advance(61_000);
      await takeDrive(harness.deps, harness.ref, 'COMMITTING');
    }
    const run = await harness.run();
    expect(run).toMatchObject({ state: 'FAILED', failure: { code: 'RUN-5012' } });
    expect(run.failure?.message).toContain(MAY_BE_VISIBLE);
  });
});

describe('a resume that was cut short', () => {
  it('keeps the failed run in the sweeper’s list until the resume is repeated', async () => {
    const systems = new MemorySystems(100, 2, { refuse: (id) => id === 7n });
    const harness = new EngineHarness(systems);
    await harness.start();
    await harness.settle();
    const failed = (await harness.deps.state.runs.get(harness.ref))!;
    await harness.deps.state.runs.replace(harness.ref, failed, { ...failed.value, resumedBy: 'run.r1' });
    await sweep(harness.deps, harness.slice());
    expect(await harness.deps.state.listActive()).toHaveLength(1);
    const next = await resumeRun(harness.deps, harness.ref, { errorLimit: { kind: 'records', limit: 1 } });
    while (await harness.deliver());
    expect((await harness.run(next)).state).toBe('SUCCEEDED');
    await sweep(harness.deps, harness.slice());
    expect((await harness.deps.state.listActive()).map((row) => row.runId)).toEqual(['run.r1']);
  });
});

describe('dirty rows', () => {
  const refuse = (value: bigint): boolean => value % 100n === 7n;

  it('fail the run by default at the first one', async () => {
    const harness = new EngineHarness(new MemorySystems(1000, 4, { refuse }));
    await harness.start();
    const run = await harness.settle();
    expect(run).toMatchObject({ state: 'FAILED', failure: { code: 'RUN-5001' } });
    expect(harness.systems.visible).toEqual([]);
  });

  it('are counted, kept and left out within the limit', async () => {
    const harness = new EngineHarness(new MemorySystems(1000, 4, { refuse }));
    await harness.start(memoryJob({ errorLimit: { kind: 'records', limit: 10 } }));
    const run = await harness.settle();
    expect(run.receipt?.counters).toMatchObject({ read: 1000, written: 990, dirty: 10 });
    expect(harness.systems.visible).toEqual(all(1000).filter((id) => !refuse(id)));
    const kept = await harness.deps.state.listDirtyRows(run, 100);
    expect(kept).toHaveLength(10);
    expect(kept[0]).toMatchObject({
      key: 'id=7',
      column: 'id',
      value: '7',
      valueType: 'long',
      code: 'CNV-3001',
    });
  });

  it('of a share are judged at the end, exactly at the limit', async () => {
    for (const [limit, state] of [
      [0.01, 'SUCCEEDED'],
      [0.0099, 'FAILED'],
    ] as const) {
      const harness = new EngineHarness(new MemorySystems(1000, 4, { refuse }));
      await harness.start(memoryJob({ errorLimit: { kind: 'share', limit } }));
      expect((await harness.settle()).state).toBe(state);
    }
  });

  it('resume with a higher limit takes over all shards', async () => {
    const harness = new EngineHarness(new MemorySystems(1000, 4, { refuse }));
    await harness.start();
    await harness.settle();
    const next = await resumeRun(harness.deps, harness.ref, { errorLimit: { kind: 'records', limit: 50 } });
    expect(next.runId).toBe('run.r1');
    while (await harness.deliver());
    const run = await harness.run(next);
    expect(run.receipt?.counters).toMatchObject({ read: 1000, written: 990, dirty: 10 });
    expect((await harness.run()).state).toBe('FAILED');
    await expect(resumeRun(harness.deps, next)).rejects.toMatchObject({ code: 'RUN-5004' });
  });
});

describe('holding and letting go', () => {
  it('moves at most as many shards at once as there are channels', async () => {
    const harness = new EngineHarness(new MemorySystems(1000, 8));
    await harness.start(memoryJob({ speed: { concurrent: 2 } }));
    await harness.deliver();
    const messages = harness.queue.map((entry) => entry.message.channel);
    expect(messages).toEqual([0, 1]);
    await harness.settle();
  });

  it('refuses a late worker and a late finalizer without any effect', async () => {
    const harness = new EngineHarness(new MemorySystems(1000, 4));
    await harness.start();
    const run = await harness.settle();
    const commits = harness.systems.commits;
    await work(harness.deps, { ...harness.ref, channel: 0 }, harness.slice());
    await finalize(harness.deps, harness.ref, harness.slice());
    expect(harness.systems.commits).toBe(commits);
    expect(await harness.run()).toEqual(run);
  });

  it('fences a worker that slept through its lease', async () => {
    const systems = new MemorySystems(400, 1);
    const harness = new EngineHarness(systems);
    await harness.start(memoryJob({ speed: { concurrent: 1 } }), { checkpointBytes: 80 });
    await harness.deliver();
    const message = harness.queue.shift()?.message;
    let asleep = false;
    systems.faults.onRead = (_shard, from) => {
      if (from >= 100 && !asleep) {
        asleep = true;
        harness.clock.advance(120_000);
        harness.queue.push({ target: 'worker', message: { v: 1, ...harness.ref, channel: 0 } });
        throw new SyncError('SRC-2001', 'transient', 'woke up');
      }
    };
    await work(harness.deps, { ...harness.ref, channel: message?.channel ?? 0 }, harness.slice());
    expect((await harness.settle()).state).toBe('SUCCEEDED');
    expect(systems.visible).toEqual(all(400));
  });

  it('pauses at a checkpoint and goes on when resumed', async () => {
    const systems = new MemorySystems(1000, 4);
    const harness = new EngineHarness(systems);
    await harness.start(memoryJob(), { checkpointBytes: 80 });
    await harness.deliver();
    systems.faults.onRead = (_shard, from) => {
      if (from === 100) void pauseRun(harness.deps, harness.ref);
    };
    while (await harness.deliver());
    expect((await harness.run()).state).toBe('RUNNING');
    await sweep(harness.deps, harness.slice());
    expect(harness.queue).toEqual([]);
    await resumeRun(harness.deps, harness.ref);
    expect((await harness.settle()).state).toBe('SUCCEEDED');
    expect(systems.visible).toEqual(all(1000));
  });

  it('cancels for good and discards', async () => {
    const systems = new MemorySystems(1000, 4);
    const harness = new EngineHarness(systems);
    await harness.start();
    await harness.deliver();
    await cancelRun(harness.deps, harness.ref, new AbortController().signal);
    while (await harness.deliver());
    expect(await harness.run()).toMatchObject({ state: 'CANCELED', discarded: true });
    expect(systems.visible).toEqual([]);
    expect(systems.discards).toEqual(['run']);
    await expect(resumeRun(harness.deps, harness.ref)).rejects.toMatchObject({ code: 'RUN-5004' });
  });

  it('keeps the speed limits over all channels, in virtual time', async () => {
    const harness = new EngineHarness(new MemorySystems(1000, 4));
    await harness.start(memoryJob({ speed: { concurrent: 1, recordsPerSecond: 100 } }));
    const startedMs = harness.clock.nowMs();
    while (await harness.deliver());
    expect((await harness.run()).state).toBe('SUCCEEDED');
    expect(harness.clock.nowMs() - startedMs).toBeGreaterThanOrEqual(9_800);
  });
});
