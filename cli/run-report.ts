/** How a run went, in plain words and as an object. Pure. */
import { type Counters, type RunRow, runPath, type ShardRow, sumCounters } from '../core/run/index.ts';
import { ExitCode, exitCodeOfFailure } from './exit-codes.ts';
import type { Colors } from './output.ts';
import {
  countOf,
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatThroughput,
} from './quantity.ts';
import { formatPairs } from './table.ts';

/** What a report is made of. */
export interface RunView {
  readonly run: RunRow;
  readonly shards: readonly ShardRow[];
}

/** A run that somebody asked to stop and that nobody moves. */
export const isPaused = (run: RunRow): boolean => run.stop === 'pause' && run.endedMs === undefined;

/** What the process answers for a run in this state. */
export function exitCodeOfRun(run: RunRow): number {
  if (run.state === 'FAILED') return exitCodeOfFailure(run.failure?.code ?? 'BUG-9001');
  if (run.state === 'CANCELED') return ExitCode.failed;
  return isPaused(run) ? ExitCode.stopped : ExitCode.ok;
}

/** The object of `--json`. */
export function runData({ run, shards }: RunView): Readonly<Record<string, unknown>> {
  const {
    jobId,
    runId,
    state,
    scheduledMs,
    createdMs,
    endedMs,
    stop,
    failure,
    receipt,
    resumeOf,
    resumedBy,
  } = run;
  return {
    run: runPath(run),
    jobId,
    runId,
    state,
    paused: isPaused(run),
    stop,
    scheduledAt: new Date(scheduledMs).toISOString(),
    createdAt: new Date(createdMs).toISOString(),
    ...(endedMs === undefined
      ? {}
      : { endedAt: new Date(endedMs).toISOString(), durationMs: endedMs - createdMs }),
    shards: { done: doneOf(shards), total: shards.length },
    counters: receipt?.counters ?? countersOf(shards),
    ...(failure === undefined ? {} : { failure }),
    ...(receipt === undefined ? {} : { receipt }),
    ...(resumeOf === undefined ? {} : { resumeOf }),
    ...(resumedBy === undefined ? {} : { resumedBy }),
  };
}

const doneOf = (shards: readonly ShardRow[]): number =>
  shards.filter((shard) => shard.state === 'DONE').length;

/** Sum of what the shards' checkpoints count. */
export const countersOf = (shards: readonly ShardRow[]): Counters =>
  sumCounters(shards.map((shard) => shard.counters));

/** The state in a word, coloured. */
export function stateText(run: RunRow, colors: Colors): string {
  if (isPaused(run)) return colors.yellow('PAUSED');
  if (run.state === 'SUCCEEDED') return colors.green(run.state);
  if (run.state === 'FAILED' || run.state === 'CANCELED') return colors.red(run.state);
  return colors.cyan(run.state);
}

/** The lasting report of a run. */
export function reportLines({ run, shards }: RunView, colors: Colors): readonly string[] {
  const took = run.endedMs === undefined ? '' : ` after ${formatDuration(run.endedMs - run.createdMs)}`;
  return [
    `${colors.bold(runPath(run))}  ${stateText(run, colors)}${took}`,
    ...formatPairs(run.receipt ? receiptPairs(run) : progressPairs({ run, shards })),
  ];
}

type Pair = readonly [string, string];

function receiptPairs(run: RunRow): readonly Pair[] {
  const receipt = run.receipt!;
  const { counters } = receipt;
  const seconds = Math.max(1, (run.endedMs ?? 0) - run.createdMs) / 1_000;
  return [
    ['rows', rowsText(counters)],
    [
      'speed',
      `${formatRate(counters.read / seconds)}, ${formatThroughput(counters.bytes / seconds)}, from the first message to the commit`,
    ],
    ['read', `${formatBytes(counters.bytes)} of cells in ${countOf(receipt.shards, 'shard')}`],
    [
      'written',
      receipt.objects > 0
        ? `${formatBytes(receipt.bytesWritten)} in ${countOf(receipt.objects, 'object')}`
        : formatBytes(receipt.bytesWritten),
    ],
    ['location', receipt.location],
    ...(receipt.manifest === undefined ? [] : [['manifest', receipt.manifest] as const]),
    ['checksum', `${counters.checksum} of the rows read, in any order`],
  ];
}

function progressPairs({ run, shards }: RunView): readonly Pair[] {
  const total = shards.length;
  return [
    ['shards', run.plan ? `${formatCount(doneOf(shards))} of ${formatCount(total)} done` : 'not planned yet'],
    ['rows', `${rowsText(countersOf(shards))}, as of the last checkpoints`],
  ];
}

const rowsText = ({ read, written, dirty }: Counters): string =>
  `${formatCount(read)} read, ${formatCount(written)} written, ${formatCount(dirty)} dirty`;
