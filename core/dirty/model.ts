/**
 * The dirty desk: where refused rows wait to be corrected and sent again.
 *
 *   refused row   kept by the run's workers under shard and ordinal, in a store of refused rows; never changed
 *   replay        a run of its own, whose source is the desk: corrected rows through the job's own writer
 *   claim         says which replay a row went with. Whether it arrived, that run's own state tells:
 *
 *       none                                          open
 *       canceled, or failed and thrown away           open
 *       succeeded, and the row was refused again      open
 *       succeeded otherwise                           replayed: never sent again
 *       anything else                                 held: it may still arrive
 *
 * So nothing has to be marked after a replay, and a process that dies at any moment leaves nothing half said.
 */
import type { DirtyRow } from '../run/model.ts';
import type { CellJson } from './cell-json.ts';

/** Where a refused row is kept: unique in a run and the runs that it took over. */
export type Place = Pick<DirtyRow, 'shardId' | 'ordinal'>;

/** Which replay a refused row went with last. */
export interface ClaimRow extends Place {
  /** Id of the replay's run, of the same job. */
  readonly replay: string;
}

/** A corrected row on its way: what a replay reads. */
export interface InputRow {
  /** Place among the rows of the replay's shard. */
  readonly ordinal: number;
  /** Place of the refused row: `shard/ordinal`. */
  readonly place: string;
  /** Source key in words. */
  readonly key: string;
  /** The whole row in column order. */
  readonly cells: readonly CellJson[];
}

/** How a refused row stands. */
export type Standing = 'open' | 'held' | 'replayed';

/** A refused row as the desk shows it. */
export interface DeskRow {
  /** `shard/ordinal`. */
  readonly place: string;
  readonly refused: DirtyRow;
  readonly standing: Standing;
  /** The replay it went with last. */
  readonly replay?: string;
  /** Why that replay refused it again. */
  readonly refusedAgain?: Pick<DirtyRow, 'code' | 'column' | 'message'>;
}

/** Rows of one shard of a replay. As many of them are kept in the status table if they are refused again: all. */
export const REPLAY_SHARD_ROWS = 1_000;

/** `00012/7`. */
export const placeOf = ({ shardId, ordinal }: Place): string => `${shardId}/${ordinal}`;
