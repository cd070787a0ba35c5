/** Watching a run through its rows: it does not matter who moves it. */
import type { RunRef } from '../core/connectors/contract.ts';
import { SyncError } from '../core/errors/index.ts';
import type { Clock } from '../core/ports/index.ts';
import { isTerminal, readShards, runPath, type StateStore } from '../core/run/index.ts';
import type { Snapshot } from './progress/view.ts';

/** Reads the run and its shards. Throws RUN-5003. */
export async function readSnapshot(state: StateStore, ref: RunRef, clock: Clock): Promise<Snapshot> {
  const run = (await state.runs.get(ref))?.value;
  if (!run) throw new SyncError('RUN-5003', 'config', `there is no run ${runPath(ref)}`);
  return { run, shards: await readShards({ state }, run), atMs: clock.monotonicMs() };
}

/** How to watch. */
export interface Watch {
  readonly state: StateStore;
  readonly clock: Clock;
  /** Sees every snapshot; true = enough. */
  readonly onSnapshot: (snapshot: Snapshot) => boolean;
  /** Ends the watch after the current look. */
  readonly signal: AbortSignal;
}

const MIN_POLL_MS = 100;
const MAX_POLL_MS = 1_000;
/** A look costs at most this share of the time: large plans are looked at less often. */
const LOOK_SHARE = 3;
/** The longer a run takes, the less a moment matters. */
const POLL_PER_ELAPSED = 1 / 50;

/** Looks until the run is over or the watcher has seen enough; resolves with the last look. */
export async function watchRun(ref: RunRef, { state, clock, onSnapshot, signal }: Watch): Promise<Snapshot> {
  const startMs = clock.monotonicMs();
  for (;;) {
    const lookMs = clock.monotonicMs();
    const snapshot = await readSnapshot(state, ref, clock);
    const isEnough = onSnapshot(snapshot);
    if (isEnough || isTerminal(snapshot.run.state) || signal.aborted) return snapshot;
    const costMs = snapshot.atMs - lookMs;
    const waitMs = Math.min(MAX_POLL_MS, Math.max(MIN_POLL_MS, (snapshot.atMs - startMs) * POLL_PER_ELAPSED));
    await clock.sleep(Math.max(waitMs, costMs * LOOK_SHARE), signal);
  }
}
