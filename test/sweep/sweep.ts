/** The sweep: runs without a crash to learn the points, then one run per point, on several lanes at once. */
import { isTerminal } from '../../core/run/index.ts';
import type { CrashPoint } from '../support/crash-point.ts';
import { Lane, type Play, type PlayOptions } from './lane.ts';
import { pointsOf, type Selection, selectPoints } from './points.ts';
import { SCENARIOS, type Scenario, scenarioOf } from './scenario.ts';

/** What to sweep and how. */
export interface SweepOptions {
  readonly functions: readonly string[];
  readonly selection: Selection;
  /** Clouds at work at the same time. */
  readonly lanes: number;
  /** Runs without a crash, per scenario: odd, since the majority decides about what depends on time. Default 3. */
  readonly calmRuns?: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** How far the sweep is. */
export interface Progress {
  readonly total: number;
  readonly done: readonly PointResult[];
}

/** How a point went in the end. */
export interface PointResult {
  readonly point: CrashPoint;
  /** `not reached`: the call did not happen in any of the runs, each of which was exact. */
  readonly outcome: 'exact' | 'failed' | 'not reached';
  readonly tries: number;
  readonly last: Play;
}

/** Everything that a sweep found. */
export interface SweepReport {
  readonly results: readonly PointResult[];
  /** Calls per function in a run without a crash. */
  readonly calls: Readonly<Record<string, number>>;
  readonly runs: number;
  readonly looks: number;
  readonly lanes: number;
  readonly ms: number;
}

const DEFAULT_CALM_RUNS = 3;
/** Runs for a point that is not reached, or that do not end. */
const MAX_TRIES = 3;

/** Sweeps the wanted points. Throws when a run without a crash is not exact: then nothing else means anything. */
export async function sweep(options: SweepOptions): Promise<SweepReport> {
  const startedMs = performance.now();
  return withLanes(options.lanes, async (lanes) => {
    const wanted = [...new Set(options.functions.map(scenarioOf))];
    const calm = await playCalm(lanes, wanted, options.calmRuns ?? DEFAULT_CALM_RUNS);
    const callsOf = (scenario: Scenario) =>
      calm.filter((each) => each.scenario === scenario).map(({ play }) => play.calls);
    const byFunction = options.functions.map((name) => pointsOf(name, callsOf(scenarioOf(name))));
    const points = selectPoints(byFunction, options.selection);
    const results = await playPoints(lanes, points, options.onProgress);
    const plays = [...calm.map(({ play }) => play), ...results.map(({ last }) => last)];
    return {
      results,
      calls: Object.fromEntries(options.functions.map((name, i) => [name, (byFunction[i]?.length ?? 0) / 2])),
      runs: calm.length + results.reduce((sum, { tries }) => sum + tries, 0),
      looks: plays.reduce((sum, { looks }) => sum + looks, 0),
      lanes: options.lanes,
      ms: performance.now() - startedMs,
    };
  });
}

/** Plays the given points, in this order, whatever runs without a crash would say. */
export function replay(
  points: readonly CrashPoint[],
  options: Pick<SweepOptions, 'lanes' | 'onProgress'>,
): Promise<readonly PointResult[]> {
  return withLanes(options.lanes, (lanes) => playPoints(lanes, points, options.onProgress));
}

async function withLanes<T>(count: number, use: (lanes: readonly Lane[]) => Promise<T>): Promise<T> {
  const opening = Array.from({ length: count }, () => Lane.open());
  try {
    return await use(await Promise.all(opening));
  } finally {
    const opened = await Promise.allSettled(opening);
    await Promise.all(opened.map((lane) => (lane.status === 'fulfilled' ? lane.value.close() : undefined)));
  }
}

/** Every lane takes the next task when it is free; results come in the order of the tasks. */
async function share<T, R>(
  lanes: readonly Lane[],
  tasks: readonly T[],
  work: (lane: Lane, task: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(tasks.length);
  let next = 0;
  await Promise.all(
    lanes.map(async (lane) => {
      for (let i = next++; i < tasks.length; i = next++) results[i] = await work(lane, tasks[i]!);
    }),
  );
  return results;
}

/** A run without a crash. */
interface Calm {
  readonly scenario: Scenario;
  readonly play: Play;
}

async function playCalm(
  lanes: readonly Lane[],
  scenarios: readonly Scenario[],
  times: number,
): Promise<readonly Calm[]> {
  const tasks = Array.from({ length: times }, () => scenarios).flat();
  const all = await share(lanes, tasks, async (lane, scenario) => ({
    scenario,
    play: await untilEnded(lane, scenario),
  }));
  const broken = all.find(({ play }) => play.problems.length > 0)?.play;
  if (broken)
    throw new Error(`a run without a crash is wrong: ${broken.problems.join('; ')}\n${broken.logs}`);
  // What a killed process sent just before cannot be told any more; without a kill all callers must be known.
  const unharmed = all.filter(({ scenario }) => scenario.crashes.length === 0);
  const strangers = unharmed.reduce((sum, { play }) => sum + play.strangers, 0);
  if (strangers > 0) throw new Error(`${strangers} calls came from processes that are no function's`);
  return all;
}

async function playPoints(
  lanes: readonly Lane[],
  points: readonly CrashPoint[],
  onProgress?: (progress: Progress) => void,
): Promise<readonly PointResult[]> {
  const done: PointResult[] = [];
  return share(lanes, points, async (lane, point) => {
    const result = await playPoint(lane, point);
    done.push(result);
    onProgress?.({ total: points.length, done });
    return result;
  });
}

/** A run that does not end may have had too little time: it is tried again with more of it. */
async function untilEnded(lane: Lane, scenario: Scenario, point?: CrashPoint): Promise<Play> {
  for (let tries = 1; ; tries++) {
    const play = await lane.play(scenario, point);
    if (isTerminal(play.state) || tries === MAX_TRIES) return play;
    lane.slowDown();
  }
}

async function playPoint(lane: Lane, point: CrashPoint): Promise<PointResult> {
  for (let tries = 1; ; tries++) {
    const last = await untilEnded(lane, scenarioOf(point.functionName), point);
    const result = resultOf(point, last, tries);
    if (result.outcome !== 'not reached' || tries === MAX_TRIES) return result;
  }
}

function resultOf(point: CrashPoint, last: Play, tries: number): PointResult {
  if (last.problems.length > 0) return { point, outcome: 'failed', tries, last };
  return { point, outcome: last.isHit ? 'exact' : 'not reached', tries, last };
}

/** Plays one point once, on a lane and in circumstances of the caller's choice. */
export const playOnce = async (
  lane: Lane,
  scenario: Scenario,
  point: CrashPoint,
  options: PlayOptions = {},
): Promise<PointResult> => resultOf(point, await lane.play(scenario, point, options), 1);

/** Names of all functions that are swept. */
export const SWEPT_FUNCTIONS: readonly string[] = Object.keys(SCENARIOS);
