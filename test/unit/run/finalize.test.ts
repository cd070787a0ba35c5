import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CommitReceipt, ShardOutput, SinkState } from '../../../core/connectors/contract.ts';
import { SyncError } from '../../../core/errors/index.ts';
import { outputsOf } from '../../../core/run/finalize.ts';
import { finalize, type RunRow, type ShardRow, zeroCounters } from '../../../core/run/index.ts';
import { newShard } from '../../../core/run/shards.ts';
import { type EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import { changeRun, preparedRun } from './prepared-run.ts';

const finalized = async (harness: EngineHarness): Promise<RunRow> => {
  await finalize(harness.deps, harness.ref, harness.slice());
  return harness.run();
};

const checksum = (low: number): string => low.toString(16).padStart(32, '0');

/** A shard that is done, with what it counted. */
const doneShard = (i: number, dirty = 0): Partial<ShardRow> => ({
  state: 'DONE',
  outputEpoch: i + 2,
  sink: `state ${i}` as SinkState,
  counters: { read: 100, written: 100 - dirty, dirty, bytes: 800, checksum: checksum(i + 1) },
});

const outputs = [
  { shardId: '00000', epoch: 2, state: 'state 0' },
  { shardId: '00001', epoch: 3, state: 'state 1' },
];
const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** A run whose shards are done, with a target that says what it is asked to commit. */
async function finished(
  shards: readonly Partial<ShardRow>[] = [doneShard(0), doneShard(1)],
  receipt: CommitReceipt = { location: 'mem://x', objects: 2, bytes: 99 },
) {
  const harness = await preparedRun({ shards });
  const { openWriter } = harness.systems;
  const commits: (readonly ShardOutput[])[] = [];
  let closed = 0;
  const target = { onCommit: async (): Promise<void> => {} };
  harness.systems.openWriter = async () => ({
    ...(await openWriter.call(harness.systems)),
    commit: async (run, committed) => {
      expect(run).toMatchObject(harness.ref);
      commits.push(committed);
      await target.onCommit();
      return receipt;
    },
    close: async () => void closed++,
  });
  return { harness, commits, target, closed: () => closed };
}

describe('a run whose shards are done', () => {
  it('is committed with the outputs of all of them, and its receipt says what was moved', async () => {
    const { harness, commits, closed } = await finished();
    const before = await harness.run();
    harness.clock.advance(77);
    expect(await finalized(harness)).toEqual({
      ...before,
      state: 'SUCCEEDED',
      endedMs: harness.clock.nowMs(),
      drivenUntilMs: 0,
      driveAttempts: 1,
      outputsHash: sha256(outputs),
      receipt: {
        counters: { read: 200, written: 200, dirty: 0, bytes: 1600, checksum: checksum(3) },
        shards: 2,
        location: 'mem://x',
        objects: 2,
        bytesWritten: 99,
        outputsHash: sha256(outputs),
      },
    });
    expect([commits, closed()]).toEqual([[outputs], 1]);
  });

  it('names the manifest if there is one', async () => {
    const receipt = { location: 'l', objects: 1, bytes: 1, manifest: 'm.json' };
    const { harness } = await finished([doneShard(0)], receipt);
    expect((await finalized(harness)).receipt?.manifest).toBe('m.json');
  });

  it('hands nothing to the target for a shard without output', async () => {
    const { harness, commits } = await finished([{ state: 'DONE' }, doneShard(1)]);
    expect((await finalized(harness)).receipt?.shards).toBe(2);
    expect(commits).toEqual([[outputs[1]]]);
  });

  it('is committed once, however often it is finalized', async () => {
    const { harness, commits } = await finished();
    const run = await finalized(harness);
    harness.clock.advance(1e6);
    expect(await finalized(harness)).toEqual(run);
    expect(commits).toHaveLength(1);
  });
});

describe('a run that cannot be committed yet', () => {
  it.each<[string, Partial<ShardRow>]>([
    ['pending', { state: 'PENDING' }],
    ['leased', { state: 'LEASED', owner: 'a' }],
  ])('stays as it is with a shard that is %s', async (_, open) => {
    const { harness, commits } = await finished([doneShard(0), open]);
    const before = await harness.run();
    expect(await finalized(harness)).toEqual(before);
    expect(commits).toEqual([]);
  });

  it.each<RunRow['state']>(['PLANNING', 'FAILED', 'CANCELED', 'SUCCEEDED'])(
    'stays as it is in %s',
    async (state) => {
      const { harness, commits } = await finished();
      await changeRun(harness, { state });
      const before = await harness.run();
      expect(await finalized(harness)).toEqual(before);
      expect(commits).toEqual([]);
    },
  );

  it('is refused when shard rows of its plan are missing', async () => {
    const { harness } = await finished();
    const { plan } = await harness.run();
    await changeRun(harness, { plan: { ...plan!, shardCount: 3 } });
    await expect(finalized(harness)).rejects.toMatchObject({
      code: 'BUG-9001',
      message: 'shard rows of the run are missing',
      detail: { found: 2, expected: 3 },
    });
    const { plan: _plan, ...unplanned } = await harness.run();
    const row = (await harness.deps.state.runs.get(harness.ref))!;
    await harness.deps.state.runs.replace(harness.ref, row, unplanned);
    await expect(finalized(harness)).rejects.toMatchObject({ message: 'a running run has a sealed plan' });
  });

  it('is refused when a piece that was handed back is missing', async () => {
    const { harness } = await finished([{ ...doneShard(0), children: ['00000-255e1'] }, doneShard(1)]);
    await expect(finalized(harness)).rejects.toMatchObject({ detail: { found: 2, expected: 3 } });
    const { harness: other } = await finished([{ ...doneShard(0), parent: 'x' }, doneShard(1)]);
    await expect(finalized(other)).rejects.toMatchObject({ detail: { found: 1, expected: 2 } });
  });
});

describe('dirty rows at the end', () => {
  it('fail the run beyond the limit before anything is committed', async () => {
    const { harness, commits } = await finished([doneShard(0, 2), doneShard(1, 3)]);
    await changeRun(harness, { job: memoryJob({ errorLimit: { kind: 'records', limit: 4 } }) });
    expect(await finalized(harness)).toMatchObject({
      state: 'FAILED',
      failure: { code: 'RUN-5001', message: '5 dirty rows, 4 allowed' },
    });
    expect(commits).toEqual([]);
  });

  it('up to the limit are fine', async () => {
    const { harness } = await finished([doneShard(0, 2), doneShard(1, 3)]);
    await changeRun(harness, { job: memoryJob({ errorLimit: { kind: 'records', limit: 5 } }) });
    expect((await finalized(harness)).receipt?.counters).toMatchObject({ written: 195, dirty: 5 });
  });
});

describe('a commit', () => {
  it('has one driver at a time and begins with attempts of its own', async () => {
    const { harness, target, commits } = await finished();
    await changeRun(harness, { driveAttempts: 19, drivenUntilMs: harness.clock.nowMs() + 5 });
    target.onCommit = async () => {
      const { leaseMs } = (await harness.run()).options;
      expect(await harness.run()).toMatchObject({
        state: 'COMMITTING',
        outputsHash: sha256(outputs),
        driveAttempts: 1,
        drivenUntilMs: harness.clock.nowMs() + leaseMs,
      });
      await finalize(harness.deps, harness.ref, harness.slice());
    };
    expect((await finalized(harness)).state).toBe('SUCCEEDED');
    expect(commits).toHaveLength(1);
  });

  it('is left to the next driver after a fault that may pass', async () => {
    const { harness, target } = await finished();
    target.onCommit = async () => {
      throw new SyncError('DST-4001', 'transient', 'cut');
    };
    expect(await finalized(harness)).toMatchObject({ state: 'COMMITTING', drivenUntilMs: 0 });
    target.onCommit = async () => {};
    expect((await finalized(harness)).state).toBe('SUCCEEDED');
  });

  it('fails the run after a fault that no attempt can mend, and says that the output may be visible', async () => {
    const { harness, target, closed } = await finished();
    target.onCommit = async () => {
      throw new SyncError('DST-4001', 'config', 'no bucket');
    };
    expect(await finalized(harness)).toMatchObject({
      state: 'FAILED',
      failure: { code: 'DST-4001', message: 'no bucket; the output may be visible already' },
    });
    expect(closed()).toBe(1);
  });

  it('of outputs other than those fixed when it began is refused as a defect', async () => {
    const { harness, commits } = await finished();
    await changeRun(harness, { state: 'COMMITTING', outputsHash: sha256([]) });
    expect(await finalized(harness)).toMatchObject({
      state: 'FAILED',
      failure: {
        code: 'BUG-9001',
        message: expect.stringContaining('the outputs changed after the commit began'),
      },
    });
    expect(commits).toEqual([]);
  });

  it('that ends after the run was ended otherwise changes nothing', async () => {
    const { harness, target } = await finished();
    target.onCommit = () => changeRun(harness, { state: 'FAILED' });
    const run = await finalized(harness);
    expect(run.state).toBe('FAILED');
    expect(run.receipt).toBeUndefined();
  });

  it('does not begin for a run that was ended while its shards were counted', async () => {
    const { harness, commits } = await finished();
    const { listShards } = harness.deps.state;
    harness.deps.state.listShards = async (...of) => {
      await changeRun(harness, { state: 'CANCELED' });
      return listShards(...of);
    };
    const run = await finalized(harness);
    expect([run.state, run.outputsHash, commits]).toEqual(['CANCELED', undefined, []]);
  });
});

it('outputs are those of shards that wrote something, in their order, under the epoch that wrote them', () => {
  const shards: ShardRow[] = [2, 0, 1].map((i) => ({
    ...newShard({ shardId: `0000${i}`, range: '' }),
    epoch: 9,
    counters: zeroCounters,
    ...(i === 0 ? {} : { outputEpoch: i, sink: `s${i}` as SinkState }),
  }));
  expect(outputsOf(shards)).toEqual([
    { shardId: '00002', epoch: 2, state: 's2' },
    { shardId: '00001', epoch: 1, state: 's1' },
  ]);
});
