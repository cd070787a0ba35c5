/**
 * The rows that make a run: what the state store holds and every function trusts. Messages are hints only.
 *
 *   run      PLANNING ─▶ RUNNING ─▶ COMMITTING ─▶ SUCCEEDED
 *               │           │            │
 *               └───────────┴────────────┴──────▶ FAILED · CANCELED      terminal states never change
 *   shard    PENDING ⇄ LEASED ─▶ DONE        the epoch rises with every claim and never falls; a holder may hand
 *                                            the rest of its range to new shards (core/run/hand-back.ts)
 *   channel  free ⇄ leased                   `speed.concurrent` of them: one holder moves one shard at a time
 */
import type { Cursor, RunRef, SinkState } from '../connectors/contract.ts';
import type { CellJson } from '../dirty/cell-json.ts';
import type { Code } from '../errors/index.ts';
import type { JobModel } from '../job/model.ts';
import type { Column } from '../types/index.ts';
import type { Counters } from './counters.ts';

/** States of a run. */
export type RunState = 'PLANNING' | 'RUNNING' | 'COMMITTING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED';

/** Pace and patience of a run; fixed when it is created. Times in milliseconds. */
export interface RunOptions {
  /** A holder that was silent for this long may be replaced. Correctness never depends on it. */
  readonly leaseMs: number;
  /** A shard's cursor is made durable at least this often, */
  readonly checkpointMs: number;
  /** or after this many bytes of cells. */
  readonly checkpointBytes: number;
  /** Failed or crashed attempts at one shard without any progress before the run fails. */
  readonly maxAttempts: number;
  /** Dirty rows stored per shard for the dirty desk; the counters go on. */
  readonly maxDirtyRowsPerShard: number;
}

/** What fits runs of any size. */
export const defaultRunOptions: RunOptions = {
  leaseMs: 60_000,
  checkpointMs: 10_000,
  checkpointBytes: 64 * 1024 * 1024,
  maxAttempts: 8,
  maxDirtyRowsPerShard: 1_000,
};

/** The sealed plan: written once, used by everybody afterwards. */
export interface SealedPlan {
  /** Names the set of shard rows that belong to the run; a losing plan's rows are never looked at. */
  readonly planId: string;
  readonly shardCount: number;
  readonly columns: readonly Column[];
  /** How many shards may move at once: min(speed.concurrent, shards). */
  readonly channels: number;
  readonly sealedMs: number;
}

/** Why a run failed, for the person. */
export interface Failure {
  readonly code: Code;
  readonly message: string;
  readonly shardId?: string;
}

/** What a finished run proves. */
export interface Receipt {
  readonly counters: Counters;
  readonly shards: number;
  readonly location: string;
  readonly manifest?: string;
  readonly objects: number;
  readonly bytesWritten: number;
  /** SHA-256 over the outputs of all shards, in shard order. */
  readonly outputsHash: string;
}

/** A request to a run, honoured at the next checkpoint of each worker. */
export type StopRequest = 'none' | 'pause';

/** One execution of a job for one schedule time. */
export interface RunRow extends RunRef {
  readonly state: RunState;
  readonly job: JobModel;
  readonly options: RunOptions;
  readonly scheduledMs: number;
  readonly createdMs: number;
  readonly endedMs?: number;
  readonly stop: StopRequest;
  /** Somebody is planning or committing until then; patience only. */
  readonly drivenUntilMs: number;
  /** Attempts at planning or committing so far, in this state. */
  readonly driveAttempts: number;
  readonly plan?: SealedPlan;
  /** The target has been made ready for the first row (`Writer.begin`). Absent = there is nothing to make ready. */
  readonly begun?: boolean;
  /** Some channel found nothing to do: holders of large shards may hand back a part. */
  readonly hungry?: boolean;
  readonly failure?: Failure;
  readonly receipt?: Receipt;
  /** SHA-256 of the outputs that COMMITTING makes visible. */
  readonly outputsHash?: string;
  /** The failed run whose shards this one took over. */
  readonly resumeOf?: string;
  /** The run that took over this one's shards. */
  readonly resumedBy?: string;
  /** Nothing of an unsuccessful run is left behind in the target any more. */
  readonly discarded: boolean;
}

/** States of a shard. */
export type ShardState = 'PENDING' | 'LEASED' | 'DONE';

/** A shard and how far it is. */
export interface ShardRow {
  readonly shardId: string;
  readonly range: string;
  readonly state: ShardState;
  /** Fencing token: raised by every claim. */
  readonly epoch: number;
  /** Nonce of the invocation that holds it; empty when nobody does. */
  readonly owner: string;
  readonly leaseUntilMs: number;
  /** Not worth trying before this time (back-off after a fault). */
  readonly notBeforeMs: number;
  /** Attempts since the last progress. */
  readonly attempts: number;
  /** Claims so far that followed a crash or a fault. */
  readonly retries: number;
  readonly cursor?: Cursor;
  readonly sink?: SinkState;
  /** Epoch whose checkpoint `cursor`, `sink` and `counters` are. */
  readonly outputEpoch: number;
  readonly counters: Counters;
  readonly estimatedRows?: number;
  readonly fault?: Failure;
  /** First claim. */
  readonly claimedMs?: number;
  readonly doneMs?: number;
  /** The shard whose rest this one is a piece of; absent for a shard of the plan. */
  readonly parent?: string;
  /** The run that took this shard over from a failed one: nobody may move it here any more. */
  readonly movedTo?: string;
  /** Shards that pieces of this one's rest were handed to, in the order of handing back. */
  readonly children?: readonly string[];
}

/** A permit to move one shard at a time. Holding all of them is all the concurrency a run has. */
export interface ChannelRow {
  readonly channel: number;
  readonly epoch: number;
  readonly owner: string;
  readonly leaseUntilMs: number;
  /** The channel's share of the speed limits is used up until this time. */
  readonly paidUntilMs: number;
  /** Its last holder found nothing to do. */
  readonly idle: boolean;
}

/** A refused row, kept for the dirty desk (core/dirty). */
export interface DirtyRow {
  readonly shardId: string;
  /** Ordinal among the dirty rows of its shard; a repeated attempt writes the same ordinals again. */
  readonly ordinal: number;
  readonly key: string;
  readonly column: string;
  /** The refused value in words, for reading: at most `MAX_DIRTY_VALUE` characters. */
  readonly value: string;
  readonly valueType: string;
  readonly targetType: string;
  readonly code: Code;
  readonly message: string;
  /** The whole row, exact, in column order. Absent if it has more than `MAX_DIRTY_ROW_BYTES`, or is of an older version. */
  readonly cells?: readonly CellJson[];
  /** Bytes of all cells of the row. Absent in rows of an older version. */
  readonly rowBytes?: number;
}

/** Characters of a refused value that are kept for reading. */
export const MAX_DIRTY_VALUE = 256;

/** Bytes of cells up to which a refused row is kept as a whole; a larger one is shown, but cannot be replayed. */
export const MAX_DIRTY_ROW_BYTES = 32 * 1024;

/** Shards a run may have at most. */
export const MAX_SHARDS = 10_000;

/** Whether a run is over. */
export const isTerminal = (state: RunState): boolean =>
  state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELED';

/** `jobId/runId`, the name people and keys use. */
export const runPath = (run: RunRef): string => `${run.jobId}/${run.runId}`;
