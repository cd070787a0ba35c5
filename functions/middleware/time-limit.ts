import { setMaxListeners } from 'node:events';
import { SyncError } from '../../core/errors/index.ts';
import type { Clock } from '../../core/ports/index.ts';

/** What still runs this long before the platform kills the process is given up, so that it can still be told. */
const ABORT_MS = 500;

/**
 * Runs `body` with a signal that is aborted shortly before the limit; what has not ended by then fails with
 * RUN-5012. The signal belongs to this invocation alone.
 */
export async function withinLimit<T>(
  clock: Clock,
  limitMs: number,
  body: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const ended = new AbortController();
  // Every open connection listens; that is not the leak that Node would warn of.
  setMaxListeners(0, late.signal);
  const timeout = clock.sleep(Math.max(0, limitMs - ABORT_MS), ended.signal).then((): undefined => {
    if (ended.signal.aborted) return undefined;
    late.abort();
    throw new SyncError('RUN-5012', 'transient', 'the invocation did not end within its time limit');
  });
  try {
    return (await Promise.race([body(late.signal), timeout])) as T;
  } finally {
    ended.abort('ended');
  }
}
