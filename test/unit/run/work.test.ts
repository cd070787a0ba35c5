import { describe, expect, it } from 'vitest';
import type { Cursor, SinkState } from '../../../core/connectors/contract.ts';
import { SyncError } from '../../../core/errors/index.ts';
import { type RunRow, type ShardRow, work, zeroCounters } from '../../../core/run/index.ts';
import { type EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import { MemorySystems } from '../../support/memory-systems.ts';
import { changeRun, messages, preparedRun, shardName, shardNow, shardsNow } from './prepared-run.ts';

const LEASE_MS = 60_000;

/** Works in a channel and tells the messages it sent. */
async function worked(harness: EngineHarness, channel = 0, steps?: number): Promise<readonly string[]> {
  await work(harness.deps, { ...harness.ref, channel }, harness.slice(steps));
  return messages(harness);
}

const channelNow = async (harness: EngineHarness, channel = 0) =>
  (await harness.deps.state.channels.get({ ...harness.ref, channel }))?.value;

const fault = (kind: SyncError['kind']) => new SyncError('SRC-2001', kind, 'cut');

/** Fails the first `times` reads at or after a row. */
function failing(harness: EngineHarness, kind: SyncError['kind'], atRow = 0, times = 1): void {
  let left = times;
  harness.systems.faults.onRead = (_shard, from) => {
    if (from >= atRow && left-- > 0) throw fault(kind);
  };
}

describe('a worker’s message', () => {
  it.each<[string, Partial<RunRow>, number]>([
    ['of a run that is over', { state: 'FAILED' }, 0],
    ['of a run in planning', { state: 'PLANNING' }, 0],
    ['of a run that is paused', { stop: 'pause' }, 0],
    ['of a run whose target is not ready', { begun: false }, 0],
    ['for a channel that the run does not have', {}, 2],
  ])('%s has no effect', async (_, run, channel) => {
    const harness = await preparedRun({ shards: [{}], channels: [{}, {}], run });
    expect(await worked(harness, channel)).toEqual([]);
    expect((await shardNow(harness)).epoch).toBe(0);
    expect(await channelNow(harness, 2)).toBeUndefined();
    expect((await channelNow(harness))?.epoch).toBe(0);
  });

  it('of no run has no effect', async () => {
    const harness = await preparedRun({ shards: [{}] });
    await work(harness.deps, { jobId: 'job', runId: 'no', channel: 0 }, harness.slice());
    expect(messages(harness)).toEqual([]);
  });

  it('for a channel that is held has no effect', async () => {
    const harness = await preparedRun({
      shards: [{}],
      channels: [{ owner: 'a', leaseUntilMs: 1e15, epoch: 3 }],
    });
    expect(await worked(harness)).toEqual([]);
    expect((await shardNow(harness)).epoch).toBe(0);
    expect(await channelNow(harness)).toMatchObject({ owner: 'a', epoch: 3 });
  });
});

describe('a worker', () => {
  it('moves all shards that it can get and calls the finalizer after the last', async () => {
    const harness = await preparedRun({ shards: [{}, { state: 'DONE' }, {}], channels: [{}] });
    expect(await worked(harness)).toEqual(['finalizer']);
    const shards = await shardsNow(harness);
    expect(shards.map(({ state, counters }) => [state, counters.read])).toEqual([
      ['DONE', 100],
      ['DONE', 0],
      ['DONE', 100],
    ]);
    expect(await channelNow(harness)).toMatchObject({ epoch: 1, owner: '', leaseUntilMs: 0, idle: false });
  });

  it('makes its channel if it is the first in it', async () => {
    const harness = await preparedRun({ shards: [{}] });
    expect(await worked(harness)).toEqual(['finalizer']);
    expect(await channelNow(harness)).toMatchObject({ channel: 0, epoch: 1 });
  });

  it('begins at another shard in each channel', async () => {
    for (const [channel, expected] of [
      [0, [0, 1, 2, 3, 4, 5]],
      [1, [2, 3, 4, 5, 0, 1]],
      [2, [4, 5, 0, 1, 2, 3]],
    ] as const) {
      const harness = await preparedRun({ shards: Array(6).fill({}), channels: [{}, {}, {}] });
      const order: string[] = [];
      harness.systems.faults.onRead = (shard) => {
        if (order.at(-1) !== shard) order.push(shard);
      };
      await worked(harness, channel);
      expect(order).toEqual(expected.map(shardName));
    }
  });

  it('leaves shards to others that hold them or that must wait, and ends without a word', async () => {
    const harness = await preparedRun({
      shards: [{ state: 'LEASED', owner: 'a', leaseUntilMs: 1e15 }, {}, { notBeforeMs: 1e15 }],
      channels: [{}],
    });
    expect(await worked(harness)).toEqual([]);
    expect((await shardsNow(harness)).map(({ state }) => state)).toEqual(['LEASED', 'DONE', 'PENDING']);
  });

  it('goes on where the last checkpoint left the shard', async () => {
    const harness = await preparedRun({
      shards: [{ cursor: '60' as Cursor, counters: { ...zeroCounters, read: 60, written: 60 }, epoch: 4 }],
    });
    const reads: number[] = [];
    harness.systems.faults.onRead = (_shard, from) => reads.push(from);
    await worked(harness);
    expect(reads).toEqual([60, 70, 80, 90]);
    expect(await shardNow(harness)).toMatchObject({ epoch: 5, outputEpoch: 5, counters: { read: 100 } });
  });

  it('opens its sink with the plan’s columns, its epoch and what was durable, and closes it', async () => {
    const harness = await preparedRun({ shards: [{ epoch: 6, sink: '[]' as SinkState }] });
    const { openWriter } = harness.systems;
    const opened: unknown[] = [];
    let closed = 0;
    harness.systems.openWriter = async () => {
      const writer = await openWriter.call(harness.systems);
      return {
        ...writer,
        open: async (...args) => {
          opened.push(args);
          return { ...(await writer.open(...args)), close: async () => void closed++ };
        },
      };
    };
    failing(harness, 'transient', 50);
    await worked(harness);
    expect(opened).toEqual([
      [{ ...harness.ref, shardId: '00000', epoch: 7 }, [{ name: 'id', type: 'long' }], '[]'],
    ]);
    expect(closed).toBe(1);
  });

  it('fails the run for a shard whose attempts are used up, and says why', async () => {
    const last = { code: 'SRC-2001', message: 'no route' } as const;
    const messageOf = async (shard: Partial<ShardRow>) => {
      const harness = await preparedRun({ shards: [shard] });
      expect(await worked(harness)).toEqual([]);
      const { state, failure } = await harness.run();
      expect([state, failure?.code, failure?.shardId]).toEqual(['FAILED', 'RUN-5002', '00000']);
      return failure?.message;
    };
    const text = 'shard 00000 failed 8 times without getting further';
    expect(await messageOf({ attempts: 8 })).toBe(text);
    const silent = { state: 'LEASED', owner: 'gone', epoch: 7, leaseUntilMs: 0, attempts: 7 } as const;
    expect(await messageOf(silent)).toBe(text);
    expect(await messageOf({ attempts: 8, fault: last })).toBe(
      `${text}; the last fault was SRC-2001: no route`,
    );
  });

  it('keeps to its share of the limits, and leaves the debt with the channel', async () => {
    const harness = await preparedRun({ shards: [{}], channels: [{}, {}] });
    await changeRun(harness, { job: memoryJob({ speed: { concurrent: 2, recordsPerSecond: 20 } }) });
    const startedMs = harness.clock.nowMs();
    await worked(harness);
    // Ten of the twenty rows per second are its own; the last batch of ten is paid for afterwards.
    expect(harness.clock.nowMs() - startedMs).toBe(9_000);
    expect((await channelNow(harness))?.paidUntilMs).toBe(startedMs + 10_000);
    const next = await preparedRun({ shards: [{}], channels: [{ paidUntilMs: startedMs + 5_000 }] });
    await changeRun(next, { job: memoryJob({ speed: { concurrent: 1, recordsPerSecond: 1e9 } }) });
    await worked(next);
    expect(next.clock.nowMs()).toBeGreaterThanOrEqual(startedMs + 5_000);
  });
});

describe('the time of a worker', () => {
  it('that is over before the first shard sends the next one, in the same channel', async () => {
    const harness = await preparedRun({ shards: [{}], channels: [{}, {}] });
    expect(await worked(harness, 1, 0)).toEqual(['worker 1']);
    expect((await shardNow(harness)).epoch).toBe(0);
    expect(await channelNow(harness, 1)).toMatchObject({ owner: '', epoch: 1 });
  });

  it('that is over within a shard makes the rows durable and puts it back', async () => {
    const harness = await preparedRun({ shards: [{}] });
    expect(await worked(harness, 0, 4)).toEqual(['worker 0']);
    expect(await shardNow(harness)).toMatchObject({
      state: 'PENDING',
      owner: '',
      cursor: '40',
      attempts: 0,
      counters: { read: 40, written: 40 },
    });
  });

  it('is spent on a lease once a third of it is used up, the channel’s and the shard’s', async () => {
    const harness = await preparedRun({ shards: [{}], channels: [{}] });
    const leases: unknown[] = [];
    harness.systems.faults.onRead = () => harness.clock.advance(15_000);
    const { replace } = harness.deps.state.shards;
    harness.deps.state.shards.replace = async (key, current, next) => {
      const channel = await channelNow(harness);
      leases.push([
        next.state,
        next.leaseUntilMs - harness.clock.nowMs(),
        channel!.leaseUntilMs > harness.clock.nowMs(),
      ]);
      return replace.call(harness.deps.state.shards, key, current, next);
    };
    await changeRun(harness, { options: { ...(await harness.run()).options, checkpointMs: 1e9 } });
    await worked(harness);
    const renewal = ['LEASED', LEASE_MS, true];
    expect(leases).toEqual([renewal, ...Array(5).fill(renewal), ['DONE', expect.any(Number), true]]);
    expect((await harness.run()).state).toBe('RUNNING');
  });

  it('spent on a pause is over at the next checkpoint, without a word to anybody', async () => {
    const harness = await preparedRun({ shards: [{}, {}] });
    await changeRun(harness, { options: { ...(await harness.run()).options, checkpointBytes: 160 } });
    let paused = false;
    harness.systems.faults.onRead = (_shard, from) => {
      if (from !== 30 || paused) return;
      paused = true;
      void changeRun(harness, { stop: 'pause' });
    };
    expect(await worked(harness)).toEqual([]);
    expect(await shardNow(harness)).toMatchObject({ state: 'PENDING', cursor: '40' });
    expect((await shardNow(harness, 1)).epoch).toBe(0);
  });

  it('is over when the run was ended elsewhere, after the shard at hand', async () => {
    const harness = await preparedRun({ shards: [{}, {}] });
    harness.systems.faults.onRead = (_shard, from) => {
      if (from === 50) void changeRun(harness, { state: 'CANCELED' });
    };
    expect(await worked(harness)).toEqual([]);
    expect((await shardsNow(harness)).map(({ state }) => state)).toEqual(['DONE', 'PENDING']);
  });
});

describe('a fault within a shard', () => {
  it('that may pass puts it back with patience, growing with the attempts', async () => {
    const waits: number[] = [];
    for (const attempts of [0, 1, 2, 7]) {
      const harness = await preparedRun({ shards: [{ attempts }] });
      failing(harness, 'transient');
      expect(await worked(harness)).toEqual([]);
      const shard = await shardNow(harness);
      expect(shard).toMatchObject({
        state: 'PENDING',
        attempts: attempts + 1,
        retries: 1,
        fault: { code: 'SRC-2001' },
      });
      waits.push(shard.notBeforeMs - harness.clock.nowMs());
    }
    // Half of each is by chance, and the chance of the harness is one half.
    expect(waits).toEqual([375, 750, 1500, 22_500]);
  });

  it('of throttling is no attempt', async () => {
    const harness = await preparedRun({ shards: [{ attempts: 2 }] });
    failing(harness, 'throttled');
    await worked(harness);
    expect(await shardNow(harness)).toMatchObject({ attempts: 2, retries: 0 });
  });

  it('keeps the others going in this channel', async () => {
    const harness = await preparedRun({ shards: [{}, {}] });
    failing(harness, 'transient');
    expect(await worked(harness)).toEqual([]);
    expect((await shardsNow(harness)).map(({ state }) => state)).toEqual(['PENDING', 'DONE']);
  });

  it('that no attempt can mend fails the run with the shard’s name, and puts the shard back', async () => {
    const harness = await preparedRun({ shards: [{}, {}] });
    failing(harness, 'config');
    expect(await worked(harness)).toEqual([]);
    expect(await harness.run()).toMatchObject({
      state: 'FAILED',
      failure: { code: 'SRC-2001', message: 'cut', shardId: '00000' },
    });
    expect((await shardsNow(harness)).map(({ state, attempts, epoch }) => [state, attempts, epoch])).toEqual([
      ['PENDING', 0, 1],
      ['PENDING', 0, 0],
    ]);
  });

  it('met by a worker that was replaced says nothing about the run', async () => {
    for (const kind of ['config', 'transient'] as const) {
      const harness = await preparedRun({ shards: [{}, { state: 'DONE' }] });
      harness.systems.faults.onRead = () => {
        void seize(harness);
        throw fault(kind);
      };
      expect(await worked(harness)).toEqual([]);
      expect((await harness.run()).state).toBe('RUNNING');
      expect(await shardNow(harness)).toMatchObject({
        state: 'LEASED',
        owner: 'other',
        epoch: 9,
        attempts: 0,
      });
    }
  });

  it('that says somebody else has the shard is answered by going on elsewhere', async () => {
    const harness = await preparedRun({ shards: [{}, {}] });
    await changeRun(harness, { options: { ...(await harness.run()).options, checkpointBytes: 80 } });
    harness.systems.faults.onRead = (shard, from) => {
      if (shard === '00000' && from === 0) void seize(harness);
    };
    expect(await worked(harness)).toEqual([]);
    expect(await shardNow(harness)).toMatchObject({ owner: 'other', epoch: 9, counters: { read: 0 } });
    expect((await shardNow(harness, 1)).state).toBe('DONE');
  });

  it('of the channel, which another one took, lets go of the shard too and stops', async () => {
    const harness = await preparedRun({ shards: [{}, {}], channels: [{}] });
    harness.systems.faults.onRead = (_shard, from) => {
      if (from !== 20) return;
      harness.clock.advance(LEASE_MS / 2);
      void seizeChannel(harness);
    };
    expect(await worked(harness)).toEqual([]);
    expect((await shardsNow(harness)).map(({ state, owner }) => [state, owner])).toEqual([
      ['PENDING', ''],
      ['PENDING', ''],
    ]);
    expect(await channelNow(harness)).toMatchObject({ owner: 'other', epoch: 9 });
  });

  it('while the slice is being ended puts the shard back, whatever the fault', async () => {
    const harness = await preparedRun({ shards: [{}] });
    const abort = new AbortController();
    harness.systems.faults.onRead = () => {
      abort.abort();
      throw fault('config');
    };
    const slice = { timeLeftMs: () => 1, signal: abort.signal };
    await work(harness.deps, { ...harness.ref, channel: 0 }, slice);
    expect(messages(harness)).toEqual(['worker 0']);
    expect(await shardNow(harness)).toMatchObject({ state: 'PENDING', attempts: 0, retries: 0 });
    expect((await harness.run()).state).toBe('RUNNING');
  });

  it('of the state store while the shard is put back is passed on to the next who looks', async () => {
    const harness = await preparedRun({ shards: [{}] });
    failing(harness, 'transient');
    const { replace } = harness.deps.state.shards;
    let writes = 0;
    harness.deps.state.shards.replace = async (...write) => {
      if (++writes === 2) throw new SyncError('RUN-5007', 'transient', 'store gone');
      return replace.apply(harness.deps.state.shards, write);
    };
    await worked(harness);
    expect(await shardNow(harness)).toMatchObject({ state: 'LEASED', epoch: 1 });
    expect((await harness.run()).state).toBe('RUNNING');
  });

  it('of opening the source is one of the run, not of a shard', async () => {
    const harness = await preparedRun({ shards: [{}], channels: [{}] });
    harness.systems.openReader = async () => {
      throw fault('auth');
    };
    expect(await worked(harness)).toEqual([]);
    expect(await harness.run()).toMatchObject({ state: 'FAILED', failure: { code: 'SRC-2001' } });
    expect(await channelNow(harness)).toMatchObject({ owner: '', idle: false });
  });
});

describe('dirty rows', () => {
  const dirtyRun = async (limit: number, ...others: Partial<ShardRow>[]) => {
    const systems = new MemorySystems(200, 2, { refuse: (id) => id % 10n === 3n });
    const harness = await preparedRun({ shards: [{}, ...others], systems });
    const { options } = await harness.run();
    await changeRun(harness, {
      job: memoryJob({ errorLimit: { kind: 'records', limit } }),
      options: { ...options, checkpointBytes: 160 },
    });
    return harness;
  };

  it('stop the run at the checkpoint that finds too many, over all shards together', async () => {
    const others = { state: 'DONE', counters: { ...zeroCounters, read: 9, dirty: 3 } } as const;
    const harness = await dirtyRun(6, others);
    expect(await worked(harness)).toEqual([]);
    expect(await harness.run()).toMatchObject({
      state: 'FAILED',
      failure: { code: 'RUN-5001', message: '7 dirty rows, 6 allowed' },
    });
    expect(await shardNow(harness)).toMatchObject({ state: 'PENDING', counters: { read: 40, dirty: 4 } });
  });

  it('within the limit are kept and counted', async () => {
    const harness = await dirtyRun(10);
    expect(await worked(harness)).toEqual(['finalizer']);
    expect((await shardNow(harness)).counters).toMatchObject({ read: 100, written: 90, dirty: 10 });
    expect(await harness.deps.state.listDirtyRows(harness.ref, 100)).toHaveLength(10);
  });

  it('are kept up to the number for a shard, and counted all the same', async () => {
    const harness = await dirtyRun(10);
    await changeRun(harness, { options: { ...(await harness.run()).options, maxDirtyRowsPerShard: 3 } });
    await worked(harness);
    expect((await shardNow(harness)).counters.dirty).toBe(10);
    expect(await harness.deps.state.listDirtyRows(harness.ref, 100)).toHaveLength(3);
  });
});

/** Somebody else claims the first shard behind the worker's back. */
async function seize(harness: EngineHarness): Promise<void> {
  const key = { ...harness.ref, planId: 'plan', shardId: '00000' };
  const row = (await harness.deps.state.shards.get(key))!;
  const next: ShardRow = { ...row.value, state: 'LEASED', owner: 'other', epoch: 9, leaseUntilMs: 1e15 };
  await harness.deps.state.shards.replace(key, row, next);
}

async function seizeChannel(harness: EngineHarness): Promise<void> {
  const key = { ...harness.ref, channel: 0 };
  const row = (await harness.deps.state.channels.get(key))!;
  await harness.deps.state.channels.replace(key, row, { ...row.value, owner: 'other', epoch: 9 });
}
