import { describe, expect, it } from 'vitest';
import type { Cursor, SinkState } from '../../../core/connectors/contract.ts';
import { SyncError } from '../../../core/errors/index.ts';
import {
  type RunRow,
  type RunState,
  resumeRun,
  type ShardRow,
  zeroCounters,
} from '../../../core/run/index.ts';
import { adoptPlan, nextRunId } from '../../../core/run/resume.ts';
import type { EngineHarness } from '../../support/engine-harness.ts';
import { changeRun, messages, preparedRun } from './prepared-run.ts';

const HEIR = { jobId: 'job', runId: 'run.r1' };
const limit = { errorLimit: { kind: 'records', limit: 7 } } as const;

const position: Partial<ShardRow> = {
  cursor: '40' as Cursor,
  sink: 's40' as SinkState,
  outputEpoch: 3,
  epoch: 3,
  counters: { ...zeroCounters, read: 40, written: 40 },
};

describe('resuming a run that is not over', () => {
  it.each<[RunState, string]>([
    ['PLANNING', 'orchestrator'],
    ['RUNNING', 'orchestrator'],
    ['COMMITTING', 'finalizer'],
  ])('takes the pause back and drives it at once: %s', async (state, target) => {
    const harness = await preparedRun({ shards: [{}], run: { state, stop: 'pause', drivenUntilMs: 1e15 } });
    const before = await harness.run();
    expect(await resumeRun(harness.deps, harness.ref)).toEqual(harness.ref);
    expect(await harness.run()).toEqual({ ...before, stop: 'none', drivenUntilMs: 0 });
    expect(messages(harness)).toEqual([target]);
  });

  it('may change the limit of dirty rows and nothing else of the job', async () => {
    const harness = await preparedRun({ shards: [{}], run: { stop: 'pause' } });
    const { job } = await harness.run();
    await resumeRun(harness.deps, harness.ref, limit);
    expect((await harness.run()).job).toEqual({ ...job, setting: { ...job.setting, ...limit } });
  });

  it('changes nothing in a run that ended meanwhile', async () => {
    const harness = await preparedRun({ shards: [{}], run: { stop: 'pause' } });
    const { get } = harness.deps.state.runs;
    harness.deps.state.runs.get = async (key) => {
      harness.deps.state.runs.get = get;
      const before = await get.call(harness.deps.state.runs, key);
      await changeRun(harness, { state: 'CANCELED' });
      return before;
    };
    await resumeRun(harness.deps, harness.ref, limit);
    expect(await harness.run()).toMatchObject({ state: 'CANCELED', stop: 'pause' });
  });
});

describe('resuming a failed run', () => {
  const failed = (change: Partial<RunRow> = {}) =>
    preparedRun({ shards: [{}], run: { state: 'FAILED', endedMs: 5, scheduledMs: 77, ...change } });

  it('makes a successor for the same time, which begins by planning', async () => {
    const harness = await failed({ options: { ...(await (await failed()).run()).options, leaseMs: 123 } });
    const before = await harness.run();
    expect(await resumeRun(harness.deps, harness.ref)).toEqual(HEIR);
    expect(await harness.run()).toEqual({ ...before, resumedBy: 'run.r1' });
    expect(await harness.run(HEIR)).toEqual({
      ...HEIR,
      job: before.job,
      options: before.options,
      scheduledMs: 77,
      resumeOf: 'run',
      state: 'PLANNING',
      createdMs: harness.clock.nowMs(),
      stop: 'none',
      drivenUntilMs: 0,
      driveAttempts: 0,
      discarded: false,
    });
    expect(harness.queue).toEqual([{ target: 'orchestrator', message: { v: 1, ...HEIR } }]);
  });

  it('may raise the limit of dirty rows for the successor alone', async () => {
    const harness = await failed();
    const { job } = await harness.run();
    await resumeRun(harness.deps, harness.ref, limit);
    expect((await harness.run()).job).toEqual(job);
    expect((await harness.run(HEIR)).job).toEqual({ ...job, setting: { ...job.setting, ...limit } });
  });

  it('twice gives the same successor, which stays as it is', async () => {
    const harness = await failed();
    await resumeRun(harness.deps, harness.ref);
    const heir = await harness.run(HEIR);
    harness.clock.advance(999);
    expect(await resumeRun(harness.deps, harness.ref, limit)).toEqual(HEIR);
    expect(await harness.run(HEIR)).toEqual(heir);
  });

  it.each<[string, Partial<RunRow>, string]>([
    ['succeeded', { state: 'SUCCEEDED' }, 'SUCCEEDED'],
    ['was canceled', { state: 'CANCELED' }, 'CANCELED'],
    ['was thrown away', { discarded: true }, 'FAILED'],
    ['another run resumed', { resumedBy: 'other' }, 'FAILED'],
  ])('is refused if it %s', async (_, change, state) => {
    const harness = await failed(change);
    const before = await harness.run();
    await expect(resumeRun(harness.deps, harness.ref)).rejects.toMatchObject({
      code: 'RUN-5004',
      kind: 'config',
      message: `run job/run is ${state} and cannot be resumed`,
    });
    expect(await harness.run()).toEqual(before);
    expect(await harness.deps.state.runs.get(HEIR)).toBeUndefined();
  });

  it('is refused if there is no such run', async () => {
    const harness = await failed();
    await expect(resumeRun(harness.deps, { jobId: 'job', runId: 'no' })).rejects.toMatchObject({
      code: 'RUN-5003',
      kind: 'config',
      message: 'there is no run job/no',
    });
  });
});

describe('the name of a successor', () => {
  it.each([
    ['run', 'run.r1'],
    ['run.r1', 'run.r2'],
    ['run.r9', 'run.r10'],
    ['run.r1.r1', 'run.r1.r2'],
    ['a.rx', 'a.rx.r1'],
    ['a.r1x', 'a.r1x.r1'],
    ['.r1', '.r2'],
  ])('of %s is %s', (run, next) => {
    expect(nextRunId(run)).toBe(next);
  });
});

describe('what a successor takes over', () => {
  /** The successor's shards, in key order. */
  const adopted = async (harness: EngineHarness) => {
    const run: RunRow = { ...(await harness.run()), ...HEIR, resumeOf: 'run' };
    const plan = await adoptPlan(harness.deps, run);
    const rows = plan ? await harness.deps.state.listShards(HEIR, plan.plan.planId) : [];
    return { plan, shards: rows.map(({ value }) => value) };
  };

  it('is the plan, sealed anew, and whether the target is ready', async () => {
    for (const begun of [undefined, false, true]) {
      const harness = await preparedRun({ shards: [{}], run: begun === undefined ? {} : { begun } });
      const { plan } = await harness.run();
      harness.clock.advance(500);
      const taken = (await adopted(harness)).plan;
      expect(taken).toEqual({ plan: { ...plan, sealedMs: harness.clock.nowMs() }, begun });
    }
  });

  it('is nothing from a run that was never planned, or is not there', async () => {
    const unplanned = await preparedRun({});
    expect((await adopted(unplanned)).plan).toBeUndefined();
    const gone = await preparedRun({ shards: [{}] });
    const run: RunRow = { ...(await gone.run()), ...HEIR, resumeOf: 'gone' };
    expect(await adoptPlan(gone.deps, run)).toBeUndefined();
  });

  it('is each shard as its last checkpoint left it, free to be taken at once', async () => {
    const fault = { code: 'SRC-2001', message: 'cut' } as const;
    const harness = await preparedRun({
      shards: [
        { ...position, state: 'DONE', doneMs: 9, attempts: 0 },
        { ...position, state: 'LEASED', owner: 'a', leaseUntilMs: 1e15, attempts: 3, retries: 4, fault },
        { state: 'PENDING', notBeforeMs: 1e15, attempts: 8 },
      ],
    });
    const before = (await harness.deps.state.listShards(harness.ref, 'plan')).map(({ value }) => value);
    const { fault: _fault, ...second } = before[1]!;
    const free = { state: 'PENDING', owner: '', leaseUntilMs: 0, notBeforeMs: 0, attempts: 0 };
    const { shards } = await adopted(harness);
    expect(shards).toEqual([
      before[0],
      { ...second, ...free, epoch: 4 },
      { ...before[2], ...free, epoch: 1 },
    ]);
    expect('fault' in shards[1]!).toBe(false);
    const closed = (await harness.deps.state.listShards(harness.ref, 'plan')).map(({ value }) => value);
    expect(closed.map(({ state, epoch, movedTo }) => [state, epoch, movedTo])).toEqual([
      ['DONE', 3, undefined],
      ['PENDING', 4, 'run.r1'],
      ['PENDING', 1, 'run.r1'],
    ]);
  });

  it('is a copy that a repeat leaves alone', async () => {
    const harness = await preparedRun({ shards: [position] });
    await adopted(harness);
    const key = { ...HEIR, planId: 'plan', shardId: '00000' };
    const row = (await harness.deps.state.shards.get(key))!;
    await harness.deps.state.shards.replace(key, row, { ...row.value, epoch: 99 });
    expect((await adopted(harness)).shards[0]?.epoch).toBe(99);
  });

  it('is pieces of shards too, each stored before the shard that names it', async () => {
    const [parent, piece, grandchild] = ['00000', '00000-254e1', '00000-254e1-255e2'] as const;
    const harness = await preparedRun({
      shards: [
        { shardId: parent, children: ['00000-255e1', piece] },
        { shardId: piece, parent, children: [grandchild] },
        { shardId: grandchild, parent: piece },
        { shardId: '00000-255e1', parent },
        { shardId: '00000-253e1', parent },
        { shardId: '00001' },
      ],
    });
    const order: string[] = [];
    const { insert } = harness.deps.state.shards;
    harness.deps.state.shards.insert = async (key, value) => {
      order.push(key.shardId);
      return insert.call(harness.deps.state.shards, key, value);
    };
    const { shards } = await adopted(harness);
    expect(shards.map(({ shardId }) => shardId)).toEqual([parent, piece, grandchild, '00000-255e1', '00001']);
    expect(order).toEqual([grandchild, piece, '00000-255e1', parent, '00001']);
  });

  it('is not there in part: a fault while copying is passed on', async () => {
    const harness = await preparedRun({ shards: [{}, {}] });
    harness.deps.state.shards.insert = async () => {
      throw new SyncError('RUN-5007', 'transient', 'cut');
    };
    await expect(adopted(harness)).rejects.toMatchObject({ code: 'RUN-5007' });
  });
});
