/** `millrace dirty show RUN`, `millrace dirty replay RUN` */
import { columnNames, parseCorrections, parseSettings } from '../../core/dirty/corrections.ts';
import { readDesk } from '../../core/dirty/desk.ts';
import { countStandings, DirtyGroups, type Standings } from '../../core/dirty/groups.ts';
import type { DeskRow } from '../../core/dirty/model.ts';
import {
  additionOf,
  chooseRows,
  freeFailedReplays,
  type Selection,
  type StagedReplay,
  stageReplay,
  startReplay,
  type Tally,
} from '../../core/dirty/replay.ts';
import { findCode } from '../../core/errors/index.ts';
import type { JsonObject } from '../../core/job/index.ts';
import { type EngineDeps, type RunRow, runPath } from '../../core/run/index.ts';
import { conduct } from '../conduct.ts';
import { type CommandContext, type Outcome, succeeded } from '../context.ts';
import { DirtyExport } from '../dirty-export.ts';
import { type DeskView, deskData, deskLines, deskRowData, placeText } from '../dirty-report.ts';
import { readTextFile } from '../files.ts';
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

/** Most rows in the object of `--json`, which is made as a whole; `--ndjson` has all. */
const MAX_RESULT_ROWS = 50_000;
/** Examples of each group in machine modes. */
const GROUP_SAMPLES = 3;

/** Options of `dirty show`. */
export interface DirtyShowOptions {
  readonly limit: string;
  /** File to write the open rows to. */
  readonly export?: string;
}

/** Shows why rows were refused: groups first, then single rows. `--ndjson` and `--export` have all of them, whole. */
export async function dirtyShowCommand(
  context: CommandContext,
  name: string,
  options: DirtyShowOptions,
): Promise<Outcome> {
  const limit = parseLimit(options.limit);
  const { out } = context;
  return withSession(context, undefined, async (session) => {
    const run = await resolveRun(session.state, name);
    const names = columnNames(run.plan?.columns ?? []);
    const { export: given } = options;
    const file = given === undefined ? undefined : await DirtyExport.create(given, context.io.cwd, names);
    const view = await look(context, session, run, out.mode === 'json' ? MAX_RESULT_ROWS : limit, file);
    for (const line of deskLines(view, limit, out.colors)) out.line(line);
    if (file && given !== undefined) tellExported(context, session, run, given, file);
    return succeeded({
      ...deskData(view),
      ...(out.mode === 'ndjson' ? {} : { rows: view.rows.map((row) => deskRowData(row, names)) }),
      ...(file && { exported: { file: given, rows: file.rows } }),
    });
  });
}

/** Reads the desk once, as a stream: counts it, exports it, tells of every row, and keeps the first `limit` ones. */
async function look(
  context: CommandContext,
  session: Session,
  run: RunRow,
  limit: number,
  file: DirtyExport | undefined,
): Promise<DeskView> {
  const names = columnNames(run.plan?.columns ?? []);
  const groups = new DirtyGroups(GROUP_SAMPLES);
  const rows: DeskRow[] = [];
  try {
    for await (const row of readDesk(session, run)) {
      groups.add(row);
      if (rows.length < limit) rows.push(row);
      if (context.out.mode === 'ndjson') context.out.event('dirty', deskRowData(row, names));
      await file?.add(row);
    }
    await file?.close();
  } catch (error) {
    await file?.drop();
    throw error;
  }
  const counted = countersOf((await readSnapshot(session.state, run, context.clock)).shards).dirty;
  return { run: runPath(run), place: placeText(run), counted, rows, groups: groups.list(), names };
}

function tellExported(
  context: CommandContext,
  session: Session,
  run: RunRow,
  given: string,
  { rows, incomplete }: DirtyExport,
): void {
  const replay = commandLine(`dirty replay ${quoteWord(runPath(run))} --file ${quoteWord(given)}`, {
    options: session.same,
  });
  context.out.line();
  context.out.line(`${countOf(rows, 'open row')} in ${given}. Correct what stands in \`row\`, then:`);
  context.out.line(`next: ${replay}`);
  if (incomplete > 0) tellIncomplete(context, incomplete);
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
    await freeFailed(context, session, run);
    const tally: Tally = { replayed: 0, incomplete: 0 };
    const chosen = chooseRows(readDesk(session, run), selection, tally);
    const staged = await stageReplay({ desk: session.desk, random: context.random }, run, chosen);
    if (staged.rows === 0) return nothingToReplay(context, run, tally);
    await prepareLocal(context, session, 'process', run.job);
    const end = await conduct(context, session, 'process', true, (deps) =>
      start(context, deps, run, staged, tally, addition, errorLimit),
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
async function freeFailed(context: CommandContext, session: Session, run: RunRow): Promise<void> {
  const deps = { ...session.engine(noInvoker), desk: session.desk };
  const freed = await freeFailedReplays(deps, run, new AbortController().signal);
  for (const replay of freed) context.out.note(`The failed replay ${replay} is thrown away.`);
}

async function start(
  context: CommandContext,
  deps: EngineDeps,
  run: RunRow,
  staged: StagedReplay,
  tally: Tally,
  addition: JsonObject,
  errorLimit: ReturnType<typeof parseErrorLimit>,
): ReturnType<typeof startReplay> {
  const { out } = context;
  const changes = { options: PROCESS_RUN, ...(errorLimit && { errorLimit }) };
  const ref = await startReplay(deps, run, staged, addition, changes);
  out.event('run', { run: runPath(ref), ...ref, replayOf: runPath(run) });
  out.line(
    `Run ${out.colors.bold(runPath(ref))} sends ${countOf(staged.rows, 'row')} of ${runPath(run)} again`,
  );
  if (tally.incomplete > 0) tellIncomplete(context, tally.incomplete);
  return ref;
}

/** How the desk stands after a replay. */
async function deskCounts(session: Session, run: RunRow): Promise<Standings> {
  const groups = new DirtyGroups(0);
  for await (const row of readDesk(session, run)) groups.add(row);
  const { open, held, replayed } = countStandings(groups.list());
  return { open, held, replayed };
}

function nothingToReplay(context: CommandContext, run: RunRow, tally: Tally): Outcome {
  context.out.line(
    `Nothing to replay in ${runPath(run)}: ${countOf(tally.replayed, 'row')} of those asked for went already.`,
  );
  if (tally.incomplete > 0) tellIncomplete(context, tally.incomplete);
  return succeeded({ run: runPath(run), state: 'NOTHING', ...tally });
}
