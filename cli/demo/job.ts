/** The example job, read as `millrace run` reads it, and where its data are. */
import path from 'node:path';
import { assert } from '../../core/errors/index.ts';
import type { JobModel } from '../../core/job/index.ts';
import type { CommandContext } from '../context.ts';
import { programRoot, readTextFile } from '../files.ts';
import { jobIdOf, loadJobFile, parseSchedule, type Schedule } from '../job-file.ts';
import { redirected } from '../local-run.ts';
import type { Session } from '../session.ts';

/** Relative to the checkout. */
export const JOB_FILE = 'examples/orders/orders-to-oss.json';
/** The project beside it. */
export const PROJECT_FILE = 'examples/orders/millrace.json';

/** The job with the places that it names. */
export interface DemoJob {
  readonly jobId: string;
  readonly job: JobModel;
  readonly schedule: Schedule;
  readonly source: { readonly instanceName: string; readonly table: string };
  readonly target: { readonly bucket: string; readonly object: string };
}

/** Loads the job for a run that is due now. */
export async function loadDemoJob(context: CommandContext, session: Session): Promise<DemoJob> {
  const { project } = session.loaded;
  const root = programRoot();
  const file = await readTextFile(path.join(root, JOB_FILE), root);
  const schedule = parseSchedule({}, context.clock.nowMs(), project.defaults?.timeZone);
  const { job } = await loadJobFile(file, {}, schedule, project);
  const { reader, writer } = job;
  const sourceOf = (step: JobModel['reader']) => project.dataSources[text(step.params.datasource)];
  return {
    jobId: jobIdOf(file.path, undefined),
    job: redirected(session, job),
    schedule,
    source: { instanceName: text(sourceOf(reader)?.instanceName), table: text(reader.params.table) },
    target: { bucket: text(sourceOf(writer)?.bucket), object: text(writer.params.object) },
  };
}

function text(value: unknown): string {
  assert(typeof value === 'string' && value !== '', 'the example job lacks a name that the demo needs');
  return value;
}
