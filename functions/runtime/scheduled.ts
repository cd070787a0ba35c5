import type { RunRef } from '../../core/connectors/contract.ts';
import { ConfigError, SyncError } from '../../core/errors/index.ts';
import { DEFAULT_TIME_ZONE, loadJob } from '../../core/job/index.ts';
import { createRun, type EngineDeps, scheduledRunId } from '../../core/run/index.ts';
import { startJobPayloadSchema, type TimerEvent } from '../../events/index.ts';
import type { Host } from './host.ts';

/**
 * The run of a schedule time. The job's text comes from the `jobs` table; parameters are evaluated for the
 * schedule time, not for now, so a doubled or late tick makes the same run. Throws for an unknown or bad job.
 */
export async function startScheduled(host: Host, deps: EngineDeps, event: TimerEvent): Promise<RunRef> {
  const { job: jobId, params } = parsePayload(event.payload);
  const stored = await deps.state.jobs.get({ jobId });
  if (!stored) throw new SyncError('RUN-5011', 'config', `no job ${jobId} is deployed`);
  const project = host.project();
  const scheduledMs = Date.parse(event.triggerTime);
  const { job } = await loadJob(stored.value.text, {
    file: jobId,
    schedule: { scheduledMs, timeZone: project.defaults?.timeZone ?? DEFAULT_TIME_ZONE },
    params,
    findConnector: host.findConnector,
    dataSources: project.dataSources,
    ...(project.defaults?.dirtyRows && { defaultDirtyRows: project.defaults.dirtyRows }),
  });
  const run = { jobId, runId: scheduledRunId(scheduledMs) };
  await createRun(deps, { ...run, job, options: host.runOptions, scheduledMs });
  return run;
}

/** The payload is text that a person configured: what is wrong with it is a fault of the configuration. */
function parsePayload(payload: string): { readonly job: string; readonly params: Record<string, string> } {
  const parsed = startJobPayloadSchema.safeParse(parseJson(payload));
  if (parsed.success) return parsed.data;
  const message = `the timer's payload names no job: ${parsed.error.issues[0]?.message}`;
  throw new ConfigError([{ code: 'RUN-5011', path: 'payload', message }]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
