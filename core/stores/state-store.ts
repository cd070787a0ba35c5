import pLimit from 'p-limit';
import type { Random } from '../ports/index.ts';
import {
  type ChannelRow,
  type DirtyRow,
  MAX_SHARDS,
  type RunRow,
  runPath,
  type ShardRow,
} from '../run/model.ts';
import type { ActiveRow, ChannelKey, JobRow, ShardKey, StateStore, Versioned } from '../run/state.ts';
import type { RunRef } from '../types/index.ts';
import { activeCodec, channelCodec, dirtyCodec, jobCodec, runCodec, shardCodec } from './row-codecs.ts';
import type { IdSpan, RowTable } from './row-table.ts';
import { VersionedTable } from './versioned-table.ts';

/** The status tables, by the last part of their names. */
export const TABLES = ['runs', 'shards', 'channels', 'active', 'dirty', 'jobs'] as const;
/** Name of a status table. */
export type TableName = (typeof TABLES)[number];

const DIGITS = 10;
const DIRTY_CONCURRENCY = 8;

/** A number so that byte order is numeric order. */
export const paddedOrdinal = (n: number): string => String(n).padStart(DIGITS, '0');

/** Id of a refused row in its run's scope. */
export const dirtyRowId = (row: Pick<DirtyRow, 'shardId' | 'ordinal'>): string =>
  `${row.shardId}/${paddedOrdinal(row.ordinal)}`;

/** Ids of a shard's refused rows from an ordinal on. `0` comes after `/` in byte order. */
export const dirtyRowSpan = (shardId: string, ordinal = 0): IdSpan => ({
  from: dirtyRowId({ shardId, ordinal }),
  to: `${shardId}0`,
});

const planScope = (run: RunRef, planId: string): string => `${runPath(run)}/${planId}`;

/** A state store over one row table per kind of row. */
export function createStateStore(open: (name: TableName) => RowTable, random: Random): StateStore {
  const runs = new VersionedTable<RunRef, RunRow>(
    open('runs'),
    runCodec,
    (run) => ({ scope: run.jobId, id: run.runId }),
    random,
  );
  const shards = new VersionedTable<ShardKey, ShardRow>(
    open('shards'),
    shardCodec,
    (key) => ({ scope: planScope(key, key.planId), id: key.shardId }),
    random,
  );
  const channels = new VersionedTable<ChannelKey, ChannelRow>(
    open('channels'),
    channelCodec,
    (key) => ({ scope: runPath(key), id: paddedOrdinal(key.channel) }),
    random,
  );
  const active = new VersionedTable<RunRef, ActiveRow>(
    open('active'),
    activeCodec,
    (run) => ({ scope: 'active', id: runPath(run) }),
    random,
  );
  const jobs = new VersionedTable<{ readonly jobId: string }, JobRow>(
    open('jobs'),
    jobCodec,
    (key) => ({ scope: 'job', id: key.jobId }),
    random,
  );
  const dirty = open('dirty');
  return {
    runs,
    shards,
    channels,
    active,
    jobs,
    listShards: (run, planId) => shards.list(planScope(run, planId), MAX_SHARDS),
    listChannels: (run) => channels.list(runPath(run), MAX_SHARDS),
    listActive: async () => values(await active.list('active', Number.MAX_SAFE_INTEGER)),
    listRuns: async (jobId, limit) => values(await runs.list(jobId, limit)),
    putDirtyRows: (run, rows) => putDirtyRows(dirty, run, rows),
    listDirtyRows: async (run, limit, shardId) =>
      (await dirty.scan(runPath(run), limit, shardId === undefined ? undefined : dirtyRowSpan(shardId))).map(
        (row) => dirtyCodec.decode(row.columns),
      ),
  };
}

const values = <T>(rows: readonly Versioned<T>[]): readonly T[] => rows.map((row) => row.value);

/** Unconditional: the same shard and ordinal is the same source row, whoever writes it. */
async function putDirtyRows(table: RowTable, run: RunRef, rows: readonly DirtyRow[]): Promise<void> {
  const limit = pLimit(DIRTY_CONCURRENCY);
  await Promise.all(
    rows.map((row) =>
      limit(() =>
        table.put(
          {
            key: { scope: runPath(run), id: dirtyRowId(row) },
            columns: dirtyCodec.encode(row),
          },
          { kind: 'none' },
        ),
      ),
    ),
  );
}
