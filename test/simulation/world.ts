/** The real engine on simulated ground, from the first trigger until nothing moves any more. */
import { SyncError } from '../../core/errors/index.ts';
import { silentLogger } from '../../core/ports/system.ts';
import {
  cancelRun,
  createRun,
  defaultRunOptions,
  type EngineDeps,
  pauseRun,
  type RunRow,
  resumeRun,
  runPath,
} from '../../core/run/index.ts';
import { createStateStore } from '../../core/stores/index.ts';
import type { RunRef } from '../../core/types/index.ts';
import { Bucket } from './bucket.ts';
import { timerEvent } from './events.ts';
import { Functions } from './functions.ts';
import { Ground } from './ground.ts';
import type { Instance } from './instance.ts';
import { makeJobs, makeWanted, modelOf, type SimJob, type Wanted } from './jobs.ts';
import { type Mutant, realEngine } from './mutant.ts';
import { Person } from './person.ts';
import { Platform } from './platform.ts';
import { RowTables } from './row-tables.ts';
import type { Scenario } from './scenario.ts';
import { SimSystems } from './sim-systems.ts';
import { Watch } from './watch.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WEEK_MS = 7 * 24 * HOUR_MS;
/** In the quiet everything must have come to its end within this. */
const QUIET_BOUND_MS = 4 * HOUR_MS;
/** More than any honest run needs; a loop that feeds itself passes it soon. */
const MAX_EVENTS_PER_RUN = 400_000;
/** Sweeps a week later, when what failed and was left alone is thrown away. */
const LATE_TICKS = 20;
/** Whoever set up a timer looks after this whether the run is there. */
const TIMER_PATIENCE_MS = MINUTE_MS;

/** A wanted run and the person behind it. */
export interface Lineage extends Wanted {
  readonly person: Person;
}

/** All parts of a simulated installation. */
export class World {
  readonly ground: Ground;
  readonly bucket: Bucket;
  readonly jobs: readonly SimJob[];
  readonly lineages: readonly Lineage[];
  readonly watch: Watch;
  readonly tables: RowTables;
  readonly systems: SimSystems;
  readonly platform: Platform;
  readonly #mutant: Mutant | undefined;
  #lateTicks = 0;

  constructor(scenario: Scenario, mutant?: Mutant, onLine?: (line: string) => void) {
    this.#mutant = mutant;
    this.ground = new Ground(scenario);
    this.ground.trace.onLine = onLine;
    this.jobs = makeJobs(scenario);
    const wanted = makeWanted(this.jobs, scenario, this.ground.scheduler.startMs);
    this.bucket = new Bucket(
      this.ground,
      wanted.map(({ root }) => runPath(root)),
    );
    this.watch = new Watch(this.ground, this.bucket);
    this.bucket.onManifest = (run) => this.watch.manifest(run);
    this.tables = new RowTables(this.ground, this.watch);
    const sources = new Map(this.jobs.map(({ jobId, source }) => [jobId, source]));
    this.systems = new SimSystems(this.ground, sources, this.bucket, mutant?.writer ?? {});
    const functions = this.#makeFunctions();
    this.platform = new Platform(this.ground, (...call) => functions.run(...call), mutant?.boundless);
    this.lineages = wanted.map((one, i) => ({ ...one, person: this.#makePerson(one, i) }));
  }

  /** Lets everything happen, until nothing is left to happen or something is wrong. */
  async play(): Promise<void> {
    await this.#deploy();
    for (const { person } of this.lineages) person.begin();
    for (const job of this.jobs) this.#changeSource(job);
    this.ground.scheduler.in(MINUTE_MS, () => this.#tick());
    await this.ground.scheduler.run(() => this.#mustEnd());
  }

  run(ref: RunRef): RunRow | undefined {
    return this.watch.runs.get(runPath(ref));
  }

  #makeFunctions(): Functions {
    const { leaseMs, checkpointMs, maxAttempts } = this.ground.scenario.sizes;
    return new Functions(this.ground, {
      engine: this.#mutant?.engine?.(realEngine, this.ground, this.bucket) ?? realEngine,
      runOptions: { ...defaultRunOptions, leaseMs, checkpointMs, maxAttempts },
      deps: (instance) => this.#deps(instance),
    });
  }

  #makePerson(wanted: Wanted, ordinal: number): Person {
    const byTimer = this.ground.scenario.sizes.byTimer > 0;
    return new Person(
      this.ground,
      ordinal,
      wanted.root,
      {
        trigger: (instance) => (byTimer ? this.#tickOf(wanted, instance) : this.#trigger(wanted, instance)),
        pause: (instance, run) => pauseRun(this.#deps(instance), run),
        resume: (instance, run, raise) =>
          resumeRun(this.#deps(instance), run, raise ? { errorLimit: { kind: 'records', limit: 1e9 } } : {}),
        cancel: (instance, run) => cancelRun(this.#deps(instance), run, new AbortController().signal),
      },
      () => this.platform.newInstance('person', runPath(wanted.root)),
      (ref) => this.run(ref),
    );
  }

  /** The text of the jobs is there before anything begins. */
  async #deploy(): Promise<void> {
    const random = { nonce: () => '0'.repeat(32), fraction: () => 0 };
    const { jobs } = createStateStore((name) => this.tables.bare(name), random);
    for (const { jobId, text } of this.jobs) await jobs.insert({ jobId }, { jobId, text, updatedMs: 0 });
  }

  async #trigger(wanted: Wanted, instance: Instance): Promise<void> {
    const { leaseMs, checkpointMs, maxAttempts } = this.ground.scenario.sizes;
    await createRun(this.#deps(instance), {
      ...wanted.root,
      job: await modelOf(wanted),
      options: { ...defaultRunOptions, leaseMs, checkpointMs, maxAttempts },
      scheduledMs: wanted.scheduledMs,
    });
  }

  /** The timer of a schedule time fires. Whoever set it up fires it again if there is no run after a while. */
  async #tickOf({ job, root, scheduledMs }: Wanted, instance: Instance): Promise<void> {
    const event = timerEvent(scheduledMs, job.jobId, JSON.stringify({ job: job.jobId }));
    this.platform.accept('orchestrator', { ...event, lineage: runPath(root) });
    await instance.clock.sleep(TIMER_PATIENCE_MS);
    if (!this.run(root)) throw new SyncError('RUN-5010', 'transient', 'the timer was not heard');
  }

  /** Everything as this instance sees it. */
  #deps(instance: Instance): EngineDeps {
    const store = createStateStore(
      (name) => this.tables.reachedBy(instance, name, this.#mutant?.table),
      instance.random,
    );
    const systems = this.systems.openedBy(instance);
    return {
      state: this.#mutant?.state?.(store, instance) ?? store,
      systems: this.#mutant?.systems?.(systems) ?? systems,
      invoker: this.platform.invokerOf(instance),
      clock: instance.clock,
      random: instance.random,
      log: silentLogger,
    };
  }

  #changeSource({ source }: SimJob): void {
    const { sourceChanges } = this.ground.scenario.sizes;
    for (let i = 0; i < sourceChanges; i++) {
      this.ground.scheduler.in(this.ground.dice.next() ** 2 * 20 * MINUTE_MS, () => source.version++);
    }
  }

  /** The timer of the sweeper: once a minute until there is nothing to sweep, then some more a week later. */
  #tick(): void {
    const { dice, scheduler, scenario } = this.ground;
    const fire = (): void => this.platform.fire('sweeper', timerEvent(scheduler.nowMs, 'sweep', ''));
    if (!this.ground.strikes(scenario.faults.timer)) fire();
    else if (dice.chance(0.6)) for (let i = 0; i < 2; i++) scheduler.in(dice.next() * 5 * MINUTE_MS, fire);
    if (!this.#settled) {
      scheduler.in(MINUTE_MS, () => this.#tick());
      return;
    }
    if (this.#lateTicks === 0) scheduler.in(WEEK_MS + HOUR_MS, () => this.#tick());
    else if (this.#lateTicks < LATE_TICKS) scheduler.in(MINUTE_MS, () => this.#tick());
    this.#lateTicks++;
  }

  get #content(): boolean {
    return this.lineages.every(({ person }) => person.content);
  }

  get #settled(): boolean {
    const settledMs = HOUR_MS;
    return (
      this.#content && this.ground.quiet && this.ground.scheduler.nowMs > this.ground.quietAtMs + settledMs
    );
  }

  #mustEnd(): boolean {
    const { scheduler, quietAtMs, violations } = this.ground;
    if (scheduler.nowMs > quietAtMs + QUIET_BOUND_MS && !this.#content) {
      const late = this.lineages.find(({ person }) => !person.content)?.person.current;
      if (late)
        this.ground.violate(`${runPath(late)} is still ${this.run(late)?.state} long after the last fault`);
    }
    if (scheduler.events > MAX_EVENTS_PER_RUN * this.lineages.length)
      this.ground.violate('there is no end to the events');
    return violations.length > 0;
  }
}
