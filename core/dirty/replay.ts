/** Sending corrected rows: a run of its own, whose source is the desk and whose target is that of the replayed run. */
import { findConnector } from '../connectors/systems.ts';
import { assert, SyncError } from '../errors/index.ts';
import type { ErrorLimitModel, JobModel, JsonObject } from '../job/model.ts';
import { createRun } from '../run/create-run.ts';
import type { EngineDeps } from '../run/engine.ts';
import { type RunOptions, type RunRow, runPath } from '../run/model.ts';
import { cancelRun } from '../run/stop.ts';
import { type RunRef, shardIdOf } from '../types/index.ts';
import type { CellJson } from './cell-json.ts';
import type { Corrections, Settings } from './corrections.ts';
import { type DeskDeps, readDesk, replayOutcome } from './desk.ts';
import { DESK, type DeskParams } from './desk-reader.ts';
import { type DeskRow, type InputRow, MAX_DESK_ROWS, REPLAY_SHARD_ROWS } from './model.ts';

/** Which rows are sent, and what is different about them. */
export interface Selection {
  /** Only the rows of this file, as it has them. */
  readonly corrections?: Corrections;
  /** Set in every row, after the file. */
  readonly settings?: Settings;
  /** Only rows that were refused with this code. */
  readonly only?: string;
}

/** The rows of a replay, and those that were asked for and stay behind. */
export interface Chosen {
  readonly rows: readonly { readonly row: DeskRow; readonly cells: readonly CellJson[] }[];
  /** Sent by an earlier replay already. */
  readonly replayed: readonly DeskRow[];
  /** Too large to have been kept as a whole, or kept by an older version. */
  readonly incomplete: readonly DeskRow[];
}

/** Picks rows of the desk. Throws RUN-5021 for rows that are held by a replay, CLI-0010 for rows that are not there. */
export function chooseRows(desk: readonly DeskRow[], selection: Selection): Chosen {
  const { corrections, only } = selection;
  const places = new Set(desk.map(({ place }) => place));
  const stray = [...(corrections?.keys() ?? [])].find((place) => !places.has(place));
  if (stray !== undefined) throw new SyncError('CLI-0010', 'config', `the run refused no row ${stray}`);
  const asked = desk
    .filter(({ place }) => corrections === undefined || corrections.has(place))
    .filter((row) => only === undefined || reasonOf(row) === only);
  const held = asked.find(({ standing }) => standing === 'held');
  if (held) throw heldBy(held);
  const open = asked.filter(({ standing }) => standing === 'open');
  const given = (row: DeskRow): readonly CellJson[] | undefined =>
    corrections?.get(row.place) ?? row.refused.cells;
  return {
    rows: open.flatMap((row) => {
      const cells = given(row);
      return cells ? [{ row, cells: withSettings(cells, selection.settings) }] : [];
    }),
    replayed: asked.filter(({ standing }) => standing === 'replayed'),
    incomplete: open.filter((row) => !given(row)),
  };
}

/** The reason that counts is the latest. */
const reasonOf = ({ refused, refusedAgain }: DeskRow): string => (refusedAgain ?? refused).code;

const withSettings = (cells: readonly CellJson[], settings: Settings = new Map()): readonly CellJson[] =>
  cells.map((cell, i) => (settings.has(i) ? (settings.get(i) ?? null) : cell));

const heldBy = ({ place, replay }: DeskRow): SyncError =>
  new SyncError('RUN-5021', 'config', `row ${place} went with the replay ${replay}, which is not over`, {
    place,
    replay: replay ?? '',
  });

/** The writer's parameters for adding rows to what a run wrote. Throws RUN-5020 where there are none. */
export async function additionOf(run: RunRow): Promise<JsonObject> {
  if (run.job.reader.type === DESK) {
    const { runId } = run.job.reader.params as DeskParams;
    throw cannot(run, `is a replay itself; replay ${runPath({ jobId: run.jobId, runId })} again`);
  }
  if (run.state !== 'SUCCEEDED') {
    const instead = run.resumedBy === undefined ? '' : `; it went on as ${run.jobId}/${run.resumedBy}`;
    throw cannot(run, `is ${run.state}${instead}`);
  }
  const { type, params } = run.job.writer;
  const writer = (await findConnector(type))?.writer;
  if (!writer?.adding) throw cannot(run, `writes to ${type}, which cannot take single rows later`);
  return writer.adding(params);
}

const cannot = (run: RunRef, why: string): SyncError =>
  new SyncError('RUN-5020', 'config', `run ${runPath(run)} ${why}`);

/**
 * Throws away the replays that failed and keep rows to themselves. Left alone are those whose rows may be in the target:
 * resuming them is what doubles none.
 */
export async function freeFailedReplays(
  deps: EngineDeps & DeskDeps,
  run: RunRow,
  desk: readonly DeskRow[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const replays = new Set(desk.flatMap((row) => (row.standing === 'held' ? (row.replay ?? []) : [])));
  const freed: string[] = [];
  for (const replay of replays) {
    const { run: last, mayBeVisible } = await replayOutcome(deps.state, run.jobId, replay);
    if (last?.state !== 'FAILED' || last.resumedBy !== undefined || last.discarded || mayBeVisible) continue;
    await cancelRun(deps, last, signal);
    freed.push(last.runId);
  }
  return freed;
}

/** What is different from the replayed run. */
export interface ReplayChanges {
  readonly errorLimit?: ErrorLimitModel;
  readonly options?: Partial<RunOptions>;
}

/** Stores the rows, then creates the run that sends them. A process that dies in between leaves rows that nobody reads. */
export async function startReplay(
  deps: EngineDeps & DeskDeps,
  run: RunRow,
  chosen: Chosen['rows'],
  addition: JsonObject,
  changes: ReplayChanges = {},
): Promise<RunRef> {
  const { jobId } = run;
  const replay: RunRef = { jobId, runId: `${run.runId}.replay-${deps.random.nonce().slice(-8)}` };
  for (let first = 0, i = 0; first < chosen.length; first += REPLAY_SHARD_ROWS, i++) {
    const rows = chosen.slice(first, first + REPLAY_SHARD_ROWS).map(inputRow);
    await deps.desk.putInputs({ ...replay, shardId: shardIdOf(i) }, rows);
  }
  const params: DeskParams = { v: 1, jobId, runId: run.runId, replay: replay.runId, rows: chosen.length };
  const created = await createRun(deps, {
    ...replay,
    job: replayJob(run.job, params, addition, changes.errorLimit),
    // Every row that is refused again must be known: whoever is not among them counts as sent.
    options: { ...run.options, ...changes.options, maxDirtyRowsPerShard: REPLAY_SHARD_ROWS },
    scheduledMs: run.scheduledMs,
  });
  assert(created === 'created', 'the name of a replay was taken', { replay: replay.runId });
  return replay;
}

const inputRow = ({ row, cells }: Chosen['rows'][number], ordinal: number): InputRow => ({
  ordinal,
  place: row.place,
  key: row.refused.key,
  cells,
});

const replayJob = (
  job: JobModel,
  params: DeskParams,
  addition: JsonObject,
  errorLimit = job.setting.errorLimit,
): JobModel => ({
  ...job,
  reader: { type: DESK, params, path: DESK },
  writer: { ...job.writer, params: addition },
  setting: { ...job.setting, errorLimit },
});

/** The desk of a run that is to be replayed. Throws RUN-5020 if it holds more rows than a person corrects. */
export async function readWholeDesk(deps: DeskDeps, run: RunRow): Promise<readonly DeskRow[]> {
  const desk = await readDesk(deps, run);
  if (desk.length < MAX_DESK_ROWS) return desk;
  throw cannot(run, `refused ${MAX_DESK_ROWS} rows or more: correct the source and run the job again`);
}
