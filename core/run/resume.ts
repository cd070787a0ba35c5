/** Going on after a pause or a failure. A terminal state never changes: a failed run is taken over by a new one. */
import pLimit from 'p-limit';
import type { RunRef } from '../connectors/contract.ts';
import { SyncError } from '../errors/index.ts';
import type { ErrorLimitModel } from '../job/model.ts';
import { createRun } from './create-run.ts';
import { moved, released } from './decide.ts';
import type { EngineDeps } from './engine.ts';
import { isTerminal, type RunRow, runPath, type SealedPlan, type ShardRow } from './model.ts';
import { readShards } from './shards.ts';
import { change, type ShardKey } from './state.ts';

/** What may be different from now on. */
export interface ResumeChanges {
  readonly errorLimit?: ErrorLimitModel;
}

/**
 * Goes on with a run and returns the run to watch: the same one if it was not over, else its successor, which
 * starts from the shards' last checkpoints. Throws RUN-5003 or RUN-5004.
 */
export async function resumeRun(deps: EngineDeps, run: RunRef, changes: ResumeChanges = {}): Promise<RunRef> {
  const row = (await deps.state.runs.get(run))?.value;
  if (!row) throw new SyncError('RUN-5003', 'config', `there is no run ${runPath(run)}`);
  return isTerminal(row.state) ? succeedTo(deps, row, changes) : unpause(deps, row, changes);
}

async function unpause(deps: EngineDeps, run: RunRow, changes: ResumeChanges): Promise<RunRef> {
  await change<RunRef, RunRow, void>(deps.state.runs, run, (row) => {
    if (isTerminal(row.state)) return { result: undefined };
    return {
      result: undefined,
      next: { ...row, stop: 'none', drivenUntilMs: 0, job: withLimit(row, changes) },
    };
  });
  const { jobId, runId } = run;
  const target = run.state === 'COMMITTING' ? 'finalizer' : 'orchestrator';
  await deps.invoker.invoke(target, { v: 1, jobId, runId });
  return { jobId, runId };
}

/** Marks the failed run first: only one successor can ever be made, and a crash here can be repeated. */
async function succeedTo(deps: EngineDeps, run: RunRow, changes: ResumeChanges): Promise<RunRef> {
  const runId = nextRunId(run.runId);
  const { result } = await change<RunRef, RunRow, boolean>(deps.state.runs, run, (row) => {
    if (row.state !== 'FAILED' || row.discarded) return { result: false };
    if (row.resumedBy !== undefined) return { result: row.resumedBy === runId };
    return { result: true, next: { ...row, resumedBy: runId } };
  });
  const successor = { jobId: run.jobId, runId };
  if (!result)
    throw new SyncError('RUN-5004', 'config', `run ${runPath(run)} is ${run.state} and cannot be resumed`);
  const made = await createRun(deps, {
    ...successor,
    job: withLimit(run, changes),
    options: run.options,
    scheduledMs: run.scheduledMs,
    resumeOf: run.runId,
  });
  if (made === 'exists') deps.log.info('the run was resumed already', { run: runPath(successor) });
  return successor;
}

const withLimit = (row: RunRow, changes: ResumeChanges): RunRow['job'] =>
  changes.errorLimit === undefined
    ? row.job
    : { ...row.job, setting: { ...row.job.setting, errorLimit: changes.errorLimit } };

/** `R` → `R.r1` → `R.r2`. */
export function nextRunId(runId: string): string {
  const match = /^(.*)\.r(\d+)$/.exec(runId);
  return match ? `${match[1]}.r${Number(match[2]) + 1}` : `${runId}.r1`;
}

const COPY_CONCURRENCY = 16;

/** What a new run takes over from a failed one. */
export interface Adopted {
  readonly plan: SealedPlan;
  readonly begun: boolean | undefined;
}

/**
 * The plan of the failed run with every shard where its last checkpoint left it; absent if it had none. All shards are
 * closed over there first: what a straggler still moves or hands back afterwards is refused. Pieces that were handed
 * back are copied before the shard that names them, the deepest first, so that a copy cut short never names what is
 * not there.
 */
export async function adoptPlan(deps: EngineDeps, run: RunRow): Promise<Adopted | undefined> {
  const from = (await deps.state.runs.get({ jobId: run.jobId, runId: run.resumeOf ?? '' }))?.value;
  if (!from?.plan) return undefined;
  const { plan } = from;
  const limit = pLimit(COPY_CONCURRENCY);
  const copy = (shard: ShardRow): Promise<unknown> => {
    const key = { jobId: run.jobId, runId: run.runId, planId: plan.planId, shardId: shard.shardId };
    return limit(() => deps.state.shards.insert(key, takenOver(shard)));
  };
  for (const level of byDepth(await closeShards(deps, from, run.runId)).toReversed())
    await Promise.all(level.map(copy));
  return { plan: { ...plan, sealedMs: deps.clock.nowMs() }, begun: from.begun };
}

/** Closes until a look finds nothing open: a holder may have handed pieces back before it was fenced. */
async function closeShards(deps: EngineDeps, from: RunRow, successor: string): Promise<readonly ShardRow[]> {
  const limit = pLimit(COPY_CONCURRENCY);
  const { jobId, runId } = from;
  const planId = from.plan?.planId ?? '';
  const close = ({ shardId }: ShardRow): Promise<unknown> =>
    limit(() =>
      change<ShardKey, ShardRow, void>(deps.state.shards, { jobId, runId, planId, shardId }, (row) =>
        moved(row, successor),
      ),
    );
  for (;;) {
    const shards = await readShards(deps, from);
    const open = shards.filter((shard) => shard.state !== 'DONE' && shard.movedTo === undefined);
    if (open.length === 0) return shards;
    await Promise.all(open.map(close));
  }
}

/** Shards of the plan first, then their pieces, then the pieces of those. Parents come before their children. */
function byDepth(shards: readonly ShardRow[]): ShardRow[][] {
  const levels: ShardRow[][] = [];
  const depths = new Map<string, number>();
  for (const shard of shards) {
    const depth = shard.parent === undefined ? 0 : (depths.get(shard.parent) ?? 0) + 1;
    depths.set(shard.shardId, depth);
    levels[depth] = [...(levels[depth] ?? []), shard];
  }
  return levels;
}

function takenOver(shard: ShardRow): ShardRow {
  if (shard.state === 'DONE') return shard;
  const { fault: _fault, movedTo: _movedTo, ...rest } = released(shard);
  return { ...rest, attempts: 0 };
}
