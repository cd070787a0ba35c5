/** Which points there are: every call of every function in a run without a crash, before and after it. */
import type { CrashPoint, Moment } from '../support/crash-point.ts';
import type { WatchedCall } from '../support/crash-watch.ts';

const MOMENTS: readonly Moment[] = ['before', 'after'];

/** Which of the points are wanted. */
export interface Selection {
  /** Ordinals, from 1, of the calls in a function's list; both ends are included. */
  readonly from?: number;
  readonly to?: number;
  /** Every so many points of all, beginning with the one at `offset` (from 0). */
  readonly every?: number;
  readonly offset?: number;
}

/**
 * The points of a function in the order in which its calls were first seen. Runs differ a little, since leases and timers
 * depend on time: the n-th call of a kind is listed when more than half of the runs had one.
 */
export function pointsOf(functionName: string, runs: readonly (readonly WatchedCall[])[]): CrashPoint[] {
  const seen = new Map<string, { readonly call: string; readonly ordinal: number; times: number }>();
  for (const calls of runs) {
    for (const { call, ordinal } of numbered(calls.filter((made) => made.functionName === functionName))) {
      const name = `${call}:${ordinal}`;
      const entry = seen.get(name) ?? { call, ordinal, times: 0 };
      seen.set(name, entry);
      entry.times++;
    }
  }
  const usual = [...seen.values()].filter(({ times }) => times > runs.length / 2);
  return usual.flatMap(({ call, ordinal }) =>
    MOMENTS.map((moment) => ({ functionName, call, ordinal, moment })),
  );
}

/** The calls with their numbers among those of their kind. */
function numbered(calls: readonly WatchedCall[]): { readonly call: string; readonly ordinal: number }[] {
  const counts = new Map<string, number>();
  return calls.map(({ call }) => {
    const ordinal = (counts.get(call) ?? 0) + 1;
    counts.set(call, ordinal);
    return { call, ordinal };
  });
}

/** The wanted ones of the points of several functions. */
export function selectPoints(
  byFunction: readonly (readonly CrashPoint[])[],
  { from = 1, to = Number.POSITIVE_INFINITY, every = 1, offset = 0 }: Selection,
): CrashPoint[] {
  const inRange = byFunction.flatMap((points) =>
    points.filter((_, i) => {
      const call = Math.floor(i / MOMENTS.length) + 1;
      return call >= from && call <= to;
    }),
  );
  return inRange.filter((_, i) => i % every === offset % every);
}
