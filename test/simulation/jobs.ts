/** The jobs of an installation, as text that is deployed and read by the same loader as every job. */
import { z } from 'zod';
import type { AnyConnectorDef } from '../../core/connectors/contract.ts';
import { AssertionError } from '../../core/errors/index.ts';
import { loadJob } from '../../core/job/index.ts';
import type { JobModel } from '../../core/job/model.ts';
import { scheduledRunId } from '../../core/run/index.ts';
import type { RunRef } from '../../core/types/index.ts';
import type { Scenario, Sizes } from './scenario.ts';
import { Source } from './source.ts';

/** A deployed job with the source that it reads. */
export interface SimJob {
  readonly jobId: string;
  readonly text: string;
  readonly source: Source;
}

/** A run that somebody wants: a job at a schedule time. Its successors are of the same lineage. */
export interface Wanted {
  readonly job: SimJob;
  readonly root: RunRef;
  readonly scheduledMs: number;
}

const DAY_MS = 24 * 3600 * 1000;
/** Sources of different jobs hold different numbers, so that no row of another job goes unnoticed. */
const SOURCE_DISTANCE = 10_000_000;

/** The jobs of a scenario; each further one is smaller. */
export const makeJobs = ({ sizes }: Scenario): readonly SimJob[] =>
  Array.from({ length: sizes.jobs }, (_, i) => {
    const own: Sizes = {
      ...sizes,
      rows: Math.max(1, Math.floor(sizes.rows / (i + 1))),
      shards: Math.max(1, Math.floor(sizes.shards / (i + 1))),
    };
    const jobId = i === 0 ? 'job' : `job${i + 1}`;
    return { jobId, text: textOf(jobId, own), source: new Source(own, i * SOURCE_DISTANCE) };
  });

/** The runs of a scenario: each job once, the first one at as many schedule times as are drawn. */
export function makeWanted(jobs: readonly SimJob[], { sizes }: Scenario, startMs: number): readonly Wanted[] {
  return jobs.flatMap((job, i) =>
    Array.from({ length: i === 0 ? sizes.schedules : 1 }, (_, day) => {
      const scheduledMs = startMs - day * DAY_MS;
      return { job, scheduledMs, root: { jobId: job.jobId, runId: scheduledRunId(scheduledMs) } };
    }),
  );
}

/** A job file after DataX. */
const textOf = (jobId: string, { concurrent, rowsPerSecond, dirtyLimit }: Sizes): string =>
  JSON.stringify({
    job: {
      setting: {
        speed: { channel: concurrent, ...(rowsPerSecond > 0 ? { record: rowsPerSecond } : {}) },
        errorLimit: { record: dirtyLimit },
      },
      content: [
        {
          reader: { name: 'memoryreader', parameter: { source: jobId } },
          writer: { name: 'memorywriter', parameter: {} },
        },
      ],
    },
  });

const unreachable = (): never => {
  throw new AssertionError('the simulation opens its systems itself');
};

const memory: AnyConnectorDef = {
  type: 'memory',
  connectionKeys: [],
  secretKeys: [],
  reader: { schema: z.strictObject({ source: z.string() }), open: unreachable },
  writer: { schema: z.strictObject({}), delivery: 'atomic', open: unreachable },
};

/** The one plug-in of the simulation. */
export const findSimConnector = async (type: string): Promise<AnyConnectorDef | undefined> =>
  type === memory.type ? memory : undefined;

/** The model of a job as a person's command makes it. */
export async function modelOf({ job, scheduledMs }: Wanted): Promise<JobModel> {
  const loaded = await loadJob(job.text, {
    schedule: { scheduledMs, timeZone: 'Asia/Shanghai' },
    params: {},
    findConnector: findSimConnector,
    dataSources: {},
  });
  return loaded.job;
}
