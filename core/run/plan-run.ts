/** PLANNING → RUNNING: cut the source into shards, store them, seal the plan. */
import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import type { Reader, ReadPlan, RunRef } from '../connectors/contract.ts';
import { openDirtyStore } from '../dirty/open-store.ts';
import { SyncError } from '../errors/index.ts';
import { type EngineDeps, runFields, type Slice, using } from './engine.ts';
import { MAX_SHARDS, type RunRow, type SealedPlan } from './model.ts';
import { type Adopted, adoptPlan } from './resume.ts';
import { newShard } from './shards.ts';
import { change } from './state.ts';

const STORE_CONCURRENCY = 16;

/**
 * Plans the run: anew, or by taking over the plan of the run that it resumes. A plan that depends on something its
 * reader holds (a snapshot) is started from here and ends when it is read.
 */
export async function planRun(
  deps: EngineDeps,
  row: RunRow,
  slice: Slice,
  start: () => Promise<void>,
): Promise<void> {
  const adopted = row.resumeOf === undefined ? undefined : await adoptPlan(deps, row);
  if (adopted) await seal(deps, row, adopted);
  else await makePlan(deps, row, slice, start);
}

/** Everything that can refuse the job is asked before anything is stored; nothing is destroyed here. */
async function makePlan(
  deps: EngineDeps,
  row: RunRow,
  slice: Slice,
  start: () => Promise<void>,
): Promise<void> {
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
      await using(openDirtyStore(deps, row, slice.signal), (dirty) => dirty.prepare(), deps.log);
      const sealed = await seal(deps, row, { plan: await storePlan(deps, row, read), begun });
      if (!sealed || read.held !== true) return;
      await start();
      await untilRead(deps, row, slice);
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

/** The first plan to be sealed is the plan; a later one is forgotten. */
async function seal(deps: EngineDeps, run: RunRow, { plan, begun }: Adopted): Promise<boolean> {
  const sealed = { state: 'RUNNING', plan, drivenUntilMs: 0, driveAttempts: 0 } as const;
  const { result } = await change<RunRef, RunRow, boolean>(deps.state.runs, run, (row) =>
    row.state === 'PLANNING'
      ? { result: true, next: { ...row, ...sealed, ...(begun === undefined ? {} : { begun }) } }
      : { result: false },
  );
  const fields = { ...runFields(run), plan: plan.planId, shards: plan.shardCount, channels: plan.channels };
  deps.log.info(result ? 'plan sealed' : 'plan was sealed by another orchestrator', fields);
  return result;
}

const HELD_LOOK_MS = 1_000;

/** Keeps the reader that planned open while shards depend on what it holds, or as long as this invocation may last. */
async function untilRead(deps: EngineDeps, run: RunRef, slice: Slice): Promise<void> {
  while (slice.timeLeftMs() > 0) {
    const row = (await deps.state.runs.get(run))?.value;
    if (row?.state !== 'RUNNING' || row.stop !== 'none') return;
    await deps.clock.sleep(HELD_LOOK_MS, slice.signal);
  }
}
