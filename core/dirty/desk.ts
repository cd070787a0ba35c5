/** Reading the desk: the refused rows of a run and how each stands. */
import type { Delivery } from '../connectors/contract.ts';
import { findConnector } from '../connectors/systems.ts';
import { type DirtyRow, type RunRow, runPath } from '../run/model.ts';
import { readShards } from '../run/shards.ts';
import type { StateStore, Versioned } from '../run/state.ts';
import type { RunRef } from '../types/index.ts';
import type { DeskStore } from './desk-store.ts';
import { type ClaimRow, type DeskRow, MAX_DESK_ROWS, placeOf, type Standing } from './model.ts';

/** Where the desk is kept. */
export interface DeskDeps {
  readonly state: StateStore;
  readonly desk: DeskStore;
}

/** What became of a replay, as far as its rows are concerned. */
export interface ReplayOutcome {
  /** The last run of its chain of resumes; absent if it is not there. */
  readonly run: RunRow | undefined;
  readonly standing: Standing;
  /** Its rows may be in the target, whatever its state. */
  readonly mayBeVisible: boolean;
  /** Rows that it refused again, by their place in the desk of the replayed run. */
  readonly refused: ReadonlyMap<string, DirtyRow>;
}

/** The refused rows of a run and of those that it took over, in order of their places. */
export async function readDesk(deps: DeskDeps, run: RunRow): Promise<readonly DeskRow[]> {
  const end = (await chainFrom(deps.state, run)).at(-1) ?? run;
  const rows = await refusedRowsOf(deps.state, run);
  const claims = new Map((await deps.desk.listClaims(end)).map(({ value }) => [placeOf(value), value]));
  const outcomes = new Map<string, ReplayOutcome>();
  for (const { replay } of claims.values()) {
    if (!outcomes.has(replay)) outcomes.set(replay, await replayOutcome(deps.state, end.jobId, replay));
  }
  return rows.map((refused) => {
    const claim = claims.get(placeOf(refused));
    return deskRow(refused, claim, claim && outcomes.get(claim.replay));
  });
}

function deskRow(refused: DirtyRow, claim?: ClaimRow, outcome?: ReplayOutcome): DeskRow {
  const place = placeOf(refused);
  if (!claim || !outcome) return { place, refused, standing: 'open' };
  const again = outcome.refused.get(place);
  const standing = again ? 'open' : outcome.standing;
  const known: DeskRow = { place, refused, standing, replay: claim.replay };
  if (!again) return known;
  const { code, column, message } = again;
  return { ...known, refusedAgain: { code, column, message } };
}

/** How the rows of a replay stand. */
export async function replayOutcome(
  state: StateStore,
  jobId: string,
  replay: string,
): Promise<ReplayOutcome> {
  const first = (await state.runs.get({ jobId, runId: replay }))?.value;
  const chain = first ? await chainFrom(state, first) : [];
  const run = chain.at(-1);
  const mayBeVisible = run !== undefined && (await mayHaveWritten(state, chain, run));
  const standing = run ? standingAfter(run, mayBeVisible) : 'held';
  const again = run && standing === 'replayed' ? await refusedRowsOf(state, run) : [];
  const refused = new Map(again.flatMap((row) => placeInKey(row).map((place) => [place, row] as const)));
  return { run, standing, mayBeVisible, refused };
}

/**
 * Whether rows may be in the target although the run did not succeed: its commit was begun, or they appear as they are
 * written and somebody began to write.
 */
async function mayHaveWritten(state: StateStore, chain: readonly RunRow[], run: RunRow): Promise<boolean> {
  if (chain.some(({ outputsHash }) => outputsHash !== undefined)) return true;
  const writer = (await findConnector(run.job.writer.type))?.writer;
  if (writer && REPEATABLE.includes(writer.delivery)) return false;
  return (await readShards({ state }, run)).some((shard) => shard.epoch > 0);
}

/** Deliveries of which an attempt that never committed leaves nothing, or nothing that sending again doubles. */
const REPEATABLE: readonly Delivery[] = ['atomic', 'idempotent'];

/**
 * A run that may still move, or be moved again, holds its rows. So does one that was thrown away after rows may have
 * reached the target: nobody knows which did.
 */
function standingAfter(run: RunRow, mayBeVisible: boolean): Standing {
  if (run.state === 'SUCCEEDED') return 'replayed';
  const isOver = run.state === 'CANCELED' || (run.state === 'FAILED' && run.discarded);
  return isOver && !mayBeVisible ? 'open' : 'held';
}

/** What a replay calls its rows: the place in the desk first, then the key in the source. */
export const replayKey = (place: string, key: string): string => `${place} ${key}`;

const placeInKey = ({ key }: DirtyRow): readonly string[] => /^(\S+\/\d+) /.exec(key)?.slice(1) ?? [];

/** A run and those that took it over, one after the other. It ends where a successor is named and not there yet. */
async function chainFrom(state: StateStore, run: RunRow): Promise<readonly RunRow[]> {
  const chain = [run];
  for (let at = run; at.resumedBy !== undefined; ) {
    const next = (await state.runs.get({ jobId: at.jobId, runId: at.resumedBy }))?.value;
    if (!next) break;
    chain.push(next);
    at = next;
  }
  return chain;
}

/**
 * The rows that a run counts as refused. Where it and the one that it took over have a row in one place, the later
 * run's counts; what an attempt stored and never counted does not.
 */
export async function refusedRowsOf(state: StateStore, run: RunRow): Promise<readonly DirtyRow[]> {
  const counted = new Map(
    (await readShards({ state }, run)).map((shard) => [shard.shardId, shard.counters.dirty]),
  );
  const byPlace = new Map<string, DirtyRow>();
  for (let at: RunRow | undefined = run; at; at = await predecessor(state, at)) {
    for (const row of await state.listDirtyRows(at, MAX_DESK_ROWS)) {
      const counts = row.ordinal < (counted.get(row.shardId) ?? 0);
      if (counts && !byPlace.has(placeOf(row))) byPlace.set(placeOf(row), row);
    }
  }
  return [...byPlace.values()].sort(inOrder);
}

const inOrder = (a: DirtyRow, b: DirtyRow): number =>
  a.shardId === b.shardId ? a.ordinal - b.ordinal : a.shardId < b.shardId ? -1 : 1;

async function predecessor(state: StateStore, run: RunRow): Promise<RunRow | undefined> {
  if (run.resumeOf === undefined) return undefined;
  return (await state.runs.get({ jobId: run.jobId, runId: run.resumeOf }))?.value;
}

/** A claim on a row of the desk, taken or refused. */
export type ClaimResult = { readonly taken: true } | { readonly taken: false; readonly by: string };

/**
 * Claims a row for a replay whose run exists already. Refused while the row is held by another replay, or went with
 * one that succeeded. The claim that stands is replaced only as it was read, so of two replays one gets the row.
 */
export async function claimRow(
  deps: DeskDeps,
  run: RunRef,
  claim: ClaimRow,
  outcomeOf: (replay: string) => Promise<ReplayOutcome>,
): Promise<ClaimResult> {
  const { shardId, ordinal } = claim;
  const key = { jobId: run.jobId, runId: run.runId, shardId, ordinal };
  for (;;) {
    if ((await deps.desk.claims.insert(key, claim)) === 'created') return { taken: true };
    const current: Versioned<ClaimRow> | undefined = await deps.desk.claims.get(key);
    if (!current) continue;
    const holder = current.value.replay;
    if (holder === claim.replay) return { taken: true };
    const { standing, refused } = await outcomeOf(holder);
    if (standing !== 'open' && !refused.has(placeOf(claim)))
      return { taken: false, by: runPath({ jobId: run.jobId, runId: holder }) };
    if (await deps.desk.claims.replace(key, current, claim)) return { taken: true };
  }
}
