/** Which points there are: every call of the functions that a scenario kills, before and after it. */
import {
  type CrashPoint,
  formatCall,
  formatPoint,
  type Moment,
  type NumberedCall,
  numbered,
  parsePoint,
} from '../support/crash-point.ts';
import type { WatchedCall } from '../support/crash-watch.ts';

const MOMENTS: readonly Moment[] = ['before', 'after'];

/** A crash in certain circumstances. */
export interface SweepPoint extends CrashPoint {
  readonly scenario: string;
}

/** `slow/worker:PutRow channels 0 renew:1:after` */
export const formatSweepPoint = (point: SweepPoint): string => `${point.scenario}/${formatPoint(point)}`;

/** Reads what `formatSweepPoint` wrote. Throws for any other text. */
export function parseSweepPoint(text: string): SweepPoint {
  const slash = text.indexOf('/');
  if (slash < 1) throw new Error(`no point of the sweep: '${text}'; one begins with 'plain/'`);
  return { scenario: text.slice(0, slash), ...parsePoint(text.slice(slash + 1)) };
}

/** What a scenario comes to without a crash under test. */
export interface CalmCalls {
  readonly scenario: string;
  readonly kills: readonly string[];
  /** In order of arrival, of all functions. */
  readonly calls: readonly WatchedCall[];
  /** Calls by name: from the first of them on the scenario is another than the plain one; none = from the beginning. */
  readonly turns: readonly string[];
  /** Calls at which the scenario itself kills: no points of its own. */
  readonly killed: readonly string[];
}

/** Which of the points are wanted. */
export interface Selection {
  readonly functions?: readonly string[];
  /** Ordinals, from 1, of calls in the list; both ends are included. */
  readonly from?: number;
  readonly to?: number;
  /** Every so many points of all, beginning with the one at `offset` (from 0). */
  readonly every?: number;
  readonly offset?: number;
}

/** Calls after which nothing is other than before: a crash there leaves what one after the last write leaves. */
const READS = /^(Get|Head|List|Describe|Compute)/;

/**
 * The points of all scenarios, in order. The first scenario lists every call. A later one lists
 *
 *   - every write and message that is made once it has become another than the plain one;
 *   - the reads that no scenario before it has by function, name and number.
 */
export function listPoints(scenarios: readonly CalmCalls[]): SweepPoint[] {
  const listed = new Set<string>();
  return scenarios.flatMap(({ scenario, kills, calls, turns, killed }, i) => {
    const all = numbered(calls);
    const turn = all.findIndex((call) => turns.includes(formatCall(call)));
    const isNew = (call: NumberedCall, at: number): boolean =>
      !listed.has(formatCall(call)) || (i > 0 && at >= turn && !READS.test(call.call));
    const mayDie = (call: NumberedCall): boolean =>
      kills.includes(call.functionName) && !killed.includes(formatCall(call));
    const wanted = all.filter((call, at) => mayDie(call) && isNew(call, at));
    for (const call of wanted) listed.add(formatCall(call));
    return wanted.flatMap((call) => MOMENTS.map((moment) => ({ scenario, ...call, moment })));
  });
}

/** The wanted ones. */
export function selectPoints(
  points: readonly SweepPoint[],
  { functions, from = 1, to = Number.POSITIVE_INFINITY, every = 1, offset = 0 }: Selection,
): SweepPoint[] {
  return points
    .filter(({ functionName }) => functions === undefined || functions.includes(functionName))
    .filter((_, i) => {
      const call = Math.floor(i / MOMENTS.length) + 1;
      return call >= from && call <= to;
    })
    .filter((_, i) => i % every === offset % every);
}

/** Calls that only one of two runs made, by name: empty if both were the same but for the order. */
export function differences(one: readonly WatchedCall[], other: readonly WatchedCall[]): readonly string[] {
  const names = (calls: readonly WatchedCall[]): string[] => numbered(calls).map(formatCall);
  const [first, second] = [new Set(names(one)), new Set(names(other))];
  return [
    ...names(one).filter((name) => !second.has(name)),
    ...names(other).filter((name) => !first.has(name)),
  ];
}
