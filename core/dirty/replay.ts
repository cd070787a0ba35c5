/** Sending corrected rows: a run of its own, whose source is the desk and whose target is that of the replayed run. */
import { findConnector } from '../connectors/systems.ts';
import { assert, SyncError } from '../errors/index.ts';
import type { ErrorLimitModel, JobModel, JsonObject } from '../job/model.ts';
import { createRun } from '../run/create-run.ts';
import type { EngineDeps } from '../run/engine.ts';
import { MAX_SHARDS, type RunOptions, type RunRow, runPath } from '../run/model.ts';
import { cancelRun } from '../run/stop.ts';
import { type RunRef, shardIdOf } from '../types/index.ts';
import type { CellJson } from './cell-json.ts';
import type { Corrections, Settings } from './corrections.ts';
import { type DeskDeps, standingClaims } from './desk.ts';
import { DESK, type DeskParams } from './desk-reader.ts';
import { type DeskRow, type InputRow, REPLAY_SHARD_ROWS } from './model.ts';
import { Outcomes } from './outcomes.ts';

/** Rows of one replay: as many as its shards take. */
const MAX_REPLAY_ROWS = MAX_SHARDS * REPLAY_SHARD_ROWS;
const TOO_MANY = `refused more rows than one replay sends, ${MAX_REPLAY_ROWS}: choose some with --only or --file`;

/** Which rows are sent, and what is different about them. */
export interface Selection {
  /** Only the rows of this file, as it has them. */
  readonly corrections?: Corrections;
  /** Set in every row, after the file. */
  readonly settings?: Settings;
  /** Only rows that were refused with this code. */
  readonly only?: string;
}

/** A row as it is sent. */
export interface ChosenRow {
  readonly row: DeskRow;
  readonly cells: readonly CellJson[];
}

/** How many rows were asked for and stay behind. */
export interface Tally {
  /** Sent by an earlier replay already. */
  replayed: number;
  /** Too large to have been kept as a whole, or kept by an older version. */
  incomplete: number;
}

/**
 * Picks rows of the desk as they come, and counts in `tally` what stays behind. Throws RUN-5021 for rows that are held
 * by a replay; CLI-0010, at the end, for rows that are not there.
 */
export async function* chooseRows(
  desk: AsyncIterable<DeskRow> | Iterable<DeskRow>,
  { corrections, settings, only }: Selection,
  tally: Tally,
): AsyncGenerator<ChosenRow> {
  const missing = new Set(corrections?.keys());
  for await (const row of desk) {
    const isNamed = missing.delete(row.place);
    if (corrections !== undefined && !isNamed) continue;
    if (only !== undefined && reasonOf(row) !== only) continue;
    if (row.standing === 'held') throw heldBy(row);
    const cells = corrections?.get(row.place) ?? row.refused.cells;
    if (row.standing === 'replayed') tally.replayed++;
    else if (!cells) tally.incomplete++;
    else yield { row, cells: withSettings(cells, settings) };
  }
  const [stray] = missing;
  if (stray !== undefined) throw new SyncError('CLI-0010', 'config', `the run refused no row ${stray}`);
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
  signal: AbortSignal,
): Promise<readonly string[]> {
  const replays = new Set<string>();
  for await (const { replay } of standingClaims(deps, run)) replays.add(replay);
  const outcomes = new Outcomes(deps, run.jobId);
  const freed: string[] = [];
  for (const replay of replays) {
    const { run: last, mayBeVisible } = await outcomes.of(replay);
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

/** The rows of a replay whose run does not exist yet. */
export interface StagedReplay extends RunRef {
  readonly rows: number;
}

/** Stores the rows of a replay as they come. A process that dies afterwards leaves rows that nobody reads. */
export async function stageReplay(
  { desk, random }: Pick<EngineDeps & DeskDeps, 'desk' | 'random'>,
  run: RunRow,
  chosen: AsyncIterable<ChosenRow> | Iterable<ChosenRow>,
): Promise<StagedReplay> {
  const replay: RunRef = { jobId: run.jobId, runId: `${run.runId}.replay-${random.nonce().slice(-8)}` };
  let rows = 0;
  let some: ChosenRow[] = [];
  const store = async (): Promise<void> => {
    const shardId = shardIdOf(rows / REPLAY_SHARD_ROWS);
    await desk.putInputs({ ...replay, shardId }, some.map(inputRow));
    rows += some.length;
    some = [];
  };
  for await (const one of chosen) {
    if (rows + some.length >= MAX_REPLAY_ROWS) throw cannot(run, TOO_MANY);
    some.push(one);
    if (some.length === REPLAY_SHARD_ROWS) await store();
  }
  if (some.length > 0) await store();
  return { ...replay, rows };
}

/** Creates the run that sends rows that were staged. */
export async function startReplay(
  deps: EngineDeps,
  run: RunRow,
  { rows, ...replay }: StagedReplay,
  addition: JsonObject,
  changes: ReplayChanges = {},
): Promise<RunRef> {
  const { jobId, runId } = run;
  const params: DeskParams = { v: 1, jobId, runId, replay: replay.runId, rows };
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

const inputRow = ({ row, cells }: ChosenRow, ordinal: number): InputRow => ({
  ordinal,
  place: row.place,
  key: row.refused.key,
  cells,
});

/** What it refuses again is kept in the status table, which nobody empties: without it, rows would count as sent. */
function replayJob(
  job: JobModel,
  params: DeskParams,
  addition: JsonObject,
  errorLimit = job.setting.errorLimit,
): JobModel {
  const { dirtyRows: _place, ...setting } = job.setting;
  return {
    ...job,
    reader: { type: DESK, params, path: DESK },
    writer: { ...job.writer, params: addition },
    setting: { ...setting, errorLimit },
  };
}
