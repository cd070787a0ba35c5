import { setMaxListeners } from 'node:events';
import type { LocalClock } from '../../service.ts';
import type { Counters } from '../counters.ts';
import { FcError } from '../http/error.ts';
import type { FunctionInvoker } from '../invoker.ts';
import {
  DEFAULT_ASYNC_AGE_SECONDS,
  DEFAULT_ASYNC_RETRIES,
  MAX_ASYNC_BACKOFF_MS,
  MAX_THROTTLE_AGE_MS,
} from '../limits.ts';
import type { Catalog } from '../model/catalog.ts';
import type { FunctionEntry } from '../model/records.ts';
import type { Outcome } from '../runtime/outcome.ts';
import { destinationOf } from './destination.ts';
import { DueClock } from './due-clock.ts';
import type { AsyncEvent, AsyncFaultRule } from './event.ts';
import type { EventStore } from './event-store.ts';
import type { TaskFile } from './task-file.ts';
import type { TaskLedger } from './tasks.ts';

/** What the queue works with. */
export interface AsyncQueueParts {
  readonly catalog: Catalog;
  readonly invoker: FunctionInvoker;
  readonly store: EventStore;
  readonly tasks: TaskLedger;
  readonly taskFile: TaskFile;
  readonly clock: LocalClock;
  readonly counters: Counters;
  readonly retryBaseMs: number;
  readonly faultRule: () => AsyncFaultRule | undefined;
}

/** How an event ended. */
type Ending =
  | { readonly kind: 'succeeded'; readonly outcome: Outcome; readonly attempts: number }
  | { readonly kind: 'failed'; readonly outcome: Outcome; readonly attempts: number }
  | { readonly kind: 'expired' | 'stopped' | 'dropped' | 'gone'; readonly attempts: number };

/**
 * Accepted events until they end. Delivery is at least once: an event leaves the store only after its last
 * execution, so a restart runs it again.
 *
 *   accept → stored → due → [throttled: 0.5, 1, 2, 4 … s] → run → ok: end
 *                                                               → error: retry after 0.5, 1, 2 … s
 */
export class AsyncQueue {
  private readonly parts: AsyncQueueParts;
  private readonly closing = new AbortController();
  private readonly waits: DueClock;
  private readonly work = new Set<Promise<void>>();
  private readonly failures: unknown[] = [];

  constructor(parts: AsyncQueueParts) {
    this.parts = parts;
    setMaxListeners(0, this.closing.signal); // one listener per waiting event
    this.waits = new DueClock(parts.clock, this.closing.signal);
  }

  /** Takes up the stored events of an earlier process. */
  recover(events: readonly AsyncEvent[]): void {
    for (const event of events) {
      // A task that is finished already stopped short of removing its event: running it again is allowed.
      if (!this.parts.tasks.find(event)) this.parts.tasks.begin(event, this.parts.clock.now());
      this.follow(event);
    }
  }

  /** Stores an event; when this resolves it will be delivered. Refuses a task id that was used before. */
  async accept(event: AsyncEvent): Promise<void> {
    this.parts.tasks.begin(event, this.parts.clock.now());
    try {
      await this.parts.store.add(event);
    } catch (error) {
      this.parts.tasks.cancel(event);
      throw error;
    }
    this.parts.counters.add('asyncInvocations');
    this.follow(event);
  }

  /** Accepts an event that nobody waits for: a timer tick. `idle` waits for it and reports its failure. */
  take(event: AsyncEvent): void {
    const work: Promise<void> = this.accept(event)
      .catch((error: unknown) => void this.failures.push(error))
      .finally(() => this.work.delete(work));
    this.work.add(work);
  }

  /** Resolves when nothing is queued or running. */
  async idle(): Promise<void> {
    while (this.work.size > 0) await Promise.all(this.work);
    if (this.failures.length > 0) throw new AggregateError(this.failures, 'asynchronous delivery failed');
  }

  /** Delivers what the cloud's clock has made due. */
  tick(): void {
    this.waits.lookAgain();
  }

  /** Stops delivering; events that have not ended stay in the store. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.allSettled(this.work);
  }

  private follow(event: AsyncEvent): void {
    // A failure here is one of the service (its disk, say), never of the function: `idle` reports it, and
    // the event stays in the store.
    const work: Promise<void> = this.deliver(event)
      .catch((error: unknown) => void this.failures.push(error))
      .finally(() => this.work.delete(work));
    this.work.add(work);
  }

  private async deliver(event: AsyncEvent): Promise<void> {
    await this.waits.until(event.dueAtMs);
    if (this.closing.signal.aborted) return;
    const ending = await this.runToEnd(event);
    if (this.closing.signal.aborted && ending.kind !== 'succeeded') return;
    this.recordEnding(event, ending);
    if (ending.kind !== 'dropped') {
      await this.keepTask(event);
      await this.notify(event, ending);
    }
    await this.parts.store.remove(event.requestId);
  }

  private async runToEnd(event: AsyncEvent): Promise<Ending> {
    const { tasks, counters, clock } = this.parts;
    for (let attempt = 1; ; attempt++) {
      const entry = this.parts.catalog.findFunction(event.serviceName, event.functionName);
      if (!entry) return { kind: 'gone', attempts: attempt - 1 };
      if (attempt > 1) counters.add('retries');
      const outcome = await this.attempt(event, entry, attempt);
      if (typeof outcome === 'string') {
        return { kind: outcome, attempts: attempt };
      }
      if (outcome.failure === undefined) return { kind: 'succeeded', outcome, attempts: attempt };
      if (outcome.failure === 'stopped' || tasks.isStopping(event)) {
        return { kind: 'stopped', attempts: attempt };
      }
      const retries = entry.asyncConfig?.maxAsyncRetryAttempts ?? DEFAULT_ASYNC_RETRIES;
      if (attempt > retries) return { kind: 'failed', outcome, attempts: attempt };
      tasks.mark(event, 'Retrying', clock.now(), {
        alreadyRetriedTimes: attempt - 1,
        invocationErrorMessage: outcome.body.toString('utf8'),
      });
      await this.waits.pause(this.backoffMs(attempt));
    }
  }

  /** One counted attempt: faults, the wait for a free instance, the execution. */
  private async attempt(
    event: AsyncEvent,
    entry: FunctionEntry,
    attempt: number,
  ): Promise<Outcome | 'dropped' | 'expired' | 'stopped' | 'gone'> {
    const { functionName, requestId, payload } = event;
    const fault = this.parts.faultRule()?.({ functionName, requestId, attempt, payload }) ?? 'deliver';
    if (fault === 'drop') return 'dropped';
    if (typeof fault === 'object') await this.waits.pause(fault.delayMs);
    if (fault !== 'double') return this.throughThrottling(event, entry);
    const [first] = await Promise.all([
      this.throughThrottling(event, entry),
      this.throughThrottling(event, entry),
    ]);
    return first;
  }

  private async throughThrottling(
    event: AsyncEvent,
    entry: FunctionEntry,
  ): Promise<Outcome | 'expired' | 'stopped' | 'gone'> {
    const { invoker, tasks, clock } = this.parts;
    for (let refusals = 0; ; refusals++) {
      if (this.closing.signal.aborted || tasks.isStopping(event)) return 'stopped';
      if (this.isTooOld(event, entry)) return 'expired';
      try {
        tasks.mark(event, 'Running', clock.now());
        return await invoker.execute(event.serviceName, event.functionName, {
          requestId: event.requestId,
          event: event.payload,
        });
      } catch (error) {
        if (error instanceof FcError && error.status === 404) return 'gone';
        if (!(error instanceof FcError) || error.status !== 429) throw error;
        // The platform's back-off, cut short when an instance becomes free.
        const backoffMs = this.backoffMs(refusals + 1);
        await invoker.whenFree(event.serviceName, event.functionName, backoffMs, this.closing.signal);
      }
    }
  }

  private isTooOld(event: AsyncEvent, entry: FunctionEntry): boolean {
    const limitSeconds = entry.asyncConfig?.maxAsyncEventAgeInSeconds ?? DEFAULT_ASYNC_AGE_SECONDS;
    const ageMs = this.parts.clock.now() - Math.max(event.acceptedAtMs, event.dueAtMs);
    return ageMs > Math.min(limitSeconds * 1_000, MAX_THROTTLE_AGE_MS);
  }

  private backoffMs(step: number): number {
    return Math.min(this.parts.retryBaseMs * 2 ** (step - 1), MAX_ASYNC_BACKOFF_MS);
  }

  private recordEnding(event: AsyncEvent, ending: Ending): void {
    const { tasks, clock } = this.parts;
    const alreadyRetriedTimes = Math.max(ending.attempts - 1, 0);
    switch (ending.kind) {
      case 'succeeded':
        tasks.mark(event, 'Succeeded', clock.now(), {
          alreadyRetriedTimes,
          returnPayload: ending.outcome.body.toString('utf8'),
        });
        return;
      case 'failed':
        tasks.mark(event, 'Failed', clock.now(), {
          alreadyRetriedTimes,
          invocationErrorMessage: ending.outcome.body.toString('utf8'),
        });
        return;
      case 'expired':
        tasks.mark(event, 'Expired', clock.now(), { alreadyRetriedTimes });
        return;
      case 'stopped':
        tasks.mark(event, 'Stopped', clock.now(), { alreadyRetriedTimes });
        return;
      case 'gone':
        tasks.mark(event, 'Invalid', clock.now());
        return;
      case 'dropped':
        return; // lost without a trace: the task stays where it was
      default:
        ending satisfies never;
    }
  }

  private async keepTask(event: AsyncEvent): Promise<void> {
    const task = this.parts.tasks.find(event);
    const { serviceName, functionName } = event;
    if (task) await this.parts.taskFile.append({ serviceName, functionName, task });
  }

  private async notify(event: AsyncEvent, ending: Ending): Promise<void> {
    const entry = this.parts.catalog.findFunction(event.serviceName, event.functionName);
    const config = entry?.asyncConfig?.destinationConfig;
    const chosen = ending.kind === 'succeeded' ? config?.onSuccess : config?.onFailure;
    if (!chosen || ending.kind === 'stopped') return;
    const outcome = 'outcome' in ending ? ending.outcome : undefined;
    const next = destinationOf(chosen.destination, event, {
      condition: ending.kind,
      attempts: ending.attempts,
      outcome,
      nowMs: this.parts.clock.now(),
    });
    await this.accept(next);
  }
}
