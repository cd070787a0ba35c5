import type { ChannelRow, RunRow, ShardRow } from '../../../core/run/index.ts';
import { newShard } from '../../../core/run/shards.ts';
import { freeChannel } from '../../../core/run/work.ts';
import { EngineHarness } from '../../support/engine-harness.ts';
import { MemorySystems } from '../../support/memory-systems.ts';

const PLAN_ID = 'plan';

/** What a prepared run holds besides its defaults. Shards and channels are named by their place. */
export interface Prepared {
  readonly run?: Partial<RunRow>;
  readonly shards?: readonly Partial<ShardRow>[];
  readonly channels?: readonly Partial<ChannelRow>[];
  readonly systems?: MemorySystems;
}

/** Name of the shard at a place: the memory systems cut 100 rows for each. */
export const shardName = (place: number): string => String(place).padStart(5, '0');

/**
 * A run as if it had come to this state: sealed over these shards, with one channel for each of `channels`, nothing
 * in the queue. Without `shards` it has no plan.
 */
export async function preparedRun({ run, shards, channels = [], systems }: Prepared): Promise<EngineHarness> {
  const harness = new EngineHarness(
    systems ?? new MemorySystems(100 * (shards?.length ?? 1), shards?.length ?? 1),
  );
  await harness.start();
  harness.queue.length = 0;
  for (const [place, change] of (shards ?? []).entries()) await storeShard(harness, place, change);
  for (const [channel, change] of channels.entries()) {
    await harness.deps.state.channels.insert(
      { ...harness.ref, channel },
      { ...freeChannel(channel), ...change },
    );
  }
  const plan = shards && {
    planId: PLAN_ID,
    shardCount: shards.length,
    columns: [{ name: 'id', type: 'long' } as const],
    channels: Math.max(1, channels.length),
    sealedMs: harness.clock.nowMs(),
  };
  await changeRun(harness, { ...(plan ? { plan, state: 'RUNNING' } : {}), ...run });
  return harness;
}

async function storeShard(harness: EngineHarness, place: number, change: Partial<ShardRow>): Promise<void> {
  const shardId = shardName(place);
  const range = JSON.stringify([place * 100, place * 100 + 100]);
  const row = { ...newShard({ shardId, range }), ...change };
  await harness.deps.state.shards.insert({ ...harness.ref, planId: PLAN_ID, shardId: row.shardId }, row);
}

/** Changes the run's row behind everybody's back. */
export async function changeRun(harness: EngineHarness, change: Partial<RunRow>): Promise<void> {
  const row = (await harness.deps.state.runs.get(harness.ref))!;
  await harness.deps.state.runs.replace(harness.ref, row, { ...row.value, ...change });
}

/** The shards of a prepared run as they are now, in key order. */
export const shardsNow = async (harness: EngineHarness): Promise<readonly ShardRow[]> =>
  (await harness.deps.state.listShards(harness.ref, PLAN_ID)).map(({ value }) => value);

/** The shard at a place as it is now. */
export const shardNow = async (harness: EngineHarness, place = 0): Promise<ShardRow> =>
  (await shardsNow(harness))[place]!;

/** The messages sent since the last look, in short: `worker 1`, `finalizer`. */
export function messages(harness: EngineHarness): readonly string[] {
  const sent = harness.queue.map(({ target, message }) =>
    message.channel === undefined ? target : `${target} ${message.channel}`,
  );
  harness.queue.length = 0;
  return sent;
}
