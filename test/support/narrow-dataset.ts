/**
 * Rows that are cheap to move and to compare: a key of two columns and a text. Those of the first part are narrow, so
 * that a shard of little size has several pages; the others are broad, so that the next shards have few rows. A few texts
 * are bytes that no text has: their rows are refused.
 */
import type { SourceRow } from './dataset.ts';

/** Columns in job order. */
export const NARROW_COLUMNS = ['bucket', 'id', 'note'] as const;

/** Rows from this one on are broad. */
const BROAD_FROM = 16_000;
/** Five thousand narrow lines are more than the 100 KiB of the smallest part of an upload. */
const NARROW_CHARACTERS = 18;
const BROAD_CHARACTERS = 1_000;
/** One row in so many is refused. */
const DIRTY_EVERY = 3_001;
const DIRTY_AT = 1_700;

/** Whether the row has a text that cannot be written. */
export const isDirtyRow = (i: number): boolean => i % DIRTY_EVERY === DIRTY_AT;

const noteOf = (i: number): string =>
  `row ${i} `.padEnd(i < BROAD_FROM ? NARROW_CHARACTERS : BROAD_CHARACTERS, 'abcdefghij');

/** Row `i`. All are in one bucket, in the order of their ids. */
export const narrowRow = (i: number): SourceRow => ({
  primaryKey: ['b', BigInt(i)],
  columns: [['note', isDirtyRow(i) ? Buffer.from([0xff, 0xfe, 0x00]) : noteOf(i)]],
});

/** The rows of ids `from` to `to` - 1. */
export function* narrowRows(from: number, to: number): Iterable<SourceRow> {
  for (let i = from; i < to; i++) yield narrowRow(i);
}

/** The line of row `i` in a CSV file, without its end. */
export const narrowLine = (i: number): string => `b,${i},${noteOf(i)}`;
