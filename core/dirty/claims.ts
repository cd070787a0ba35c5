/** Claims: which replay a refused row went with last. */
import pLimit from 'p-limit';
import { SyncError } from '../errors/index.ts';
import { runPath } from '../run/model.ts';
import type { Versioned } from '../run/state.ts';
import type { RunRef } from '../types/index.ts';
import type { ClaimKey, DeskStore } from './desk-store.ts';
import { type ClaimRow, type Place, placeOf } from './model.ts';
import type { Outcomes } from './outcomes.ts';

/** Claims that are read at once, and those that are written at the same time. */
const PAGE_CLAIMS = 1_000;
const WRITE_CONCURRENCY = 16;

/** The claims on the refused rows of these shards of a run, in order of their places. */
export async function* claimsOn(
  desk: DeskStore,
  run: RunRef,
  shardIds: readonly string[],
): AsyncGenerator<ClaimRow> {
  for (const shardId of shardIds) {
    for (let from = 0, full = true; full; ) {
      const page = await desk.listClaims({ jobId: run.jobId, runId: run.runId, shardId }, from, PAGE_CLAIMS);
      yield* page;
      full = page.length === PAGE_CLAIMS;
      from = (page.at(-1)?.ordinal ?? 0) + 1;
    }
  }
}

/** What a replay claims rows through. */
export interface Claiming {
  readonly desk: DeskStore;
  /** The run that refused the rows. */
  readonly run: RunRef;
  /** Run id of the replay; its run exists already. */
  readonly replay: string;
  readonly outcomes: Outcomes;
}

/**
 * Claims rows, given in order of their places, for a replay. Throws RUN-5021 for a row that is held by another replay, or
 * went with one that succeeded. A claim that stands is replaced only as it was read, so of two replays one gets the row.
 */
export async function claimRows(claiming: Claiming, places: readonly Place[]): Promise<void> {
  const limit = pLimit(WRITE_CONCURRENCY);
  const standing = await Promise.all(places.map((place) => limit(() => insertClaim(claiming, place))));
  const free: [Place, Versioned<ClaimRow>][] = [];
  for (const [i, claim] of standing.entries()) {
    const place = places[i]!;
    if (claim && (await isFree(claiming, place, claim.value))) free.push([place, claim]);
  }
  await Promise.all(free.map(([place, claim]) => limit(() => replaceClaim(claiming, place, claim))));
}

const keyOf = ({ run }: Claiming, { shardId, ordinal }: Place): ClaimKey => ({
  jobId: run.jobId,
  runId: run.runId,
  shardId,
  ordinal,
});

const claimOf = ({ replay }: Claiming, { shardId, ordinal }: Place): ClaimRow => ({
  shardId,
  ordinal,
  replay,
});

/** Takes a row that nobody has claimed yet; otherwise the claim that stands. */
async function insertClaim(claiming: Claiming, place: Place): Promise<Versioned<ClaimRow> | undefined> {
  const { claims } = claiming.desk;
  if ((await claims.insert(keyOf(claiming, place), claimOf(claiming, place))) === 'created') return undefined;
  return claims.get(keyOf(claiming, place));
}

/** Whether a row has to be taken from another replay, and can be. */
async function isFree({ outcomes, ...claiming }: Claiming, place: Place, claim: ClaimRow): Promise<boolean> {
  if (claim.replay === claiming.replay) return false;
  const { standing } = await outcomes.of(claim.replay);
  if (standing === 'open' || (await outcomes.refusedAgain(claim.replay, place))) return true;
  throw heldBy(claiming.run, place, claim.replay);
}

/** Whoever has changed the claim since it was read has just claimed the row. */
async function replaceClaim(claiming: Claiming, place: Place, current: Versioned<ClaimRow>): Promise<void> {
  const { claims } = claiming.desk;
  if (await claims.replace(keyOf(claiming, place), current, claimOf(claiming, place))) return;
  const holder = (await claims.get(keyOf(claiming, place)))?.value.replay;
  if (holder !== claiming.replay) throw heldBy(claiming.run, place, holder ?? '');
}

function heldBy({ jobId }: RunRef, at: Place, replay: string): SyncError {
  const place = placeOf(at);
  const by = runPath({ jobId, runId: replay });
  return new SyncError('RUN-5021', 'config', `row ${place} went with another replay, ${by}`, { place });
}
