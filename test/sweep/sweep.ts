/** The sweep: runs without a crash to learn the points, then one run per point, on several lanes at once. */
import { type CrashPoint, formatCall, parsePoint } from '../support/crash-point.ts';
import { Lane, type Play, type PlayOptions } from './lane.ts';
import { differences, listPoints, type Selection, type SweepPoint, selectPoints } from './points.ts';
import { SCENARIOS, type Scenario, scenarioOf } from './scenario.ts';

/** What to sweep and how. */
export interface SweepOptions {
  readonly selection: Selection;
  /** Only these scenarios are played; the list of points is the same. Default all. */
  readonly scenarios?: readonly string[];
  /** Clouds at work at the same time. */
  readonly lanes: number;
  /** Runs without a crash, per scenario; they have to be the same. Default 2. */
  readonly calmRuns?: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** How far the sweep is. */
export interface Progress {
  readonly total: number;
  readonly done: readonly PointResult[];
}

/** How a point went. */
export interface PointResult {
  readonly point: SweepPoint;
  /** `not hit`: the call did not happen, which it has to. */
  readonly outcome: 'exact' | 'failed' | 'not hit';
  readonly play: Play;
}

/** Everything that a sweep found. */
export interface SweepReport {
  /** All points that there are, wanted or not. */
  readonly points: readonly SweepPoint[];
  readonly results: readonly PointResult[];
  readonly runs: number;
  readonly looks: number;
  readonly lanes: number;
  readonly ms: number;
}

const DEFAULT_CALM_RUNS = 2;

/** Sweeps the wanted points. Throws when a run without a crash is not exact: then nothing else means anything. */
export async function sweep(options: SweepOptions): Promise<SweepReport> {
  const startedMs = performance.now();
  return withLanes(options.lanes, async (lanes) => {
    const calm = await playCalm(lanes, options.calmRuns ?? DEFAULT_CALM_RUNS);
    const points = pointsOf(calm);
    const isWanted = ({ scenario }: SweepPoint): boolean => options.scenarios?.includes(scenario) ?? true;
    const wanted = selectPoints(points.filter(isWanted), options.selection);
    const results = await playPoints(lanes, wanted, options.onProgress);
    const plays = [...calm, ...results].map(({ play }) => play);
    return {
      points,
      results,
      runs: plays.length,
      looks: plays.reduce((sum, { looks }) => sum + looks, 0),
      lanes: options.lanes,
      ms: performance.now() - startedMs,
    };
  });
}

/** The points that a sweep would play. */
export const list = (lanes: number): Promise<readonly SweepPoint[]> =>
  withLanes(lanes, async (opened) => pointsOf(await playCalm(opened, 1)));

/** Plays the given points, in this order, whatever runs without a crash would say. */
export function replay(
  points: readonly SweepPoint[],
  options: Pick<SweepOptions, 'lanes' | 'onProgress'>,
): Promise<readonly PointResult[]> {
  for (const { scenario } of points) scenarioOf(scenario);
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

/** A run without a crash under test. */
interface Calm {
  readonly scenario: Scenario;
  readonly play: Play;
}

async function playCalm(lanes: readonly Lane[], times: number): Promise<readonly Calm[]> {
  const tasks = Array.from({ length: times }, () => SCENARIOS).flat();
  const all = await share(lanes, tasks, async (lane, scenario) => ({
    scenario,
    play: await lane.play(scenario),
  }));
  for (const { scenario, play } of all) requireCalm(scenario, play);
  for (const scenario of SCENARIOS) {
    const [first, ...others] = all.filter((each) => each.scenario === scenario).map(({ play }) => play);
    const odd = others.flatMap((other) => differences(first?.calls ?? [], other.calls));
    if (odd.length > 0) throw new Error(`two runs of '${scenario.name}' are not the same: ${odd.join(', ')}`);
  }
  return all;
}

function requireCalm(scenario: Scenario, { problems, missed, strangers, logs }: Play): void {
  if (problems.length > 0)
    throw new Error(`'${scenario.name}' is wrong without a crash: ${problems.join('; ')}\n${logs}`);
  if (missed.length > 0) throw new Error(`'${scenario.name}' did not come about: ${missed.join(', ')}`);
  // What a killed process sent just before cannot be told any more; without a kill all callers must be known.
  if (strangers > 0 && scenario.crashes === undefined)
    throw new Error(`${strangers} calls came from processes that are no function's`);
}

/** Each scenario counts once. */
const pointsOf = (calm: readonly Calm[]): readonly SweepPoint[] =>
  listPoints(
    SCENARIOS.flatMap((scenario) => {
      const play = calm.find((each) => each.scenario === scenario)?.play;
      const { name, kills } = scenario;
      return play
        ? [
            {
              scenario: name,
              kills,
              calls: play.calls,
              turns: turnsOf(scenario),
              killed: crashesOf(scenario),
            },
          ]
        : [];
    }),
  );

/** What is other than plain from the start has no turn. */
function turnsOf(scenario: Scenario): readonly string[] {
  const { before, refused, errorLimit, lost } = scenario;
  if (errorLimit || lost) return [];
  return [...Object.keys(before ?? {}), ...(refused ?? []), ...crashesOf(scenario)];
}

/** The calls at which the scenario itself kills. */
const crashesOf = ({ crashes }: Scenario): readonly string[] =>
  (crashes ?? []).map((point) => formatCall(parsePoint(point)));

async function playPoints(
  lanes: readonly Lane[],
  points: readonly SweepPoint[],
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

/** Plays one point once, on a lane and in circumstances of the caller's choice. */
export async function playPoint(
  lane: Lane,
  point: SweepPoint,
  options: PlayOptions = {},
): Promise<PointResult> {
  const { scenario, ...crash } = point;
  const play = await lane.play(scenarioOf(scenario), crash satisfies CrashPoint, options);
  if (play.problems.length > 0) return { point, outcome: 'failed', play };
  return { point, outcome: play.isHit ? 'exact' : 'not hit', play };
}
