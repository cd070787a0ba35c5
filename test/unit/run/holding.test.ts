import { describe, expect, it } from 'vitest';
import type { Cursor, SinkState } from '../../../core/connectors/contract.ts';
import { FencedError, SyncError } from '../../../core/errors/index.ts';
import { Pacer } from '../../../core/limits/pacer.ts';
import { ChannelHolding, ShardHolding } from '../../../core/run/holding.ts';
import type { ChannelRow, DirtyRow, DirtySink, ShardRow } from '../../../core/run/index.ts';
import { zeroCounters } from '../../../core/run/index.ts';
import type { EngineHarness } from '../../support/engine-harness.ts';
import { preparedRun, shardName, shardNow } from './prepared-run.ts';

const LEASE_MS = 60_000;
/** A lease is left alone until a third of it is used up. */
const FRESH_MS = LEASE_MS / 3;

const durable = (read: number) => ({
  cursor: String(read) as Cursor,
  sink: `s${read}` as SinkState,
  counters: { ...zeroCounters, read, written: read },
});

const dirtyRow: DirtyRow = {
  shardId: shardName(0),
  ordinal: 0,
  key: 'id=7',
  column: 'id',
  value: '7',
  valueType: 'long',
  targetType: 'memory',
  code: 'CNV-3001',
  message: 'refused',
};

describe('a channel that is held', () => {
  const held = async (change: Partial<ChannelRow> = {}) => {
    const harness = await preparedRun({ shards: [{}], channels: [{ owner: 'me', epoch: 4, ...change }] });
    const { channels } = harness.deps.state;
    const key = { ...harness.ref, channel: 0 };
    const now = async () => (await channels.get(key))!;
    const leaseUntilMs = harness.clock.nowMs() + LEASE_MS;
    await channels.replace(key, await now(), { ...(await now()).value, leaseUntilMs });
    const holding = new ChannelHolding(harness.deps, key, await now(), LEASE_MS);
    const seize = async () =>
      channels.replace(key, await now(), { ...(await now()).value, epoch: 5, owner: 'you' });
    return { harness, holding, now: async () => (await now()).value, seize };
  };
  const pacer = (harness: EngineHarness, paidUntilMs: number) => new Pacer({}, paidUntilMs, harness.clock);

  it('is fresh until a third of its lease is used up', async () => {
    const { harness, holding } = await held();
    expect(holding.fresh).toBe(true);
    harness.clock.advance(FRESH_MS - 1);
    expect(holding.fresh).toBe(true);
    harness.clock.advance(1);
    expect(holding.fresh).toBe(false);
  });

  it('is renewed for a whole lease from now, with the debt to the limits', async () => {
    const { harness, holding, now } = await held();
    harness.clock.advance(50_000);
    await holding.renew(pacer(harness, 12_345));
    expect(await now()).toEqual({
      channel: 0,
      epoch: 4,
      owner: 'me',
      leaseUntilMs: harness.clock.nowMs() + LEASE_MS,
      paidUntilMs: 12_345,
      idle: false,
    });
    expect([holding.fresh, holding.lost]).toEqual([true, false]);
  });

  it.each([true, false])(
    'is free at once when it is released (idle: %s), and keeps the debt',
    async (idle) => {
      const { harness, holding, now } = await held();
      await holding.release(pacer(harness, 777), idle);
      expect(await now()).toEqual({
        channel: 0,
        epoch: 4,
        owner: '',
        leaseUntilMs: 0,
        paidUntilMs: 777,
        idle,
      });
    },
  );

  it('can be renewed again and again', async () => {
    const { harness, holding, now } = await held();
    for (let i = 1; i <= 3; i++) {
      harness.clock.advance(1000);
      await holding.renew(pacer(harness, i));
    }
    expect((await now()).paidUntilMs).toBe(3);
  });

  it('that somebody else took is not touched, and known to be lost', async () => {
    const { harness, holding, now, seize } = await held();
    await seize();
    const before = await now();
    expect(holding.lost).toBe(false);
    await expect(holding.renew(pacer(harness, 9))).rejects.toMatchObject({
      code: 'RUN-5008',
      kind: 'conflict',
      message: 'the channel has another holder',
      detail: { channel: 0 },
    });
    expect(holding.lost).toBe(true);
    await holding.release(pacer(harness, 9), true);
    expect(await now()).toEqual(before);
  });

  it.each<Partial<ChannelRow>>([{ owner: 'you' }, { epoch: 5 }])(
    'is known by epoch and owner together: %j is somebody else',
    async (change) => {
      const { harness, holding, now } = await held();
      const { channels } = harness.deps.state;
      const key = { ...harness.ref, channel: 0 };
      await channels.replace(key, (await channels.get(key))!, { ...(await now()), ...change });
      await expect(holding.renew(pacer(harness, 9))).rejects.toBeInstanceOf(FencedError);
    },
  );

  it('passes on what else goes wrong while it is released', async () => {
    const { harness, holding } = await held();
    harness.deps.state.channels.replace = async () => {
      throw new SyncError('RUN-5007', 'transient', 'cut');
    };
    await expect(holding.release(pacer(harness, 0), false)).rejects.toMatchObject({ code: 'RUN-5007' });
  });
});

describe('a shard that is held', () => {
  const held = async () => {
    const harness = await preparedRun({
      shards: [{ state: 'LEASED', owner: 'me', epoch: 4, attempts: 2, retries: 3 }],
      channels: [{}],
    });
    const { shards } = harness.deps.state;
    const run = await harness.run();
    const key = { ...harness.ref, planId: run.plan!.planId, shardId: shardName(0) };
    const leaseUntilMs = harness.clock.nowMs() + LEASE_MS;
    const first = (await shards.get(key))!;
    const row = (await shards.replace(key, first, { ...first.value, leaseUntilMs }))!;
    const set = async (change: Partial<ShardRow>) => {
      const current = (await shards.get(key))!;
      await shards.replace(key, current, { ...current.value, ...change });
    };
    /** What was kept, write by write. */
    const kept: (readonly DirtyRow[])[] = [];
    const dirty: DirtySink = { keep: async (rows) => void kept.push(rows) };
    return {
      harness,
      kept,
      dirty,
      holding: new ShardHolding(harness.deps, key, run, row, dirty),
      now: () => shardNow(harness),
      set,
    };
  };

  it('is fresh until a third of its lease is used up, and again after a renewal', async () => {
    const { harness, holding, now } = await held();
    harness.clock.advance(FRESH_MS - 1);
    expect(holding.fresh).toBe(true);
    harness.clock.advance(1);
    expect(holding.fresh).toBe(false);
    const before = await now();
    await holding.renew();
    expect(await now()).toEqual({ ...before, leaseUntilMs: harness.clock.nowMs() + LEASE_MS });
    expect(holding.fresh).toBe(true);
  });

  it('gets its position by a checkpoint, which renews the lease', async () => {
    const { harness, holding, now } = await held();
    harness.clock.advance(30_000);
    await holding.checkpoint(durable(40), []);
    expect(await now()).toMatchObject({
      ...durable(40),
      state: 'LEASED',
      owner: 'me',
      attempts: 0,
      outputEpoch: 4,
      leaseUntilMs: harness.clock.nowMs() + LEASE_MS,
    });
    expect(holding.row).toEqual(await now());
  });

  it('is done with its last position', async () => {
    const { harness, holding, now } = await held();
    harness.clock.advance(5);
    await holding.complete(durable(100), []);
    expect(await now()).toMatchObject({
      ...durable(100),
      state: 'DONE',
      owner: '',
      doneMs: harness.clock.nowMs(),
      leaseUntilMs: 0,
    });
  });

  it('is put back where it was, or at a new position', async () => {
    const first = await held();
    await first.holding.release();
    expect(await first.now()).toMatchObject({ state: 'PENDING', owner: '', attempts: 2, leaseUntilMs: 0 });
    expect((await first.now()).cursor).toBeUndefined();
    const second = await held();
    await second.holding.release(durable(40), []);
    expect(await second.now()).toMatchObject({ ...durable(40), state: 'PENDING', owner: '', attempts: 0 });
  });

  it('is put back after a fault, not to be tried before a time', async () => {
    const { holding, now } = await held();
    await holding.fail(new SyncError('SRC-2001', 'transient', 'cut'), 99);
    expect(await now()).toMatchObject({ state: 'PENDING', notBeforeMs: 99, attempts: 3, retries: 4 });
  });

  it('gives the rest of its range away in one write, behind what it gave away before', async () => {
    const { holding, now } = await held();
    await holding.narrow('[0,50]', ['b']);
    await holding.narrow('[0,20]', ['a', 'c']);
    expect(await now()).toMatchObject({ range: '[0,20]', children: ['b', 'a', 'c'], state: 'LEASED' });
  });

  it.each(['checkpoint', 'complete', 'release'] as const)(
    'stores dirty rows before the %s that counts them',
    async (way) => {
      const { harness, holding, now, dirty, kept } = await held();
      const order: string[] = [];
      const { replace } = harness.deps.state.shards;
      const state = { ...harness.deps.state };
      const { keep } = dirty;
      dirty.keep = async (rows) => {
        order.push('dirty');
        await keep(rows);
      };
      harness.deps.state.shards.replace = async (...write) => {
        order.push('row');
        return replace.apply(state.shards, write);
      };
      await holding[way](durable(40), [dirtyRow]);
      expect(order).toEqual(['dirty', 'row']);
      expect(kept).toEqual([[dirtyRow]]);
      expect((await now()).counters.read).toBe(40);
    },
  );

  it('asks nothing of the store for no dirty rows', async () => {
    const { holding, kept } = await held();
    await holding.checkpoint(durable(1), []);
    await holding.keepDirty([]);
    expect(kept).toEqual([]);
    await holding.keepDirty([dirtyRow]);
    expect(kept).toEqual([[dirtyRow]]);
  });

  it('keeps at a checkpoint only what no transaction has had kept before, and that as often as it is asked', async () => {
    const { holding, kept } = await held();
    const at = (ordinal: number): DirtyRow => ({ ...dirtyRow, ordinal });
    await holding.keepDirty([at(0), at(1)]);
    await holding.keepDirty([at(0)]);
    await holding.checkpoint(durable(5), [at(0), at(1), at(2)]);
    await holding.checkpoint(durable(6), []);
    await holding.complete(durable(9), [at(2), at(3)]);
    expect(kept.map((rows) => rows.map(({ ordinal }) => ordinal))).toEqual([[0, 1], [0], [1, 2], [3]]);
  });

  it.each<Partial<ShardRow>>([{ epoch: 5 }, { owner: 'you' }, { state: 'PENDING' }, { state: 'DONE' }])(
    'that changed hands (%j) cannot be written any more',
    async (change) => {
      const { holding, now, set } = await held();
      await set(change);
      const before = await now();
      const ways = [
        () => holding.renew(),
        () => holding.checkpoint(durable(9), []),
        () => holding.complete(durable(9), []),
        () => holding.release(durable(9), []),
        () => holding.narrow('[]', ['x']),
        () => holding.fail(new SyncError('SRC-2001', 'transient', 'cut'), 0),
      ];
      for (const way of ways) {
        await expect(way()).rejects.toMatchObject({
          code: 'RUN-5008',
          message: 'the shard has another holder',
          detail: { shard: shardName(0) },
        });
      }
      expect(await now()).toEqual(before);
    },
  );
});
