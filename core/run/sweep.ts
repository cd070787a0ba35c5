/** Sweeper: whatever was lost, late, killed or left behind is found in the state rows and driven again. */
import type { RunRef } from '../connectors/contract.ts';
import { asSyncError } from '../errors/index.ts';
import { discardLineage, discardOutputs } from './discard.ts';
import { type EngineDeps, runFields, type Slice } from './engine.ts';
import { type ChannelRow, isTerminal, type RunRow, type ShardRow } from './model.ts';
import { hint } from './orchestrate.ts';
import { areDone, readShards } from './shards.ts';
import type { ActiveRow } from './state.ts';

/** How long an unsuccessful run stays resumable before its parts are thrown away. */
export const KEEP_FAILED_MS = 7 * 24 * 3600 * 1000;

/** An entry without a run is the trace of a crash while creating it; it is kept this long. */
const KEEP_EMPTY_MS = 3600 * 1000;

/** Leases that a fenced worker may outlive a successful run before its leftovers are collected. */
const ORPHAN_LEASES = 2;

/**
 * Sweeper entry: looks at every run that is not settled, first at those that are not over: throwing away what
 * others left may take longer than the slice. A fault with one run never keeps it from the others.
 */
export async function sweep(deps: EngineDeps, slice: Slice): Promise<void> {
  const over: RunRow[] = [];
  for (const active of await deps.state.listActive()) {
    if (slice.timeLeftMs() <= 0) return;
    await unharmed(deps, active, async () => {
      const run = await find(deps, active);
      if (run && isTerminal(run.state)) over.push(run);
      else if (run) await sweepRun(deps, run);
    });
  }
  for (const run of over) {
    if (slice.timeLeftMs() <= 0) return;
    await unharmed(deps, run, () => settle(deps, run, slice));
  }
}

async function unharmed(deps: EngineDeps, run: RunRef, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    const fault = asSyncError(error);
    deps.log.warn('sweeping a run failed', { ...runFields(run), code: fault.code, fault: fault.message });
  }
}

async function find(deps: EngineDeps, active: ActiveRow): Promise<RunRow | undefined> {
  const run = (await deps.state.runs.get(active))?.value;
  if (!run && deps.clock.nowMs() - active.sinceMs > KEEP_EMPTY_MS) await deps.state.active.remove(active);
  return run;
}

async function sweepRun(deps: EngineDeps, run: RunRow): Promise<void> {
  if (run.stop !== 'none') return;
  const nowMs = deps.clock.nowMs();
  const { jobId, runId } = run;
  switch (run.state) {
    case 'PLANNING':
      if (run.drivenUntilMs <= nowMs) await hint(deps, 'orchestrator', { v: 1, jobId, runId });
      return;
    case 'RUNNING':
      if (run.begun !== false) return redrive(deps, run, nowMs);
      if (run.drivenUntilMs <= nowMs) await hint(deps, 'orchestrator', { v: 1, jobId, runId });
      return;
    case 'COMMITTING':
      if (run.drivenUntilMs <= nowMs) await hint(deps, 'finalizer', { v: 1, jobId, runId });
      return;
    default:
      return;
  }
}

/** What is to be done for a run that is over, until it can be forgotten. */
function settle(deps: EngineDeps, run: RunRow, slice: Slice): Promise<void> {
  const nowMs = deps.clock.nowMs();
  return run.state === 'SUCCEEDED'
    ? settleSucceeded(deps, run, nowMs, slice)
    : settleUnsuccessful(deps, run, nowMs, slice);
}

/** All done: finalize. Else: as many workers as there are shards to claim and channels free to move them. */
async function redrive(deps: EngineDeps, run: RunRow, nowMs: number): Promise<void> {
  const { jobId, runId } = run;
  const shards = await readShards(deps, run);
  if (areDone(shards)) return hint(deps, 'finalizer', { v: 1, jobId, runId });
  const claimable = shards.filter((shard) => isClaimable(shard, nowMs)).length;
  for (const channel of (await freeChannels(deps, run, nowMs)).slice(0, claimable)) {
    await hint(deps, 'worker', { v: 1, jobId, runId, channel });
  }
}

const isClaimable = (shard: ShardRow, nowMs: number): boolean =>
  (shard.state === 'PENDING' && shard.notBeforeMs <= nowMs) ||
  (shard.state === 'LEASED' && shard.leaseUntilMs <= nowMs);

async function freeChannels(deps: EngineDeps, run: RunRow, nowMs: number): Promise<readonly number[]> {
  const isHeld = (row: ChannelRow): boolean => row.owner !== '' && row.leaseUntilMs > nowMs;
  const rows = (await deps.state.listChannels(run)).map((stored) => stored.value);
  const held = new Set(rows.filter(isHeld).map((row) => row.channel));
  return Array.from({ length: run.plan?.channels ?? 0 }, (_, channel) => channel).filter((c) => !held.has(c));
}

async function settleSucceeded(deps: EngineDeps, run: RunRow, nowMs: number, slice: Slice): Promise<void> {
  if (nowMs - (run.endedMs ?? 0) < ORPHAN_LEASES * run.options.leaseMs) return;
  await discardLineage(deps, run, slice.signal);
  await forget(deps, run);
}

async function settleUnsuccessful(deps: EngineDeps, run: RunRow, nowMs: number, slice: Slice): Promise<void> {
  if (run.resumedBy !== undefined) return (await hasSuccessor(deps, run)) ? forget(deps, run) : undefined;
  const sinceEnd = nowMs - (run.endedMs ?? 0);
  if (run.state === 'FAILED' && sinceEnd < KEEP_FAILED_MS) return;
  if (sinceEnd < ORPHAN_LEASES * run.options.leaseMs) return;
  await discardOutputs(deps, run, slice.signal);
  await forget(deps, run);
}

/** A resume that was cut short has named the successor and not made it; repeating the resume makes it. */
const hasSuccessor = async (deps: EngineDeps, run: RunRow): Promise<boolean> =>
  (await deps.state.runs.get({ jobId: run.jobId, runId: run.resumedBy ?? '' })) !== undefined;

const forget = (deps: EngineDeps, run: RunRef): Promise<void> =>
  deps.state.active.remove({ jobId: run.jobId, runId: run.runId });
