/** What a run would do, in words and as an object. Pure. */
import type { PlanNote, ReadPlan, Shard, Writer } from '../core/connectors/contract.ts';
import type { JobModel, SpeedModel } from '../core/job/index.ts';
import type { Colors } from './output.ts';
import { countOf, formatBytes, formatDuration } from './quantity.ts';
import { describeRange } from './range-words.ts';
import { formatPairs, formatTable } from './table.ts';

/** Both sides' answers. */
export interface PlanView {
  readonly job: JobModel;
  readonly read: ReadPlan;
  readonly target: Awaited<ReturnType<Writer['describe']>>;
  readonly delivery: string;
}

/** Cell bytes per second of one channel that a rough time assumes: one worker over a network. */
export const ASSUMED_BYTES_PER_SECOND = 12 * 1024 * 1024;
/** The same in rows, where the source tells no bytes. */
export const ASSUMED_ROWS_PER_SECOND = 40_000;
/** A worker function goes on this long before it hands over to a successor. */
const WORKER_SLICE_MS = 590_000;
/** Orchestrator and finalizer. */
const FIXED_INVOCATIONS = 2;
const SHARDS_SHOWN = 5;
const MIB = 1024 * 1024;

/** Sum over all shards; absent unless every shard has an estimate. */
function sumOf(shards: readonly Shard[], of: (shard: Shard) => number | undefined): number | undefined {
  let sum = 0;
  for (const shard of shards) {
    const value = of(shard);
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}

/** Estimates of a plan. */
export interface Estimate {
  readonly rows?: number;
  readonly bytes?: number;
  readonly channels: number;
  readonly timeMs?: number;
  readonly invocations: number;
}

/** How long and how many invocations, roughly. */
export function estimatePlan({ job, read }: Pick<PlanView, 'job' | 'read'>): Estimate {
  const { speed } = job.setting;
  const channels = Math.min(speed.concurrent, read.shards.length);
  const rows = sumOf(read.shards, (shard) => shard.estimatedRows);
  const bytes = sumOf(read.shards, (shard) => shard.estimatedBytes);
  const timeMs = roughTimeMs(rows, bytes, channels, speed);
  const slices = timeMs === undefined ? 1 : Math.max(1, Math.ceil(timeMs / WORKER_SLICE_MS));
  return {
    channels,
    invocations: FIXED_INVOCATIONS + channels * slices,
    ...(rows === undefined ? {} : { rows }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(timeMs === undefined ? {} : { timeMs }),
  };
}

function roughTimeMs(
  rows: number | undefined,
  bytes: number | undefined,
  channels: number,
  speed: SpeedModel,
): number | undefined {
  const times: number[] = [];
  if (bytes !== undefined) {
    const limit = speed.mbps === undefined ? Number.POSITIVE_INFINITY : speed.mbps * MIB;
    times.push(bytes / Math.min(limit, channels * ASSUMED_BYTES_PER_SECOND));
  }
  if (rows !== undefined) {
    const own = bytes === undefined ? channels * ASSUMED_ROWS_PER_SECOND : Number.POSITIVE_INFINITY;
    times.push(rows / Math.min(speed.recordsPerSecond ?? Number.POSITIVE_INFINITY, own));
  }
  return times.length === 0 ? undefined : Math.max(...times) * 1_000;
}

/** The type map: source → the row in flight → target. */
function typeMap({
  read,
  target,
}: PlanView): readonly (readonly [string, string, string, string, boolean, string])[] {
  return read.columns.map((column, i) => {
    const stored = target.columns[i];
    return [
      column.name,
      read.sourceTypes[i] ?? '',
      column.type,
      stored?.type ?? '',
      stored?.lossy ?? false,
      stored?.note ?? '',
    ];
  });
}

/** The plan for a person. */
export function planLines(view: PlanView, colors: Colors): readonly string[] {
  const { job, read, target } = view;
  const estimate = estimatePlan(view);
  return [
    `${colors.bold(`${job.reader.type} → ${job.writer.type}`)}   nothing is changed by this command`,
    '',
    ...formatPairs([
      ['target', target.location],
      ['delivery', view.delivery],
      ['shards', shardWords(read.shards, estimate)],
      ['channels', `${estimate.channels} at the same time${limitWords(job.setting.speed)}`],
      [
        'functions',
        `about ${countOf(estimate.invocations, 'invocation')} (orchestrator, workers, finalizer), if run on functions`,
      ],
      ['time', timeWords(estimate)],
      ['dirty rows', dirtyWords(job)],
    ]),
    '',
    ...rangeLines(read.shards),
    '',
    ...typeLines(view, colors),
    ...noteLines([...read.notes, ...target.notes], colors),
  ];
}

function shardWords(shards: readonly Shard[], { rows, bytes }: Estimate): string {
  const sizes = [
    ...(rows === undefined ? [] : [`about ${countOf(rows, 'row')}`]),
    ...(bytes === undefined ? [] : [`about ${formatBytes(bytes)}`]),
  ];
  return `${countOf(shards.length, 'shard')}${sizes.length > 0 ? `, ${sizes.join(', ')}` : ', size not known'}`;
}

function limitWords({ mbps, recordsPerSecond }: SpeedModel): string {
  const limits = [
    ...(mbps === undefined ? [] : [`${mbps} MiB/s`]),
    ...(recordsPerSecond === undefined ? [] : [`${countOf(recordsPerSecond, 'row')}/s`]),
  ];
  return limits.length > 0 ? `, together at most ${limits.join(' and ')}` : '';
}

function timeWords({ timeMs, bytes }: Estimate): string {
  if (timeMs === undefined) return 'not known: the source gives no estimate';
  const assumed =
    bytes === undefined
      ? `${ASSUMED_ROWS_PER_SECOND / 1_000}k rows/s`
      : `${ASSUMED_BYTES_PER_SECOND / MIB} MiB/s`;
  return `very roughly ${formatDuration(timeMs)}, at ${assumed} per channel`;
}

function dirtyWords({ setting: { errorLimit } }: JobModel): string {
  if (errorLimit.kind === 'share') return `up to ${errorLimit.limit * 100}% of the rows`;
  return errorLimit.limit === 0
    ? 'none allowed: the first one fails the run'
    : `up to ${countOf(errorLimit.limit, 'row')}`;
}

function rangeLines(shards: readonly Shard[]): readonly string[] {
  const shown = shards
    .slice(0, SHARDS_SHOWN)
    .map((shard) => [`  ${shard.shardId}`, describeRange(shard.range), sizeOf(shard)]);
  const more = shards.length - shown.length;
  return [
    ...formatTable(['  shard', 'range', 'size'], shown),
    ...(more > 0 ? [`  … and ${countOf(more, 'more shard')}`] : []),
  ];
}

const sizeOf = ({ estimatedRows, estimatedBytes }: Shard): string =>
  [
    ...(estimatedRows === undefined ? [] : [`~${countOf(estimatedRows, 'row')}`]),
    ...(estimatedBytes === undefined ? [] : [`~${formatBytes(estimatedBytes)}`]),
  ].join(', ') || '-';

function typeLines(view: PlanView, colors: Colors): readonly string[] {
  const rows = typeMap(view).map(([name, source, flight, target, lossy, note]) => [
    `  ${name}`,
    source,
    flight,
    target,
    lossy ? colors.yellow('lossy') : 'exact',
    note,
  ]);
  return formatTable(['  column', 'source', 'in flight', 'target', 'kept', 'note'], rows);
}

function noteLines(notes: readonly PlanNote[], colors: Colors): readonly string[] {
  if (notes.length === 0) return [];
  return [
    '',
    ...notes.map(
      ({ level, message }) =>
        `  ${level === 'warning' ? colors.yellow('warning') : colors.dim('note')}  ${message}`,
    ),
  ];
}

/** The object of `--json`. */
export function planData(view: PlanView): Readonly<Record<string, unknown>> {
  return {
    reader: view.job.reader.type,
    writer: view.job.writer.type,
    delivery: view.delivery,
    location: view.target.location,
    estimate: estimatePlan(view),
    shards: view.read.shards.map((shard) => ({ ...shard, words: describeRange(shard.range) })),
    columns: typeMap(view).map(([name, source, type, target, lossy, note]) => ({
      name,
      source,
      type,
      target,
      lossy,
      note,
    })),
    notes: [...view.read.notes, ...view.target.notes],
    setting: view.job.setting,
  };
}
