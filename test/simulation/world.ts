/** The real engine on simulated ground, from the first trigger until nothing moves any more. */
import type { FunctionName, RunMessage } from '../../core/ports/index.ts';
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
  type Slice,
  sliceUntil,
} from '../../core/run/index.ts';
import { createStateStore } from '../../core/stores/index.ts';
import type { RunRef } from '../../core/types/index.ts';
import { Bucket } from './bucket.ts';
import { Ground } from './ground.ts';
import type { Instance } from './instance.ts';
import { type Mutant, realEngine } from './mutant.ts';
import { Person } from './person.ts';
import { Platform } from './platform.ts';
import { RowTables } from './row-tables.ts';
import type { Scenario } from './scenario.ts';
import { SimSystems } from './sim-systems.ts';
import { Source } from './source.ts';
import { Watch } from './watch.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WEEK_MS = 7 * 24 * HOUR_MS;
/** In the quiet everything must have come to its end within this. */
const QUIET_BOUND_MS = 4 * HOUR_MS;
/** More than any honest run needs; a loop that feeds itself passes it soon. */
const MAX_EVENTS = 400_000;
/** Sweeps a week later, when what failed and was left alone is thrown away. */
const LATE_TICKS = 60;
const FIRST_RUN: RunRef = { jobId: 'job', runId: 'run' };

/** All parts of a simulated installation. */
export class World {
  readonly ground: Ground;
  readonly bucket: Bucket;
  readonly source: Source;
  readonly watch: Watch;
  readonly tables: RowTables;
  readonly systems: SimSystems;
  readonly platform: Platform;
  readonly person: Person;
  readonly #mutant: Mutant | undefined;
  readonly #engine: typeof realEngine;
  #lateTicks = 0;

  constructor(scenario: Scenario, mutant?: Mutant, onLine?: (line: string) => void) {
    this.#mutant = mutant;
    this.ground = new Ground(scenario);
    this.ground.trace.onLine = onLine;
    this.bucket = new Bucket(this.ground);
    this.source = new Source(scenario.sizes);
    this.watch = new Watch(this.ground, this.bucket);
    this.bucket.onManifest = (run) => this.watch.manifest(run);
    this.tables = new RowTables(this.ground, this.watch);
    this.systems = new SimSystems(this.ground, this.source, this.bucket, mutant?.writer ?? {});
    this.platform = new Platform(this.ground, (instance, target, message) =>
      this.#function(instance, target, message),
    );
    this.#engine = mutant?.engine?.(realEngine, this.ground, this.bucket) ?? realEngine;
    this.person = this.#makePerson();
  }

  /** Lets everything happen, until nothing is left to happen or something is wrong. */
  async play(): Promise<void> {
    this.person.begin();
    this.#changeSource();
    this.ground.scheduler.in(MINUTE_MS, () => this.#tick());
    await this.ground.scheduler.run(() => this.#mustEnd());
  }

  run(ref: RunRef): RunRow | undefined {
    return this.watch.runs.get(runPath(ref));
  }

  #makePerson(): Person {
    return new Person(
      this.ground,
      FIRST_RUN,
      {
        trigger: async (instance) => this.#trigger(instance),
        pause: (instance, run) => pauseRun(this.#deps(instance), run),
        resume: (instance, run, raise) =>
          resumeRun(this.#deps(instance), run, raise ? { errorLimit: { kind: 'records', limit: 1e9 } } : {}),
        cancel: (instance, run) => cancelRun(this.#deps(instance), run, new AbortController().signal),
      },
      () => this.platform.newInstance('person'),
      (ref) => this.run(ref),
    );
  }

  async #trigger(instance: Instance): Promise<void> {
    const { rowsPerSecond, concurrent, dirtyLimit, leaseMs, checkpointMs, maxAttempts } =
      this.ground.scenario.sizes;
    await createRun(this.#deps(instance), {
      ...FIRST_RUN,
      job: {
        dialect: 'v2',
        reader: { type: 'memory', params: {}, path: 'steps[0].parameter' },
        writer: { type: 'memory', params: {}, path: 'steps[1].parameter' },
        setting: {
          errorLimit: { kind: 'records', limit: dirtyLimit },
          speed: { concurrent, ...(rowsPerSecond > 0 ? { recordsPerSecond: rowsPerSecond } : {}) },
          timeZone: 'Asia/Shanghai',
        },
      },
      options: { ...defaultRunOptions, leaseMs, checkpointMs, maxAttempts },
      scheduledMs: this.ground.scheduler.startMs,
    });
  }

  /** Everything as this instance sees it. */
  #deps(instance: Instance): EngineDeps {
    const store = createStateStore(
      (name) => this.tables.reachedBy(instance, name, this.#mutant?.table),
      instance.random,
    );
    return {
      state: this.#mutant?.state?.(store, instance) ?? store,
      systems: this.systems.openedBy(instance),
      invoker: this.platform.invokerOf(instance),
      clock: instance.clock,
      random: instance.random,
      log: silentLogger,
    };
  }

  async #function(instance: Instance, target: FunctionName, message: RunMessage): Promise<void> {
    const limitMs = this.platform.limitMs(target);
    const deps = this.#deps(instance);
    const slice: Slice = sliceUntil(
      instance.clock.nowMs() + limitMs,
      limitMs,
      instance.clock,
      this.#interruption(limitMs),
    );
    if (target === 'orchestrator') return this.#engine.orchestrate(deps, message, slice);
    if (target === 'worker')
      return this.#engine.work(deps, { ...message, channel: message.channel ?? 0 }, slice);
    if (target === 'finalizer') return this.#engine.finalize(deps, message, slice);
    return this.#engine.sweep(deps, slice);
  }

  #interruption(limitMs: number): AbortSignal {
    const controller = new AbortController();
    if (this.ground.strikes(this.ground.scenario.faults.interrupt))
      this.ground.scheduler.in(this.ground.dice.next() * limitMs, () => controller.abort());
    return controller.signal;
  }

  #changeSource(): void {
    const { sourceChanges } = this.ground.scenario.sizes;
    for (let i = 0; i < sourceChanges; i++) {
      this.ground.scheduler.in(this.ground.dice.next() ** 2 * 20 * MINUTE_MS, () => this.source.version++);
    }
  }

  /** The timer of the sweeper: once a minute until there is nothing to sweep, then for an hour a week later. */
  #tick(): void {
    const { dice, scheduler, scenario } = this.ground;
    const fire = (): void => this.platform.fire('sweeper', { v: 1, jobId: '', runId: '' });
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

  get #settled(): boolean {
    const settledMs = 2 * HOUR_MS;
    return (
      this.person.content &&
      this.ground.quiet &&
      this.ground.scheduler.nowMs > this.ground.quietAtMs + settledMs
    );
  }

  #mustEnd(): boolean {
    const { scheduler, quietAtMs, violations } = this.ground;
    if (scheduler.nowMs > quietAtMs + QUIET_BOUND_MS && !this.person.content)
      this.ground.violate(`still ${this.run(this.person.current)?.state} long after the last fault`);
    if (scheduler.events > MAX_EVENTS) this.ground.violate('there is no end to the events');
    return violations.length > 0;
  }
}
