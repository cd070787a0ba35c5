import { asSyncError } from '../../core/errors/index.ts';
import { isTerminal, type RunRow, runPath } from '../../core/run/index.ts';
import type { RunRef } from '../../core/types/index.ts';
import type { Ground } from './ground.ts';
import type { Instance } from './instance.ts';
import type { UserAction } from './scenario.ts';

/** What the person can do, as one command on one instance. */
export interface Commands {
  trigger(instance: Instance): Promise<void>;
  pause(instance: Instance, run: RunRef): Promise<void>;
  resume(instance: Instance, run: RunRef, raiseLimit: boolean): Promise<RunRef>;
  cancel(instance: Instance, run: RunRef): Promise<void>;
}

const MINUTE_MS = 60_000;
const AGAIN_MS = 20_000;
/** A command that has said nothing for this long is given again. */
const COMMAND_LIMIT_MS = 5 * MINUTE_MS;

/**
 * The person behind a wanted run and its successors. Commands that fail or crash are given again until they succeed or are refused;
 * once all is quiet, paused runs are resumed and failed ones as well, unless this person leaves them.
 */
export class Person {
  readonly #ground: Ground;
  readonly #commands: Commands;
  readonly #newInstance: () => Instance;
  readonly #lookUp: (run: RunRef) => RunRow | undefined;
  readonly #ordinal: number;
  /** The run to watch: the latest successor. */
  current: RunRef;
  canceled = false;
  /** Commands on their way. */
  busy = 0;

  constructor(
    ground: Ground,
    ordinal: number,
    first: RunRef,
    commands: Commands,
    newInstance: () => Instance,
    lookUp: (run: RunRef) => RunRow | undefined,
  ) {
    this.#ground = ground;
    this.#ordinal = ordinal;
    this.current = first;
    this.#commands = commands;
    this.#newInstance = newInstance;
    this.#lookUp = lookUp;
  }

  begin(): void {
    const { scenario, scheduler, quietAtMs } = this.#ground;
    this.#give('trigger');
    for (const { atMinute, kind } of scenario.actions.filter(({ run }) => (run ?? 0) === this.#ordinal)) {
      this.busy++;
      scheduler.in(atMinute * MINUTE_MS, () => {
        this.busy--;
        this.#give(kind);
      });
    }
    scheduler.at(quietAtMs, () => this.#lookAfter());
  }

  /** Whether nothing more is to be expected of the person. */
  get content(): boolean {
    const run = this.#lookUp(this.current);
    if (this.busy > 0 || !run || !isTerminal(run.state)) return false;
    return run.state !== 'FAILED' || run.discarded || this.#leaves;
  }

  get #leaves(): boolean {
    return this.#ground.scenario.leavesFailed > 0;
  }

  #lookAfter(): void {
    if (this.content) return;
    const run = this.#lookUp(this.current);
    const failed = run?.state === 'FAILED' && !run.discarded && !this.#leaves;
    if (this.busy === 0 && run && (failed || (!isTerminal(run.state) && run.stop !== 'none')))
      this.#give('resume');
    this.#ground.scheduler.in(MINUTE_MS, () => this.#lookAfter());
  }

  #give(kind: UserAction['kind']): void {
    const instance = this.#newInstance();
    if (instance.account) instance.account.commands++;
    this.busy++;
    let over = false;
    const end = (again: boolean): void => {
      if (over) return;
      over = true;
      this.busy--;
      if (!again) return;
      this.busy++;
      this.#ground.scheduler.in(AGAIN_MS, () => {
        this.busy--;
        this.#give(kind);
      });
    };
    instance.onCrash = () => end(true);
    this.#ground.scheduler.in(COMMAND_LIMIT_MS, () => {
      if (!over) instance.kill();
      end(true);
    });
    this.#ground.log(instance.name, `${kind} ${runPath(this.current)}`);
    this.#run(kind, instance).then(
      () => end(false),
      (error: unknown) => {
        const { kind: fault, message } = asSyncError(error);
        this.#ground.log(instance.name, `${kind} fails: ${message}`);
        if (fault === 'bug') this.#ground.violate(`${kind} fails: ${message}`);
        end(fault !== 'config' && fault !== 'auth');
      },
    );
  }

  async #run(kind: UserAction['kind'], instance: Instance): Promise<void> {
    if (kind === 'trigger') return this.#commands.trigger(instance);
    if (kind === 'pause') return this.#commands.pause(instance, this.current);
    if (kind === 'cancel') {
      await this.#commands.cancel(instance, this.current);
      this.canceled = true;
      return;
    }
    const run = this.#lookUp(this.current);
    const raises = run?.failure?.code === 'RUN-5001' || this.#ground.strikes(0.5);
    const next = await this.#commands.resume(instance, this.current, raises);
    if (generation(next) > generation(this.current)) this.current = next;
  }
}

/** How often a run's ancestors were resumed: `run` 0, `run.r1` 1, … */
const generation = (run: RunRef): number => Number(/\.r(\d+)$/.exec(run.runId)?.[1] ?? 0);
