/** Accompanies a run from its first message to its end: moves it or lets it be moved, shows it, stops it when asked. */
import type { RunRef } from '../core/connectors/contract.ts';
import { type EngineDeps, isTerminal, pauseRun, runPath, sumCounters } from '../core/run/index.ts';
import type { CommandContext, Outcome } from './context.ts';
import { InProcessInvoker } from './in-process-invoker.ts';
import { Interrupts } from './interrupts.ts';
import { type Meter, meterSystems } from './metered-systems.ts';
import { type CommandTail, commandLine, nextSteps, quoteWord } from './next-step.ts';
import { createDisplay, type Display, FRAME_MS } from './progress/display.ts';
import { ProgressModel, type Snapshot } from './progress/view.ts';
import { exitCodeOfRun, isPaused, reportLines, runData } from './run-report.ts';
import { watchRun } from './run-watch.ts';
import type { Place, Session } from './session.ts';

/** Makes the run move: creates or resumes it with the given engine, and tells which run to watch. */
export type Start = (deps: EngineDeps) => Promise<RunRef>;

/** Starts a run at its place, accompanies it, and reports. With `wait` false the functions are left alone with it. */
export async function conduct(
  context: CommandContext,
  session: Session,
  place: Place,
  wait: boolean,
  start: Start,
): Promise<Outcome> {
  // Signals count from here on: one that comes while the run is being created stops it as soon as it exists.
  const interrupts = new Interrupts(context.io);
  try {
    return place === 'functions'
      ? await conductFunctions(context, session, wait, start, interrupts)
      : await conductHere(context, session, start, interrupts);
  } finally {
    interrupts.close();
  }
}

async function conductHere(
  context: CommandContext,
  session: Session,
  start: Start,
  interrupts: Interrupts,
): Promise<Outcome> {
  const meter: Meter = { rows: 0, bytes: 0 };
  const invoker = new InProcessInvoker();
  const deps = session.engine(invoker, meterSystems(session.systems, meter, context.clock));
  try {
    const ref = await Promise.race([start(deps), interrupts.forced]);
    if (typeof ref === 'number') return interruptedEarly(ref);
    invoker.attach(deps, ref);
    invoker.startSweeping();
    return await new Accompaniment(
      context,
      deps,
      ref,
      { options: session.same, place: 'process' },
      { invoker, meter },
    ).report(interrupts);
  } finally {
    const closing = invoker.close();
    if (!interrupts.isForced) await closing;
  }
}

/** Nothing is known of a run yet. */
const interruptedEarly = (exitCode: number): Outcome => ({ exitCode, data: { state: 'INTERRUPTED' } });

async function conductFunctions(
  context: CommandContext,
  session: Session,
  wait: boolean,
  start: Start,
  interrupts: Interrupts,
): Promise<Outcome> {
  const deps = session.engine(session.functions());
  const ref = await Promise.race([start(deps), interrupts.forced]);
  if (typeof ref === 'number') return interruptedEarly(ref);
  if (wait)
    return new Accompaniment(context, deps, ref, { options: session.same, place: 'functions' }).report(
      interrupts,
    );
  const show = commandLine(`show ${quoteWord(runPath(ref))}`, { options: session.same });
  context.out.line(`Started. Follow it with ${context.out.colors.bold(show)}`);
  return { exitCode: 0, data: { run: runPath(ref), ...ref, state: 'STARTED' } };
}

/** What this process contributes when it moves the run itself. */
interface OwnWork {
  readonly invoker: InProcessInvoker;
  readonly meter: Meter;
}

class Accompaniment {
  readonly #context: CommandContext;
  readonly #deps: EngineDeps;
  readonly #ref: RunRef;
  readonly #tail: CommandTail;
  readonly #own: OwnWork | undefined;
  readonly #model = new ProgressModel();
  readonly #watching = new AbortController();
  #base: Meter | undefined;
  #last: Snapshot | undefined;
  #stopping = false;
  #pauseStored = false;

  constructor(context: CommandContext, deps: EngineDeps, ref: RunRef, tail: CommandTail, own?: OwnWork) {
    this.#context = context;
    this.#deps = deps;
    this.#ref = ref;
    this.#tail = tail;
    this.#own = own;
  }

  /** Watches to the end, then prints what is worth keeping. */
  async report(interrupts: Interrupts): Promise<Outcome> {
    const display = createDisplay(this.#context);
    const redraw = setInterval(() => this.#show(display), FRAME_MS);
    try {
      const watch = this.#watch(display);
      const stopped = interrupts.first.then(() => this.#stop(display));
      const end = await Promise.race([watch, interrupts.forced, stopped.then(() => watch)]);
      clearInterval(redraw);
      display.close();
      return typeof end === 'number' ? this.#endNow(end) : this.#conclude(end);
    } finally {
      clearInterval(redraw);
      display.close();
      this.#watching.abort();
    }
  }

  #watch(display: Display): Promise<Snapshot> {
    const { state, clock } = this.#deps;
    return watchRun(this.#ref, {
      state,
      clock,
      signal: this.#watching.signal,
      onSnapshot: (snapshot) => {
        this.#last = snapshot;
        this.#show(display);
        return this.#isStill(snapshot);
      },
    });
  }

  /** The last look with what has flowed since. */
  #show(display: Display): void {
    if (!this.#last || isTerminal(this.#last.run.state)) return;
    const now = { ...this.#last, atMs: this.#deps.clock.monotonicMs() };
    display.show(this.#model.view(now, this.#flow(now), this.#stopping));
  }

  #flow({ shards }: Snapshot): Meter | undefined {
    if (!this.#own) return undefined;
    const { meter } = this.#own;
    // Taken at the first look that has shards; what flowed until then belongs to the meter alone.
    if (!this.#base && shards.length > 0) {
      const stored = sumCounters(shards.map((shard) => shard.counters));
      this.#base = {
        rows: Math.max(0, stored.read - meter.rows),
        bytes: Math.max(0, stored.bytes - meter.bytes),
      };
    }
    return { rows: (this.#base?.rows ?? 0) + meter.rows, bytes: (this.#base?.bytes ?? 0) + meter.bytes };
  }

  /** A paused run is still when nobody holds a shard any more. */
  #isStill({ run, shards }: Snapshot): boolean {
    if (!isPaused(run) || (this.#stopping && !this.#pauseStored)) return false;
    if (this.#own && this.#stopping) return this.#own.invoker.isIdle;
    const nowMs = this.#deps.clock.nowMs();
    return !shards.some((shard) => shard.state === 'LEASED' && shard.leaseUntilMs > nowMs);
  }

  async #stop(display: Display): Promise<void> {
    this.#stopping = true;
    this.#own?.invoker.stop();
    display.close();
    this.#context.out.note('Stopping: the workers write their checkpoints. Ctrl-C again ends at once.');
    await pauseRun(this.#deps, this.#ref);
    this.#pauseStored = true;
  }

  #endNow(exitCode: number): Outcome {
    const { out } = this.#context;
    const run = runPath(this.#ref);
    const resume = commandLine(`resume ${quoteWord(run)}`, this.#tail);
    out.note(`Ended at once. The run is safe at its last checkpoints: ${resume}`);
    return { exitCode, data: { run, ...this.#ref, state: 'INTERRUPTED', next: [resume] } };
  }

  #conclude(end: Snapshot): Outcome {
    const { out } = this.#context;
    const { run } = end;
    const next = nextSteps(run, this.#tail);
    for (const line of reportLines(end, out.colors)) out.line(line);
    if (run.failure) {
      const where = run.failure.shardId === undefined ? '' : ` (shard ${run.failure.shardId})`;
      out.line(`  ${out.colors.red(`error[${run.failure.code}]`)}: ${run.failure.message}${where}`);
    }
    for (const [i, step] of next.entries()) out.line(`${i === 0 ? 'next: ' : '      '}${step}`);
    if (isTerminal(run.state)) out.event('end', { state: run.state });
    return { exitCode: exitCodeOfRun(run), data: { ...runData(end), next } };
  }
}
