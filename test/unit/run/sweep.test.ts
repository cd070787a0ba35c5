import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../core/errors/index.ts';
import { type RunRow, sweep } from '../../../core/run/index.ts';
import { KEEP_FAILED_MS } from '../../../core/run/sweep.ts';
import { EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import { MemorySystems } from '../../support/memory-systems.ts';
import { changeRun, messages, preparedRun } from './prepared-run.ts';

const LEASE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const swept = async (harness: EngineHarness): Promise<readonly string[]> => {
  await sweep(harness.deps, harness.slice());
  return messages(harness);
};

const listed = async (harness: EngineHarness): Promise<readonly string[]> =>
  (await harness.deps.state.listActive()).map((row) => row.runId);

describe('a run that nobody drives', () => {
  it.each<[string, Partial<RunRow>, readonly string[]]>([
    ['in planning is planned again', { state: 'PLANNING' }, ['orchestrator']],
    ['in committing is committed again', { state: 'COMMITTING' }, ['finalizer']],
    ['whose target is not ready is begun again', { state: 'RUNNING', begun: false }, ['orchestrator']],
  ])('%s, as soon as the driver’s lease is over', async (_, run, expected) => {
    const harness = await preparedRun({ run });
    const nowMs = harness.clock.nowMs();
    await changeRun(harness, { drivenUntilMs: nowMs + 1 });
    expect(await swept(harness)).toEqual([]);
    await changeRun(harness, { drivenUntilMs: nowMs });
    expect(await swept(harness)).toEqual(expected);
    await changeRun(harness, { stop: 'pause' });
    expect(await swept(harness)).toEqual([]);
  });
});

describe('a run with open shards', () => {
  const free = [{}, {}, {}];

  it('gets one worker for each shard that can be claimed', async () => {
    const harness = await preparedRun({ shards: [{}, { state: 'DONE' }, {}], channels: free });
    expect(await swept(harness)).toEqual(['worker 0', 'worker 1']);
  });

  it('gets one worker for each free channel', async () => {
    const harness = await preparedRun({ shards: [{}, {}, {}, {}], channels: free });
    const leaseUntilMs = harness.clock.nowMs() + 1;
    const held = await preparedRun({
      shards: [{}, {}, {}, {}],
      channels: [
        { owner: 'a', leaseUntilMs },
        { owner: 'b', leaseUntilMs: leaseUntilMs - 1 },
        { owner: '', leaseUntilMs },
      ],
    });
    expect(await swept(harness)).toEqual(['worker 0', 'worker 1', 'worker 2']);
    expect(await swept(held)).toEqual(['worker 1', 'worker 2']);
  });

  it('counts shards only that can be claimed now, to the millisecond', async () => {
    const { clock } = await preparedRun({});
    const nowMs = clock.nowMs();
    const open = async (shard: Parameters<typeof preparedRun>[0]['shards']) =>
      swept(await preparedRun({ shards: shard!, channels: free }));
    expect(await open([{ notBeforeMs: nowMs }])).toEqual(['worker 0']);
    expect(await open([{ notBeforeMs: nowMs + 1 }])).toEqual([]);
    expect(await open([{ state: 'LEASED', owner: 'a', leaseUntilMs: nowMs }])).toEqual(['worker 0']);
    expect(await open([{ state: 'LEASED', owner: 'a', leaseUntilMs: nowMs + 1 }])).toEqual([]);
    expect(await open([{ state: 'DONE' }, { state: 'LEASED', leaseUntilMs: nowMs + 1 }])).toEqual([]);
  });

  it('gets no worker while it is paused', async () => {
    const harness = await preparedRun({ run: { stop: 'pause' }, shards: [{}], channels: free });
    expect(await swept(harness)).toEqual([]);
  });

  it('gets its finalizer once all of them are done', async () => {
    const harness = await preparedRun({ shards: [{ state: 'DONE' }, { state: 'DONE' }], channels: free });
    expect(await swept(harness)).toEqual(['finalizer']);
  });
});

describe('a run that succeeded', () => {
  it('is forgotten two leases later, with the leftovers of late workers', async () => {
    const harness = await preparedRun({ shards: [{ state: 'DONE' }] });
    await changeRun(harness, { state: 'SUCCEEDED', endedMs: harness.clock.nowMs() });
    harness.clock.advance(2 * LEASE_MS - 1);
    await sweep(harness.deps, harness.slice());
    expect([await listed(harness), harness.systems.discards]).toEqual([['run'], []]);
    harness.clock.advance(1);
    await sweep(harness.deps, harness.slice());
    expect([await listed(harness), harness.systems.discards]).toEqual([[], ['run']]);
    expect((await harness.run()).discarded).toBe(false);
  });

  it('clears away what it took over as well, back to the first run', async () => {
    const harness = await preparedRun({ run: { state: 'SUCCEEDED', resumeOf: 'b', endedMs: 0 } });
    const row = await harness.run();
    const { runs } = harness.deps.state;
    await runs.insert({ jobId: 'job', runId: 'b' }, { ...row, runId: 'b', resumeOf: 'a' });
    await runs.insert({ jobId: 'job', runId: 'a' }, { ...row, runId: 'a', resumeOf: 'lost' });
    await sweep(harness.deps, harness.slice());
    expect(harness.systems.discards).toEqual(['run', 'b', 'a']);
  });
});

describe('a run that did not succeed', () => {
  const ended = async (run: Partial<RunRow>) => {
    const harness = await preparedRun({ run });
    await changeRun(harness, { endedMs: harness.clock.nowMs() });
    return harness;
  };

  it('can be resumed for seven days if it failed; then its parts are thrown away', async () => {
    expect(KEEP_FAILED_MS).toBe(7 * DAY_MS);
    const harness = await ended({ state: 'FAILED' });
    harness.clock.advance(7 * DAY_MS - 1);
    await sweep(harness.deps, harness.slice());
    expect([await listed(harness), harness.systems.discards]).toEqual([['run'], []]);
    harness.clock.advance(1);
    await sweep(harness.deps, harness.slice());
    expect([await listed(harness), harness.systems.discards]).toEqual([[], ['run']]);
    expect((await harness.run()).discarded).toBe(true);
  });

  it('is cleared away two leases after it was canceled', async () => {
    const harness = await ended({ state: 'CANCELED' });
    harness.clock.advance(2 * LEASE_MS - 1);
    await sweep(harness.deps, harness.slice());
    expect([await listed(harness), harness.systems.discards]).toEqual([['run'], []]);
    harness.clock.advance(1);
    await sweep(harness.deps, harness.slice());
    expect([await listed(harness), harness.systems.discards]).toEqual([[], ['run']]);
  });

  it('that failed within very long leases waits for both times', async () => {
    const harness = await ended({ state: 'FAILED' });
    await changeRun(harness, { options: { ...(await harness.run()).options, leaseMs: 5 * DAY_MS } });
    harness.clock.advance(10 * DAY_MS - 1);
    await sweep(harness.deps, harness.slice());
    expect(await listed(harness)).toEqual(['run']);
    harness.clock.advance(1);
    await sweep(harness.deps, harness.slice());
    expect(await listed(harness)).toEqual([]);
  });

  it('is forgotten at once when its successor exists, which answers for its parts', async () => {
    const harness = await ended({ state: 'FAILED', resumedBy: 'run.r1' });
    harness.clock.advance(30 * DAY_MS);
    await sweep(harness.deps, harness.slice());
    expect(await listed(harness)).toEqual(['run']);
    await harness.deps.state.runs.insert({ jobId: 'job', runId: 'run.r1' }, await harness.run());
    await sweep(harness.deps, harness.slice());
    expect([await listed(harness), harness.systems.discards]).toEqual([[], []]);
  });
});

describe('an entry without a run', () => {
  it('is kept for an hour: its run may be about to be stored', async () => {
    const harness = new EngineHarness(new MemorySystems(10, 1));
    await harness.deps.state.active.insert(harness.ref, { ...harness.ref, sinceMs: harness.clock.nowMs() });
    harness.clock.advance(HOUR_MS);
    await sweep(harness.deps, harness.slice());
    expect(await listed(harness)).toEqual(['run']);
    harness.clock.advance(1);
    await sweep(harness.deps, harness.slice());
    expect(await listed(harness)).toEqual([]);
  });
});

describe('several runs', () => {
  /** Runs a, b and c: one over, which is to be discarded, two in planning. */
  async function three(): Promise<EngineHarness> {
    const harness = await preparedRun({});
    const row = await harness.run();
    await harness.deps.state.active.remove(harness.ref);
    for (const runId of ['a', 'b', 'c']) {
      const ref = { jobId: 'job', runId };
      const over = runId === 'a' ? ({ state: 'SUCCEEDED', endedMs: 0 } as const) : {};
      await harness.deps.state.runs.insert(ref, { ...row, ...over, runId });
      await harness.deps.state.active.insert(ref, { ...ref, sinceMs: 0 });
    }
    return harness;
  }

  it('are looked at in turn, those that are over last', async () => {
    const harness = await three();
    const order: string[] = [];
    const { discards } = harness.systems;
    discards.push = (...runs) => order.push(...runs);
    const { invoke } = harness.deps.invoker;
    harness.deps.invoker.invoke = (target, message) => {
      order.push(message.runId);
      return invoke(target, message);
    };
    await sweep(harness.deps, harness.slice());
    expect(order).toEqual(['b', 'c', 'a']);
  });

  it('do not harm one another', async () => {
    const harness = await three();
    const { get } = harness.deps.state.runs;
    harness.deps.state.runs.get = async (ref) => {
      if (ref.runId === 'b') throw new SyncError('RUN-5007', 'transient', 'cut');
      return get.call(harness.deps.state.runs, ref);
    };
    harness.systems.openWriter = async () => {
      throw new Error('unreachable');
    };
    await sweep(harness.deps, harness.slice());
    expect(harness.queue.map(({ message }) => message.runId)).toEqual(['c']);
    expect(await listed(harness)).toEqual(['a', 'b', 'c']);
  });

  it('are left to the next sweep when the slice is over', async () => {
    const look = async (steps: number) => {
      const harness = await three();
      await sweep(harness.deps, harness.slice(steps));
      return [...harness.queue.map(({ message }) => message.runId), ...harness.systems.discards];
    };
    expect(await look(0)).toEqual([]);
    expect(await look(1)).toEqual([]);
    expect(await look(2)).toEqual(['b']);
    expect(await look(3)).toEqual(['b', 'c']);
    expect(await look(4)).toEqual(['b', 'c', 'a']);
  });
});

it('a run whose plan wants fewer channels than the job gets no more workers than channels', async () => {
  const harness = await preparedRun({ shards: [{}, {}, {}], channels: [{}, {}] });
  await changeRun(harness, { job: memoryJob({ speed: { concurrent: 9 } }) });
  expect(await swept(harness)).toEqual(['worker 0', 'worker 1']);
});
