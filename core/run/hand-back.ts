/**
 * Work-stealing: a shard that is much slower than the others hands the rest of its range back as new shards once
 * channels stand idle. The idle channel asks (`hungry` in the run row), the holder of a large shard answers:
 *
 *   1. makes its position durable                        as at any checkpoint
 *   2. lets the reader cut what is left                  [position, end) → [position, a) [a, b) [b, end)
 *   3. stores the rows of the new shards                 nobody looks at them yet
 *   4. narrows its own row and names them, in one write  from here on they count
 *   5. wakes the idle channels
 *
 * Fenced or dead before 4, it has changed nothing. Dead after 4, the sweeper wakes the channels. No other row than
 * its own decides, so no two can give away the same rows.
 */
import type { Cursor, Piece, Reader, RunRef } from '../connectors/contract.ts';
import { SyncError } from '../errors/index.ts';
import { childIdOf, MAX_CHILDREN, MAX_DEPTH, placeOfShard } from '../types/index.ts';
import { type EngineDeps, runFields } from './engine.ts';
import type { ShardHolding } from './holding.ts';
import { type ChannelRow, MAX_SHARDS, type RunRow, type ShardRow } from './model.ts';
import { hint } from './orchestrate.ts';
import { newShard, readShards } from './shards.ts';
import { change } from './state.ts';

/** Pieces made at once, the holder's own included: what they turn out to need is handed back again. */
const MAX_PIECES = 16;
/** How much longer than the middle one of the finished shards a shard must have taken. */
const SLOW_FACTOR = 1.5;
/** Shards that took less are not worth another invocation. */
const LEAST_MS = 1_000;

/** What a holder knows when it looks whether to hand back. */
export interface Scene {
  readonly shards: readonly ShardRow[];
  readonly channels: readonly ChannelRow[];
  readonly shardId: string;
  readonly nowMs: number;
}

/** Channels that a part of this shard should go to, by number. None = go on alone. */
export function decideHandBack(scene: Scene): readonly number[] {
  const { shards, nowMs } = scene;
  const own = shards.find((shard) => shard.shardId === scene.shardId);
  if (!own || !mayHaveMore(own)) return [];
  if (nowMs - (own.claimedMs ?? nowMs) < slowAfterMs(shards)) return [];
  const waiting = shards.filter((shard) => shard.state === 'PENDING').length;
  const idle = scene.channels.filter((channel) => channel.idle).map((channel) => channel.channel);
  const room = Math.min(MAX_PIECES - 1, MAX_SHARDS - shards.length);
  return idle.slice(waiting, waiting + Math.max(0, room));
}

/** Names of pieces are limited in number and depth. */
const mayHaveMore = (shard: ShardRow): boolean =>
  (shard.children?.length ?? 0) + MAX_PIECES <= MAX_CHILDREN &&
  (placeOfShard(shard.shardId)?.places.length ?? MAX_DEPTH) < MAX_DEPTH;

/** The age from which a shard is slow, by the shards that are done. */
function slowAfterMs(shards: readonly ShardRow[]): number {
  const times = shards
    .filter((shard) => shard.doneMs !== undefined && shard.claimedMs !== undefined)
    .map((shard) => shard.doneMs! - shard.claimedMs!)
    .sort((a, b) => a - b);
  const middle = times[Math.floor(times.length / 2)] ?? 0;
  return Math.max(LEAST_MS, SLOW_FACTOR * middle);
}

/**
 * Hands back what the decision allows and the reader can cut. The holder's position is durable, and its row is the
 * shard afterwards. False: nothing was worth it, looking again soon is not either.
 */
export async function handBack(
  deps: EngineDeps,
  run: RunRow,
  reader: Reader,
  holding: ShardHolding,
): Promise<boolean> {
  const channels = await askingChannels(deps, run, holding);
  if (channels.length === 0 || reader.split === undefined) return false;
  const { cursor } = holding.row;
  const shard = { shardId: holding.row.shardId, range: holding.row.range };
  const [own, ...rest] = await reader.split(shard, cursor as Cursor | undefined, channels.length + 1);
  if (own === undefined || rest.length === 0) return false;
  const children = await storeChildren(deps, run, holding.row, rest);
  await holding.narrow(own.range, children);
  deps.log.info('a part of a slow shard was handed back', {
    ...runFields(run),
    shard: shard.shardId,
    pieces: children.length,
  });
  await wake(deps, run, channels.slice(0, children.length));
  return true;
}

/** The idle channels; if there are none any more, the request in the run row is taken back. */
async function askingChannels(
  deps: EngineDeps,
  run: RunRow,
  holding: ShardHolding,
): Promise<readonly number[]> {
  const channels = (await deps.state.listChannels(run)).map(({ value }) => value);
  if (!channels.some((channel) => channel.idle)) {
    await setHungry(deps, run, false);
    return [];
  }
  const { shardId } = holding.row;
  return decideHandBack({
    shards: await readShards(deps, run),
    channels,
    shardId,
    nowMs: deps.clock.nowMs(),
  });
}

/**
 * Stored from the end to the beginning, the order of their names: see core/types/shard-id.ts. A name that is taken
 * stands for another range, copied from the run before this one while somebody was still at work there; the next
 * holder has another epoch and so another name.
 */
async function storeChildren(
  deps: EngineDeps,
  run: RunRow,
  parent: ShardRow,
  pieces: readonly Piece[],
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const piece of pieces.toReversed()) {
    const shardId = childIdOf(parent.shardId, parent.epoch, (parent.children?.length ?? 0) + ids.length);
    const key = { jobId: run.jobId, runId: run.runId, planId: run.plan?.planId ?? '', shardId };
    const row = { ...newShard({ ...piece, shardId }), parent: parent.shardId };
    if ((await deps.state.shards.insert(key, row)) === 'exists')
      throw new SyncError('RUN-5007', 'transient', 'the name of a piece is taken', { shard: shardId });
    ids.push(shardId);
  }
  return ids;
}

/** The request is over once it is answered; who stays idle asks again. */
async function wake(deps: EngineDeps, run: RunRow, channels: readonly number[]): Promise<void> {
  await setHungry(deps, run, false);
  const { jobId, runId } = run;
  for (const channel of channels) await hint(deps, 'worker', { v: 1, jobId, runId, channel });
}

/** Notes in the run row that a channel found nothing to do, or that this is no longer so. */
export async function setHungry(deps: EngineDeps, run: RunRef, hungry: boolean): Promise<void> {
  await change<RunRef, RunRow, void>(deps.state.runs, run, (row) =>
    row.state === 'RUNNING' && (row.hungry ?? false) !== hungry
      ? { result: undefined, next: { ...row, hungry } }
      : { result: undefined },
  );
}
