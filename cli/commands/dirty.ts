/** `millrace dirty show RUN` */
import { type DirtyRow, type RunRow, runPath, type StateStore } from '../../core/run/index.ts';
import { type CommandContext, type Outcome, succeeded } from '../context.ts';
import { countOf, formatCount } from '../quantity.ts';
import { resolveRun } from '../run-names.ts';
import { countersOf } from '../run-report.ts';
import { readSnapshot } from '../run-watch.ts';
import { withSession } from '../session.ts';
import { formatTable, shorten } from '../table.ts';
import { parseLimit } from './runs.ts';

/** Stored rows that are grouped at most. */
const MAX_GROUPED = 50_000;
const VALUE_CHARS = 40;

/** Refused rows of a run that have the same reason. */
export interface DirtyGroup {
  readonly code: string;
  readonly column: string;
  readonly targetType: string;
  readonly rows: number;
  readonly sample: DirtyRow;
}

/** Shows why rows were refused: groups first, then single rows. */
export async function dirtyShowCommand(
  context: CommandContext,
  name: string,
  options: { limit: string },
): Promise<Outcome> {
  const limit = parseLimit(options.limit);
  return withSession(context, undefined, async ({ state }) => {
    const run = await resolveRun(state, name);
    const counted = countersOf((await readSnapshot(state, run, context.clock)).shards).dirty;
    const rows = await dirtyRowsOf(state, run);
    const groups = groupDirtyRows(rows);
    print(context, run, counted, rows, groups, limit);
    return succeeded({
      run: runPath(run),
      dirty: counted,
      stored: rows.length,
      groups,
      rows: rows.slice(0, limit),
    });
  });
}

/** The stored rows of a run and of the runs that it took over; where both have a row, the later run's counts. */
async function dirtyRowsOf(state: StateStore, run: RunRow): Promise<readonly DirtyRow[]> {
  const byPlace = new Map<string, DirtyRow>();
  for (let at: RunRow | undefined = run; at; ) {
    for (const row of await state.listDirtyRows(at, MAX_GROUPED)) {
      const place = `${row.shardId}/${row.ordinal}`;
      if (!byPlace.has(place)) byPlace.set(place, row);
    }
    at =
      at.resumeOf === undefined
        ? undefined
        : (await state.runs.get({ jobId: at.jobId, runId: at.resumeOf }))?.value;
  }
  const inOrder = (a: DirtyRow, b: DirtyRow): number =>
    a.shardId === b.shardId ? a.ordinal - b.ordinal : a.shardId < b.shardId ? -1 : 1;
  return [...byPlace.values()].sort(inOrder);
}

/** By code and column, the largest group first. */
export function groupDirtyRows(rows: readonly DirtyRow[]): readonly DirtyGroup[] {
  const groups = new Map<string, DirtyRow[]>();
  for (const row of rows) {
    const reason = JSON.stringify([row.code, row.column, row.targetType]);
    const members = groups.get(reason);
    if (members) members.push(row);
    else groups.set(reason, [row]);
  }
  return [...groups.values()]
    .map((members) => {
      const sample = members[0]!;
      return {
        code: sample.code,
        column: sample.column,
        targetType: sample.targetType,
        rows: members.length,
        sample,
      };
    })
    .sort((a, b) => b.rows - a.rows);
}

function print(
  { out }: CommandContext,
  run: RunRow,
  counted: number,
  rows: readonly DirtyRow[],
  groups: readonly DirtyGroup[],
  limit: number,
): void {
  const kept = rows.length < counted ? `, ${formatCount(rows.length)} of them stored` : '';
  out.line(`${out.colors.bold(runPath(run))}  ${countOf(counted, 'dirty row')}${kept}`);
  if (rows.length === 0) return;
  const groupRows = groups.map((group) => [
    formatCount(group.rows),
    group.code,
    group.column || '(row)',
    `${group.sample.valueType} → ${group.targetType}`,
    group.sample.message,
  ]);
  out.line();
  for (const line of formatTable(['rows', 'code', 'column', 'conversion', 'reason'], groupRows, [0]))
    out.line(line);
  const single = rows
    .slice(0, limit)
    .map((row) => [
      row.shardId,
      shorten(row.key, VALUE_CHARS),
      row.column || '(row)',
      shorten(JSON.stringify(row.value), VALUE_CHARS),
      row.code,
    ]);
  out.line();
  for (const line of formatTable(['shard', 'key', 'column', 'value', 'code'], single)) out.line(line);
  if (rows.length > limit)
    out.line(`… and ${countOf(rows.length - limit, 'more row')}; --limit N shows more`);
}
