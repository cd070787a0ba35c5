import { afterEach, describe, expect, it } from 'vitest';
import type { Batch, Cursor, Reader, Shard } from '../../../core/connectors/contract.ts';
import { cellValue, type RowBlock } from '../../../core/types/index.ts';

/** A source with a known content. */
export interface ReaderHarness {
  /** A further reader of the same source: another process would have its own. */
  open(): Reader;
  /**
   * Every row of the source, cells as text (`null`, digits, hex for bytes), in source order; `undefined` where
   * the content depends on the number of shards.
   */
  readonly expected: readonly (readonly string[])[] | undefined;
  close(): Promise<void>;
}

/** Most rows that a block may have. */
const MAX_BLOCK_ROWS = 5_000;

/** A cell as text that tells types and values apart. */
function cellText(block: RowBlock, row: number, column: number): string {
  const value = cellValue(block, row, column);
  return value instanceof Uint8Array ? `bytes ${Buffer.from(value).toString('hex')}` : String(value);
}

/** The rows of a block as text cells. */
export const rowsOfBlock = (block: RowBlock): string[][] =>
  Array.from({ length: block.rowCount }, (_, row) =>
    block.columns.map((_column, column) => cellText(block, row, column)),
  );

/** Reads a shard to its end. */
async function readAll(
  reader: Reader,
  shard: Shard,
  from?: Cursor,
): Promise<{ rows: string[][]; batches: Batch[] }> {
  const batches: Batch[] = [];
  for await (const batch of reader.read(shard, from)) batches.push(batch);
  return { rows: batches.flatMap(({ block }) => rowsOfBlock(block)), batches };
}

/** What every reader must do. `wants` are shard counts to ask for. */
export function describeReaderContract(
  name: string,
  make: () => Promise<ReaderHarness>,
  wants: readonly number[] = [1, 3],
): void {
  describe(`reader contract: ${name}`, () => {
    const open: { close(): Promise<void> }[] = [];
    const start = async (): Promise<ReaderHarness> => {
      const harness = await make();
      open.push(harness);
      return harness;
    };
    const readerOf = (harness: ReaderHarness): Reader => {
      const reader = harness.open();
      open.push(reader);
      return reader;
    };
    afterEach(async () => {
      for (const item of open.splice(0).reverse()) await item.close();
    });

    it.each(wants)('covers the source exactly once in order when asked for %i shards', async (want) => {
      const harness = await start();
      const reader = readerOf(harness);
      const { shards, columns, sourceTypes } = await reader.plan(want);
      expect(columns).toEqual(await reader.columns());
      expect(sourceTypes).toHaveLength(columns.length);
      expect(shards.length).toBeGreaterThanOrEqual(1);
      expect(shards.map(({ shardId }) => Number(shardId))).toEqual(shards.map((_, i) => i));
      const rows: string[][] = [];
      for (const shard of shards) rows.push(...(await readAll(reader, shard)).rows);
      expect(rows.length).toBeGreaterThan(0);
      if (harness.expected) expect(rows).toEqual(harness.expected);
    });

    it.each(wants)('plans the same %i shards again', async (want) => {
      const harness = await start();
      const first = await readerOf(harness).plan(want);
      expect(await readerOf(harness).plan(want)).toEqual(first);
    });

    it('resumes from every cursor with exactly the rows after it', async () => {
      const harness = await start();
      const { shards } = await readerOf(harness).plan(2);
      for (const shard of shards) {
        const { rows, batches } = await readAll(readerOf(harness), shard);
        let seen = 0;
        for (const batch of batches) {
          seen += batch.block.rowCount;
          const rest = await readAll(readerOf(harness), shard, batch.cursor);
          expect(rest.rows).toEqual(rows.slice(seen));
        }
      }
    });

    it('cuts what is left of a shard after every cursor into pieces that are the shard, each row once', async () => {
      const harness = await start();
      const reader = readerOf(harness);
      if (reader.split === undefined) return;
      for (const shard of (await reader.plan(1)).shards) {
        const { rows, batches } = await readAll(reader, shard);
        const cursors = [undefined, ...batches.map(({ cursor }) => cursor)];
        let seen = 0;
        for (const [i, cursor] of cursors.entries()) {
          seen += batches[i - 1]?.block.rowCount ?? 0;
          const pieces = await reader.split(shard, cursor, 3);
          expect(pieces.length).toBeLessThanOrEqual(3);
          if (pieces.length < 2) continue;
          const [own, ...others] = pieces.map(({ range }) => ({ shardId: shard.shardId, range }));
          const rest = (await readAll(reader, own!, cursor)).rows;
          for (const piece of others) rest.push(...(await readAll(reader, piece)).rows);
          expect(rest).toEqual(rows.slice(seen));
          expect((await readAll(reader, own!)).rows.slice(0, seen)).toEqual(rows.slice(0, seen));
        }
      }
    });

    it('yields bounded blocks with the planned columns, a cursor and a key for each row', async () => {
      const harness = await start();
      const reader = readerOf(harness);
      const plan = await reader.plan(1);
      for (const shard of plan.shards) {
        for (const { block, cursor, keyOf } of (await readAll(reader, shard)).batches) {
          expect(block.rowCount).toBeLessThanOrEqual(MAX_BLOCK_ROWS);
          expect(block.columns).toEqual(plan.columns);
          if (cursor !== undefined) expect(JSON.parse(cursor)).toHaveProperty('v');
          if (block.rowCount > 0) expect(keyOf(block.rowCount - 1)).not.toBe('');
        }
      }
    });

    it('may be left in the middle and closed', async () => {
      const harness = await start();
      const reader = readerOf(harness);
      const [shard] = (await reader.plan(1)).shards;
      for await (const batch of reader.read(shard!, undefined)) {
        expect(batch.block.rowCount).toBeGreaterThan(0);
        break;
      }
      await reader.close();
    });
  });
}
