/** Where a shard stands: the source's position and the counts up to it, and the text of both for a target's ledger. */
import type { Cursor, Mark } from '../connectors/contract.ts';
import { AssertionError, SyncError } from '../errors/index.ts';
import type { Counters } from '../run/counters.ts';

/** A position between two blocks of a shard. */
export interface Position {
  readonly cursor: Cursor | undefined;
  readonly counters: Counters;
}

interface Stored {
  readonly v: 1;
  readonly cursor: string | null;
  readonly counters: Counters;
}

/** The text that a transactional target keeps. */
export const markOf = ({ cursor, counters }: Position): Mark =>
  JSON.stringify({ v: 1, cursor: cursor ?? null, counters } satisfies Stored) as Mark;

/**
 * The later of the two positions: the target's ledger may be ahead of the state store by the blocks that an attempt
 * committed before it died. Throws SRC-2008 if rows stand in the target whose place in the source cannot be found again.
 */
export function further(from: Position, mark: Mark | undefined): Position {
  if (mark === undefined) return from;
  const stored = parsed(mark);
  if (stored.counters.read <= from.counters.read) return from;
  if (stored.cursor === null)
    throw new SyncError(
      'SRC-2008',
      'lost',
      'rows of this shard stand in the target already, and the source has no key to go on after them',
    );
  return { cursor: stored.cursor as Cursor, counters: stored.counters };
}

function parsed(mark: Mark): Stored {
  const stored = JSON.parse(mark) as Partial<Stored>;
  if (stored.v !== 1 || stored.counters === undefined || stored.cursor === undefined)
    throw new AssertionError('a mark in the target cannot be read');
  return stored as Stored;
}
