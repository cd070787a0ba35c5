/** `millrace plan JOB` */
import path from 'node:path';
import { createSystems, findConnector } from '../../core/connectors/systems.ts';
import type { EngineDeps, Systems } from '../../core/run/index.ts';
import { type CommandContext, type Outcome, succeeded } from '../context.ts';
import { printWarnings } from '../fault-report.ts';
import { readTextFile } from '../files.ts';
import { type JobOptions, loadJobFile, parseSchedule } from '../job-file.ts';
import { type PlanView, planData, planLines } from '../plan-report.ts';
import { loadProject } from '../project.ts';
import { redirectJob } from '../redirect.ts';

/** Asks both sides what a run would do. The target is looked at, never changed. */
export async function planCommand(
  context: CommandContext,
  jobPath: string,
  options: JobOptions,
): Promise<Outcome> {
  const file = await readTextFile(jobPath, context.io.cwd);
  const { project, secrets, cloud } = await loadProject(context, path.dirname(file.path));
  const schedule = parseSchedule(options, context.clock.nowMs(), project.defaults?.timeZone);
  const loaded = await loadJobFile(file, options, schedule, project);
  printWarnings(context, loaded.warnings);
  const job = cloud ? redirectJob(loaded.job, cloud) : loaded.job;
  const systems = createSystems({ ...context, dataSources: project.dataSources, secrets });
  const asked = await askBoth(systems, job);
  const delivery = asked.target.delivery ?? (await findConnector(job.writer.type))?.writer?.delivery;
  const view: PlanView = {
    job,
    ...asked,
    delivery: delivery === undefined ? 'not declared' : DELIVERY_WORDS[delivery],
  };
  for (const line of planLines(view, context.out.colors)) context.out.line(line);
  return succeeded(planData(view));
}

type Job = Parameters<EngineDeps['systems']['openReader']>[0];

async function askBoth(systems: Systems, job: Job): Promise<Pick<PlanView, 'read' | 'target'>> {
  const { signal } = new AbortController();
  const reader = await systems.openReader(job, signal);
  try {
    const read = await reader.plan(job.setting.speed.concurrent);
    const writer = await systems.openWriter(job, signal);
    try {
      return { read, target: await writer.describe(read.columns) };
    } finally {
      await writer.close();
    }
  } finally {
    await reader.close();
  }
}

const DELIVERY_WORDS = {
  atomic: 'atomic: nothing is visible before the commit; who goes by the manifest sees all rows or none',
  idempotent: 'idempotent: a row written twice is there once',
  'exactly-once': 'exactly once: rows appear as they are written, each of them once',
  'at-least-once': 'at least once: rows can be doubled after a fault',
} as const;
