/** The small job that is run once per crash point. */
import type { JobModel } from '../../core/job/model.ts';
import type { RunOptions } from '../../core/run/index.ts';
import { isDirtyRow, NARROW_COLUMNS } from '../support/narrow-dataset.ts';

/** Rows of the source: three shards when cut by size, the first of four pages (5,000 rows each). */
export const SWEEP_ROWS = 18_500;
/** Ids of the rows that the target refuses. */
export const DIRTY_IDS: readonly number[] = Array.from({ length: SWEEP_ROWS }, (_, i) => i).filter(
  isDirtyRow,
);
/** Table of the source. */
export const SWEEP_TABLE = 'narrow';

/** Slow enough that leases have to be renewed between two pages. Rows per second over both channels. */
const RECORDS_PER_SECOND = 20_000;

/** A checkpoint after every page; whoever is silent for `leaseMs` may be replaced. */
export const sweepOptions = (leaseMs: number): Partial<RunOptions> => ({
  leaseMs,
  checkpointMs: 600_000,
  checkpointBytes: 1,
});

/** The job that writes below `object`, replacing what is there, with all dirty rows allowed. */
export const sweepJob = (object: string): JobModel => ({
  dialect: 'v2',
  reader: {
    type: 'ots',
    path: 'steps[0].parameter',
    params: {
      datasource: 'source',
      table: SWEEP_TABLE,
      column: NARROW_COLUMNS.map((name) => ({ name })),
    },
  },
  writer: {
    type: 'oss',
    path: 'steps[1].parameter',
    params: { datasource: 'target', object, writeMode: 'truncate', fileFormat: 'csv', suffix: 'csv' },
  },
  setting: {
    errorLimit: { kind: 'records', limit: DIRTY_IDS.length },
    speed: { concurrent: 2, recordsPerSecond: RECORDS_PER_SECOND },
    timeZone: 'Asia/Shanghai',
  },
});
