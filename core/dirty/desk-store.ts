import type { StateTable } from '../run/state.ts';
import type { RunRef } from '../types/index.ts';
import type { ClaimRow, InputRow, Place } from './model.ts';

/** The claim on a refused row of a run. */
export interface ClaimKey extends RunRef, Place {}

/** A shard: of a replay, or of a run whose refused rows are claimed. */
export interface ShardOfRun extends RunRef {
  readonly shardId: string;
}

/** What the desk stores beside the refused rows. Each call touches single rows, as all state does. */
export interface DeskStore {
  readonly claims: StateTable<ClaimKey, ClaimRow>;
  /** The claims on the refused rows of a shard from an ordinal on, in order; at most `limit`. */
  listClaims(shard: ShardOfRun, from: number, limit: number): Promise<readonly ClaimRow[]>;
  /** Stores the rows of a shard of a replay. Repeating it changes nothing. */
  putInputs(shard: ShardOfRun, rows: readonly InputRow[]): Promise<void>;
  /** They come in order of their ordinals. */
  listInputs(shard: ShardOfRun): Promise<readonly InputRow[]>;
}
