/** Rows of the source that the run refused: they are no part of what the target must show. */

import type { CellJson } from '../dirty/cell-json.ts';
import { blockOf } from '../dirty/desk-block.ts';
import { type RefusedDeps, refusedRowsOf } from '../dirty/refused-rows.ts';
import type { RunRow } from '../run/model.ts';
import { hashRows, type RowBlock, selectRows } from '../types/index.ts';
import { identityOf } from './narrowing.ts';

/** The kept refused rows of one shard, each to be left out as often as it was refused. */
export class RefusedRows {
  readonly #hashes = new Set<number>();
  readonly #times = new Map<string, number>();

  constructor(rows: readonly RowBlock[]) {
    for (const block of rows) {
      const hashes = hashRows(block);
      for (let row = 0; row < block.rowCount; row++) {
        this.#hashes.add(hashes[2 * row]!);
        const identity = identityOf(block, row);
        this.#times.set(identity, (this.#times.get(identity) ?? 0) + 1);
      }
    }
  }

  /** The block without the rows that were refused. Each call takes them from what is still to come. */
  without(block: RowBlock): RowBlock {
    if (this.#hashes.size === 0) return block;
    const hashes = hashRows(block);
    const kept: number[] = [];
    for (let row = 0; row < block.rowCount; row++) {
      if (!this.#isRefused(block, row, hashes[2 * row]!)) kept.push(row);
    }
    return kept.length === block.rowCount ? block : selectRows(block, kept);
  }

  #isRefused(block: RowBlock, row: number, hash: number): boolean {
    if (!this.#hashes.has(hash)) return false;
    const identity = identityOf(block, row);
    const times = this.#times.get(identity) ?? 0;
    if (times > 0) this.#times.set(identity, times - 1);
    return times > 0;
  }
}

/** Rows of one block: a run may have refused a million. */
const BLOCK_ROWS = 1_000;

/** The refused rows of a run by shard, as far as they were kept whole. */
export async function refusedBlocks(
  deps: RefusedDeps,
  run: RunRow,
): Promise<ReadonlyMap<string, readonly RowBlock[]>> {
  const columns = run.plan?.columns ?? [];
  const byShard = new Map<string, RowBlock[]>();
  let shard = '';
  let rows: (readonly CellJson[])[] = [];
  const store = (): void => {
    if (rows.length > 0) byShard.set(shard, [...(byShard.get(shard) ?? []), blockOf(columns, rows)]);
    rows = [];
  };
  for await (const { shardId, cells } of refusedRowsOf(deps, run)) {
    if (cells?.length !== columns.length) continue;
    if (shardId !== shard || rows.length === BLOCK_ROWS) store();
    shard = shardId;
    rows.push(cells);
  }
  store();
  return byShard;
}
