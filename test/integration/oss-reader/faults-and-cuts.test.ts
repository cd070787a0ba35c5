import { describe, expect, it } from 'vitest';
import { rowsOfBlock } from '../../contract/readers/reader-contract.ts';
import { allRows, quickContext, shardRows, startBucket } from './source-bucket.ts';

const MIB = 1024 * 1024;
const line = (i: number): string => `${String(i).padStart(8, '0')}|${'z'.repeat(990)}`;
const big = (lines: number): string => Array.from({ length: lines }, (_, i) => `${line(i)}\n`).join('');
const TEXT = { fileFormat: 'text', fieldDelimiter: '|', column: [{ index: 0, type: 'long' }, { index: 1 }] };
const ordinals = (rows: readonly (readonly string[])[]): number[] => rows.map(([first]) => Number(first));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('faults on the way', () => {
  it('are ridden out: refusals, resets and lost answers', async () => {
    await using bucket = await startBucket();
    await bucket.put('a.txt', big(20_000));
    const isGet = ({ operation }: { operation: string }) => /get/i.test(operation);
    bucket.inject(2, { kind: 'refuse', status: 503, code: 'SlowDown', message: 'slow' }, () => true);
    bucket.inject(2, { kind: 'reset' }, isGet);
    bucket.inject(2, { kind: 'lose-answer' }, isGet);
    expect(ordinals(await allRows(bucket.open({ object: 'a.txt', ...TEXT })))).toEqual(upTo(20_000));
    expect(bucket.faultsLeft).toBe(0);
  });

  it('end reading with a code when they do not end', async () => {
    await using bucket = await startBucket();
    await bucket.put('a.txt', big(10));
    const reader = bucket.open({ object: 'a.txt', ...TEXT });
    const { shards } = await reader.plan(1);
    bucket.inject(1000, { kind: 'reset' }, () => true);
    await expect(shardRows(reader, shards[0]!)).rejects.toMatchObject({
      code: 'SRC-2001',
      kind: 'transient',
    });
  });

  it('stop at once when the slice is aborted', async () => {
    await using bucket = await startBucket();
    await bucket.put('a.txt', big(20_000));
    const stop = new AbortController();
    const reader = bucket.open({ object: 'a.txt', ...TEXT }, quickContext(stop.signal));
    const { shards } = await reader.plan(1);
    const read = async (): Promise<void> => {
      for await (const _ of reader.read(shards[0]!, undefined)) stop.abort();
    };
    await expect(read()).rejects.toMatchObject({ name: 'SyncError' });
  });
});

describe('large objects', () => {
  it('are cut into shards that hold each row once', async () => {
    await using bucket = await startBucket();
    await bucket.put('a.txt', big(80_000));
    const reader = bucket.open({ object: 'a.txt', ...TEXT });
    const { shards } = await reader.plan(4);
    expect(shards).toHaveLength(4);
    const counts: number[] = [];
    const rows: number[] = [];
    for (const shard of shards) {
      const some = ordinals(await shardRows(reader, shard));
      counts.push(some.length);
      rows.push(...some);
    }
    expect(rows).toEqual(upTo(80_000));
    expect(Math.max(...counts)).toBeLessThanOrEqual(Math.min(...counts) + 2);
    const whole = await bucket.open({ object: 'a.txt', ...TEXT, enableInnerSplit: false }).plan(4);
    expect(whole.shards).toHaveLength(1);
  });

  it('are read by ranges, a little at first', async () => {
    await using bucket = await startBucket();
    await bucket.put('a.csv', `a,b\n${big(20_000).replaceAll('|', ',')}`);
    await bucket.open({ object: 'a.csv' }).plan(1);
    const reads = bucket.calls.filter((call) => call.startsWith('GetObject'));
    expect(reads.length).toBeGreaterThanOrEqual(1);
    expect(reads.length).toBeLessThanOrEqual(2);
  });

  it('can be cut further while they are read, at any cursor', async () => {
    await using bucket = await startBucket();
    const lines = Math.ceil((6 * MIB) / 1000);
    await bucket.put('a.txt', big(lines));
    const reader = bucket.open({ object: 'a.txt', ...TEXT });
    const { shards } = await reader.plan(1);
    const [shard] = shards;
    let seen = 0;
    let cuts = 0;
    for await (const { block, cursor } of reader.read(shard!, undefined)) {
      seen += rowsOfBlock(block).length;
      const pieces = await reader.split!(shard!, cursor, 3);
      if (pieces.length === 0) continue;
      cuts++;
      const rest: number[] = [];
      for (const [i, piece] of pieces.entries()) {
        rest.push(
          ...ordinals(await shardRows(reader, { shardId: '0', ...piece }, i === 0 ? cursor : undefined)),
        );
      }
      expect(rest).toEqual(upTo(lines).slice(seen));
      const again: number[] = [];
      for (const piece of pieces)
        again.push(...ordinals(await shardRows(reader, { shardId: '0', ...piece })));
      expect(again).toEqual(upTo(lines));
    }
    expect(cuts).toBeGreaterThan(1);
    expect(seen).toBe(lines);
  });
});
