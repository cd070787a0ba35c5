import type { RunRef } from '../connectors/contract.ts';
import type { JobModel } from '../job/model.ts';
import type { EngineDeps } from './engine.ts';
import { type RunOptions, type RunRow, runPath } from './model.ts';

/** What names and shapes a new run. */
export interface NewRun extends RunRef {
  readonly job: JobModel;
  readonly options: RunOptions;
  readonly scheduledMs: number;
  readonly resumeOf?: string;
}

/** Name of the run of a schedule time: the same trigger delivered twice names the same run. */
export const scheduledRunId = (scheduledMs: number): string =>
  new Date(scheduledMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');

/** Name of a run that somebody started by hand. */
export const adHocRunId = (nowMs: number, nonce: string): string =>
  `${scheduledRunId(nowMs)}-${nonce.slice(0, 6)}`;

/**
 * Stores the run unless it exists, and asks for it to be planned. Repeating it is harmless, also after a crash
 * between the writes: the entry for the sweeper comes first.
 */
export async function createRun(deps: EngineDeps, run: NewRun): Promise<'created' | 'exists'> {
  const createdMs = deps.clock.nowMs();
  const { jobId, runId } = run;
  await deps.state.active.insert({ jobId, runId }, { jobId, runId, sinceMs: createdMs });
  const row: RunRow = {
    ...run,
    state: 'PLANNING',
    createdMs,
    stop: 'none',
    drivenUntilMs: 0,
    driveAttempts: 0,
    discarded: false,
  };
  const created = await deps.state.runs.insert({ jobId, runId }, row);
  deps.log.info(created === 'created' ? 'run created' : 'run exists already', { run: runPath(run) });
  await deps.invoker.invoke('orchestrator', { v: 1, jobId, runId });
  return created;
}
