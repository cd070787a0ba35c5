/** The dirty desk in plain words and as objects. Pure. */
import type { CellJson } from '../core/dirty/cell-json.ts';
import { countStandings, type DirtyGroup } from '../core/dirty/groups.ts';
import type { DeskRow } from '../core/dirty/model.ts';
import { type RunRow, runPath, type ShardRow } from '../core/run/index.ts';
import type { Colors } from './output.ts';
import { countOf, formatCount } from './quantity.ts';
import { formatTable, shorten } from './table.ts';

const VALUE_CHARS = 40;

/** What a report of a desk is made of. */
export interface DeskView {
  /** Name of the run. */
  readonly run: string;
  /** Refused rows by the counters of its shards. */
  readonly counted: number;
  /** Where its refused rows are kept. */
  readonly place: string;
  /** The first rows of the desk. */
  readonly rows: readonly DeskRow[];
  /** Of all rows of the desk. */
  readonly groups: readonly DirtyGroup[];
  /** Names of the columns, each once. */
  readonly names: readonly string[];
}

/** Where a run keeps its refused rows, and how many of each shard, in words. */
export function placeText({ job, options, jobId, runId }: RunRow): string {
  const { dirtyRows } = job.setting;
  return dirtyRows
    ? `all in data source ${dirtyRows.datasource}, ${dirtyRows.prefix}/${runPath({ jobId, runId })}/`
    : `the first ${formatCount(options.maxDirtyRowsPerShard)} of each shard in the status table`;
}

/** The refused rows of a run in a sentence: where they are, and how many were only counted. */
export function refusedText(run: RunRow, shards: readonly ShardRow[]): string {
  const most = run.job.setting.dirtyRows ? Number.POSITIVE_INFINITY : run.options.maxDirtyRowsPerShard;
  const left = shards.reduce((sum, { counters }) => sum + Math.max(0, counters.dirty - most), 0);
  return `kept: ${placeText(run)}${left > 0 ? `; ${formatCount(left)} counted and not kept` : ''}`;
}

/** Groups first, then single rows, at most `limit`. */
export function deskLines(view: DeskView, limit: number, colors: Colors): readonly string[] {
  const { run, place, counted, rows, groups } = view;
  const kept = countStandings(groups);
  const head = [`${colors.bold(run)}  ${countOf(counted, 'dirty row')}${standingsText(kept)}`];
  if (counted > 0) head.push(`kept: ${place}`);
  if (kept.rows < counted)
    head.push(colors.yellow(`${countOf(counted - kept.rows, 'row')} counted and not kept`));
  if (kept.rows === 0) return head;
  const more = kept.rows - limit;
  return [
    ...head,
    '',
    ...groupLines(groups),
    '',
    ...rowLines(rows.slice(0, limit)),
    ...(more > 0 ? [`… and ${countOf(more, 'more row')}; --limit N shows more`] : []),
  ];
}

const standingsText = ({ replayed, held }: ReturnType<typeof countStandings>): string =>
  [
    replayed > 0 ? `, ${formatCount(replayed)} replayed` : '',
    held > 0 ? `, ${formatCount(held)} with a replay that is not over` : '',
  ].join('');

function groupLines(groups: readonly DirtyGroup[]): readonly string[] {
  const cells = groups.map((group) => {
    const { refused } = group.samples[0]!;
    return [
      formatCount(group.rows),
      formatCount(group.open),
      group.code,
      group.column || '(row)',
      `${refused.valueType} → ${group.targetType}`,
      refused.message,
    ];
  });
  return formatTable(['rows', 'open', 'code', 'column', 'conversion', 'reason'], cells, [0, 1]);
}

function rowLines(rows: readonly DeskRow[]): readonly string[] {
  const cells = rows.map(({ place, refused, ...row }) => [
    place,
    shorten(refused.key, VALUE_CHARS),
    refused.column || '(row)',
    shorten(JSON.stringify(refused.value), VALUE_CHARS),
    refused.code,
    standingText({ place, refused, ...row }),
  ]);
  return formatTable(['row', 'key', 'column', 'value', 'code', 'state'], cells);
}

function standingText({ standing, refused, refusedAgain }: DeskRow): string {
  if (standing !== 'open') return standing;
  if (refusedAgain) return `open, refused again: ${refusedAgain.code}`;
  return refused.cells ? 'open' : 'open, not kept as a whole';
}

/** A row as an object, with all of its cells by name where they are kept. */
export function deskRowData(
  { place, refused, standing, replay, refusedAgain }: DeskRow,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  const { cells, ...rest } = refused;
  return {
    place,
    ...rest,
    standing,
    replayable: cells !== undefined,
    ...(replay === undefined ? {} : { replay }),
    ...(refusedAgain === undefined ? {} : { refusedAgain }),
    ...(cells === undefined ? {} : { row: rowObject(cells, names) }),
  };
}

const rowObject = (cells: readonly CellJson[], names: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(names.map((name, i) => [name, cells[i] ?? null]));

/** The groups and counts of a desk as an object. */
export function deskData({
  run,
  place,
  counted,
  groups,
  names,
}: DeskView): Readonly<Record<string, unknown>> {
  const { rows: stored, ...standings } = countStandings(groups);
  return {
    run,
    kept: place,
    dirty: counted,
    stored,
    notKept: Math.max(0, counted - stored),
    ...standings,
    groups: groups.map(({ samples, ...group }) => ({
      ...group,
      samples: samples.map((row) => deskRowData(row, names)),
    })),
  };
}
