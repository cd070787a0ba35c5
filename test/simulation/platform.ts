import { SyncError } from '../../core/errors/index.ts';
import type { FunctionName, Invoker, RunMessage } from '../../core/ports/index.ts';
import { type Event, foreignEvent, messageEvent } from './events.ts';
import type { Ground } from './ground.ts';
import { Instance, type Site } from './instance.ts';

/** Runs a function on an instance; rejects when the function fails. */
export type RunFunction = (
  instance: Instance,
  target: FunctionName,
  event: Event,
  limitMs: number,
) => Promise<void>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LATEST_MS = 5 * HOUR_MS;
const DELIVERY_MEAN_MS = 150;
const INVOKE_MEAN_MS = 40;
/** A failed invocation is started again after this. */
const RETRY_AFTER_MS = MINUTE_MS;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 5 * MINUTE_MS;

const LIMITS_MS = { orchestrator: 300_000, finalizer: 300_000, sweeper: 60_000 } as const;

const SITE: Omit<Site, 'what'> = {
  side: 'functions',
  meanMs: INVOKE_MEAN_MS,
  writes: true,
  codes: { fault: 'RUN-5007' },
};

interface Delivery {
  readonly target: FunctionName;
  readonly event: Event;
  readonly sinceMs: number;
  readonly tries: number;
  readonly backoffMs: number;
}

/**
 * Asynchronous functions as the platform runs them: messages are lost, doubled and late, there are only so many
 * instances, an instance over its limit is given up, and what failed is started again a few times.
 */
export class Platform {
  readonly #ground: Ground;
  readonly #run: RunFunction;
  readonly #boundless: boolean;
  #instances = 0;
  #running = 0;

  /** `boundless`: how many messages an invocation sends is not looked at. */
  constructor(ground: Ground, run: RunFunction, boundless = false) {
    this.#ground = ground;
    this.#run = run;
    this.#boundless = boundless;
  }

  /** Time limit of a function: the worker's is drawn, the others are as deployed. */
  limitMs(target: FunctionName): number {
    return target === 'worker' ? this.#ground.scenario.sizes.limitMs : LIMITS_MS[target];
  }

  newInstance(role: string, lineage?: string): Instance {
    return new Instance(this.#ground, ++this.#instances, role, lineage);
  }

  /** The way from one instance to the functions. */
  invokerOf(instance: Instance): Invoker {
    const sent = new Map<string, number>();
    return {
      invoke: (target, message) => {
        const about = `${target} of ${message.jobId}/${message.runId}`;
        sent.set(about, (sent.get(about) ?? 0) + 1);
        if (!this.#boundless && (sent.get(about) ?? 0) > this.#mostSent(instance, target))
          this.#ground.violate(`${instance.name} starts ${about} too often`);
        return this.#send(instance, target, message);
      },
    };
  }

  /**
   * Messages that one invocation may send about one run: whoever drives it starts a worker per channel; a worker
   * names its successor and wakes a channel per piece that it hands back; a finalizer is the end.
   */
  #mostSent({ role, pieces }: Instance, target: FunctionName): number {
    if (role === 'finalizer') return 0;
    if (target !== 'worker') return 1;
    return role === 'worker' ? 1 + pieces : this.#ground.scenario.sizes.concurrent;
  }

  #send(instance: Instance, target: FunctionName, message: RunMessage): Promise<void> {
    if (this.#ground.strikes(this.#ground.scenario.faults.messageThrottled))
      return Promise.reject(new SyncError('RUN-5007', 'throttled', `${target} is throttled`));
    if (instance.role === 'sweeper') this.#ground.meet('sweeper re-drive');
    if (instance.role === 'worker' && target === 'worker') this.#chain(instance);
    return instance.call({ what: `invoke ${target}`, ...SITE }, async () =>
      this.#acceptMessage(target, message),
    );
  }

  #chain({ account }: Instance): void {
    this.#ground.meet('slice chained');
    if (account) account.chains++;
  }

  /** Starts a function at once, as a timer does. */
  fire(target: FunctionName, event: Event): void {
    this.#start(this.#delivery(target, event));
  }

  #acceptMessage(target: FunctionName, message: RunMessage): void {
    const { dice, scenario } = this.#ground;
    this.accept(target, messageEvent(message));
    if (this.#ground.strikes(scenario.faults.foreign))
      this.accept(target, foreignEvent(target, message, dice));
  }

  /** Takes an event in; it may be lost, doubled and late from here on. */
  accept(target: FunctionName, event: Event): void {
    const { faults } = this.#ground.scenario;
    if (this.#ground.strikes(faults.messageLost)) {
      this.#ground.log('platform', `loses ${target}`);
      return;
    }
    const copies = this.#ground.strikes(faults.messageDoubled) ? this.#ground.dice.int(2, 3) : 1;
    for (let i = 0; i < copies; i++) {
      const late = this.#ground.strikes(faults.messageLate);
      const delayMs = late
        ? this.#ground.dice.next() ** 3 * LATEST_MS
        : this.#ground.dice.latency(DELIVERY_MEAN_MS);
      this.#ground.scheduler.in(delayMs, () => this.#start(this.#delivery(target, event)));
    }
  }

  #delivery(target: FunctionName, event: Event): Delivery {
    return { target, event, sinceMs: this.#ground.scheduler.nowMs, tries: 0, backoffMs: FIRST_BACKOFF_MS };
  }

  #start(delivery: Delivery): void {
    const { scheduler, scenario } = this.#ground;
    if (this.#running >= scenario.sizes.instances) {
      this.#startLater(delivery);
      return;
    }
    const instance = this.newInstance(delivery.target, delivery.event.lineage);
    this.#ground.log(instance.name, `starts ${delivery.event.label}`, delivery.target !== 'sweeper');
    if (instance.account) instance.account.invocations[delivery.target]++;
    this.#running++;
    let over = false;
    const end = (failed: boolean): void => {
      if (over) return;
      over = true;
      this.#running--;
      if (failed && delivery.tries < scenario.sizes.retries)
        scheduler.in(RETRY_AFTER_MS, () => this.#start({ ...delivery, tries: delivery.tries + 1 }));
    };
    instance.onCrash = () => end(true);
    const limitMs = this.limitMs(delivery.target);
    scheduler.in(limitMs, () => {
      if (over) return;
      instance.inTrouble();
      this.#ground.log(instance.name, 'is over its limit');
      if (!this.#ground.strikes(scenario.faults.zombie)) instance.kill();
      end(true);
    });
    this.#run(instance, delivery.target, delivery.event, limitMs).then(
      () => {
        instance.over = true;
        end(false);
      },
      (error: unknown) => {
        instance.over = true;
        this.#ground.violate(`${instance.name} throws at the platform: ${String(error)}`);
        end(true);
      },
    );
  }

  #startLater(delivery: Delivery): void {
    const { scheduler } = this.#ground;
    if (scheduler.nowMs - delivery.sinceMs > LATEST_MS) {
      this.#ground.log('platform', 'drops a message');
      return;
    }
    const backoffMs = Math.min(MAX_BACKOFF_MS, delivery.backoffMs * 2);
    scheduler.in(delivery.backoffMs, () => this.#start({ ...delivery, backoffMs }));
  }
}
