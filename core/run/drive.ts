/** Driving the one-at-a-time phases of a run (planning, readying the target, committing) with patience instead of locks. */
import type { RunRef } from '../connectors/contract.ts';
import { asSyncError, type SyncError } from '../errors/index.ts';
import { failed } from './decide.ts';
import { type EngineDeps, runFields } from './engine.ts';
import type { Failure, RunRow, RunState } from './model.ts';
import { change, type Versioned } from './state.ts';

/** Attempts at one of these phases before the run fails. */
export const MAX_DRIVE_ATTEMPTS = 20;

/**
 * Takes the right to drive a run in `state` for one lease. `undefined` when the run has moved on, waits, or
 * somebody else drives it. Two drivers at once are harmless, only wasteful: every effect is conditional. A run
 * whose drivers were all killed before they could say anything fails here, once the attempts are used up.
 */
export async function takeDrive(
  deps: EngineDeps,
  run: RunRef,
  state: RunState,
): Promise<Versioned<RunRow> | undefined> {
  const nowMs = deps.clock.nowMs();
  const taken = await change<RunRef, RunRow, boolean>(deps.state.runs, run, (row) => {
    if (row.state !== state || row.drivenUntilMs > nowMs || row.stop !== 'none') return { result: false };
    if (row.driveAttempts >= MAX_DRIVE_ATTEMPTS)
      return { ...failed(row, neverEnded(row), nowMs), result: false };
    const next = { ...row, drivenUntilMs: nowMs + row.options.leaseMs, driveAttempts: row.driveAttempts + 1 };
    return { result: true, next };
  });
  return taken.result ? taken.row : undefined;
}

const PHASES: { readonly [state in RunState]?: string } = {
  RUNNING: 'preparing the target',
  COMMITTING: 'committing',
};

function neverEnded(row: RunRow): Failure {
  const phase = PHASES[row.state] ?? 'planning';
  const message = `${phase} was begun ${row.driveAttempts} times and never came to an end`;
  return row.state === 'COMMITTING' ? inDoubt({ code: 'RUN-5012', message }) : { code: 'RUN-5012', message };
}

/**
 * Settles a fault of a driver: what trying again cannot mend fails the run at once, the rest is left to the
 * sweeper until the attempts are used up. Never throws for a fault of the run itself.
 */
export async function settleDrive(deps: EngineDeps, row: RunRow, error: unknown): Promise<void> {
  const fault = asSyncError(error);
  if (fault.kind === 'conflict') return;
  deps.log.warn('driving the run failed', { ...runFields(row), code: fault.code, fault: fault.message });
  if (fault.retryable && row.driveAttempts < MAX_DRIVE_ATTEMPTS) return releaseDrive(deps, row);
  const failure = failureOf(fault);
  await failRun(deps, row, row.state === 'COMMITTING' ? inDoubt(failure) : failure, row.state);
}

/** What the failure of a run that was committing adds: nobody can know how far the target got. */
export const MAY_BE_VISIBLE = 'the output may be visible already';

const inDoubt = (failure: Failure): Failure => ({
  ...failure,
  message: `${failure.message}; ${MAY_BE_VISIBLE}`,
});

/** The failure that a person reads. */
export const failureOf = (fault: SyncError, shardId?: string): Failure => ({
  code: fault.code,
  message: fault.message,
  ...(shardId === undefined ? {} : { shardId }),
});

/**
 * Fails the run if it is still in the state in which the fault arose. What a straggler meets later says nothing
 * about the run: its parts may be gone because the run is being committed without them.
 */
export const failRun = (deps: EngineDeps, run: RunRef, failure: Failure, from: RunState): Promise<void> =>
  failRunIf(deps, run, from, () => failure);

/** Fails the run if it is still in this state and the row as it is now gives a reason; limits may be raised. */
export async function failRunIf(
  deps: EngineDeps,
  run: RunRef,
  from: RunState,
  judge: (row: RunRow) => Failure | undefined,
): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const { result, row } = await change<RunRef, RunRow, boolean>(deps.state.runs, run, (current) => {
    const failure = current.state === from ? judge(current) : undefined;
    return failure ? failed(current, failure, nowMs) : { result: false };
  });
  if (!result) return;
  const { code, message } = row.value.failure ?? {};
  deps.log.error('run failed', { ...runFields(run), code, fault: message });
}

async function releaseDrive(deps: EngineDeps, run: RunRow): Promise<void> {
  await change<RunRef, RunRow, void>(deps.state.runs, run, (row) =>
    row.state === run.state
      ? { result: undefined, next: { ...row, drivenUntilMs: 0 } }
      : { result: undefined },
  );
}
