/** Stopping a run: for a while, or for good. */
import type { RunRef } from '../connectors/contract.ts';
import { SyncError } from '../errors/index.ts';
import { discardOutputs } from './discard.ts';
import type { EngineDeps } from './engine.ts';
import { isTerminal, type RunRow, runPath } from './model.ts';
import { change } from './state.ts';

/** Asks the workers to checkpoint and stop; nobody starts new work until the run is resumed. */
export async function pauseRun(deps: EngineDeps, run: RunRef): Promise<void> {
  await change<RunRef, RunRow, void>(deps.state.runs, run, (row) =>
    isTerminal(row.state) ? { result: undefined } : { result: undefined, next: { ...row, stop: 'pause' } },
  );
}

/**
 * Ends the run as CANCELED and throws away what it left in the target. Refused once it is committing or over.
 * Workers still at it notice at their next checkpoint; what they upload until then is nobody's and collected.
 */
export async function cancelRun(deps: EngineDeps, run: RunRef, signal: AbortSignal): Promise<void> {
  const endedMs = deps.clock.nowMs();
  const found = await deps.state.runs.get(run);
  if (!found) throw new SyncError('RUN-5003', 'config', `there is no run ${runPath(run)}`);
  const { result, row } = await change<RunRef, RunRow, boolean>(deps.state.runs, run, (current) =>
    current.state === 'PLANNING' || current.state === 'RUNNING'
      ? { result: true, next: { ...current, state: 'CANCELED', endedMs } }
      : {
          result:
            current.state === 'CANCELED' || (current.state === 'FAILED' && current.resumedBy === undefined),
        },
  );
  if (!result) {
    throw new SyncError(
      'RUN-5004',
      'config',
      `run ${runPath(run)} is ${row.value.state} and can no longer be canceled`,
    );
  }
  await discardOutputs(deps, row.value, signal);
}
