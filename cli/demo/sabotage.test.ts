import { expect, test } from 'vitest';
import type { RunRow, ShardRow } from '../../core/run/index.ts';
import { newShard } from '../../core/run/shards.ts';
import type { Snapshot } from '../progress/view.ts';
import { Sabotage } from './sabotage.ts';

const LEASE_MS = 1_000;

function shard(index: number, change: Partial<ShardRow> = {}): ShardRow {
  const bare = newShard({ shardId: String(index), range: '' });
  return {
    ...bare,
    state: 'LEASED',
    epoch: 1,
    outputEpoch: 1,
    counters: { ...bare.counters, read: 10 },
    ...change,
  };
}

const moment = (shards: readonly ShardRow[], atMs = 0, state: RunRow['state'] = 'RUNNING'): Snapshot => ({
  run: { state, plan: { channels: 2 } } as RunRow,
  shards,
  atMs,
});

function makeSabotage(pids: readonly number[] = [7, 8]) {
  const told: string[] = [];
  const sabotage = new Sabotage({
    leaseMs: LEASE_MS,
    busyWorkers: async () => pids,
    kill: (pid) => told.push(`kill ${pid}`),
    nowMs: () => 0,
    onKill: ({ pid }) => told.push(`killed ${pid}`),
    onRecovery: ({ shardId, epoch, checkpointRows, afterMs }) =>
      told.push(`recovered ${shardId} as ${epoch} at ${checkpointRows} after ${afterMs}`),
  });
  return { sabotage, told };
}

test('kills when every channel has a partly done shard, once', async () => {
  const { sabotage, told } = makeSabotage();
  sabotage.look(moment([shard(0), shard(1)]));
  sabotage.look(moment([shard(0), shard(1)], 100));
  await sabotage.settled;
  sabotage.look(moment([shard(0), shard(1)], 200));
  await sabotage.settled;
  expect(told).toEqual(['kill 7', 'killed 7']);
});

test.each([
  ['a channel is free', moment([shard(0)])],
  ['a shard has no checkpoint', moment([shard(0), shard(1, { outputEpoch: 0 })])],
  ['a shard is done', moment([shard(0), shard(1, { state: 'DONE' })])],
  ['the run commits', moment([shard(0), shard(1)], 0, 'COMMITTING')],
])('waits while %s', async (_name, snapshot) => {
  const { sabotage, told } = makeSabotage();
  sabotage.look(snapshot);
  await sabotage.settled;
  expect(told).toEqual([]);
});

test.each([[[]], [[7, 8, 9]]])('waits with the busy workers %j for two channels', async (pids) => {
  const { sabotage, told } = makeSabotage(pids);
  sabotage.look(moment([shard(0), shard(1)]));
  await sabotage.settled;
  expect(told).toEqual([]);
});

test('tells the recovery with the last checkpoint before it', async () => {
  const { sabotage, told } = makeSabotage();
  sabotage.look(moment([shard(0), shard(1)]));
  await sabotage.settled;
  const last = shard(1, { counters: { ...shard(1).counters, read: 25 } });
  sabotage.look(moment([shard(0), last], 900));
  sabotage.look(
    moment([shard(0), { ...last, epoch: 2, retries: 1, counters: { ...last.counters, read: 40 } }], 1_200),
  );
  sabotage.look(moment([shard(0), { ...last, epoch: 2, retries: 1 }], 9_000));
  await sabotage.settled;
  expect(told.slice(2)).toEqual(['recovered 1 as 2 at 25 after 1200']);
  expect(sabotage.kills).toHaveLength(1);
});

test('kills another worker when the first held no shard', async () => {
  const { sabotage, told } = makeSabotage();
  for (const atMs of [0, 2_999, 3_000]) {
    sabotage.look(moment([shard(0), shard(1)], atMs));
    await sabotage.settled;
  }
  expect(told).toEqual(['kill 7', 'killed 7', 'kill 7', 'killed 7']);
});
