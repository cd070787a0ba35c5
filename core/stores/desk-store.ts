/**
 * The desk's own rows, in the table `dirty` beside the refused ones:
 *
 *     scope                                 id               row
 *     job/run                               shard/ordinal    refused row (state-store.ts)
 *     job/run/claims                        shard/ordinal    claim on it
 *     job/replay/inputs/shard of replay     ordinal          corrected row
 */
import pLimit from 'p-limit';
import type { ClaimKey, DeskStore, InputKey } from '../dirty/desk-store.ts';
import { type ClaimRow, type InputRow, MAX_DESK_ROWS, REPLAY_SHARD_ROWS } from '../dirty/model.ts';
import type { Random } from '../ports/index.ts';
import { runPath } from '../run/model.ts';
import type { RunRef } from '../types/index.ts';
import { claimCodec, inputCodec } from './desk-codecs.ts';
import type { RowTable } from './row-table.ts';
import { dirtyRowId, paddedOrdinal } from './state-store.ts';
import { VersionedTable } from './versioned-table.ts';

const PUT_CONCURRENCY = 8;

const claimScope = (run: RunRef): string => `${runPath(run)}/claims`;
const inputScope = (shard: InputKey): string => `${runPath(shard)}/inputs/${shard.shardId}`;

/** The desk's store over the table `dirty`. */
export function createDeskStore(table: RowTable, random: Random): DeskStore {
  const claims = new VersionedTable<ClaimKey, ClaimRow>(
    table,
    claimCodec,
    (key) => ({ scope: claimScope(key), id: dirtyRowId(key) }),
    random,
  );
  const inputs = new VersionedTable<InputKey & Pick<InputRow, 'ordinal'>, InputRow>(
    table,
    inputCodec,
    (key) => ({ scope: inputScope(key), id: paddedOrdinal(key.ordinal) }),
    random,
  );
  return {
    claims,
    listClaims: (run) => claims.list(claimScope(run), MAX_DESK_ROWS),
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
