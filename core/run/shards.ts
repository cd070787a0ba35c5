/**
 * Which shard rows count. The plan seals the first ones; a holder may hand the rest of its range to new shards
 * (hand-back.ts), whose rows are stored before its own row names them. A row that nobody names is the trace of an
 * attempt that was fenced in between, and means nothing.
 *
 * Shards sort after their parents (core/types/shard-id.ts), so a scan in key order reads the parent first: whatever
 * children it names were stored before, and are found further on.
 */
import type { Shard } from '../connectors/contract.ts';
import { assert } from '../errors/index.ts';
import { zeroCounters } from './counters.ts';
import type { EngineDeps } from './engine.ts';
import type { RunRow, ShardRow } from './model.ts';

/** A shard nobody has touched. */
export const newShard = (shard: Shard): ShardRow => ({
  shardId: shard.shardId,
  range: shard.range,
  state: 'PENDING',
  epoch: 0,
  owner: '',
  leaseUntilMs: 0,
  notBeforeMs: 0,
  attempts: 0,
  retries: 0,
  outputEpoch: 0,
  counters: zeroCounters,
  ...(shard.estimatedRows === undefined ? {} : { estimatedRows: shard.estimatedRows }),
});

/** The shards that count among all rows of a plan, in key order of the rows. */
export function liveShards(rows: readonly ShardRow[]): readonly ShardRow[] {
  const named = new Set<string>();
  return rows.filter((row) => {
    if (row.parent !== undefined && !named.has(row.shardId)) return false;
    for (const child of row.children ?? []) named.add(child);
    return true;
  });
}

/** The shards of a run as they are now. */
export async function readShards(deps: Pick<EngineDeps, 'state'>, run: RunRow): Promise<readonly ShardRow[]> {
  if (!run.plan) return [];
  return liveShards((await deps.state.listShards(run, run.plan.planId)).map(({ value }) => value));
}

/** All shards of the sealed plan and of what was handed back since; a missing one is a broken invariant. */
export async function allShards(deps: Pick<EngineDeps, 'state'>, run: RunRow): Promise<readonly ShardRow[]> {
  assert(run.plan, 'a running run has a sealed plan');
  const shards = await readShards(deps, run);
  const sealed = shards.filter((shard) => shard.parent === undefined).length;
  const named = shards.reduce((sum, shard) => sum + (shard.children?.length ?? 0), run.plan.shardCount);
  assert(sealed === run.plan.shardCount && shards.length === named, 'shard rows of the run are missing', {
    found: shards.length,
    expected: named,
  });
  return shards;
}

/** Whether all that was read is done, and nothing is left to claim or to wait for. */
export const areDone = (shards: readonly ShardRow[]): boolean =>
  shards.every((shard) => shard.state === 'DONE');
