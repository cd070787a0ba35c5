import { SyncError } from '../../../errors/index.ts';

/** The fault of a file that does not keep to the format. */
export const damaged = (what: string, cause?: unknown): SyncError =>
  new SyncError('SRC-2050', 'config', `a Parquet file cannot be read: ${what}`, {}, { cause });

/** Stops with that fault unless the condition holds. */
export function wellFormed(condition: unknown, what: string): asserts condition {
  if (!condition) throw damaged(what);
}
