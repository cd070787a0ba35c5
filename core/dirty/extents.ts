/**
 * Which of the objects under a shard's name hold the rows that count. Attempts that died, that were repeated, or that
 * live on although another one has taken over (zombies) leave objects too, and no list says whose count. None is needed:
 *
 *   1. One attempt alone writes under an epoch, one object after the other, each under a name of its own: the pair
 *      (epoch, sequence) puts all writes into an order, and no object is ever written with other rows.
 *   2. An attempt writes ordinals without a gap, from the number that stood in the position it began at.
 *   3. That position had become durable before the attempt's epoch was given out, or before the target's ledger was
 *      taken over under it. From then on nobody with an earlier epoch can make a position durable. So once a position
 *      counts an ordinal, no attempt of a later epoch writes it again.
 *   4. In one epoch an ordinal is written again only if the transaction that was to count it did not happen.
 *
 * So of each counted ordinal, the last write in that order is what the position counts: a write at ordinal n takes the
 * place of everything from n on that was written before it. A zombie's objects have an earlier epoch than those of whoever
 * took over, whenever they come to be, and give way. Epochs rise through a chain of resumes as well, because a shard is
 * closed under a higher one before it is copied (core/run/resume.ts).
 */
import type { DirtyObjectName } from './dirty-object.ts';

/** The rows [`first`, `end`) of an object. */
export interface Extent {
  readonly object: DirtyObjectName;
  readonly first: number;
  readonly end: number;
}

/** The extents that count, in order of their ordinals and apart from each other, of the first `counted` rows of a shard. */
export function extentsOf(objects: readonly DirtyObjectName[], counted: number): readonly Extent[] {
  const extents: Extent[] = [];
  for (const object of objects.toSorted(inOrderOfWriting)) {
    cutAt(extents, object.first);
    extents.push({ object, first: object.first, end: object.first + object.rows });
  }
  cutAt(extents, counted);
  return extents;
}

const inOrderOfWriting = (a: DirtyObjectName, b: DirtyObjectName): number =>
  a.epoch - b.epoch || a.sequence - b.sequence;

/** Drops all from `ordinal` on. */
function cutAt(extents: Extent[], ordinal: number): void {
  while ((extents.at(-1)?.first ?? -1) >= ordinal) extents.pop();
  const last = extents.at(-1);
  if (last && last.end > ordinal) extents.splice(-1, 1, { ...last, end: ordinal });
}
