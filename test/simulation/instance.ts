import { type Code, SyncError, UnknownOutcomeError } from '../../core/errors/index.ts';
import type { Clock, Random } from '../../core/ports/index.ts';
import type { Ground } from './ground.ts';

/** A kind of call to the outside. */
export interface Site {
  readonly what: string;
  readonly meanMs: number;
  /** Whether a lost answer leaves doubt. */
  readonly writes: boolean;
  readonly codes: { readonly fault: Code; readonly auth?: Code };
}

type Fate =
  | 'fine'
  | 'crash-before'
  | 'crash-after'
  | 'refused'
  | 'throttled'
  | 'auth'
  | 'lost-request'
  | 'lost-answer'
  | 'late-effect'
  | 'pause-before'
  | 'pause-after';

/** How long a caller waits for an answer. */
const TIMEOUT_MS = 10_000;
const LEAST_JUMP_MS = 60_000;

/**
 * A process somewhere: a function instance or a person's command. It has a clock of its own, dies, stands
 * still, and every call it makes may go wrong. A dead instance's promises never settle: its code is never
 * heard of again, but what it had sent still arrives.
 */
export class Instance {
  readonly id: number;
  readonly name: string;
  readonly #ground: Ground;
  readonly clock: Clock;
  readonly random: Random;
  readonly bornMs: number;
  alive = true;
  /** Told once when the instance dies of a crash. */
  onCrash: () => void = () => {};
  /** The channel was taken away from it and it was told so. */
  lostChannel = false;
  /** Its last write to arrive was a claim of a shard. */
  wroteClaim = false;
  /** State calls and messages so far. */
  calls = 0;
  #skewMs: number;
  #pausedUntilMs = 0;
  #nonces = 0;

  constructor(ground: Ground, id: number, role: string) {
    this.#ground = ground;
    this.id = id;
    this.name = `${role}#${id}`;
    this.bornMs = ground.scheduler.nowMs;
    const { skewMs } = ground.scenario.faults;
    this.#skewMs = ground.quiet || skewMs === 0 ? 0 : Math.round(ground.dice.between(-skewMs, skewMs));
    this.clock = {
      nowMs: () => Math.floor(ground.scheduler.nowMs) + this.#skewMs,
      monotonicMs: () => ground.scheduler.nowMs - this.bornMs,
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
    this.random = { nonce: () => this.#nonce(), fraction: () => ground.dice.next() };
  }

  /** The instance whose nonce this is. */
  static idOf(nonce: string): number {
    return Number.parseInt(nonce.slice(0, 8), 16);
  }

  /** Stops for ever; nobody is told. */
  kill(): void {
    this.alive = false;
  }

  /** Makes a call. `effect` happens when the request arrives, whatever became of the caller since. */
  call<T>(site: Site, effect: () => Promise<T>): Promise<T> {
    this.calls++;
    return new Promise<T>((resolve, reject) => {
      const fate = this.#draw(site);
      if (!this.alive) return;
      if (fate === 'crash-before') return this.#crash(site);
      if (fate === 'pause-before') this.#pause(site);
      const there = this.#ground.dice.latency(site.meanMs / 2);
      const back = this.#ground.dice.latency(site.meanMs / 2);
      const fail = (error: SyncError, afterMs: number): void => this.#later(afterMs, () => reject(error));
      if (fate === 'refused' || fate === 'throttled' || fate === 'auth')
        return fail(this.#error(site, fate), there + back);
      const lost = fate === 'lost-request' || fate === 'lost-answer' || fate === 'late-effect';
      if (lost) fail(this.#error(site, fate), TIMEOUT_MS);
      if (fate === 'lost-request') return;
      const arriveMs = fate === 'late-effect' ? TIMEOUT_MS * this.#ground.dice.between(0.5, 4) : there;
      const arrive = (): void => {
        const answered = (answer: () => void): void => {
          if (lost && this.wroteClaim) this.#ground.meet('claim answer lost');
          if (lost) return;
          if (fate === 'crash-after') return this.#crash(site);
          if (fate === 'pause-after') this.#pause(site);
          this.#later(back, answer);
        };
        effect().then(
          (value) => answered(() => resolve(value)),
          (error: unknown) => answered(() => reject(error)),
        );
      };
      this.#ground.scheduler.at(
        Math.max(this.#ground.scheduler.nowMs, this.#pausedUntilMs) + arriveMs,
        arrive,
      );
    });
  }

  #draw(site: Site): Fate {
    const { dice, quiet, scenario } = this.#ground;
    if (quiet) return 'fine';
    const { faults } = scenario;
    if (dice.chance(faults.clockJump)) this.#jump();
    let rest = dice.next();
    const hits = (probability: number): boolean => (rest -= probability) < 0;
    if (hits(faults.crash)) return dice.chance(0.5) ? 'crash-before' : 'crash-after';
    if (hits(faults.refused)) return 'refused';
    if (hits(faults.throttled)) return 'throttled';
    if (hits(faults.pause)) return dice.chance(0.5) ? 'pause-before' : 'pause-after';
    if (hits(faults.lostAnswer))
      return dice.pick(['lost-request', 'lost-answer', 'lost-answer', 'late-effect']);
    return site.codes.auth !== undefined && hits(faults.auth) ? 'auth' : 'fine';
  }

  #error(site: Site, fate: Fate): SyncError {
    const { fault, auth } = site.codes;
    const message = `${site.what}: ${fate}`;
    this.#ground.log(this.name, message);
    if (fate === 'throttled') return new SyncError(fault, 'throttled', message);
    if (fate === 'auth') return new SyncError(auth ?? fault, 'auth', message);
    if (fate !== 'refused' && site.writes) return new UnknownOutcomeError(fault, message);
    return new SyncError(fault, 'transient', message);
  }

  #crash(site: Site): void {
    if (!this.alive) return;
    this.#ground.log(this.name, `crashes at ${site.what}`);
    this.alive = false;
    this.onCrash();
  }

  #pause(site: Site): void {
    const { leaseMs } = this.#ground.scenario.sizes;
    const ms = this.#ground.dice.between(1_000, 3 * leaseMs);
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#ground.scheduler.nowMs + ms);
    this.#ground.log(this.name, `stands still for ${ms.toFixed(0)} ms at ${site.what}`);
  }

  #jump(): void {
    const most = Math.max(LEAST_JUMP_MS, this.#ground.scenario.faults.skewMs);
    this.#skewMs = Math.round(this.#ground.dice.between(-most, most));
    this.#ground.log(this.name, `sees its clock jump to ${this.#skewMs} ms off`);
  }

  /** Lets the instance's code go on, unless it is dead by then; not while it stands still. */
  #later(ms: number, act: () => void): void {
    const { scheduler } = this.#ground;
    scheduler.in(ms, () => {
      if (!this.alive) return;
      if (scheduler.nowMs < this.#pausedUntilMs) this.#later(this.#pausedUntilMs - scheduler.nowMs, act);
      else act();
    });
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      this.#later(ms, resolve);
      signal?.addEventListener('abort', () => this.#later(0, resolve), { once: true });
    });
  }

  #nonce(): string {
    return this.id.toString(16).padStart(8, '0') + (++this.#nonces).toString(16).padStart(24, '0');
  }
}
