/** Reading the desk: the refused rows of a run and how each stands. */
import type { DirtyRow, RunRow } from '../run/model.ts';
import { readShards } from '../run/shards.ts';
import { claimsOn } from './claims.ts';
import type { DeskStore } from './desk-store.ts';
import { type ClaimRow, type DeskRow, placeOf } from './model.ts';
import { chainFrom, Outcomes } from './outcomes.ts';
import { PlaceCursor } from './place-cursor.ts';
import { type RefusedDeps, refusedRowsOf } from './refused-rows.ts';

/** Where the desk is kept. */
export interface DeskDeps extends RefusedDeps {
  readonly desk: DeskStore;
}

/**
 * The refused rows of a run and of those that it took over, in order of their places. Rows, claims and what replays
 * refused again are read side by side, in that order, so that any number of them fits into memory.
 */
export async function* readDesk(deps: DeskDeps, run: RunRow): AsyncGenerator<DeskRow> {
  const claims = new PlaceCursor(standingClaims(deps, run));
  const outcomes = new Outcomes(deps, run.jobId);
  try {
    for await (const refused of refusedRowsOf(deps, run))
      yield await deskRow(refused, await claims.find(refused), outcomes);
  } finally {
    await claims.close();
    await outcomes.close();
  }
}

/** Claims on the refused rows of a run, in order of their places. Replays claim them under the last run of the chain. */
export async function* standingClaims(deps: DeskDeps, run: RunRow): AsyncGenerator<ClaimRow> {
  const end = (await chainFrom(deps.state, run)).at(-1) ?? run;
  const shards = (await readShards(deps, run)).filter(({ counters }) => counters.dirty > 0);
  yield* claimsOn(
    deps.desk,
    end,
    shards.map(({ shardId }) => shardId),
  );
}

async function deskRow(refused: DirtyRow, claim: ClaimRow | undefined, outcomes: Outcomes): Promise<DeskRow> {
  const place = placeOf(refused);
  if (!claim) return { place, refused, standing: 'open' };
  const { replay } = claim;
  const again = await outcomes.refusedAgain(replay, refused);
  if (!again) return { place, refused, replay, standing: (await outcomes.of(replay)).standing };
  const { code, column, message } = again;
  return { place, refused, replay, standing: 'open', refusedAgain: { code, column, message } };
}
