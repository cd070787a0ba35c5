/** `millrace show RUN` */
import { type RunRow, runPath, type ShardRow } from '../../core/run/index.ts';
import { type CommandContext, type Outcome, succeeded } from '../context.ts';
import { refusedText } from '../dirty-report.ts';
import { nextSteps } from '../next-step.ts';
import type { Colors } from '../output.ts';
import { renderGrid } from '../progress/frame.ts';
import { cellOf } from '../progress/view.ts';
import { countOf, formatBytes, formatCount, formatDuration, formatInstant } from '../quantity.ts';
import { describeRange } from '../range-words.ts';
import { resolveRun } from '../run-names.ts';
import { countersOf, type RunView, reportLines, runData } from '../run-report.ts';
import { readSnapshot } from '../run-watch.ts';
import { withSession } from '../session.ts';
import { formatPairs, formatTable, shorten } from '../table.ts';

/** Shards listed one by one; `--json` has them all. */
const SHARDS_SHOWN = 50;
const RANGE_CHARS = 50;

/** Everything that is known about a run. */
export async function showCommand(context: CommandContext, name: string): Promise<Outcome> {
  const { out, clock } = context;
  return withSession(context, undefined, async ({ state, same }) => {
    const view = await readSnapshot(state, await resolveRun(state, name), clock);
    const { run, shards } = view;
    const next = nextSteps(run, { options: same });
    for (const line of [
      ...reportLines(view, out.colors),
      ...formatPairs([...phasePairs(run), ...refusedPairs(view)]),
      ...failureLines(run, out.colors),
      '',
      ...shardLines(shards, out.colors, out.width),
      ...next.map((step, i) => `${i === 0 ? 'next: ' : '      '}${step}`),
    ]) {
      out.line(line);
    }
    return succeeded({
      ...runData(view),
      job: run.job,
      options: run.options,
      plan: run.plan,
      shardRows: shards,
      next,
    });
  });
}

type Pair = readonly [string, string];

function phasePairs(run: RunRow): readonly Pair[] {
  const { createdMs, plan, endedMs, scheduledMs, resumeOf, resumedBy } = run;
  return [
    ['due', formatInstant(scheduledMs)],
    ['created', formatInstant(createdMs)],
    ...(plan
      ? [
          [
            'planned',
            `after ${formatDuration(plan.sealedMs - createdMs)}: ${countOf(plan.shardCount, 'shard')}, ${countOf(plan.channels, 'channel')}`,
          ] as const,
        ]
      : []),
    ...(endedMs === undefined
      ? []
      : [['ended', `${formatInstant(endedMs)}, after ${formatDuration(endedMs - createdMs)}`] as const]),
    ...(resumeOf === undefined ? [] : [['resumes', runPath({ jobId: run.jobId, runId: resumeOf })] as const]),
    ...(resumedBy === undefined
      ? []
      : [['resumed by', runPath({ jobId: run.jobId, runId: resumedBy })] as const]),
  ];
}

const refusedPairs = ({ run, shards }: RunView): readonly Pair[] =>
  countersOf(shards).dirty === 0 ? [] : [['refused', refusedText(run, shards)]];

function failureLines({ failure }: RunRow, colors: Colors): readonly string[] {
  if (!failure) return [];
  const where = failure.shardId === undefined ? '' : ` (shard ${failure.shardId})`;
  return ['', `  ${colors.red(`error[${failure.code}]`)}: ${failure.message}${where}`];
}

function shardLines(shards: readonly ShardRow[], colors: Colors, width: number): readonly string[] {
  if (shards.length === 0) return [];
  const rows = shards
    .slice(0, SHARDS_SHOWN)
    .map((shard) => [
      `  ${shard.shardId}`,
      shard.state,
      String(shard.epoch),
      String(shard.retries),
      formatCount(shard.counters.read),
      formatCount(shard.counters.dirty),
      formatBytes(shard.counters.bytes),
      shorten(describeRange(shard.range), RANGE_CHARS),
      shard.fault ? `${shard.fault.code} ${shorten(shard.fault.message, RANGE_CHARS)}` : '',
    ]);
  const header = ['  shard', 'state', 'epoch', 'retries', 'rows', 'dirty', 'bytes', 'range', 'last fault'];
  const more = shards.length - rows.length;
  return [
    ...renderGrid(shards.map(cellOf), Math.max(1, width - 2), colors).map((line) => `  ${line}`),
    ...formatTable(header, rows, [2, 3, 4, 5, 6]),
    ...(more > 0 ? [`  … and ${countOf(more, 'more shard')}; --json lists them all`] : []),
  ];
}
