/** `millrace runs [JOB]` */
import { runPath } from '../../core/run/index.ts';
import { type CommandContext, type Outcome, succeeded } from '../context.ts';
import { jobIdOf, usageFault } from '../job-file.ts';
import { formatCount, formatDuration, formatInstant } from '../quantity.ts';
import { recentRuns } from '../run-names.ts';
import { runData, stateText } from '../run-report.ts';
import { withSession } from '../session.ts';
import { formatTable } from '../table.ts';

/** A limit from the command line. */
export function parseLimit(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw usageFault(`--limit ${text}: write a number from 1 to 99999`);
}

/** Lists the newest runs. A job may be given by its name or by its file. */
export async function runsCommand(
  context: CommandContext,
  job: string | undefined,
  options: { limit: string },
): Promise<Outcome> {
  const limit = parseLimit(options.limit);
  const { out } = context;
  return withSession(context, undefined, async ({ state }) => {
    const runs = await recentRuns(state, job === undefined ? undefined : jobIdOf(job, undefined), limit);
    const rows = runs.map((run) => [
      runPath(run),
      stateText(run, out.colors),
      formatInstant(run.createdMs),
      run.endedMs === undefined ? '-' : formatDuration(run.endedMs - run.createdMs),
      run.receipt ? formatCount(run.receipt.counters.written) : '-',
      run.failure ? `${run.failure.code} ${run.failure.message}` : '',
    ]);
    if (rows.length === 0) out.line('No runs yet. Start one with `millrace run JOB`.');
    else
      for (const line of formatTable(['run', 'state', 'created', 'took', 'rows', 'failure'], rows, [4]))
        out.line(line);
    return succeeded({ runs: runs.map((run) => runData({ run, shards: [] })) });
  });
}
