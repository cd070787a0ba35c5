import type { Reader, RunRef, Writer } from '../connectors/contract.ts';
import type { DirtyRowsModel, JobModel } from '../job/model.ts';
import type { Clock, Invoker, Logger, ObjectFolder, Random } from '../ports/index.ts';
import type { StateStore } from './state.ts';

/** Opens the two sides of a job, and the place of its refused rows: data sources resolved, secrets in memory only. */
export interface Systems {
  openReader(job: JobModel, signal: AbortSignal): Promise<Reader>;
  openWriter(job: JobModel, signal: AbortSignal): Promise<Writer>;
  /** Absent: no job may name a place for its refused rows. */
  openFolder?(job: JobModel, place: DirtyRowsModel, signal: AbortSignal): Promise<ObjectFolder>;
}

/** Everything the run protocol reaches outside itself through. */
export interface EngineDeps {
  readonly state: StateStore;
  readonly systems: Systems;
  readonly invoker: Invoker;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** The time an invocation has: it stops in good order before the platform would kill it. */
export interface Slice {
  /** Milliseconds until work must be wound up; negative when it should have been. */
  timeLeftMs(): number;
  readonly signal: AbortSignal;
}

const MAX_MARGIN_MS = 10_000;
const MARGIN_SHARE = 0.15;

/** A slice that ends early enough to flush and checkpoint before the platform's limit. */
export function sliceUntil(deadlineMs: number, limitMs: number, clock: Clock, signal: AbortSignal): Slice {
  const margin = Math.min(MAX_MARGIN_MS, limitMs * MARGIN_SHARE);
  return { timeLeftMs: () => deadlineMs - margin - clock.nowMs(), signal };
}

/** A slice without an end, for runs in one process. */
export const endlessSlice = (signal: AbortSignal): Slice => ({
  timeLeftMs: () => (signal.aborted ? -1 : Number.POSITIVE_INFINITY),
  signal,
});

/** Opens a resource, uses it, and closes it whatever happens. A fault while closing never hides the first one. */
export async function using<T extends { close(): Promise<void> }, R>(
  opened: Promise<T>,
  use: (resource: T) => Promise<R>,
  log: Logger,
): Promise<R> {
  const resource = await opened;
  try {
    return await use(resource);
  } finally {
    await resource.close().catch((error: unknown) => log.warn('closing failed', { fault: String(error) }));
  }
}

/** The ids that every log line of a run carries. */
export const runFields = (run: RunRef): { job: string; run: string } => ({ job: run.jobId, run: run.runId });
