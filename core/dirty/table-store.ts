/**
 * Refused rows in the status table `dirty`, the first ones of each shard, under shard and ordinal. A repeated attempt
 * writes the same ordinals again, so that the last write counts; nothing has to be listed, merged or cleaned up.
 */
import type { CountedShard, DirtyStore } from '../run/dirty-store.ts';
import type { DirtyRow } from '../run/model.ts';
import type { StateStore } from '../run/state.ts';
import type { RunRef } from '../types/index.ts';

/** The status table as a store of refused rows. */
export class TableDirtyStore implements DirtyStore {
  readonly maxRowsPerShard: number;
  readonly #state: Pick<StateStore, 'putDirtyRows' | 'listDirtyRows'>;

  constructor(state: Pick<StateStore, 'putDirtyRows' | 'listDirtyRows'>, maxRowsPerShard: number) {
    this.#state = state;
    this.maxRowsPerShard = maxRowsPerShard;
  }

  async prepare(): Promise<void> {}

  open(task: RunRef): ReturnType<DirtyStore['open']> {
    return { keep: (rows) => this.#state.putDirtyRows(task, rows) };
  }

  async *rows(runs: readonly RunRef[], shards: readonly CountedShard[]): AsyncGenerator<DirtyRow> {
    for (const shard of shards) if (shard.counters.dirty > 0) yield* await this.#rowsOf(runs, shard);
  }

  async close(): Promise<void> {}

  /** Where a run and one that it took over have a row under one ordinal, the later run's counts. */
  async #rowsOf(runs: readonly RunRef[], { shardId, counters }: CountedShard): Promise<readonly DirtyRow[]> {
    const byOrdinal = new Map<number, DirtyRow>();
    for (const run of runs) {
      for (const row of await this.#state.listDirtyRows(run, this.maxRowsPerShard, shardId))
        if (row.ordinal < counters.dirty && !byOrdinal.has(row.ordinal)) byOrdinal.set(row.ordinal, row);
    }
    return [...byOrdinal.values()].sort((a, b) => a.ordinal - b.ordinal);
  }
}
