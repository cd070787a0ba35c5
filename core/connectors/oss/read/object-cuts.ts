import type { ByteRange } from '../../../formats/read/format-reader.ts';

/** Smallest part of an object that is worth a shard of its own, bytes. */
export const MIN_SHARD_BYTES = 16 * 1024 * 1024;
/** Smallest part that is worth handing over to another worker while a shard is read, bytes. */
export const MIN_PIECE_BYTES = 1024 * 1024;

/** An object with the parts that it is cut into. */
export interface CutObject<T> {
  readonly object: T;
  readonly parts: readonly ByteRange[];
}

/**
 * Cuts objects such that there are about `want` shards of about equal size, at most `most`. Objects that cannot be cut
 * are a shard each.
 */
export function cutObjects<T extends { readonly size: number }>(
  objects: readonly T[],
  want: number,
  most: number,
  cuttable: boolean,
): readonly CutObject<T>[] {
  const total = objects.reduce((sum, { size }) => sum + size, 0);
  const target = Math.max(MIN_SHARD_BYTES, total / Math.max(1, want));
  let spare = most - objects.length;
  return objects.map((object) => {
    const wanted = cuttable ? Math.max(1, Math.round(object.size / target)) : 1;
    const count = Math.min(wanted, 1 + Math.max(0, spare));
    spare -= count - 1;
    return { object, parts: evenParts(0, object.size, count) };
  });
}

/** Ranges of about equal size that cover `[from, to)`. */
export function evenParts(from: number, to: number, count: number): readonly ByteRange[] {
  const bound = (i: number): number => from + Math.floor(((to - from) * i) / count);
  return Array.from({ length: count }, (_, i) => ({ from: bound(i), to: bound(i + 1) }));
}
