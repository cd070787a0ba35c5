/** `millrace validate JOB` */
import path from 'node:path';
import { ConfigError } from '../../core/errors/index.ts';
import { type CommandContext, type Outcome, succeeded } from '../context.ts';
import { exitCodeOf } from '../exit-codes.ts';
import { faultData, printFault, printWarnings } from '../fault-report.ts';
import { readTextFile } from '../files.ts';
import { type JobOptions, loadJobFile, parseSchedule } from '../job-file.ts';
import { projectBasics } from '../project.ts';

/** Checks a job file without touching any system: every fault at once. */
export async function validateCommand(
  context: CommandContext,
  jobPath: string,
  options: JobOptions,
): Promise<Outcome> {
  const file = await readTextFile(jobPath, context.io.cwd);
  const near = await projectBasics(context, path.dirname(file.path));
  const schedule = parseSchedule(options, context.clock.nowMs(), near.defaults?.timeZone);
  try {
    const { job, warnings } = await loadJobFile(file, options, schedule, near);
    printWarnings(context, warnings);
    const doubts =
      warnings.length === 0 ? '' : ` with ${warnings.length} warning${warnings.length === 1 ? '' : 's'}`;
    context.out.line(
      `${context.out.colors.green('valid')}${doubts}  ${file.name}: ${job.reader.type} → ${job.writer.type}`,
    );
    return succeeded({ valid: true, file: file.name, dialect: job.dialect, warnings, job });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    printFault(context, error, { JOB: file.name, RUN: undefined, NAME: undefined });
    return { exitCode: exitCodeOf(error), data: { valid: false, file: file.name, ...faultData(error) } };
  }
}
