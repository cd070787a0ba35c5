/** Worker: hold one channel and move shards through it, one after the other, until none is left or time is. */
import type { RunRef } from '../connectors/contract.ts';
import { openDirtyStore } from '../dirty/open-store.ts';
import { Pacer, shareOf } from '../limits/pacer.ts';
import { type Claimant, decideChannel, decideClaim, type ShardClaim } from './decide.ts';
import { failRun, settleDrive } from './drive.ts';
import { type EngineDeps, type Slice, using } from './engine.ts';
import { setHungry } from './hand-back.ts';
import { ChannelHolding, ShardHolding } from './holding.ts';
import type { ChannelRow, RunRow, ShardRow } from './model.ts';
import { type Bench, type MoveOutcome, moveShard } from './move-shard.ts';
import { hint } from './orchestrate.ts';
import { areDone, readShards } from './shards.ts';
import { type ChannelKey, change, type ShardKey } from './state.ts';

/** A worker's message names the channel it is to work on. */
export interface WorkRef extends RunRef {
  readonly channel: number;
}

/**
 * Worker entry. Returns quietly when the run is over or paused, or when the channel is held: a doubled message
 * finds the first one at work, so never more than `speed.concurrent` shards move at once.
 */
export async function work(deps: EngineDeps, ref: WorkRef, slice: Slice): Promise<void> {
  const run = (await deps.state.runs.get(ref))?.value;
  if (run?.state !== 'RUNNING' || run.stop !== 'none' || run.begun === false) return;
  if (ref.channel >= (run.plan?.channels ?? 0)) return;
  const owner = deps.random.nonce();
  const channel = await takeChannel(deps, ref, run, owner);
  if (!channel) return;
  const share = shareOf(run.job.setting.speed, run.plan?.channels ?? 1);
  const pacer = new Pacer(share, channel.paidUntilMs, deps.clock);
  const end = await inChannel(deps, run, ref, channel.holding, pacer, owner, slice);
  await channel.holding.release(pacer, end === 'hungry');
  await handOver(deps, run, ref, end);
}

async function inChannel(
  deps: EngineDeps,
  run: RunRow,
  ref: WorkRef,
  channel: ChannelHolding,
  pacer: Pacer,
  owner: string,
  slice: Slice,
): Promise<WorkEnd> {
  const { systems, log } = deps;
  const { signal } = slice;
  try {
    return await using(
      systems.openReader(run.job, signal),
      (reader) =>
        using(
          systems.openWriter(run.job, signal),
          (writer) =>
            using(
              openDirtyStore(deps, run, signal),
              (dirty) => takeShards({ deps, run, reader, writer, dirty, channel, pacer, slice }, ref, owner),
              log,
            ),
          log,
        ),
      log,
    );
  } catch (error) {
    await settleDrive(deps, run, error);
    return 'nothing-left';
  }
}

/**
 * `out-of-time`: somebody must go on in this channel · `nothing-left`: nothing can be claimed now · `hungry`: the same,
 * and shards of this source can be cut.
 */
type WorkEnd = 'out-of-time' | 'nothing-left' | 'hungry' | 'stop';

interface HeldChannel {
  readonly holding: ChannelHolding;
  readonly paidUntilMs: number;
}

async function takeChannel(
  deps: EngineDeps,
  ref: WorkRef,
  run: RunRow,
  owner: string,
): Promise<HeldChannel | undefined> {
  const key: ChannelKey = { jobId: ref.jobId, runId: ref.runId, channel: ref.channel };
  await deps.state.channels.insert(key, freeChannel(ref.channel));
  const who = claimant(deps, run, owner);
  const { result, row } = await change<ChannelKey, ChannelRow, 'claimed' | 'held'>(
    deps.state.channels,
    key,
    (current) => decideChannel(current, who),
  );
  if (result === 'held') return undefined;
  return {
    holding: new ChannelHolding(deps, key, row, run.options.leaseMs),
    paidUntilMs: row.value.paidUntilMs,
  };
}

/** A channel nobody has held yet. */
export const freeChannel = (channel: number): ChannelRow => ({
  channel,
  epoch: 0,
  owner: '',
  leaseUntilMs: 0,
  paidUntilMs: 0,
  idle: false,
});

const claimant = (deps: EngineDeps, run: RunRow, owner: string): Claimant => ({
  owner,
  nowMs: deps.clock.nowMs(),
  leaseMs: run.options.leaseMs,
});

async function takeShards(bench: Bench, ref: WorkRef, owner: string): Promise<WorkEnd> {
  for (;;) {
    let moved = 0;
    for (const shardId of await openShards(bench, ref)) {
      if (bench.slice.timeLeftMs() <= 0) return 'out-of-time';
      if (!bench.channel.fresh) await bench.channel.renew(bench.pacer);
      const holding = await claim(bench, shardId, owner);
      if (!holding) continue;
      moved++;
      const outcome: MoveOutcome = await moveShard(bench, holding);
      if (outcome === 'sliced') return 'out-of-time';
      if (outcome === 'stop') return 'stop';
    }
    if (moved === 0) return bench.reader.split === undefined ? 'nothing-left' : 'hungry';
  }
}

/** Shards not done, beginning at another place for each channel so that workers rarely meet. */
async function openShards({ deps, run }: Bench, ref: WorkRef): Promise<readonly string[]> {
  const all = await readShards(deps, run);
  const open = all.filter((shard) => shard.state !== 'DONE').map((shard) => shard.shardId);
  const first = Math.floor((ref.channel * open.length) / (run.plan?.channels ?? 1));
  return [...open.slice(first), ...open.slice(0, first)];
}

async function claim(bench: Bench, shardId: string, owner: string): Promise<ShardHolding | undefined> {
  const { deps, run, dirty } = bench;
  const key: ShardKey = { jobId: run.jobId, runId: run.runId, planId: run.plan?.planId ?? '', shardId };
  const who = claimant(deps, run, owner);
  const { result, row } = await change<ShardKey, ShardRow, ShardClaim>(deps.state.shards, key, (shard) =>
    decideClaim(shard, who, run.options.maxAttempts),
  );
  if (result === 'used-up') await failUsedUp(deps, run, row.value);
  if (result !== 'claimed') return undefined;
  return new ShardHolding(deps, key, run, row, dirty.open({ ...key, epoch: row.value.epoch }));
}

async function failUsedUp(deps: EngineDeps, run: RunRow, shard: ShardRow): Promise<void> {
  const last = shard.fault ? `; the last fault was ${shard.fault.code}: ${shard.fault.message}` : '';
  // A holder that fell silent is an attempt, which the row does not count any more.
  const attempts = shard.attempts + (shard.state === 'LEASED' ? 1 : 0);
  const message = `shard ${shard.shardId} failed ${attempts} times without getting further${last}`;
  await failRun(deps, run, { code: 'RUN-5002', message, shardId: shard.shardId }, 'RUNNING');
}

/** Tells who is next. A lost message only costs the time until the sweeper looks. */
async function handOver(deps: EngineDeps, run: RunRow, ref: WorkRef, end: WorkEnd): Promise<void> {
  const { jobId, runId } = run;
  if (end === 'out-of-time') return hint(deps, 'worker', { v: 1, jobId, runId, channel: ref.channel });
  if (end === 'stop') return;
  if (areDone(await readShards(deps, run))) return hint(deps, 'finalizer', { v: 1, jobId, runId });
  if (end === 'hungry') await setHungry(deps, run, true);
}
