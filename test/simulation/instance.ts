import { type Code, SyncError, UnknownOutcomeError } from '../../core/errors/index.ts';
import type { Clock, Random } from '../../core/ports/index.ts';
import type { Ground } from './ground.ts';
import type { Account, Side } from './ledger.ts';

/** A kind of call to the outside. */
export interface Site {
  readonly side: Side;
  readonly what: string;
  readonly meanMs: number;
  /** Whether a lost answer leaves doubt. */
  readonly writes: boolean;
  readonly codes: { readonly fault: Code; readonly auth?: Code };
  /** How much more likely than elsewhere the instance dies or stands still here. */
  readonly dangerFactor?: number;
  /** Chance that the credentials are refused, where it is another one than everywhere. */
  readonly authChance?: number;
}

const CRASHES = ['crash-before', 'crash-after'] as const;
const PAUSES = ['pause-before', 'pause-after'] as const;
const REFUSED = ['refused'] as const;
const THROTTLED = ['throttled'] as const;
const AUTH = ['auth'] as const;
/** The caller hears nothing: the request was lost, or its answer, or the request arrives much later. */
const SILENCES = ['lost-request', 'lost-answer', 'lost-answer', 'late-effect'] as const;

type Refusal = 'refused' | 'throttled' | 'auth';
type Silence = (typeof SILENCES)[number];
type Fate = 'fine' | (typeof CRASHES)[number] | (typeof PAUSES)[number] | Refusal | Silence;

interface Caller<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

const isRefusal = (fate: Fate): fate is Refusal =>
  fate === 'refused' || fate === 'throttled' || fate === 'auth';
const isSilence = (fate: Fate): fate is Silence =>
  fate === 'lost-request' || fate === 'lost-answer' || fate === 'late-effect';

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
  /** Its function or command has returned. */
  over = false;
  /** Its last write to arrive was a claim of a shard. */
  wroteClaim = false;
  /** The lineage that it works for; `undefined` = any. */
  readonly lineage: string | undefined;
  readonly account: Account | undefined;
  /** Calls begun, and those among them that change something outside. */
  calls = 0;
  writesSent = 0;
  /** Pieces of shards that it handed back. */
  pieces = 0;
  readonly role: string;
  #skewMs: number;
  #pausedUntilMs = 0;
  #nonces = 0;

  constructor(ground: Ground, id: number, role: string, lineage?: string) {
    this.#ground = ground;
    this.id = id;
    this.role = role;
    this.name = `${role}#${id}`;
    this.bornMs = ground.scheduler.nowMs;
    this.lineage = lineage;
    this.account = ground.ledger.maybe(lineage);
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

  /** Something went wrong for it that it may have to make good for. */
  inTrouble(): void {
    if (this.account) this.account.troubles++;
  }

  /** Stops for ever; nobody is told. */
  kill(): void {
    this.inTrouble();
    this.alive = false;
  }

  /** Makes a call. `effect` happens when the request arrives, whatever became of the caller since. */
  call<T>(site: Site, effect: () => Promise<T>): Promise<T> {
    this.calls++;
    if (this.account) this.account.calls[site.side]++;
    if (site.writes) this.writesSent++;
    return new Promise<T>((resolve, reject) => {
      const fate = this.#draw(site);
      if (fate !== 'fine') this.inTrouble();
      if (!this.alive) return;
      if (fate === 'crash-before') this.#crash(site);
      else if (isRefusal(fate)) this.#answer(site.meanMs, () => reject(this.#error(site, fate)));
      else {
        if (fate === 'pause-before') this.#pause(site);
        if (isSilence(fate)) this.#later(TIMEOUT_MS, () => reject(this.#error(site, fate)));
        if (fate !== 'lost-request') this.#send(site, fate, effect, { resolve, reject });
      }
    });
  }

  /** Lets the request arrive, and its answer come back unless that is lost. */
  #send<T>(site: Site, fate: Fate, effect: () => Promise<T>, caller: Caller<T>): void {
    const { dice, scheduler } = this.#ground;
    const wayMs = fate === 'late-effect' ? TIMEOUT_MS * dice.between(0.5, 4) : dice.latency(site.meanMs / 2);
    const answered = (answer: () => void): void => {
      if (isSilence(fate)) {
        if (this.wroteClaim) this.#ground.meet('claim answer lost');
      } else if (fate === 'crash-after') this.#crash(site);
      else {
        if (fate === 'pause-after') this.#pause(site);
        this.#answer(site.meanMs / 2, answer);
      }
    };
    scheduler.at(Math.max(scheduler.nowMs, this.#pausedUntilMs) + wayMs, () => {
      effect().then(
        (value) => answered(() => caller.resolve(value)),
        (error: unknown) => answered(() => caller.reject(error)),
      );
    });
  }

  #answer(meanMs: number, act: () => void): void {
    this.#later(this.#ground.dice.latency(meanMs), act);
  }

  #draw(site: Site): Fate {
    const { dice, quiet, scenario } = this.#ground;
    if (quiet) return 'fine';
    const { faults } = scenario;
    if (dice.chance(faults.clockJump)) this.#jump();
    const auth = site.codes.auth === undefined ? 0 : (site.authChance ?? faults.auth);
    let rest = dice.next();
    for (const [probability, fates] of [
      [faults.crash * (site.dangerFactor ?? 1), CRASHES],
      [faults.refused, REFUSED],
      [faults.throttled, THROTTLED],
      [faults.pause * (site.dangerFactor ?? 1), PAUSES],
      [faults.lostAnswer, SILENCES],
      [auth, AUTH],
    ] as const) {
      rest -= probability;
      if (rest < 0) return dice.pick(fates);
    }
    return 'fine';
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
    this.inTrouble();
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
