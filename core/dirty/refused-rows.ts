/** The rows that a run and those that it took over refused. */
import type { EngineDeps } from '../run/engine.ts';
import type { DirtyRow, RunRow } from '../run/model.ts';
import { readShards } from '../run/shards.ts';
import type { StateStore } from '../run/state.ts';
import { openDirtyStore } from './open-store.ts';

/** What refused rows are read through. */
export type RefusedDeps = Pick<EngineDeps, 'state' | 'systems'>;

/** The rows that a run counts as refused, as far as they are kept, in order of their places. */
export async function* refusedRowsOf(deps: RefusedDeps, run: RunRow): AsyncGenerator<DirtyRow> {
  const shards = await readShards(deps, run);
  const store = await openDirtyStore(deps, run, new AbortController().signal);
  try {
    yield* store.rows(await lineage(deps.state, run), shards);
  } finally {
    await store.close();
  }
}

/** The run and those that it took over, the latest first. */
async function lineage(state: StateStore, run: RunRow): Promise<readonly RunRow[]> {
  const runs: RunRow[] = [];
  for (let at: RunRow | undefined = run; at; at = await predecessor(state, at)) runs.push(at);
  return runs;
}

async function predecessor(state: StateStore, run: RunRow): Promise<RunRow | undefined> {
  if (run.resumeOf === undefined) return undefined;
  return (await state.runs.get({ jobId: run.jobId, runId: run.resumeOf }))?.value;
}
