/** Death of workers: a worker stops for ever inside of a call of its sink, with whatever it holds at that moment. */
import type { Settle, Sink, Writer } from '../../../core/connectors/contract.ts';
import type { Systems } from '../../../core/run/engine.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import type { RunDeps, WorkerLife } from './pair-runs.ts';

/** The next death comes within so many steps of all workers. A shard of one block has four or five. */
const MAX_STEPS = 7;

/** Where a worker is when it dies. `inside of write`: the rows are sent, their transaction is open. */
export type Moment = 'before write' | 'inside of write' | 'after write' | 'before finish' | 'after finish';

type Step = (moment: Moment) => Promise<void>;

/** Kills workers at moments that follow from a seed, and may wake them when all is over. */
export class Reaper {
  /** Where workers died. */
  readonly deaths: Moment[] = [];
  readonly #random: () => number;
  readonly #kills: number;
  #stepsLeft: number;
  #wake: () => void = () => undefined;
  readonly #morning = new Promise<void>((resolve) => {
    this.#wake = resolve;
  });

  constructor(seed: number, kills: number) {
    this.#random = seededRandom(seed);
    this.#kills = kills;
    this.#stepsLeft = this.#draw();
  }

  /** The dead go on where they stopped, as a frozen machine would: they must do no harm. */
  wake(): void {
    this.#wake();
  }

  /** Decides about a worker that starts. */
  readonly life = (deps: RunDeps): WorkerLife => {
    let die: () => void = () => undefined;
    const killed = new Promise<void>((resolve) => {
      die = resolve;
    });
    const step: Step = async (moment) => {
      if (this.deaths.length >= this.#kills || this.#stepsLeft-- > 0) return;
      this.deaths.push(moment);
      this.#stepsLeft = this.#draw();
      die();
      await this.#morning;
    };
    return { deps: { ...deps, systems: mortalSystems(deps.systems, step) }, killed };
  };

  #draw(): number {
    return Math.floor(this.#random() * MAX_STEPS);
  }
}

/** The object with some members replaced. Members that need its private fields keep working. */
function overlay<T extends object>(inner: T, own: Partial<T>): T {
  return new Proxy(inner, {
    get(target, key) {
      if (Object.hasOwn(own, key)) return Reflect.get(own, key);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const mortalSystems = (systems: Systems, step: Step): Systems =>
  overlay(systems, {
    openWriter: async (job, signal) => mortalWriter(await systems.openWriter(job, signal), step),
  });

const mortalWriter = (writer: Writer, step: Step): Writer =>
  overlay(writer, { open: async (...args) => mortalSink(await writer.open(...args), step) });

const mortalSink = (sink: Sink, step: Step): Sink =>
  overlay(sink, {
    async write(block, settle) {
      await step('before write');
      const faults = await sink.write(block, settle && mortalSettle(settle, step));
      await step('after write');
      return faults;
    },
    async finish() {
      await step('before finish');
      const state = await sink.finish();
      await step('after finish');
      return state;
    },
  });

const mortalSettle =
  (settle: Settle, step: Step): Settle =>
  async (faults) => {
    await step('inside of write');
    return settle(faults);
  };
