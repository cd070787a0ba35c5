/**
 * What the engine needs of a state store. Each call touches one row; a replace is conditional on the row
 * being exactly the one that was read. Implementations settle lost answers themselves (core/stores).
 */
import type { RunRef } from '../connectors/contract.ts';
import { SyncError } from '../errors/index.ts';
import type { ChannelRow, DirtyRow, RunRow, ShardRow } from './model.ts';

/** A row as it was read. `ver` rises with every accepted write. */
export interface Versioned<T> {
  readonly value: T;
  readonly ver: bigint;
}

/** Rows of one kind, under keys of one kind. */
export interface StateTable<K, T> {
  get(key: K): Promise<Versioned<T> | undefined>;
  /** Stores the row unless the key is taken. */
  insert(key: K, value: T): Promise<'created' | 'exists'>;
  /** Stores `next` if the row is still `current`; `undefined` if somebody else changed it. */
  replace(key: K, current: Versioned<T>, next: T): Promise<Versioned<T> | undefined>;
  /** Removes the row whatever it holds; absent is fine. */
  remove(key: K): Promise<void>;
}

/** A shard of a sealed or still unsealed plan. */
export interface ShardKey extends RunRef {
  readonly planId: string;
  readonly shardId: string;
}

/** A channel of a run. */
export interface ChannelKey extends RunRef {
  readonly channel: number;
}

/** A run that the sweeper must look after. */
export interface ActiveRow extends RunRef {
  readonly sinceMs: number;
}

/** A job as deployed: its text, parsed anew at every start. */
export interface JobRow {
  readonly jobId: string;
  readonly text: string;
  readonly updatedMs: number;
}

/** All state of all runs. */
export interface StateStore {
  readonly runs: StateTable<RunRef, RunRow>;
  readonly shards: StateTable<ShardKey, ShardRow>;
  readonly channels: StateTable<ChannelKey, ChannelRow>;
  readonly active: StateTable<RunRef, ActiveRow>;
  readonly jobs: StateTable<{ readonly jobId: string }, JobRow>;
  /** All shards of a plan in shard order. */
  listShards(run: RunRef, planId: string): Promise<readonly Versioned<ShardRow>[]>;
  listChannels(run: RunRef): Promise<readonly Versioned<ChannelRow>[]>;
  listActive(): Promise<readonly ActiveRow[]>;
  /** Runs of a job, or of all jobs, in key order; at most `limit`. */
  listRuns(jobId: string | undefined, limit: number): Promise<readonly RunRow[]>;
  /** Stores refused rows by shard and ordinal; repeating it changes nothing. */
  putDirtyRows(run: RunRef, rows: readonly DirtyRow[]): Promise<void>;
  /** Refused rows of a run, or of one shard of it, in key order; at most `limit`. */
  listDirtyRows(run: RunRef, limit: number, shardId?: string): Promise<readonly DirtyRow[]>;
}

const MAX_ROUNDS = 50;

/** What a decision makes of a row: a new row, or nothing to change with the caller's own result. */
export type Change<T, R> = { readonly next: T; readonly result: R } | { readonly result: R };

/**
 * Reads a row, lets a pure decision make the next one of it, and stores that unless the row changed in
 * between, in which case it decides anew. The row must exist.
 */
export async function change<K, T, R>(
  table: StateTable<K, T>,
  key: K,
  decide: (row: T) => Change<T, R>,
  known?: Versioned<T>,
): Promise<{ readonly result: R; readonly row: Versioned<T> }> {
  let current = known ?? (await table.get(key));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (!current) throw new SyncError('RUN-5003', 'config', `no such row: ${JSON.stringify(key)}`);
    const decision: Change<T, R> = decide(current.value);
    if (!('next' in decision)) return { result: decision.result, row: current };
    const stored: Versioned<T> | undefined = await table.replace(key, current, decision.next);
    if (stored) return { result: decision.result, row: stored };
    current = await table.get(key);
  }
  throw new SyncError('RUN-5007', 'transient', 'a state row changed too often while it was updated');
}
