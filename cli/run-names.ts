/** Names of runs as people give them: `job/run`, `run`, or `last`. */
import type { RunRef } from '../core/connectors/contract.ts';
import { SyncError } from '../core/errors/index.ts';
import { type RunRow, runPath, type StateStore } from '../core/run/index.ts';

/** Runs that are looked through at most. */
const MAX_SCANNED = 10_000;

/** The newest runs first, of one job or of all. */
export async function recentRuns(
  state: StateStore,
  jobId: string | undefined,
  limit: number,
): Promise<readonly RunRow[]> {
  const runs = await state.listRuns(jobId, MAX_SCANNED);
  return runs.toSorted((a, b) => b.createdMs - a.createdMs || (a.runId < b.runId ? 1 : -1)).slice(0, limit);
}

/** The run that a name means. Throws RUN-5003 or CLI-0005. */
export async function resolveRun(state: StateStore, name: string): Promise<RunRow> {
  const slash = name.indexOf('/');
  if (slash > 0) return getRun(state, { jobId: name.slice(0, slash), runId: name.slice(slash + 1) });
  const runs = await recentRuns(state, undefined, MAX_SCANNED);
  if (name === 'last') {
    const [newest] = runs;
    if (newest) return newest;
    throw new SyncError('RUN-5003', 'config', 'there is no run yet');
  }
  const matches = runs.filter((run) => run.runId === name);
  const [only, second] = matches;
  if (!only) throw new SyncError('RUN-5003', 'config', `there is no run ${name}`);
  if (second) {
    const names = matches.slice(0, 5).map(runPath).join(', ');
    throw new SyncError('CLI-0005', 'config', `${matches.length} runs are named ${name}: ${names}`);
  }
  return only;
}

async function getRun(state: StateStore, ref: RunRef): Promise<RunRow> {
  const run = (await state.runs.get(ref))?.value;
  if (run) return run;
  throw new SyncError('RUN-5003', 'config', `there is no run ${runPath(ref)}`);
}
