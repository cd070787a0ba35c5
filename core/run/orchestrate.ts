/** PLANNING → RUNNING: cut the source into shards, store them, seal the plan, ready the target, start the workers. */
import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import type { Reader, ReadPlan, RunRef, Shard } from '../connectors/contract.ts';
import { SyncError } from '../errors/index.ts';
import { zeroCounters } from './counters.ts';
import { settleDrive, takeDrive } from './drive.ts';
import { type EngineDeps, runFields, type Slice, using } from './engine.ts';
import { MAX_SHARDS, type RunRow, type SealedPlan, type ShardRow } from './model.ts';
import { type Adopted, adoptPlan } from './resume.ts';
import { change } from './state.ts';

const STORE_CONCURRENCY = 16;
const INVOKE_CONCURRENCY = 8;

/** Orchestrator entry: plans a new run, or starts the workers of a planned one again. */
export async function orchestrate(deps: EngineDeps, run: RunRef, slice: Slice): Promise<void> {
  const planning = await takeDrive(deps, run, 'PLANNING');
  if (planning) {
    try {
      await planAndSeal(deps, planning.value, slice);
    } catch (error) {
      await settleDrive(deps, planning.value, error);
    }
  }
  const row = await begun(deps, run, slice);
  if (row?.state === 'RUNNING' && row.stop === 'none' && row.begun !== false) await fanOut(deps, row);
}

async function planAndSeal(deps: EngineDeps, row: RunRow, slice: Slice): Promise<void> {
  const adopted = row.resumeOf === undefined ? undefined : await adoptPlan(deps, row);
  await seal(deps, row, adopted ?? (await makePlan(deps, row, slice)));
}

/** The run, its target ready for the first row. One driver at a time; what ended without a note is repeated. */
async function begun(deps: EngineDeps, run: RunRef, slice: Slice): Promise<RunRow | undefined> {
  const row = (await deps.state.runs.get(run))?.value;
  if (row?.state !== 'RUNNING' || row.begun !== false) return row;
  const driven = await takeDrive(deps, run, 'RUNNING');
  if (driven?.value.begun !== false) return (await deps.state.runs.get(run))?.value;
  try {
    await using(
      deps.systems.openWriter(row.job, slice.signal),
      async (writer) => writer.begin?.(row, row.plan?.columns ?? []),
      deps.log,
    );
    return await noteBegun(deps, run);
  } catch (error) {
    await settleDrive(deps, driven.value, error);
    return undefined;
  }
}

async function noteBegun(deps: EngineDeps, run: RunRef): Promise<RunRow> {
  const { row } = await change<RunRef, RunRow, void>(deps.state.runs, run, (current) =>
    current.state === 'RUNNING'
      ? { result: undefined, next: { ...current, begun: true, drivenUntilMs: 0, driveAttempts: 0 } }
      : { result: undefined },
  );
  return row.value;
}

/** Everything that can refuse the job is asked before anything is stored; nothing is destroyed here. */
async function makePlan(deps: EngineDeps, row: RunRow, slice: Slice): Promise<Adopted> {
  return using(
    deps.systems.openReader(row.job, slice.signal),
    async (reader) => {
      const read = await readPlan(reader, row);
      const begun = await using(
        deps.systems.openWriter(row.job, slice.signal),
        async (writer) => {
          await writer.prepare(row, read.columns);
          return writer.begin === undefined ? undefined : false;
        },
        deps.log,
      );
      return { plan: await storePlan(deps, row, read), begun };
    },
    deps.log,
  );
}

async function readPlan(reader: Reader, row: RunRow): Promise<ReadPlan> {
  const read = await reader.plan(row.job.setting.speed.concurrent);
  if (read.shards.length > MAX_SHARDS) {
    throw new SyncError(
      'RUN-5006',
      'config',
      `the plan has ${read.shards.length} shards, at most ${MAX_SHARDS} are allowed`,
    );
  }
  return read;
}

async function storePlan(deps: EngineDeps, run: RunRow, read: ReadPlan): Promise<SealedPlan> {
  const planId = planIdOf(read);
  const limit = pLimit(STORE_CONCURRENCY);
  const { jobId, runId } = run;
  await Promise.all(
    read.shards.map((shard) =>
      limit(() =>
        deps.state.shards.insert({ jobId, runId, planId, shardId: shard.shardId }, newShard(shard)),
      ),
    ),
  );
  return {
    planId,
    shardCount: read.shards.length,
    columns: read.columns,
    channels: Math.min(run.job.setting.speed.concurrent, read.shards.length),
    sealedMs: deps.clock.nowMs(),
  };
}

/** Equal plans get equal names: a repeated orchestrator adds nothing, a differing one touches other rows. */
function planIdOf(read: ReadPlan): string {
  const shape = JSON.stringify([read.columns, read.shards.map((shard) => [shard.shardId, shard.range])]);
  return createHash('sha256').update(shape).digest('hex').slice(0, 16);
}

/** A shard nobody has touched. */
export const newShard = (shard: Shard): ShardRow => ({
  shardId: shard.shardId,
  range: shard.range,
  state: 'PENDING',
  epoch: 0,
  owner: '',
  leaseUntilMs: 0,
  notBeforeMs: 0,
  attempts: 0,
  retries: 0,
  outputEpoch: 0,
  counters: zeroCounters,
  ...(shard.estimatedRows === undefined ? {} : { estimatedRows: shard.estimatedRows }),
});

/** The first plan to be sealed is the plan; a later one is forgotten. */
async function seal(deps: EngineDeps, run: RunRow, { plan, begun }: Adopted): Promise<void> {
  const sealed = { state: 'RUNNING', plan, drivenUntilMs: 0, driveAttempts: 0 } as const;
  const { result } = await change<RunRef, RunRow, boolean>(deps.state.runs, run, (row) =>
    row.state === 'PLANNING'
      ? { result: true, next: { ...row, ...sealed, ...(begun === undefined ? {} : { begun }) } }
      : { result: false },
  );
  const fields = { ...runFields(run), plan: plan.planId, shards: plan.shardCount, channels: plan.channels };
  deps.log.info(result ? 'plan sealed' : 'plan was sealed by another orchestrator', fields);
}

/** One message per channel. What is refused or lost the sweeper sends again. */
async function fanOut(deps: EngineDeps, run: RunRow): Promise<void> {
  const limit = pLimit(INVOKE_CONCURRENCY);
  const { jobId, runId } = run;
  const channels = Array.from({ length: run.plan?.channels ?? 0 }, (_, channel) => channel);
  await Promise.all(
    channels.map((channel) => limit(() => hint(deps, 'worker', { v: 1, jobId, runId, channel }))),
  );
}

/** Sends a message whose loss costs only time. */
export async function hint(
  deps: EngineDeps,
  ...[target, message]: Parameters<EngineDeps['invoker']['invoke']>
): Promise<void> {
  try {
    await deps.invoker.invoke(target, message);
  } catch (error) {
    deps.log.warn('invocation refused; the sweeper will send it again', { target, fault: String(error) });
  }
}
