import { z } from 'zod';
import { AssertionError } from '../../errors/index.ts';
import { type Column, type RowBlock, RowBlockBuilder, shardIdOf } from '../../types/index.ts';
import type { Batch, Cursor, Reader, ReadPlan, Shard } from '../contract.ts';
import { CellRandom } from './random-source.ts';
import type { StreamReaderConfig } from './reader-config.ts';

/** Rows of a block at most. */
const BLOCK_ROWS = 5_000;
/** Bytes of a block, about. */
const BLOCK_BYTES = 4 * 1024 * 1024;

const cursorShape = z.strictObject({ v: z.literal(1), row: z.int().nonnegative() });
const rangeShape = z.strictObject({
  v: z.literal(1),
  ordinal: z.int().nonnegative(),
  rows: z.int().positive(),
});

/** Makes rows out of nothing; the same shard always gives the same rows. */
export class StreamReader implements Reader {
  readonly #config: StreamReaderConfig;
  readonly #columns: readonly Column[];

  constructor(config: StreamReaderConfig) {
    this.#config = config;
    this.#columns = config.columns.map(({ name, type }) => ({ name, type }));
  }

  async columns(): Promise<readonly Column[]> {
    return this.#columns;
  }

  /** As in DataX, each channel makes `sliceRecordCount` rows: the sum depends on the number of channels. */
  async plan(want: number): Promise<ReadPlan> {
    const { sliceRecordCount: rows, columns } = this.#config;
    const shards = Array.from({ length: Math.max(1, want) }, (_, ordinal) => ({
      shardId: shardIdOf(ordinal),
      range: JSON.stringify({ v: 1, ordinal, rows }),
      estimatedRows: rows,
    }));
    const sum = `${shards.length} channels make ${rows} rows each`;
    return {
      columns: this.#columns,
      shards,
      notes: [{ level: 'info', message: sum }],
      sourceTypes: columns.map(({ description }) => description),
    };
  }

  async *read(shard: Shard, from: Cursor | undefined): AsyncGenerator<Batch> {
    const { ordinal, rows } = parse(rangeShape, shard.range, 'range');
    let row = from === undefined ? 0 : parse(cursorShape, from, 'cursor').row;
    while (row < rows) {
      const first = row;
      const block = this.#block(ordinal, first, Math.min(rows, first + BLOCK_ROWS));
      row += block.rowCount;
      const cursor = JSON.stringify({ v: 1, row }) as Cursor;
      yield { block, cursor, keyOf: (index) => `shard ${ordinal}, row ${first + index}` };
    }
  }

  async close(): Promise<void> {}

  #block(ordinal: number, from: number, to: number): RowBlock {
    const builder = new RowBlockBuilder(this.#columns);
    for (let row = from; row < to && builder.byteLength < BLOCK_BYTES; row++) {
      for (const [i, { make }] of this.#config.columns.entries()) {
        builder.add(make(() => new CellRandom(ordinal, row, i)));
      }
    }
    return builder.build();
  }
}

function parse<T>(shape: z.ZodType<T>, text: string, what: string): T {
  try {
    return shape.parse(JSON.parse(text));
  } catch (error) {
    throw new AssertionError(`the ${what} of a generated shard cannot be read`, {}, { cause: error });
  }
}
