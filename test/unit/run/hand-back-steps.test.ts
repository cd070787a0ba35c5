import { describe, expect, it } from 'vitest';
import type { Cursor, Reader } from '../../../core/connectors/contract.ts';
import { handBack, setHungry } from '../../../core/run/hand-back.ts';
import { ShardHolding } from '../../../core/run/holding.ts';
import { type RunState, type ShardRow, work, zeroCounters } from '../../../core/run/index.ts';
import { newShard } from '../../../core/run/shards.ts';
import { type EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import { forgetful, MemorySystems } from '../../support/memory-systems.ts';
import { changeRun, messages, type Prepared, preparedRun, shardNow, shardsNow } from './prepared-run.ts';

const held: Partial<ShardRow> = {
  state: 'LEASED',
  owner: 'me',
  epoch: 3,
  claimedMs: 0,
  cursor: '20' as Cursor,
  counters: { ...zeroCounters, read: 20 },
};

/** A run of one shard of a hundred rows, held and slow, with idle channels; and its reader. */
async function slow(prepared: Prepared = {}) {
  const systems = new MemorySystems(100, 1);
  systems.splits = true;
  const harness = await preparedRun({
    shards: [held],
    channels: [{}, { idle: true }, { idle: true }],
    systems,
    ...prepared,
    run: { hungry: true, ...prepared.run },
  });
  const key = { ...harness.ref, planId: 'plan', shardId: '00000' };
  const row = (await harness.deps.state.shards.get(key))!;
  const holding = new ShardHolding(harness.deps, key, await harness.run(), row, forgetful);
  const reader = await systems.openReader();
  const feed = async (with_: Reader = reader) => handBack(harness.deps, await harness.run(), with_, holding);
  return { harness, holding, reader, feed };
}

describe('handing back', () => {
  it('leaves the holder the first piece and gives each idle channel one of the others', async () => {
    const { harness, holding, feed } = await slow();
    expect(await feed()).toBe(true);
    const [own, ...pieces] = await shardsNow(harness);
    expect(own).toMatchObject({ range: '[0,46]', state: 'LEASED', epoch: 3, cursor: '20' });
    expect(own?.children).toEqual(['00000-255e3', '00000-254e3']);
    expect(holding.row).toEqual(own);
    expect(
      pieces.map(({ shardId, range, parent, state, epoch }) => [shardId, range, parent, state, epoch]),
    ).toEqual([
      ['00000-254e3', '[46,73]', '00000', 'PENDING', 0],
      ['00000-255e3', '[73,100]', '00000', 'PENDING', 0],
    ]);
    expect(messages(harness)).toEqual(['worker 1', 'worker 2']);
    expect((await harness.run()).hungry).toBe(false);
  });

  it('goes on with further names where the last one ended', async () => {
    const { harness, feed } = await slow({ shards: [{ ...held, children: ['00000-255e1'] }] });
    await feed();
    expect((await shardNow(harness)).children).toEqual(['00000-255e1', '00000-254e3', '00000-253e3']);
  });

  it('stores the pieces before its own row names them', async () => {
    const { harness, feed } = await slow();
    const order: string[] = [];
    const { shards } = harness.deps.state;
    const { insert, replace } = shards;
    shards.insert = async (key, value) => {
      order.push(`insert ${key.shardId}`);
      return insert.call(shards, key, value);
    };
    shards.replace = async (key, current, next) => {
      order.push(`replace ${key.shardId}`);
      return replace.call(shards, key, current, next);
    };
    await feed();
    expect(order).toEqual(['insert 00000-255e3', 'insert 00000-254e3', 'replace 00000']);
  });

  it('wakes only as many channels as there are pieces', async () => {
    const { harness, feed, reader } = await slow();
    const two = { ...reader, split: async () => [{ range: '[0,50]' }, { range: '[50,100]' }] };
    expect(await feed(two)).toBe(true);
    expect(messages(harness)).toEqual(['worker 1']);
  });

  it('asks the reader for a piece more than there are idle channels, from where the shard is', async () => {
    const { feed, reader } = await slow();
    const asked: unknown[] = [];
    const split: Reader['split'] = async (...args) => {
      asked.push(args);
      return [];
    };
    expect(await feed({ ...reader, split })).toBe(false);
    expect(asked).toEqual([[{ shardId: '00000', range: '[0,100]' }, '20', 3]]);
  });

  it.each([[[]], [[{ range: '[0,100]' }]]])(
    'is given up when the reader cuts nothing off: %j',
    async (pieces) => {
      const { harness, feed, reader } = await slow();
      const before = await shardsNow(harness);
      expect(await feed({ ...reader, split: async () => pieces })).toBe(false);
      expect(await shardsNow(harness)).toEqual(before);
      expect(messages(harness)).toEqual([]);
    },
  );

  it('is nothing for a reader that cannot cut, or a shard that is not slow', async () => {
    const { harness, feed, reader } = await slow();
    const { split: _split, ...plain } = reader;
    expect(await feed(plain)).toBe(false);
    const young = await slow({ shards: [{ ...held, claimedMs: harness.clock.nowMs() }] });
    expect(await young.feed()).toBe(false);
    expect([...messages(harness), ...messages(young.harness)]).toEqual([]);
    expect((await young.harness.run()).hungry).toBe(true);
  });

  it('takes the request back when no channel is idle any more', async () => {
    const { harness, feed } = await slow({ channels: [{}, {}] });
    expect(await feed()).toBe(false);
    expect((await harness.run()).hungry).toBe(false);
    expect((await shardNow(harness)).children).toBeUndefined();
  });

  it('is put off when the name of a piece is taken: that row stands for another range', async () => {
    const { harness, feed } = await slow();
    const key = { ...harness.ref, planId: 'plan', shardId: '00000-254e3' };
    const foreign = { ...newShard({ shardId: key.shardId, range: '[7,8]' }), parent: '00000' };
    await harness.deps.state.shards.insert(key, foreign);
    await expect(feed()).rejects.toMatchObject({
      code: 'RUN-5007',
      kind: 'transient',
      message: 'the name of a piece is taken',
      detail: { shard: key.shardId },
    });
    expect((await harness.deps.state.shards.get(key))?.value).toEqual(foreign);
    expect((await shardNow(harness)).children).toBeUndefined();
  });

  it('changes nothing for a holder that was fenced: the stored pieces mean nothing', async () => {
    const { harness, feed } = await slow();
    const { shards } = harness.deps.state;
    const key = { ...harness.ref, planId: 'plan', shardId: '00000' };
    const row = (await shards.get(key))!;
    await shards.replace(key, row, { ...row.value, epoch: 4, owner: 'you' });
    await expect(feed()).rejects.toMatchObject({ code: 'RUN-5008' });
    expect(await shardNow(harness)).toEqual({ ...row.value, epoch: 4, owner: 'you' });
    expect(messages(harness)).toEqual([]);
  });
});

describe('the request of idle channels', () => {
  it('is noted and taken back in a running run only, and written only if it changes', async () => {
    for (const state of [
      'PLANNING',
      'RUNNING',
      'COMMITTING',
      'SUCCEEDED',
      'FAILED',
      'CANCELED',
    ] as RunState[]) {
      const harness = await preparedRun({ shards: [{}], run: { state } });
      await setHungry(harness.deps, harness.ref, true);
      expect((await harness.run()).hungry).toBe(state === 'RUNNING' ? true : undefined);
    }
    const harness = await preparedRun({ shards: [{}] });
    const version = async () => (await harness.deps.state.runs.get(harness.ref))?.ver;
    const before = (await version())!;
    await setHungry(harness.deps, harness.ref, false);
    expect(await version()).toBe(before);
    await setHungry(harness.deps, harness.ref, true);
    await setHungry(harness.deps, harness.ref, true);
    expect(await version()).toBe(before + 1n);
    await setHungry(harness.deps, harness.ref, false);
    expect((await harness.run()).hungry).toBe(false);
  });

  it('is made by a worker that found nothing, if shards of the source can be cut', async () => {
    for (const splits of [true, false]) {
      const systems = new MemorySystems(100, 1);
      systems.splits = splits;
      const busy = { state: 'LEASED', owner: 'a', leaseUntilMs: 1e15 } as const;
      const harness = await preparedRun({ shards: [busy], channels: [{}, {}], systems });
      await work(harness.deps, { ...harness.ref, channel: 1 }, harness.slice());
      expect((await harness.run()).hungry).toBe(splits ? true : undefined);
      const channel = await harness.deps.state.channels.get({ ...harness.ref, channel: 1 });
      expect(channel?.value).toMatchObject({ idle: splits, owner: '' });
    }
  });

  it('is not made when everything is done', async () => {
    const systems = new MemorySystems(100, 1);
    systems.splits = true;
    const harness = await preparedRun({ shards: [{ state: 'DONE' }], systems });
    await work(harness.deps, { ...harness.ref, channel: 0 }, harness.slice());
    expect([messages(harness), (await harness.run()).hungry]).toEqual([['finalizer'], undefined]);
  });
});

describe('a worker that is asked', () => {
  /** A worker at a shard that takes two seconds for each ten rows; idle channels ask from the beginning. */
  async function asked(hungry = true, change: Prepared = {}) {
    const systems = new MemorySystems(1000, 1);
    systems.splits = true;
    const harness = await preparedRun({
      shards: [{ range: '[0,1000]' }],
      channels: [{}, { idle: true }],
      systems,
      ...change,
      run: { hungry, ...change.run },
    });
    await changeRun(harness, { job: memoryJob({ speed: { concurrent: 2, recordsPerSecond: 10 } }) });
    return harness;
  }
  const read = (harness: EngineHarness) => {
    const rows: number[] = [];
    harness.systems.faults.onRead = (_shard, from) => void rows.push(from);
    return rows;
  };

  it('answers long before its next checkpoint would be due, and reads on in what it kept', async () => {
    const harness = await asked();
    const { options } = await harness.run();
    await changeRun(harness, { options: { ...options, checkpointMs: 100_000 } });
    const rows = read(harness);
    await work(harness.deps, { ...harness.ref, channel: 0 }, harness.slice(60));
    const [own, piece] = await shardsNow(harness);
    expect(piece).toMatchObject({ parent: '00000', state: 'PENDING' });
    const [, cut] = JSON.parse(own!.range) as [number, number];
    expect(JSON.parse(piece!.range)).toEqual([cut, 1000]);
    expect(cut).toBeLessThan(600);
    expect(Math.max(...rows)).toBeLessThan(cut);
    expect(messages(harness)).toContain('worker 1');
  });

  it('is left alone while nobody asks', async () => {
    const harness = await asked(false);
    await work(harness.deps, { ...harness.ref, channel: 0 }, harness.slice(30));
    expect(await shardsNow(harness)).toHaveLength(1);
  });

  it('hands back at the end of its slice too, before it puts the shard back', async () => {
    const harness = await asked();
    const { options } = await harness.run();
    await changeRun(harness, { options: { ...options, checkpointMs: 20_000 } });
    let ended = false;
    const slice = { timeLeftMs: () => (ended ? -1 : 1), signal: new AbortController().signal };
    const { get } = harness.deps.state.runs;
    let looks = 0;
    harness.deps.state.runs.get = async (ref) => {
      // The first look is the worker's own, the second is whether somebody asks.
      if (++looks === 2) ended = true;
      return get.call(harness.deps.state.runs, ref);
    };
    await work(harness.deps, { ...harness.ref, channel: 0 }, slice);
    const [own, piece] = await shardsNow(harness);
    expect(own).toMatchObject({ state: 'PENDING', owner: '', children: ['00000-255e1'] });
    expect(Number(own!.cursor)).toBe(own!.counters.read);
    expect(piece?.state).toBe('PENDING');
    expect(messages(harness)).toEqual(['worker 1', 'worker 0']);
  });
});
