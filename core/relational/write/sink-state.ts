/** What a relational sink has committed for a shard, as JSON: `{"v":1,"rows":…,"bytes":…}`. */
import type { SinkState } from '../../connectors/contract.ts';
import { assert } from '../../errors/index.ts';

/** Counts of one shard. */
export interface LoadedCounts {
  readonly rows: number;
  /** Bytes of the rows in the form in which they were sent. */
  readonly bytes: number;
}

/** The text of the counts. */
export const encodeCounts = ({ rows, bytes }: LoadedCounts): SinkState =>
  JSON.stringify({ v: 1, rows, bytes }) as SinkState;

/** The counts behind a state; zero for none. */
export function decodeCounts(state: SinkState | undefined): LoadedCounts {
  if (state === undefined) return { rows: 0, bytes: 0 };
  const { v, rows, bytes } = JSON.parse(state) as Partial<LoadedCounts> & { v?: unknown };
  assert(
    v === 1 && rows !== undefined && bytes !== undefined,
    'the state of a relational sink cannot be read',
  );
  return { rows, bytes };
}
