/** What a shard has stored, as JSON: `{"v":1,"rows":…,"bytes":…}`. Counts only: where rows stand, their keys say. */
import { z } from 'zod';
import { AssertionError } from '../../../errors/index.ts';
import type { SinkState } from '../../contract.ts';

const state = z.strictObject({
  v: z.literal(1),
  rows: z.int().nonnegative(),
  /** Of names and values. */
  bytes: z.int().nonnegative(),
});

/** Counts of one shard. */
export type WrittenCounts = Omit<z.infer<typeof state>, 'v'>;

/** The text of the counts. */
export const encodeCounts = ({ rows, bytes }: WrittenCounts): SinkState =>
  JSON.stringify({ v: 1, rows, bytes }) as SinkState;

/** The counts behind a state, zero for none. Throws AssertionError for text that no sink of this version wrote. */
export function decodeCounts(text: SinkState | undefined): WrittenCounts {
  if (text === undefined) return { rows: 0, bytes: 0 };
  try {
    const { rows, bytes } = state.parse(JSON.parse(text));
    return { rows, bytes };
  } catch (error) {
    throw new AssertionError('the stored state of a shard cannot be read', {}, { cause: error });
  }
}
