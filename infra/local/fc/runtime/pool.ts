import type { Counters } from '../counters.ts';
import { resourceExhausted } from '../http/error.ts';
import { MEMORY_PROBE_MS } from '../limits.ts';
import type { Guardian } from './guardian.ts';
import { FailedStart, Instance, type InstanceHost } from './instance.ts';
import { residentBytes } from './memory-probe.ts';
import type { Outcome } from './outcome.ts';
import type { ExecutionRequest, FunctionTarget } from './target.ts';

/** Limits of a pool. */
export interface PoolLimits {
  readonly maxInstances: number;
  readonly maxInstancesPerFunction: number;
  readonly idleMs: number;
}

const REAP_MS = 1_000;

/** Somebody who was refused and waits for an instance of the function `key`. */
interface Waiter {
  readonly key: string;
  readonly wake: () => void;
}

/**
 * All instances of the account. A request takes the warm instance that was used last, else starts one, else
 * replaces an idle one of another function, else is refused with 429.
 */
export class InstancePool {
  private readonly instances = new Set<Instance>();
  /** Also holds instances that gave up their place but whose process has not ended yet. */
  private readonly processes = new Set<Instance>();
  private readonly limits: PoolLimits;
  private readonly host: InstanceHost;
  private readonly guardian: Guardian;
  private readonly counters: Counters;
  private readonly waiting: Waiter[] = [];
  private readonly probe: NodeJS.Timeout;
  private readonly reaper: NodeJS.Timeout;
  private closed = false;

  constructor(limits: PoolLimits, host: InstanceHost, guardian: Guardian, counters: Counters) {
    this.limits = limits;
    this.host = host;
    this.guardian = guardian;
    this.counters = counters;
    this.probe = setInterval(() => void this.probeMemory(), MEMORY_PROBE_MS).unref();
    this.reaper = setInterval(() => this.reap(), REAP_MS).unref();
  }

  /** Living instances. */
  list(): readonly Instance[] {
    return [...this.instances];
  }

  /** Runs a request to its outcome; throws `ResourceExhausted` (429) at once when no instance is free. */
  async execute(target: FunctionTarget, request: ExecutionRequest): Promise<Outcome> {
    const instance = this.acquire(target);
    this.counters.enter(target.functionName);
    try {
      const outcome = await this.run(instance, request);
      if (outcome.failure === 'timeout') this.counters.add('timeouts');
      if (outcome.failure === 'out-of-memory') this.counters.add('oomKills');
      return outcome;
    } finally {
      this.counters.leave(target.functionName);
      this.release(instance);
    }
  }

  /** Ends the instances of a function: idle ones now, busy ones after their request. */
  retire(key: string): void {
    for (const instance of this.instances) {
      if (instance.target.key !== key) continue;
      if (instance.state === 'idle') this.drop(instance);
      else instance.retired = true;
    }
  }

  /** Kills the instance that works on a request. */
  stop(requestId: string): void {
    for (const instance of this.instances) {
      if (instance.requestId === requestId) instance.kill('stopped');
    }
  }

  /** Kills an instance; `false` when there is none of that id. */
  kill(instanceId: string): boolean {
    const found = [...this.instances].find((each) => each.instanceId === instanceId);
    found?.kill('exited');
    return found !== undefined;
  }

  /** Resolves when an instance may be free for a function, or after `limitMs`. First come, first served. */
  whenFree(key: string, limitMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        const at = this.waiting.indexOf(waiter);
        if (at >= 0) this.waiting.splice(at, 1);
        resolve();
      };
      const waiter = { key, wake };
      const timer = setTimeout(wake, limitMs);
      signal.addEventListener('abort', wake, { once: true });
      this.waiting.push(waiter);
    });
  }

  /** Ends every instance and resolves when all are gone. Idempotent. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.probe);
    clearInterval(this.reaper);
    const all = [...this.processes];
    for (const instance of all) instance.kill('stopped');
    await Promise.all(all.map((instance) => instance.ended));
  }

  private acquire(target: FunctionTarget): Instance {
    if (this.closed) throw resourceExhausted('the service is closing');
    const warm = this.warmest(target);
    if (warm) {
      warm.state = 'busy';
      return warm;
    }
    const ofFunction = [...this.instances].filter((each) => each.target.key === target.key).length;
    if (ofFunction >= this.limits.maxInstancesPerFunction) {
      throw this.throttled(`function '${target.functionName}' has reached its instance limit`);
    }
    if (this.instances.size >= this.limits.maxInstances && !this.evictIdle()) {
      throw this.throttled(`the account has reached its limit of ${this.limits.maxInstances} instances`);
    }
    return this.spawn(target);
  }

  private throttled(message: string): Error {
    this.counters.add('throttles');
    return resourceExhausted(message);
  }

  private warmest(target: FunctionTarget): Instance | undefined {
    let best: Instance | undefined;
    for (const each of this.instances) {
      if (each.state !== 'idle' || each.target.key !== target.key) continue;
      if (each.target.revision !== target.revision) continue;
      if (!best || each.idleSinceMs > best.idleSinceMs) best = each;
    }
    return best;
  }

  private evictIdle(): boolean {
    let oldest: Instance | undefined;
    for (const each of this.instances) {
      if (each.state === 'idle' && (!oldest || each.idleSinceMs < oldest.idleSinceMs)) oldest = each;
    }
    if (oldest) this.drop(oldest);
    return oldest !== undefined;
  }

  private spawn(target: FunctionTarget): Instance {
    const instance = new Instance(target, this.host);
    this.instances.add(instance);
    this.processes.add(instance);
    this.counters.add('coldStarts');
    const { pid } = instance;
    if (pid !== undefined) this.guardian.watch(pid);
    void instance.ended.then(() => {
      if (pid !== undefined) this.guardian.forget(pid);
      this.processes.delete(instance);
      if (this.instances.delete(instance)) this.wakeFor(target.key);
    });
    return instance;
  }

  private async run(instance: Instance, request: ExecutionRequest): Promise<Outcome> {
    const startedMs = performance.now();
    if (instance.state !== 'starting') return instance.execute(request);
    try {
      await instance.start(request.requestId);
    } catch (error) {
      if (!(error instanceof FailedStart)) throw error;
      instance.kill('initializer');
      const durationMs = performance.now() - startedMs;
      return { body: error.body, failure: error.reason, durationMs, maxMemoryBytes: 0, logTail: '' };
    }
    return instance.execute(request);
  }

  private release(instance: Instance): void {
    if (instance.state === 'ended') return; // its end wakes the next waiter
    if (instance.retired) this.drop(instance);
    this.wakeFor(instance.target.key);
  }

  /** The warm instance suits its own function best; otherwise one waiter of each function may try. */
  private wakeFor(key: string): void {
    const own = this.waiting.find((each) => each.key === key);
    const firsts = new Map<string, Waiter>();
    for (const each of this.waiting) if (!firsts.has(each.key)) firsts.set(each.key, each);
    for (const waiter of own ? [own] : [...firsts.values()]) waiter.wake();
  }

  /** Frees the place at once; the process ends behind it. */
  private drop(instance: Instance): void {
    this.instances.delete(instance);
    instance.kill('stopped');
  }

  private reap(): void {
    const oldest = performance.now() - this.limits.idleMs;
    for (const each of this.instances) {
      if (each.state === 'idle' && each.idleSinceMs <= oldest) this.drop(each);
    }
  }

  private async probeMemory(): Promise<void> {
    const busy = [...this.instances].filter((each) => each.state === 'busy' || each.state === 'starting');
    const pids = busy.flatMap((each) => (each.pid === undefined ? [] : [each.pid]));
    const resident = await residentBytes(pids);
    for (const each of busy) {
      const bytes = each.pid === undefined ? undefined : resident.get(each.pid);
      if (bytes !== undefined) each.observeMemory(bytes);
    }
  }
}
