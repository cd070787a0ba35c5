/** The deployed handlers on simulated instances: bytes in, an answer out, and nothing of the real world. */

import type { FunctionName } from '../../core/ports/index.ts';
import { silentLogger } from '../../core/ports/system.ts';
import type { EngineDeps, RunOptions, Slice } from '../../core/run/index.ts';
import type { FcContext, FcHandler } from '../../functions/adapter/fc.ts';
import { finalizerHandler } from '../../functions/finalizer/handler.ts';
import type { Outcome } from '../../functions/middleware/pipeline.ts';
import { orchestratorHandler } from '../../functions/orchestrator/handler.ts';
import type { Host } from '../../functions/runtime/host.ts';
import { sweeperHandler } from '../../functions/sweeper/handler.ts';
import { workerHandler } from '../../functions/worker/handler.ts';
import type { Event } from './events.ts';
import type { Ground } from './ground.ts';
import type { Instance } from './instance.ts';
import { findSimConnector } from './jobs.ts';
import type { Engine } from './mutant.ts';

const MS_PER_SECOND = 1000;

/** What functions need of the installation around them. */
export interface FunctionsSetup {
  readonly engine: Engine;
  readonly runOptions: RunOptions;
  /** Everything as an instance sees it. */
  deps(instance: Instance): EngineDeps;
}

/** An invocation on its way through its handler. */
interface Call {
  readonly instance: Instance;
  readonly limitMs: number;
  /** Bodies that have begun and not ended. */
  inside: number;
}

/** All functions of an installation. */
export class Functions {
  readonly #ground: Ground;
  readonly #setup: FunctionsSetup;

  constructor(ground: Ground, setup: FunctionsSetup) {
    this.#ground = ground;
    this.#setup = setup;
  }

  /** One invocation, from the event's bytes to the answer, which is checked. */
  async run(instance: Instance, target: FunctionName, event: Event, limitMs: number): Promise<void> {
    const call: Call = { instance, limitMs, inside: 0 };
    const handler = this.#handler(target, call);
    const answer = (await handler(event.bytes, contextOf(instance, target, limitMs))) as Outcome;
    if (answer.outcome !== 'ok')
      this.#ground.log(instance.name, `answers ${answer.outcome} ${answer.code ?? ''}`);
    this.#checkAnswer(instance, event, answer);
    if (call.inside === 0) return;
    this.#ground.meet('given up in time');
    instance.inTrouble();
    if (!this.#ground.strikes(this.#ground.scenario.faults.zombie)) instance.kill();
  }

  #handler(target: FunctionName, call: Call): FcHandler {
    const host = this.#host(call.instance);
    const { engine } = this.#setup;
    switch (target) {
      case 'orchestrator':
        return orchestratorHandler(host, (deps, run, slice) =>
          this.#inside(call, slice, (until) => engine.orchestrate(deps, run, until)),
        );
      case 'worker':
        return workerHandler(host, (deps, ref, slice) =>
          this.#inside(call, slice, (until) => engine.work(deps, ref, until)),
        );
      case 'finalizer':
        return finalizerHandler(host, (deps, run, slice) =>
          this.#inside(call, slice, (until) => engine.finalize(deps, run, until)),
        );
      case 'sweeper':
        return sweeperHandler(host, (deps, slice) =>
          this.#inside(call, slice, (until) => engine.sweep(deps, until)),
        );
      default:
        return target satisfies never;
    }
  }

  #host(instance: Instance): Host {
    return {
      clock: instance.clock,
      log: silentLogger,
      runOptions: this.#setup.runOptions,
      findConnector: findSimConnector,
      project: () => ({ dataSources: {} }),
      engine: async () => this.#setup.deps(instance),
    };
  }

  /** The entry of the core, which may be asked to stop at any moment, as a person does with Ctrl-C. */
  async #inside(call: Call, slice: Slice, enter: (slice: Slice) => Promise<void>): Promise<void> {
    call.inside++;
    try {
      await enter(
        this.#ground.strikes(this.#ground.scenario.faults.interrupt) ? this.#interrupted(call, slice) : slice,
      );
    } finally {
      call.inside--;
    }
  }

  #interrupted(call: Call, slice: Slice): Slice {
    call.instance.inTrouble();
    const { dice, scheduler } = this.#ground;
    const stop = new AbortController();
    slice.signal.addEventListener('abort', () => stop.abort(), { once: true });
    scheduler.in(dice.next() * call.limitMs, () => stop.abort());
    return { ...slice, signal: stop.signal };
  }

  /** A foreign event has no effect, and one that breaks its contract never reaches the core. */
  #checkAnswer(instance: Instance, event: Event, answer: Outcome): void {
    const { name } = instance;
    if (answer.code?.startsWith('BUG')) this.#ground.violate(`${name} answers ${answer.code}`);
    if (event.fits === 'yes') {
      const heard = answer.outcome !== 'refused' || answer.code !== undefined;
      if (!heard) this.#ground.violate(`${name} refuses ${event.label}`);
      return;
    }
    this.#ground.meet('foreign event refused');
    if (instance.writesSent > 0) this.#ground.violate(`${name} acts on a foreign event: ${event.label}`);
    if (event.fits === 'no' && (answer.outcome !== 'refused' || instance.calls > 0))
      this.#ground.violate(`${name} takes an event that breaks its contract: ${event.label}`);
  }
}

const contextOf = (instance: Instance, target: FunctionName, limitMs: number): FcContext => ({
  requestId: instance.name,
  region: 'cn-hangzhou',
  accountId: '1',
  function: { name: target, memory: 512, timeout: limitMs / MS_PER_SECOND },
  service: { name: 'millrace' },
});
