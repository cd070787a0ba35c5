/** The small job that is run once per crash point. */
import type { ErrorLimitModel, JobModel } from '../../core/job/model.ts';
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
/** All dirty rows, and not one more. */
export const ENOUGH_DIRTY: ErrorLimitModel = { kind: 'records', limit: DIRTY_IDS.length };

/** Twice half of it is less than a slice. */
export const LEASE_MS = 300_000;

/** A checkpoint after every page. */
export const SWEEP_OPTIONS: Partial<RunOptions> = {
  leaseMs: LEASE_MS,
  checkpointMs: 3_600_000,
  checkpointBytes: 1,
};

const CONCURRENT = 2;
const columns = NARROW_COLUMNS.map((name) => ({ name }));
/** A refused page is refused for good: the engine shall deal with it, not the client. */
const READER = { datasource: 'source', table: SWEEP_TABLE, column: columns, maxRetryTime: 0 };
const writer = (object: string) => ({
  datasource: 'target',
  object,
  writeMode: 'truncate',
  fileFormat: 'csv',
  suffix: 'csv',
});

/** The job that writes below `object`, replacing what is there. */
export const sweepJob = (object: string, errorLimit: ErrorLimitModel = ENOUGH_DIRTY): JobModel => ({
  dialect: 'v2',
  reader: { type: 'ots', path: 'steps[0].parameter', params: READER },
  writer: { type: 'oss', path: 'steps[1].parameter', params: writer(object) },
  setting: { errorLimit, speed: { concurrent: CONCURRENT }, timeZone: 'Asia/Shanghai' },
});

/** The same job as a person deploys it. */
export const sweepJobText = (object: string): string =>
  JSON.stringify({
    type: 'job',
    version: '2.0',
    steps: [
      { category: 'reader', stepType: 'ots', name: 'Reader', parameter: READER },
      { category: 'writer', stepType: 'oss', name: 'Writer', parameter: writer(object) },
    ],
    order: { hops: [{ from: 'Reader', to: 'Writer' }] },
    setting: {
      errorLimit: { record: String(DIRTY_IDS.length) },
      speed: { concurrent: CONCURRENT, throttle: false },
    },
  });
