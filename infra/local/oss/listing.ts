/** One page of a listing: items with a prefix, folded at a delimiter, at most so many of both together. */

/** What a page is asked for. */
export interface PageRequest {
  readonly prefix: string;
  /** Empty = no folding. */
  readonly delimiter: string;
  readonly limit: number;
  /** The marker of this page: a group that the page before ended with is not shown again. */
  readonly afterGroup: string;
}

/** One page and where the next begins. */
export interface Page<V> {
  readonly items: readonly V[];
  /** Common prefixes in order. */
  readonly groups: readonly string[];
  readonly truncated: boolean;
  /** Key or group that the page ends with. */
  readonly nextMarker: string;
}

/** Folds sorted entries, all behind the marker, into a page. Entries may come lazily; no more are taken than needed. */
export function pageOf<V>(entries: Iterable<readonly [string, V]>, request: PageRequest): Page<V> {
  const { prefix, delimiter, limit, afterGroup } = request;
  const items: V[] = [];
  const groups: string[] = [];
  let nextMarker = '';
  for (const [key, value] of entries) {
    if (!key.startsWith(prefix)) continue;
    const group = groupOf(key, prefix, delimiter);
    if (group !== undefined && (group === groups.at(-1) || group === afterGroup)) continue;
    if (items.length + groups.length >= limit) return { items, groups, truncated: true, nextMarker };
    if (group === undefined) items.push(value);
    else groups.push(group);
    nextMarker = group ?? key;
  }
  return { items, groups, truncated: false, nextMarker };
}

function groupOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}
