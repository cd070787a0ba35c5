import { describe, expect, it } from 'vitest';
import { decideHandBack } from '../../../core/run/hand-back.ts';
import type { ShardRow } from '../../../core/run/index.ts';
import { newShard } from '../../../core/run/shards.ts';
import { freeChannel } from '../../../core/run/work.ts';
import { MAX_CHILDREN } from '../../../core/types/index.ts';

const shard = (shardId: string, change: Partial<ShardRow> = {}): ShardRow => ({
  ...newShard({ shardId, range: '' }),
  state: 'LEASED',
  claimedMs: 0,
  ...change,
});
const done = (shardId: string, tookMs: number): ShardRow => shard(shardId, { state: 'DONE', doneMs: tookMs });
const channels = [{ ...freeChannel(1), idle: true }];
const decided = (shardId: string, nowMs: number, ...shards: ShardRow[]): readonly number[] =>
  decideHandBack({ shards, channels, shardId, nowMs });

describe('whether a shard hands back', () => {
  it('is decided by its own row, whichever stands first', () => {
    const young = shard('00001', { claimedMs: 9_000 });
    expect(decided('00000', 10_000, young, shard('00000'))).toEqual([1]);
    expect(decided('00001', 10_000, shard('00000'), shard('00001', { claimedMs: 9_500 }))).toEqual([]);
    expect(decided('00007', 10_000, young)).toEqual([]);
  });

  it('is not decided by the order in which the others are listed', () => {
    const times = [90_000, 1_000, 2_000, 100_000, 1_500];
    const at = (order: readonly number[], nowMs: number) =>
      decided('00000', nowMs, shard('00000'), ...order.map((ms, i) => done(`0001${i}`, ms)));
    for (const order of [times, times.toReversed(), times.toSorted((a, b) => a - b)]) {
      expect(at(order, 1_999)).toEqual([]);
      expect(at(order, 20_000)).toEqual([1]);
    }
  });

  it('ends with the names that pieces may have, in number and in depth', () => {
    const children = (count: number) => ({ children: Array.from({ length: count }, String) });
    expect(decided('00000', 1e6, shard('00000', children(MAX_CHILDREN - 16)))).toEqual([1]);
    expect(decided('00000', 1e6, shard('00000', children(MAX_CHILDREN - 15)))).toEqual([]);
    const [two, three] = ['00000-255e1-255e1', '00000-255e1-255e1-255e1'] as const;
    expect(decided(two, 1e6, shard(two))).toEqual([1]);
    expect(decided(three, 1e6, shard(three))).toEqual([]);
    expect(decided('no name', 1e6, shard('no name'))).toEqual([]);
  });
});
