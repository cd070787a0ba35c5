/** What one seed draws: which faults are on and how strong, how big everything is, what the person does. */
import { SeededRandom } from './random.ts';

/** Probabilities per operation, message or instance unless a unit is named. Zero = off. */
export interface Faults {
  /** The instance dies at an operation, before or after its effect. */
  crash: number;
  /** The operation fails and certainly had no effect. */
  refused: number;
  throttled: number;
  /** The effect happened or not; the answer never comes. */
  lostAnswer: number;
  /** The instance stands still for up to three leases. */
  pause: number;
  /** The credentials are refused. */
  auth: number;
  /** The credentials are refused while committing: they expire late in a run. */
  commitAuth: number;
  messageLost: number;
  messageDoubled: number;
  /** Up to five hours. */
  messageLate: number;
  messageThrottled: number;
  /** The timer of the sweeper is lost, doubled or late. */
  timer: number;
  /** An instance goes on although the platform has given it up. */
  zombie: number;
  /** Greatest distance of an instance's clock from the truth, milliseconds. */
  skewMs: number;
  /** A function is asked to stop before its time, as a person does with Ctrl-C. */
  interrupt: number;
  /** An instance's clock jumps while it works. */
  clockJump: number;
  /** With a message comes one that another version or somebody else made. */
  foreign: number;
}

/** Sizes and paces. */
export interface Sizes {
  rows: number;
  shards: number;
  concurrent: number;
  batchRows: number;
  partRows: number;
  /** Fewer buffered rows than this cannot be made durable yet. */
  minPartRows: number;
  leaseMs: number;
  checkpointMs: number;
  maxAttempts: number;
  /** Time limit of a worker. */
  limitMs: number;
  /** Mean time of a state call, of reading a batch, of a call to the target. */
  stateMs: number;
  readMs: number;
  targetMs: number;
  /** Function instances at once. */
  instances: number;
  /** Times the platform starts a failed invocation again. */
  retries: number;
  /** Every n-th row is refused by the target; 0 = none. */
  dirtyEvery: number;
  dirtyLimit: number;
  /** Speed limit of the job; 0 = none. */
  rowsPerSecond: number;
  /** 1 = what an earlier job left in the target is removed by the commit. */
  truncate: number;
  /** Times the source grows and is cut anew. */
  sourceChanges: number;
  /** Jobs that share the tables, the sweeper and the platform. */
  jobs: number;
  /** Schedule times of the first job, all at once. */
  schedules: number;
  /** 1 = timers start the runs, 0 = the person's command does. */
  byTimer: number;
  /** 1 = the source can cut what is left of a shard. */
  splits: number;
  /** How uneven the plan cuts: the k-th of n shards ends at the (k/n)^bulk-th part of the rows. */
  bulk: number;
  /** Rows of a table that one request lists; 0 = all. */
  pageRows: number;
  /** 1 = the target must be made ready once before the first row. */
  begins: number;
}

/** What the person does, in minutes after the start. */
export interface UserAction {
  readonly atMinute: number;
  readonly kind: 'pause' | 'resume' | 'cancel' | 'trigger';
  /** Ordinal of the wanted run; absent = the first. */
  readonly run?: number;
}

/** Sizes that are drawn apart, so that older seeds keep the rest of what they drew. */
type Newer = 'byTimer' | 'splits' | 'bulk' | 'pageRows' | 'begins';

/** Everything that is drawn. */
export interface Scenario {
  readonly seed: number;
  readonly faults: Faults;
  readonly sizes: Sizes;
  actions: readonly UserAction[];
  /** A failed run is left alone instead of being resumed. */
  leavesFailed: number;
  /** From here on nothing goes wrong any more. */
  quietAtMinute: number;
}

/** Whether a kind of fault is on at all is drawn first: rare orders need some kinds to be absent. */
export function drawScenario(seed: number): Scenario {
  const random = new SeededRandom(seed, 'scenario');
  const several = new SeededRandom(seed, 'several');
  const foreign = several.chance(0.3) ? several.between(0.005, 0.05) : 0;
  const jobs = several.chance(0.7) ? 1 : several.int(2, 3);
  const schedules = several.chance(0.2) ? 2 : 1;
  const wanted = jobs + schedules - 1;
  return {
    seed,
    faults: { ...drawFaults(random), foreign },
    sizes: { ...drawSizes(random), jobs, schedules, ...drawNewer(several) },
    actions: drawActions(random).map((action) =>
      wanted === 1 ? action : { ...action, run: several.int(0, wanted - 1) },
    ),
    leavesFailed: random.chance(0.1) ? 1 : 0,
    quietAtMinute: random.int(5, 40),
  };
}

function drawFaults(random: SeededRandom): Omit<Faults, 'foreign'> {
  const maybe = (most: number): number => (random.chance(0.5) ? random.between(most / 20, most) : 0);
  return {
    crash: maybe(0.01),
    refused: maybe(0.1),
    throttled: maybe(0.2),
    lostAnswer: maybe(0.1),
    pause: maybe(0.006),
    auth: random.chance(0.15) ? random.between(0.0002, 0.003) : 0,
    commitAuth: random.chance(0.2) ? random.between(0.01, 0.1) : 0,
    messageLost: maybe(0.1),
    messageDoubled: maybe(0.3),
    messageLate: maybe(0.1),
    messageThrottled: maybe(0.5),
    timer: maybe(0.3),
    zombie: maybe(0.8),
    skewMs: random.chance(0.4) ? random.between(1_000, 600_000) : 0,
    interrupt: maybe(0.1),
    clockJump: maybe(0.002),
  };
}

function drawNewer(random: SeededRandom): Pick<Sizes, Newer> {
  return {
    byTimer: random.chance(0.5) ? 1 : 0,
    splits: random.chance(0.6) ? 1 : 0,
    bulk: random.pick([1, 2, 5]),
    pageRows: random.chance(0.5) ? random.int(2, 20) : 0,
    begins: random.chance(0.3) ? 1 : 0,
  };
}

function drawSizes(random: SeededRandom): Omit<Sizes, Newer | 'jobs' | 'schedules'> {
  const shards = random.int(1, random.pick([3, 12, 40]));
  const batchRows = random.int(5, 50);
  const leaseMs = random.pick([20_000, 30_000, 60_000]);
  const partRows = batchRows * random.int(1, 4);
  return {
    rows: batchRows * random.int(1, 200) + random.int(0, 9),
    shards,
    concurrent: random.int(1, 8),
    batchRows,
    partRows,
    minPartRows: random.chance(0.5) ? 0 : Math.floor(partRows / 2),
    leaseMs,
    checkpointMs: random.int(2_000, leaseMs / 3),
    maxAttempts: random.int(4, 12),
    limitMs: random.pick([30_000, 60_000, 180_000, 600_000]),
    stateMs: random.between(2, 60),
    readMs: random.between(50, random.pick([1_000, 6_000, 12_000])),
    targetMs: random.between(10, 1_500),
    instances: random.int(2, 30),
    retries: random.int(1, 3),
    dirtyEvery: random.chance(0.3) ? random.int(3, 400) : 0,
    dirtyLimit: random.pick([0, 5, 100_000]),
    rowsPerSecond: random.chance(0.2) ? random.int(5, 100) : 0,
    sourceChanges: random.chance(0.5) ? random.int(1, 6) : 0,
    truncate: random.chance(0.3) ? 1 : 0,
  };
}

function drawActions(random: SeededRandom): UserAction[] {
  const actions: UserAction[] = [];
  const at = (): number => random.between(0, 30);
  while (random.chance(0.3)) {
    const minute = at();
    actions.push(
      { atMinute: minute, kind: 'pause' },
      { atMinute: minute + random.between(0, 5), kind: 'resume' },
    );
  }
  if (random.chance(0.12)) actions.push({ atMinute: at(), kind: 'cancel' });
  while (random.chance(0.2)) actions.push({ atMinute: at(), kind: 'resume' });
  while (random.chance(0.3)) actions.push({ atMinute: random.between(0, 2), kind: 'trigger' });
  return actions;
}

/** What a scenario was before it knew of these things. */
const OLDER_FAULTS: Partial<Faults> = { foreign: 0 };
const OLDER_SIZES: Partial<Sizes> = {
  jobs: 1,
  schedules: 1,
  byTimer: 0,
  splits: 0,
  bulk: 1,
  pageRows: 0,
  begins: 0,
};

/** A scenario as it was kept, with everything that is drawn since then left off. */
export const completed = (kept: Scenario): Scenario => ({
  ...kept,
  faults: { ...OLDER_FAULTS, ...kept.faults },
  sizes: { ...OLDER_SIZES, ...kept.sizes },
});

/** A number of the scenario by its path, such as `faults.crash`, set to another value. */
export function withNumber(scenario: Scenario, path: string, value: number): Scenario {
  const [group, name] = path.split('.');
  if (group === 'actions') return { ...scenario, actions: scenario.actions.slice(0, value) };
  if (name === undefined) return { ...scenario, [group ?? '']: value };
  if (group !== 'faults' && group !== 'sizes') throw new Error(`no such part of a scenario: ${path}`);
  if (!(name in scenario[group])) throw new Error(`no such number in a scenario: ${path}`);
  return { ...scenario, [group]: { ...scenario[group], [name]: value } };
}
