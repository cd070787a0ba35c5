import { DEFAULT_PAGE, MAX_PAGE } from '../limits.ts';
import { invalidArgument } from './error.ts';

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken: string | null;
}

/** The `limit` of a list call. */
export function pageLimit(query: URLSearchParams): number {
  const text = query.get('limit');
  if (text === null) return DEFAULT_PAGE;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    throw invalidArgument(`limit must be an integer from 1 to ${MAX_PAGE}`);
  }
  return limit;
}

/**
 * Cuts a page out of a list ordered by name: `prefix` filters, `startKey` (inclusive) or `nextToken` says
 * where to begin. A token is the name that begins the next page.
 */
export function page<T>(all: readonly T[], nameOf: (item: T) => string, query: URLSearchParams): Page<T> {
  const limit = pageLimit(query);
  const prefix = query.get('prefix') ?? '';
  const from = query.get('nextToken') ?? query.get('startKey') ?? '';
  const found = all
    .filter((item) => nameOf(item).startsWith(prefix) && nameOf(item) >= from)
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const next = found[limit];
  return { items: found.slice(0, limit), nextToken: next === undefined ? null : nameOf(next) };
}
