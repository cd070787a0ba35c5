import type { RunRef } from '../connectors/contract.ts';
import { type EngineDeps, using } from './engine.ts';
import type { RunRow } from './model.ts';
import { change } from './state.ts';

/** Removes what an unsuccessful run left in the target and notes that it can no longer be resumed. Repeatable. */
export async function discardOutputs(deps: EngineDeps, run: RunRow, signal: AbortSignal): Promise<void> {
  const { result } = await change<RunRef, RunRow, boolean>(deps.state.runs, run, (row) =>
    row.resumedBy === undefined ? { result: true, next: { ...row, discarded: true } } : { result: false },
  );
  if (result) await discardLineage(deps, run, signal);
}

/**
 * Removes the leftovers of a run that is over and of the runs that it took over, which nobody else answers for.
 * What a successful run committed is no leftover any more. They are found by the runs' names alone: what is gone
 * is not asked for again, so that the next sweep goes on where one ended.
 */
export async function discardLineage(deps: EngineDeps, run: RunRow, signal: AbortSignal): Promise<void> {
  await using(
    deps.systems.openWriter(run.job, signal),
    async (writer) => {
      for (const ref of await lineage(deps, run)) await writer.discard(ref);
    },
    deps.log,
  );
}

async function lineage(deps: EngineDeps, run: RunRow): Promise<readonly RunRef[]> {
  const refs: RunRef[] = [];
  for (let row: RunRow | undefined = run; row; ) {
    refs.push({ jobId: row.jobId, runId: row.runId });
    row =
      row.resumeOf === undefined
        ? undefined
        : (await deps.state.runs.get({ jobId: row.jobId, runId: row.resumeOf }))?.value;
  }
  return refs;
}
