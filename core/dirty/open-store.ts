import { assert } from '../errors/index.ts';
import type { DirtyStore } from '../run/dirty-store.ts';
import type { EngineDeps } from '../run/engine.ts';
import type { RunRow } from '../run/model.ts';
import { ObjectDirtyStore } from './object-store.ts';
import { TableDirtyStore } from './table-store.ts';

/** Where a run keeps its refused rows: at the place that its job names, else in the status table. */
export async function openDirtyStore(
  { state, systems }: Pick<EngineDeps, 'state' | 'systems'>,
  { job, options }: RunRow,
  signal: AbortSignal,
): Promise<DirtyStore> {
  const place = job.setting.dirtyRows;
  if (!place) return new TableDirtyStore(state, options.maxDirtyRowsPerShard);
  assert(systems.openFolder, 'systems that open no folders were given a job that needs one');
  return new ObjectDirtyStore(await systems.openFolder(job, place, signal));
}
