/** `millrace run JOB` */
import path from 'node:path';
import type { RunRef } from '../../core/connectors/contract.ts';
import type { JobModel } from '../../core/job/index.ts';
import {
  adHocRunId,
  createRun,
  defaultRunOptions,
  type EngineDeps,
  type RunOptions,
  runPath,
  scheduledRunId,
} from '../../core/run/index.ts';
import { conduct } from '../conduct.ts';
import type { CommandContext, Outcome } from '../context.ts';
import { printWarnings } from '../fault-report.ts';
import { readTextFile, type TextFile } from '../files.ts';
import {
  type JobOptions,
  jobIdOf,
  loadJobFile,
  parseSchedule,
  type Schedule,
  usageFault,
} from '../job-file.ts';
import { prepareLocal, redirected } from '../local-run.ts';
import { type Place, withSession } from '../session.ts';

/** Options of `run`. */
export interface RunCommandOptions extends JobOptions {
  readonly on: Place;
  readonly wait: boolean;
  readonly jobId?: string;
}

/**
 * One process: checkpoints are cheap, and whoever resumes after a kill should not wait long for its leases.
 * Correctness depends on neither.
 */
export const PROCESS_RUN: Partial<RunOptions> = { leaseMs: 20_000, checkpointMs: 5_000 };

/** Starts a run and accompanies it to its end. */
export async function runCommand(
  context: CommandContext,
  jobPath: string,
  options: RunCommandOptions,
): Promise<Outcome> {
  if (!options.wait && options.on === 'process') {
    throw usageFault(
      '--no-wait needs --on functions: without them the run moves only while this process lives',
    );
  }
  const file = await readTextFile(jobPath, context.io.cwd);
  return withSession(context, path.dirname(file.path), async (session) => {
    const { project } = session.loaded;
    const schedule = parseSchedule(options, context.clock.nowMs(), project.defaults?.timeZone);
    const loaded = await loadJobFile(file, options, schedule, project);
    printWarnings(context, loaded.warnings);
    const job = redirected(session, loaded.job);
    await prepareLocal(context, session, options.on, job);
    return conduct(context, session, options.on, options.wait, (deps) =>
      startRun(context, deps, job, nameRun(context, file, options, schedule), schedule, options.on),
    );
  });
}

function nameRun(
  context: CommandContext,
  file: TextFile,
  options: RunCommandOptions,
  schedule: Schedule,
): RunRef {
  const jobId = jobIdOf(file.path, options.jobId);
  const { scheduledMs, isNamed } = schedule;
  const runId = isNamed ? scheduledRunId(scheduledMs) : adHocRunId(scheduledMs, context.random.nonce());
  return { jobId, runId };
}

async function startRun(
  context: CommandContext,
  deps: EngineDeps,
  job: JobModel,
  ref: RunRef,
  { scheduledMs }: Schedule,
  place: Place,
): Promise<RunRef> {
  const options = { ...defaultRunOptions, ...(place === 'process' ? PROCESS_RUN : {}) };
  const created = await createRun(deps, { ...ref, job, options, scheduledMs });
  context.out.event('run', { run: runPath(ref), ...ref, created: created === 'created' });
  if (created === 'created') context.out.line(`Run ${context.out.colors.bold(runPath(ref))}`);
  else await tellExisting(context, deps, ref, job);
  return ref;
}

/** The same schedule names the same run: it is never started a second time. */
async function tellExisting(
  context: CommandContext,
  deps: EngineDeps,
  ref: RunRef,
  job: JobModel,
): Promise<void> {
  const row = (await deps.state.runs.get(ref))?.value;
  context.out.line(
    `Run ${context.out.colors.bold(runPath(ref))} exists already: this schedule was run before.`,
  );
  if (row && JSON.stringify(row.job) !== JSON.stringify(job)) {
    context.out.note(
      'warning: the job differs from the one that this run was started with; the run keeps its own',
    );
  }
}
