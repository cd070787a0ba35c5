/** From the first message of a run to its workers: plan, ready the target, start one worker per channel. */
import pLimit from 'p-limit';
import type { RunRef } from '../connectors/contract.ts';
import { beginRun } from './begin-run.ts';
import { settleDrive, takeDrive } from './drive.ts';
import type { EngineDeps, Slice } from './engine.ts';
import type { RunRow } from './model.ts';
import { planRun } from './plan-run.ts';

const INVOKE_CONCURRENCY = 8;

/** Orchestrator entry: plans a new run, or starts the workers of a planned one again. */
export async function orchestrate(deps: EngineDeps, run: RunRef, slice: Slice): Promise<void> {
  const start = async (): Promise<void> => {
    const row = await beginRun(deps, run, slice);
    if (row?.state === 'RUNNING' && row.stop === 'none' && row.begun !== false) await fanOut(deps, row);
  };
  const planning = await takeDrive(deps, run, 'PLANNING');
  if (planning) {
    try {
      await planRun(deps, planning.value, slice, start);
    } catch (error) {
      await settleDrive(deps, planning.value, error);
    }
  }
  await start();
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
