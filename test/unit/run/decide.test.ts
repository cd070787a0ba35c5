import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../core/errors/index.ts';
import { zeroCounters } from '../../../core/run/counters.ts';
import {
  checkpointed,
  decideChannel,
  decideClaim,
  done,
  failed,
  faulted,
  holds,
  moved,
  released,
} from '../../../core/run/decide.ts';
import { type ChannelRow, isTerminal, type RunRow, type ShardRow } from '../../../core/run/model.ts';
import { freeChannel } from '../../../core/run/work.ts';

const shard = (change: Partial<ShardRow> = {}): ShardRow => ({
  shardId: '00000',
  range: '[]',
  state: 'PENDING',
  epoch: 3,
  owner: '',
  leaseUntilMs: 0,
  notBeforeMs: 0,
  attempts: 0,
  retries: 0,
  outputEpoch: 0,
  counters: zeroCounters,
  ...change,
});

const time = fc.integer({ min: 0, max: 10_000 });
const anyShard = fc.record({
  state: fc.constantFrom('PENDING', 'LEASED', 'DONE') as fc.Arbitrary<ShardRow['state']>,
  epoch: fc.nat(100),
  leaseUntilMs: time,
  notBeforeMs: time,
  attempts: fc.nat(6),
});

describe('a claim', () => {
  const who = (nowMs: number) => ({ owner: 'me', nowMs, leaseMs: 1000 });

  it('raises the epoch by one and leases, whenever it is given, and is never given on done or held shards', () => {
    fc.assert(
      fc.property(anyShard, time, (change, nowMs) => {
        const before = shard(change);
        const decision = decideClaim(before, who(nowMs), 5);
        if (!('next' in decision)) return decision.result !== 'claimed';
        const { next } = decision;
        return (
          decision.result === 'claimed' &&
          before.state !== 'DONE' &&
          !(before.state === 'LEASED' && nowMs < before.leaseUntilMs) &&
          !(before.state === 'PENDING' && nowMs < before.notBeforeMs) &&
          next.epoch === before.epoch + 1 &&
          next.state === 'LEASED' &&
          next.owner === 'me' &&
          next.leaseUntilMs === nowMs + 1000
        );
      }),
    );
  });

  it('counts an expired lease as an attempt and a pending shard as none', () => {
    const expired = decideClaim(shard({ state: 'LEASED', owner: 'dead', attempts: 1 }), who(5), 5);
    expect(expired).toMatchObject({ result: 'claimed', next: { attempts: 2, retries: 1 } });
    expect(decideClaim(shard({ attempts: 1 }), who(5), 5)).toMatchObject({
      next: { attempts: 1, retries: 0 },
    });
  });

  it('is refused when the attempts are used up, exactly at the limit', () => {
    expect(decideClaim(shard({ attempts: 4 }), who(5), 5).result).toBe('claimed');
    expect(decideClaim(shard({ attempts: 5 }), who(5), 5).result).toBe('used-up');
    expect(decideClaim(shard({ state: 'LEASED', attempts: 4 }), who(5), 5).result).toBe('used-up');
  });

  it('waits out a back-off and a live lease, to the millisecond', () => {
    expect(decideClaim(shard({ notBeforeMs: 10 }), who(9), 5).result).toBe('later');
    expect(decideClaim(shard({ notBeforeMs: 10 }), who(10), 5).result).toBe('claimed');
    expect(decideClaim(shard({ state: 'LEASED', leaseUntilMs: 10 }), who(9), 5).result).toBe('held');
    expect(decideClaim(shard({ state: 'LEASED', leaseUntilMs: 10 }), who(10), 5).result).toBe('claimed');
  });
});

describe('a channel', () => {
  const held: ChannelRow = { ...freeChannel(0), owner: 'other', leaseUntilMs: 100, epoch: 1 };

  it('is held by one at a time and freed by time or release', () => {
    expect(decideChannel(held, { owner: 'me', nowMs: 99, leaseMs: 10 }).result).toBe('held');
    expect(decideChannel(held, { owner: 'me', nowMs: 100, leaseMs: 10 })).toEqual({
      result: 'claimed',
      next: { ...held, owner: 'me', epoch: 2, leaseUntilMs: 110 },
    });
    expect(decideChannel(freeChannel(1), { owner: 'me', nowMs: 0, leaseMs: 10 }).result).toBe('claimed');
  });
});

describe('the holder of a shard', () => {
  const leased = shard({ state: 'LEASED', owner: 'me', leaseUntilMs: 50, attempts: 2 });
  const durable = {
    cursor: undefined,
    sink: undefined,
    counters: { ...zeroCounters, read: 10, written: 10 },
  };

  it('is known by epoch and owner together', () => {
    expect(holds(leased, 3, 'me')).toBe(true);
    expect(holds(leased, 2, 'me')).toBe(false);
    expect(holds(leased, 3, 'you')).toBe(false);
    expect(holds(released(leased), 3, 'me')).toBe(false);
  });

  it('clears the attempts by a checkpoint and keeps its epoch with the output', () => {
    const after = checkpointed(leased, durable, 99);
    expect(after).toMatchObject({ attempts: 0, outputEpoch: 3, leaseUntilMs: 99, counters: { read: 10 } });
    expect(() => checkpointed(after, { ...durable, counters: zeroCounters }, 99)).toThrowError(
      expect.objectContaining({
        code: 'BUG-9001',
        message: 'a checkpoint would go backwards',
        detail: { shardId: '00000' },
      }),
    );
  });

  it('puts it back after throttling without an attempt, after anything else with one', () => {
    const throttled = faulted(leased, new SyncError('SRC-2003', 'throttled', 'busy'), 500);
    expect(throttled).toMatchObject({
      state: 'PENDING',
      owner: '',
      attempts: 2,
      retries: 0,
      notBeforeMs: 500,
    });
    const broken = faulted(leased, new SyncError('SRC-2001', 'transient', 'cut'), 500);
    expect(broken).toMatchObject({
      attempts: 3,
      retries: 1,
      fault: { code: 'SRC-2001', message: 'cut', shardId: '00000' },
    });
  });

  it('ends it for good', () => {
    const end = done(leased, durable, 77);
    expect(end).toMatchObject({ state: 'DONE', owner: '', doneMs: 77, epoch: 3 });
    expect(decideClaim(end, { owner: 'x', nowMs: 1e9, leaseMs: 1 }, 5).result).toBe('done');
  });
});

describe('a shard that another run takes over', () => {
  it('is closed for good: its holder is fenced, and nobody may claim it', () => {
    const held = shard({ state: 'LEASED', owner: 'me', leaseUntilMs: 50, attempts: 2 });
    const closing = moved(held, 'heir');
    expect(closing).toEqual({ result: undefined, next: { ...released(held), epoch: 4, movedTo: 'heir' } });
    if (!('next' in closing)) return;
    expect(holds(closing.next, 3, 'me')).toBe(false);
    expect(decideClaim(closing.next, { owner: 'x', nowMs: 1e9, leaseMs: 1 }, 5)).toEqual({ result: 'moved' });
  });

  it('is closed once, and not at all when it is done', () => {
    expect('next' in moved(shard({ movedTo: 'heir' }), 'other')).toBe(false);
    expect('next' in moved(shard({ state: 'DONE' }), 'heir')).toBe(false);
  });
});

describe('the state of a run', () => {
  it('never leaves a terminal one', () => {
    for (const state of ['PLANNING', 'RUNNING', 'COMMITTING', 'SUCCEEDED', 'FAILED', 'CANCELED'] as const) {
      const change = failed({ state } as RunRow, { code: 'RUN-5002', message: 'x' }, 5);
      expect('next' in change).toBe(!isTerminal(state));
    }
  });
});
