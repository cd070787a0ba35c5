import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../core/errors/index.ts';
import { decideHandBack } from '../../../core/run/hand-back.ts';
import { liveShards, newShard, readShards, resumeRun, type ShardRow } from '../../../core/run/index.ts';
import { childIdOf } from '../../../core/types/index.ts';
import { CHANNELS, Installation } from '../../support/installation.ts';
import { MemorySystems } from '../../support/memory-systems.ts';

const REF = { jobId: 'job', runId: 'run' };
/** An even run of so many rows takes 80 s of virtual time. */
const ROWS = 40_000;

/** Nine tenths of the rows in one of the shards. */
function skewed(at: number): MemorySystems {
  const systems = new MemorySystems(ROWS, 0, {}, 50);
  const small = ROWS / 10 / (CHANNELS - 1);
  systems.cuts = Array.from({ length: CHANNELS - 1 }, (_, i) =>
    Math.round(i < at ? (i + 1) * small : ROWS - (CHANNELS - 1 - i) * small),
  );
  systems.splits = true;
  return systems;
}

const allIds = (rows: number): bigint[] => Array.from({ length: rows }, (_, i) => BigInt(i));
const inOrder = (ids: readonly bigint[]): bigint[] => ids.toSorted((a, b) => (a < b ? -1 : 1));

describe('a shard much larger than the others', () => {
  it('costs at most 1.3 times the time of an even table, with every row once', async () => {
    const even = await new Installation(new MemorySystems(ROWS, CHANNELS, {}, 50)).play();
    for (const at of [0, 3, CHANNELS - 1]) {
      const installation = new Installation(skewed(at));
      const { run, tookMs } = await installation.play();
      expect(run.state).toBe('SUCCEEDED');
      expect(run.receipt).toMatchObject({ counters: { read: ROWS, written: ROWS } });
      expect(run.receipt?.shards).toBeGreaterThan(CHANNELS);
      expect(inOrder(installation.systems.visible)).toEqual(allIds(ROWS));
      expect(tookMs / even.tookMs).toBeLessThanOrEqual(1.3);
    }
  });

  it('takes many times as long from a source that cannot be cut', async () => {
    const systems = skewed(0);
    systems.splits = false;
    const even = await new Installation(new MemorySystems(ROWS, CHANNELS, {}, 50)).play();
    expect((await new Installation(systems).play()).tookMs / even.tookMs).toBeGreaterThan(6);
  });

  it('leaves an even run as it was planned', async () => {
    const systems = new MemorySystems(ROWS, CHANNELS, {}, 50);
    systems.splits = true;
    expect((await new Installation(systems).play()).run.receipt?.shards).toBe(CHANNELS);
  });

  it('keeps the outputs in key order', async () => {
    const installation = new Installation(skewed(2));
    const { run } = await installation.play();
    const shards = await readShards(installation.deps, run);
    const bounds = shards.map(({ range }) => JSON.parse(range) as [number, number]);
    expect(bounds.map(([begin]) => begin)).toEqual(
      bounds
        .map(([, end]) => end)
        .toSpliced(-1)
        .toSpliced(0, 0, 0),
    );
  });

  it('loses nothing to a holder that dies between storing the pieces and naming them', async () => {
    const installation = new Installation(skewed(0));
    const { shards } = installation.deps.state;
    let deaths = 0;
    const replace: typeof shards.replace = async (key, current, next) => {
      if ((next.children?.length ?? 0) > (current.value.children?.length ?? 0) && deaths++ === 0)
        throw new SyncError('RUN-5007', 'transient', 'the holder dies here');
      return shards.replace(key, current, next);
    };
    const table = { get: shards.get.bind(shards), insert: shards.insert.bind(shards), replace };
    installation.state = {
      ...installation.deps.state,
      shards: { ...table, remove: shards.remove.bind(shards) },
    };
    const { run } = await installation.play();
    expect(deaths).toBeGreaterThan(1);
    expect(run).toMatchObject({ state: 'SUCCEEDED', receipt: { counters: { read: ROWS, written: ROWS } } });
    const stored = await installation.deps.state.listShards(run, run.plan?.planId ?? '');
    expect(stored.length).toBeGreaterThan(run.receipt?.shards ?? 0);
    expect(inOrder(installation.systems.visible)).toEqual(allIds(ROWS));
  });

  it('never takes a row for its piece that somebody else stored under that name', async () => {
    const installation = new Installation(skewed(0));
    const { shards } = installation.deps.state;
    const insert: typeof shards.insert = async (key, value) => {
      // As a copy from the run before, made while a straggler was still cutting there.
      const foreign = value.parent !== undefined && key.shardId.endsWith('-255e1');
      if (foreign) await shards.insert(key, { ...value, range: JSON.stringify([7, 9]) });
      return shards.insert(key, value);
    };
    const table = { get: shards.get.bind(shards), replace: shards.replace.bind(shards), insert };
    installation.state = {
      ...installation.deps.state,
      shards: { ...table, remove: shards.remove.bind(shards) },
    };
    const { run } = await installation.play();
    expect(run).toMatchObject({ state: 'SUCCEEDED', receipt: { counters: { read: ROWS } } });
    expect(inOrder(installation.systems.visible)).toEqual(allIds(ROWS));
  });

  it('is taken over by the next run with all its pieces', async () => {
    const systems = skewed(0);
    let failing = true;
    systems.faults.refuse = (id) => failing && id === BigInt(ROWS * 0.9 - 1);
    const installation = new Installation(systems);
    const { run } = await installation.play();
    expect(run).toMatchObject({ state: 'FAILED', failure: { code: 'RUN-5001' } });
    failing = false;
    const before = await readShards(installation.deps, run);
    await resumeRun(installation.deps, REF, { errorLimit: { kind: 'records', limit: 1 } });
    await installation.clock.settle();
    const heir = (await installation.deps.state.runs.get({ jobId: 'job', runId: 'run.r1' }))!.value;
    expect(heir.state).toBe('SUCCEEDED');
    expect((await readShards(installation.deps, heir)).length).toBeGreaterThanOrEqual(before.length);
    expect(before.some((shard) => shard.parent !== undefined)).toBe(true);
    expect(heir.receipt?.counters.read).toBe(ROWS);
  });
});

describe('the decision to hand back', () => {
  const shard = (id: number, more: Partial<ShardRow> = {}): ShardRow => ({
    ...newShard({ shardId: String(id).padStart(5, '0'), range: '' }),
    state: 'LEASED',
    claimedMs: 0,
    ...more,
  });
  const channel = (n: number, idle: boolean) => ({
    channel: n,
    epoch: 1,
    owner: '',
    leaseUntilMs: 0,
    paidUntilMs: 0,
    idle,
  });
  const done = (tookMs: number, id: number): ShardRow => shard(id, { state: 'DONE', doneMs: tookMs });

  it('waits until the shard took half as long again as the middle one of the others', () => {
    const shards = [shard(0), done(10_000, 1), done(20_000, 2), done(90_000, 3)];
    const at = (nowMs: number): readonly number[] =>
      decideHandBack({ shards, channels: [channel(0, false), channel(1, true)], shardId: '00000', nowMs });
    expect(at(29_999)).toEqual([]);
    expect(at(30_000)).toEqual([1]);
  });

  it('leaves shards alone that took less than a second', () => {
    const scene = { shards: [shard(0)], channels: [channel(1, true)], shardId: '00000' };
    expect(decideHandBack({ ...scene, nowMs: 999 })).toEqual([]);
    expect(decideHandBack({ ...scene, nowMs: 1_000 })).toEqual([1]);
  });

  it('counts shards that wait for a channel already', () => {
    const shards = [shard(0), shard(1, { state: 'PENDING' })];
    const channels = [channel(1, true), channel(2, true)];
    expect(decideHandBack({ shards, channels, shardId: '00000', nowMs: 9_000 })).toEqual([2]);
  });

  it('never makes more pieces than a run, a shard or a step may have', () => {
    const channels = Array.from({ length: 100 }, (_, i) => channel(i, true));
    const many = Array.from({ length: 9_995 }, (_, i) => shard(i));
    const children = Array.from({ length: 245 }, String);
    const count = (shards: readonly ShardRow[]): number =>
      decideHandBack({ shards, channels, shardId: '00000', nowMs: 9_000 }).length;
    expect(count([shard(0)])).toBe(15);
    expect(count(many)).toBe(5);
    expect(count([shard(0, { children })])).toBe(0);
    const deep = (shardId: string): number =>
      decideHandBack({ shards: [shard(0, { shardId })], channels, shardId, nowMs: 9_000 }).length;
    expect(deep('00000-255e1-255e1')).toBe(15);
    expect(deep('00000-255e1-255e1-255e1')).toBe(0);
  });
});

describe('shards that count', () => {
  const row = (shardId: string, more: Partial<ShardRow> = {}): ShardRow => ({
    ...newShard({ shardId, range: '' }),
    ...more,
  });

  it('are those of the plan and those that a counting one names', () => {
    const rows = [
      row('00000', { children: ['00000-999e1'] }),
      row('00000-998e1', { parent: '00000', children: ['00000-998e1-999e1'] }),
      row('00000-998e1-999e1', { parent: '00000-998e1' }),
      row('00000-999e1', { parent: '00000' }),
      row('00001'),
    ];
    expect(liveShards(rows).map(({ shardId }) => shardId)).toEqual(['00000', '00000-999e1', '00001']);
  });

  it('have names in key order: each piece is cut from the end, and comes after its parent', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ who: fc.nat(), pieces: fc.integer({ min: 1, max: 4 }), epoch: fc.nat(20) }), {
          maxLength: 12,
        }),
        (cuts) => {
          // The order that the shards of one plan shard have by key, kept by hand.
          const order = [row('00000')];
          for (const { who, pieces, epoch } of cuts) {
            const at = who % order.length;
            const parent = { ...order[at]!, epoch };
            const before = parent.children?.length ?? 0;
            const ids = Array.from({ length: pieces }, (_, i) =>
              childIdOf(parent.shardId, epoch, before + i),
            );
            order[at] = { ...parent, children: [...(parent.children ?? []), ...ids] };
            order.splice(at + 1, 0, ...ids.toReversed().map((id) => row(id, { parent: parent.shardId })));
          }
          const ids = order.map(({ shardId }) => shardId);
          expect(ids.toSorted()).toEqual(ids);
          expect(liveShards(order).map(({ shardId }) => shardId)).toEqual(ids);
        },
      ),
    );
  });
});
