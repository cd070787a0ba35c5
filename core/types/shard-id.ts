/**
 * Names of shards: `{ordinal: 5 digits}` for a shard of the plan, `{parent}-{place: 3 digits}e{epoch}` for a piece of a
 * parent's rest (core/run/hand-back.ts).
 *
 * Pieces are cut from the end, so places count down from MAX_CHILDREN: names in text order are shards in key order, the
 * parent first. The epoch keeps apart what a fenced holder stored and never named; among the pieces that were named,
 * and only those are ever written, the places alone tell them apart.
 */

/** Pieces that one shard may hand back. */
export const MAX_CHILDREN = 255;
/** Pieces of pieces of pieces. */
export const MAX_DEPTH = 3;
/** Shards that a plan may have. */
export const MAX_ORDINAL = 65_535;

/** What the name of a shard says. */
export interface ShardPlace {
  /** Of the shard of the plan. */
  readonly ordinal: number;
  /** From the shard of the plan down: 1 to MAX_CHILDREN each, at most MAX_DEPTH of them. */
  readonly places: readonly number[];
}

/** Name of the shard of the plan with this ordinal. */
export const shardIdOf = (ordinal: number): string => String(ordinal).padStart(5, '0');

/** Name of the next piece of a shard's rest that has handed back `handedBack` pieces before. */
export const childIdOf = (parentId: string, epoch: number, handedBack: number): string =>
  `${parentId}-${String(MAX_CHILDREN - handedBack).padStart(3, '0')}e${epoch}`;

/** Reads the name of a shard; undefined if it is none. */
export function placeOfShard(shardId: string): ShardPlace | undefined {
  if (!/^\d{5}(-\d{3}e\d+)*$/.test(shardId)) return undefined;
  const [ordinal = '', ...levels] = shardId.split('-');
  const places = levels.map((level) => Number.parseInt(level, 10));
  const fits = places.length <= MAX_DEPTH && places.every((place) => place >= 1 && place <= MAX_CHILDREN);
  return fits && Number(ordinal) <= MAX_ORDINAL ? { ordinal: Number(ordinal), places } : undefined;
}
