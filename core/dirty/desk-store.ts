import type { StateTable, Versioned } from '../run/state.ts';
import type { RunRef } from '../types/index.ts';
import type { ClaimRow, InputRow, Place } from './model.ts';

/** The claim on a refused row of a run. */
export interface ClaimKey extends RunRef, Place {}

/** A shard of a replay. */
export interface InputKey extends RunRef {
  readonly shardId: string;
}

/** What the desk stores beside the refused rows. Each call touches single rows, as all state does. */
export interface DeskStore {
  readonly claims: StateTable<ClaimKey, ClaimRow>;
  /** All claims on the refused rows of a run. */
  listClaims(run: RunRef): Promise<readonly Versioned<ClaimRow>[]>;
  /** Stores the rows of a shard of a replay. Repeating it changes nothing. */
  putInputs(shard: InputKey, rows: readonly InputRow[]): Promise<void>;
  /** They come in order of their ordinals. */
  listInputs(shard: InputKey): Promise<readonly InputRow[]>;
}
