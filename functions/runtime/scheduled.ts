import type { RunRef } from '../../core/connectors/contract.ts';
import { findConnector } from '../../core/connectors/systems.ts';
import { SyncError } from '../../core/errors/index.ts';
import { DEFAULT_TIME_ZONE, loadJob } from '../../core/job/index.ts';
import { createRun, defaultRunOptions, type EngineDeps, scheduledRunId } from '../../core/run/index.ts';
import { startJobPayloadSchema, type TimerEvent } from '../../events/index.ts';
import { deployedProject } from './wiring.ts';

/**
 * The run of a schedule time. The job's text comes from the `jobs` table; parameters are evaluated for the
 * schedule time, not for now, so a doubled or late tick makes the same run. Throws for an unknown or bad job.
 */
export async function startScheduled(deps: EngineDeps, event: TimerEvent): Promise<RunRef> {
  const { job: jobId, params } = startJobPayloadSchema.parse(JSON.parse(event.payload));
  const stored = await deps.state.jobs.get({ jobId });
  if (!stored) throw new SyncError('RUN-5011', 'config', `no job ${jobId} is deployed`);
  const project = deployedProject();
  const scheduledMs = Date.parse(event.triggerTime);
  const { job } = await loadJob(stored.value.text, {
    file: jobId,
    schedule: { scheduledMs, timeZone: project.defaults?.timeZone ?? DEFAULT_TIME_ZONE },
    params,
    findConnector,
    dataSources: project.dataSources,
  });
  const run = { jobId, runId: scheduledRunId(scheduledMs) };
  await createRun(deps, { ...run, job, options: defaultRunOptions, scheduledMs });
  return run;
}
