/**
 * Where the refused rows of a run are kept. Data first, then position: an attempt keeps its refused rows before the
 * checkpoint, or the transaction of the target, that counts them. A row has an ordinal among the refused rows of its
 * shard; what is kept under an ordinal that no position counts is the trace of an attempt that ended early, and means
 * nothing.
 */
import type { RunRef, TaskRef } from '../types/index.ts';
import type { DirtyRow, ShardRow } from './model.ts';

/** What one attempt at one shard refuses. Calls never overlap. */
export interface DirtySink {
  /**
   * Keeps rows with ordinals in sequence; they are durable when this resolves. An attempt may keep rows under ordinals
   * that it kept before: a transaction of the target that is repeated refuses its rows again. Of one ordinal, what was
   * kept last counts.
   */
  keep(rows: readonly DirtyRow[]): Promise<void>;
}

/** Ordinals below `counters.dirty` count. */
export type CountedShard = Pick<ShardRow, 'shardId' | 'counters'>;

/** Refused rows of runs. Implementations are in core/dirty; both pass one contract suite. */
export interface DirtyStore {
  /** Refused rows of one shard that are kept, the first ones; the others are only counted. */
  readonly maxRowsPerShard: number;
  /** Before anything is stored for a run. Throws if rows can certainly not be kept. */
  prepare(): Promise<void>;
  /** Keeps what one attempt at a shard refuses. An attempt's epoch is its own: nobody else opens the same one. */
  open(task: TaskRef): DirtySink;
  /**
   * The rows that count, shard after shard as given, in order of their ordinals, each once. `runs` are a run and those
   * that it took over, the latest first. Rows that are not kept are left out.
   */
  rows(runs: readonly RunRef[], shards: readonly CountedShard[]): AsyncIterable<DirtyRow>;
  close(): Promise<void>;
}
