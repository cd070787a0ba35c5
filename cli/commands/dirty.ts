/** `millrace dirty show RUN`, `millrace dirty replay RUN` */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { columnNames, exportLine, parseCorrections, parseSettings } from '../../core/dirty/corrections.ts';
import { readDesk } from '../../core/dirty/desk.ts';
import { countStanding, groupDirtyRows } from '../../core/dirty/groups.ts';
import type { DeskRow } from '../../core/dirty/model.ts';
import {
  additionOf,
  type Chosen,
  chooseRows,
  freeFailedReplays,
  readWholeDesk,
  type Selection,
  startReplay,
} from '../../core/dirty/replay.ts';
import { findCode, SyncError } from '../../core/errors/index.ts';
import type { JsonObject } from '../../core/job/index.ts';
import { type EngineDeps, type RunRow, runPath } from '../../core/run/index.ts';
import { conduct } from '../conduct.ts';
import { type CommandContext, type Outcome, succeeded } from '../context.ts';
import { type DeskView, deskData, deskLines, deskRowData } from '../dirty-report.ts';
import { displayName, readTextFile } from '../files.ts';
import { parseErrorLimit, usageFault } from '../job-file.ts';
import { prepareLocal } from '../local-run.ts';
import { commandLine, quoteWord } from '../next-step.ts';
import { countOf } from '../quantity.ts';
import { resolveRun } from '../run-names.ts';
import { countersOf } from '../run-report.ts';
import { readSnapshot } from '../run-watch.ts';
import { noInvoker, type Session, withSession } from '../session.ts';
import { PROCESS_RUN } from './run.ts';
import { parseLimit } from './runs.ts';

/** Examples of each group in machine modes. */
const GROUP_SAMPLES = 3;

/** Options of `dirty show`. */
export interface DirtyShowOptions {
  readonly limit: string;
  /** File to write the open rows to. */
  readonly export?: string;
}

/** Shows why rows were refused: groups first, then single rows. Machine modes get all of them, whole. */
export async function dirtyShowCommand(
  context: CommandContext,
  name: string,
  options: DirtyShowOptions,
): Promise<Outcome> {
  const limit = parseLimit(options.limit);
  const { out } = context;
  return withSession(context, undefined, async (session) => {
    const run = await resolveRun(session.state, name);
    const view = await viewOf(context, session, run);
    for (const line of deskLines(view, limit, out.colors)) out.line(line);
    const rows = view.rows.map((row) => deskRowData(row, view.names));
    for (const row of rows) out.event('dirty', row);
    const exported =
      options.export === undefined ? {} : await exportRows(context, session, run, view, options.export);
    return succeeded({ ...deskData(view), ...(out.mode === 'ndjson' ? {} : { rows }), ...exported });
  });
}

async function viewOf(context: CommandContext, session: Session, run: RunRow): Promise<DeskView> {
  const { shards } = await readSnapshot(session.state, run, context.clock);
  const rows = await readDesk(session, run);
  return {
    run: runPath(run),
    counted: countersOf(shards).dirty,
    rows,
    groups: groupDirtyRows(rows, GROUP_SAMPLES),
    names: columnNames(run.plan?.columns ?? []),
  };
}

/** Writes the open rows, one JSON object per line, to a file that does not exist yet. */
async function exportRows(
  context: CommandContext,
  session: Session,
  run: RunRow,
  { rows, names }: DeskView,
  given: string,
): Promise<Readonly<Record<string, unknown>>> {
  const file = path.resolve(context.io.cwd, given);
  const open = rows.filter(({ standing }) => standing === 'open');
  const lines = open.flatMap((row) => exportLine(row, names) ?? []);
  await writeNew(
    file,
    lines.map((line) => `${JSON.stringify(line)}\n`),
    displayName(file, context.io.cwd),
  );
  const replay = commandLine(`dirty replay ${quoteWord(runPath(run))} --file ${quoteWord(given)}`, {
    options: session.same,
  });
  context.out.line();
  context.out.line(`${countOf(lines.length, 'open row')} in ${given}. Correct what stands in \`row\`, then:`);
  context.out.line(`next: ${replay}`);
  if (lines.length < open.length) tellIncomplete(context, open.length - lines.length);
  return { exported: { file: given, rows: lines.length } };
}

/** Rows are data of the person: nobody else may read the file, and no file is overwritten. */
async function writeNew(file: string, lines: readonly string[], name: string): Promise<void> {
  try {
    await writeFile(file, lines, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = { EEXIST: 'exists already', ENOENT: 'has no folder' }[code] ?? `cannot be written (${code})`;
    throw new SyncError('CLI-0011', 'config', `${name} ${why}`, {}, { cause: error });
  }
}

const tellIncomplete = ({ out }: CommandContext, rows: number): void =>
  out.note(
    `warning: ${countOf(rows, 'row')} left out: too large to be kept as a whole, or kept by an older version`,
  );

/** Options of `dirty replay`. */
export interface DirtyReplayOptions {
  /** File of corrected rows, as exported. */
  readonly file?: string;
  /** `column=value` each. */
  readonly set?: readonly string[];
  /** Columns that become null. */
  readonly setNull?: readonly string[];
  /** Only rows refused with this code. */
  readonly only?: string;
  readonly errorLimit?: string;
}

/** Sends corrected rows through the writer of their job, as a run of its own. */
export async function dirtyReplayCommand(
  context: CommandContext,
  name: string,
  options: DirtyReplayOptions,
): Promise<Outcome> {
  const errorLimit = parseErrorLimit(options.errorLimit);
  return withSession(context, undefined, async (session) => {
    const run = await resolveRun(session.state, name);
    const addition = await additionOf(run);
    const selection = await selectionOf(context, run, options);
    const chosen = await choose(context, session, run, selection);
    if (chosen.rows.length === 0) return nothingToReplay(context, run, chosen);
    await prepareLocal(context, session, 'process', run.job);
    const end = await conduct(context, session, 'process', true, (deps) =>
      start(context, { ...deps, desk: session.desk }, run, chosen, addition, errorLimit),
    );
    const desk = await deskCounts(session, run);
    context.out.line(`Of the refused rows ${desk.replayed} are replayed and ${desk.open} open.`);
    return { ...end, data: { ...end.data, replayOf: runPath(run), desk } };
  });
}

async function selectionOf(
  { io }: CommandContext,
  run: RunRow,
  { file, set = [], setNull = [], only }: DirtyReplayOptions,
): Promise<Selection> {
  if (only !== undefined && !findCode(only)) throw usageFault(`--only ${only} is no error code`);
  const columns = run.plan?.columns ?? [];
  const read = file === undefined ? undefined : await readTextFile(file, io.cwd);
  return {
    ...(read && { corrections: parseCorrections(read.text, read.name, columnNames(columns)) }),
    settings: parseSettings({ values: set, nulls: setNull }, columns),
    ...(only !== undefined && { only }),
  };
}

/** Rows that a failed replay keeps are taken from it, where that cannot double any. */
async function choose(
  context: CommandContext,
  session: Session,
  run: RunRow,
  selection: Selection,
): Promise<Chosen> {
  const desk = await readWholeDesk(session, run);
  const deps = { ...session.engine(noInvoker), desk: session.desk };
  const freed = await freeFailedReplays(deps, run, desk, new AbortController().signal);
  for (const replay of freed) context.out.note(`The failed replay ${replay} is thrown away.`);
  return chooseRows(freed.length > 0 ? await readWholeDesk(session, run) : desk, selection);
}

async function start(
  context: CommandContext,
  deps: EngineDeps & Pick<Session, 'desk'>,
  run: RunRow,
  chosen: Chosen,
  addition: JsonObject,
  errorLimit: ReturnType<typeof parseErrorLimit>,
): ReturnType<typeof startReplay> {
  const { out } = context;
  const changes = { options: PROCESS_RUN, ...(errorLimit && { errorLimit }) };
  const ref = await startReplay(deps, run, chosen.rows, addition, changes);
  out.event('run', { run: runPath(ref), ...ref, replayOf: runPath(run) });
  out.line(
    `Run ${out.colors.bold(runPath(ref))} sends ${countOf(chosen.rows.length, 'row')} of ${runPath(run)} again`,
  );
  if (chosen.incomplete.length > 0) tellIncomplete(context, chosen.incomplete.length);
  return ref;
}

/** How the desk stands after a replay. */
async function deskCounts(
  session: Session,
  run: RunRow,
): Promise<{ readonly open: number; readonly held: number; readonly replayed: number }> {
  const desk: readonly DeskRow[] = await readDesk(session, run);
  return {
    open: countStanding(desk, 'open'),
    held: countStanding(desk, 'held'),
    replayed: countStanding(desk, 'replayed'),
  };
}

function nothingToReplay(context: CommandContext, run: RunRow, { replayed, incomplete }: Chosen): Outcome {
  context.out.line(
    `Nothing to replay in ${runPath(run)}: ${countOf(replayed.length, 'row')} of those asked for went already.`,
  );
  if (incomplete.length > 0) tellIncomplete(context, incomplete.length);
  return succeeded({
    run: runPath(run),
    state: 'NOTHING',
    replayed: replayed.length,
    incomplete: incomplete.length,
  });
}
