/** The JSON texts that travel with shards: what a shard reads, and where it stands. */
import { z } from 'zod';
import type { Cursor } from '../../connectors/contract.ts';
import { AssertionError } from '../../errors/index.ts';

const tuple = z.array(z.string()).min(1);

const rangeShape = z.strictObject({
  v: z.literal(1),
  /** Ordinal of the connection in the job. */
  connection: z.int().nonnegative(),
  /** Name as the job has it; absent = a query. */
  table: z.string().optional(),
  /** Ordinal of the query in its connection. */
  query: z.int().nonnegative().optional(),
  /** Columns that the bounds are of; empty = no bounds. */
  by: z.array(z.string()),
  /** First values that belong to the range; absent = open. */
  lower: tuple.optional(),
  /** First values that do not; absent = open. */
  upper: tuple.optional(),
  /** Only rows where the column of `by` is null. */
  isNull: z.literal(true).optional(),
  /** Columns that rows are ordered by and resumed after; empty = no order. */
  order: z.array(z.string()),
  /** The snapshot to read in; absent = one for each shard. */
  snapshot: z.string().optional(),
  /** Stands for names and types of all columns; another one means that the table changed. */
  columns: z.string(),
});

/** What a shard reads. */
export type ShardRange = z.output<typeof rangeShape>;

const cursorShape = z.strictObject({ v: z.literal(1), after: tuple });

/** The text of a range. */
export const encodeRange = (range: ShardRange): string => JSON.stringify(range);

/** A range of this reader. */
export const decodeRange = (text: string): ShardRange => parse(rangeShape, text, 'range');

/** The position after the row with these key values. */
export const encodeCursor = (after: readonly string[]): Cursor =>
  JSON.stringify({ v: 1, after: [...after] } satisfies z.output<typeof cursorShape>) as Cursor;

/** Key values of the last row before the position. */
export const decodeCursor = (cursor: Cursor): readonly string[] => parse(cursorShape, cursor, 'cursor').after;

function parse<T>(shape: z.ZodType<T>, text: string, what: string): T {
  try {
    return shape.parse(JSON.parse(text));
  } catch (error) {
    throw new AssertionError(`the ${what} of a relational shard cannot be read`, {}, { cause: error });
  }
}
