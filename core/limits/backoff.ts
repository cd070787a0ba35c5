import type { Random } from '../ports/index.ts';

/** Shape of a back-off: doubling from `baseMs` up to `capMs`. */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * Time to wait before attempt `attempt + 1` (0-based): half fixed, half random, so that waits never come close
 * to zero and callers that failed together do not come back together.
 */
export function backoffMs(attempt: number, backoff: Backoff, random: Random): number {
  const full = Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.min(attempt, 30));
  return full / 2 + (full / 2) * random.fraction();
}
