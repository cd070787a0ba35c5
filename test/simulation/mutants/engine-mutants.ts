/** Mistakes in what the functions do. */
import { createHash } from 'node:crypto';
import { outputsOf } from '../../../core/run/finalize.ts';
import { type EngineDeps, runPath, type ShardRow } from '../../../core/run/index.ts';
import { newShard } from '../../../core/run/shards.ts';
import { change } from '../../../core/run/state.ts';
import type { RunRef } from '../../../core/types/index.ts';
import type { Mutant } from '../mutant.ts';

/** What was lost stays lost. */
export const noSweeper: Mutant = {
  name: 'no sweeper',
  engine: (real) => ({ ...real, sweep: async () => {} }),
};

/** A worker that found nothing to do looks again, and again. */
export const feedsItself: Mutant = {
  name: 'worker that starts itself again',
  boundless: true,
  engine: (real) => ({
    ...real,
    work: async (deps, ref, slice) => {
      await real.work(deps, ref, slice);
      const row = (await deps.state.runs.get(ref))?.value;
      const { jobId, runId, channel } = ref;
      if (row?.state === 'RUNNING') await deps.invoker.invoke('worker', { v: 1, jobId, runId, channel });
    },
  }),
};

/** Each finished shard sends a message, and as many messages as shards mean that all is done. */
export const countsMessages: Mutant = {
  name: 'finalizer that counts messages',
  boundless: true,
  engine: (real) => {
    const counts = new Map<string, number>();
    return {
      ...real,
      work: (deps, ref, slice) => real.work({ ...deps, state: tellingState(deps, ref) }, ref, slice),
      finalize: async (deps, run, slice) => {
        const count = (counts.get(runPath(run)) ?? 0) + 1;
        counts.set(runPath(run), count);
        const row = (await deps.state.runs.get(run))?.value;
        if (row?.state === 'RUNNING' && count < (row.plan?.shardCount ?? 0)) return;
        await commitWhateverIsThere(deps, run);
        return real.finalize(deps, run, slice);
      },
    };
  },
};

function tellingState(deps: EngineDeps, { jobId, runId }: RunRef): EngineDeps['state'] {
  const { shards } = deps.state;
  return {
    ...deps.state,
    shards: {
      get: (key) => shards.get(key),
      insert: (key, value) => shards.insert(key, value),
      remove: (key) => shards.remove(key),
      replace: async (key, current, next) => {
        const stored = await shards.replace(key, current, next);
        if (stored && next.state === 'DONE') await deps.invoker.invoke('finalizer', { v: 1, jobId, runId });
        return stored;
      },
    },
  };
}

async function commitWhateverIsThere(deps: EngineDeps, run: RunRef): Promise<void> {
  const row = (await deps.state.runs.get(run))?.value;
  if (row?.state !== 'RUNNING') return;
  const shards = (await deps.state.listShards(run, row.plan?.planId ?? '')).map(({ value }) => value);
  const outputsHash = hash(shards);
  await change(deps.state.runs, run, (current) =>
    current.state === 'RUNNING'
      ? { result: undefined, next: { ...current, state: 'COMMITTING', outputsHash, drivenUntilMs: 0 } }
      : { result: undefined },
  );
}

const hash = (shards: readonly ShardRow[]): string =>
  createHash('sha256')
    .update(JSON.stringify(outputsOf(shards)))
    .digest('hex');

/** An orchestrator that is started again plans again, and the newest plan counts. */
export const plansAgain: Mutant = {
  name: 'plan recomputed on retry',
  engine: (real) => ({
    ...real,
    orchestrate: async (deps, run, slice) => {
      const row = (await deps.state.runs.get(run))?.value;
      if (row?.state === 'RUNNING' && row.plan && row.resumeOf === undefined) await planAnew(deps, run);
      return real.orchestrate(deps, run, slice);
    },
  }),
};

async function planAnew(deps: EngineDeps, run: RunRef): Promise<void> {
  const row = (await deps.state.runs.get(run))?.value;
  if (!row?.plan) return;
  const { plan } = row;
  const reader = await deps.systems.openReader(row.job, new AbortController().signal);
  const read = await reader.plan(row.job.setting.speed.concurrent);
  const { jobId, runId } = run;
  for (const shard of read.shards) {
    await deps.state.shards.insert(
      { jobId, runId, planId: plan.planId, shardId: shard.shardId },
      newShard(shard),
    );
  }
  const shardCount = read.shards.length;
  await change(deps.state.runs, run, (current) =>
    current.state === 'RUNNING'
      ? { result: undefined, next: { ...current, plan: { ...plan, shardCount } } }
      : { result: undefined },
  );
}

const OLD_MS = 10 * 60_000;

/** Whatever upload is old is taken for a leftover. */
export const agedOrphans: Mutant = {
  name: 'orphan collector by listing age',
  engine: (real, ground, bucket) => ({
    ...real,
    sweep: async (deps, slice) => {
      for (const [uploadId, { bornMs }] of [...bucket.uploads]) {
        if (ground.scheduler.nowMs - bornMs > OLD_MS) bucket.uploads.delete(uploadId);
      }
      return real.sweep(deps, slice);
    },
  }),
};
