/**
 * The desk's own rows, in the table `dirty` beside the refused ones:
 *
 *     scope                                 id               row
 *     job/run                               shard/ordinal    refused row (state-store.ts)
 *     job/run/claims                        shard/ordinal    claim on it
 *     job/replay/inputs/shard of replay     ordinal          corrected row
 */
import pLimit from 'p-limit';
import type { ClaimKey, DeskStore, ShardOfRun } from '../dirty/desk-store.ts';
import { type ClaimRow, type InputRow, REPLAY_SHARD_ROWS } from '../dirty/model.ts';
import type { Random } from '../ports/index.ts';
import { runPath } from '../run/model.ts';
import type { RunRef } from '../types/index.ts';
import { claimCodec, inputCodec } from './desk-codecs.ts';
import type { RowTable } from './row-table.ts';
import { dirtyRowId, dirtyRowSpan, paddedOrdinal } from './state-store.ts';
import { VersionedTable } from './versioned-table.ts';

const PUT_CONCURRENCY = 8;

const claimScope = (run: RunRef): string => `${runPath(run)}/claims`;
const inputScope = (shard: ShardOfRun): string => `${runPath(shard)}/inputs/${shard.shardId}`;

/** The desk's store over the table `dirty`. */
export function createDeskStore(table: RowTable, random: Random): DeskStore {
  const claims = new VersionedTable<ClaimKey, ClaimRow>(
    table,
    claimCodec,
    (key) => ({ scope: claimScope(key), id: dirtyRowId(key) }),
    random,
  );
  const inputs = new VersionedTable<ShardOfRun & Pick<InputRow, 'ordinal'>, InputRow>(
    table,
    inputCodec,
    (key) => ({ scope: inputScope(key), id: paddedOrdinal(key.ordinal) }),
    random,
  );
  return {
    claims,
    listClaims: async (shard, from, limit) =>
      (await claims.list(claimScope(shard), limit, dirtyRowSpan(shard.shardId, from))).map(
        (row) => row.value,
      ),
    async putInputs(shard, rows) {
      const limit = pLimit(PUT_CONCURRENCY);
      await Promise.all(
        rows.map((row) => limit(() => inputs.insert({ ...shard, ordinal: row.ordinal }, row))),
      );
    },
    listInputs: async (shard) =>
      (await inputs.list(inputScope(shard), REPLAY_SHARD_ROWS)).map((row) => row.value),
  };
}
