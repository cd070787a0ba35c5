import type { LocalClock } from '../../service.ts';
import { CLOCK_POLL_MS } from '../limits.ts';
import type { FunctionEntry, TriggerRecord } from '../model/records.ts';
import { formatTriggerTime, parseSchedule, type Schedule } from './expression.ts';

/** Delivers one tick as an asynchronous invocation. */
export type FireTimer = (serviceName: string, functionName: string, payload: Buffer) => void;

interface Armed {
  readonly entry: FunctionEntry;
  readonly trigger: TriggerRecord;
  readonly schedule: Schedule;
  nextMs: number;
}

/** What must differ for a timer to be armed anew: other changes of the function leave its phase alone. */
const identityOf = (trigger: TriggerRecord): string => JSON.stringify(trigger.triggerConfig);

/**
 * Fires timer triggers by the cloud's clock. A tick that is late (the clock jumped, the process slept) fires
 * once, named after its scheduled instant; instants after it that have passed as well are not replayed.
 */
export class TimerScheduler {
  private readonly clock: LocalClock;
  private readonly fire: FireTimer;
  private readonly armed = new Map<string, Map<string, Armed>>();
  private timeout: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(clock: LocalClock, fire: FireTimer) {
    this.clock = clock;
    this.fire = fire;
  }

  /** Brings the timers of a function in line with its entry; `undefined` = the function is gone. */
  update(key: string, entry: FunctionEntry | undefined): void {
    const before = this.armed.get(key) ?? new Map<string, Armed>();
    const after = new Map<string, Armed>();
    for (const trigger of entry?.triggers.values() ?? []) {
      if (!entry || !trigger.triggerConfig.enable) continue;
      const previous = before.get(trigger.triggerName);
      const same = previous !== undefined && identityOf(previous.trigger) === identityOf(trigger);
      const schedule = same ? previous.schedule : parseSchedule(trigger.triggerConfig.cronExpression);
      const nextMs = same ? previous.nextMs : schedule.next(this.clock.now());
      after.set(trigger.triggerName, { entry, trigger, schedule, nextMs });
    }
    if (after.size > 0) this.armed.set(key, after);
    else this.armed.delete(key);
    this.arm();
  }

  /** Fires what is due at `nowMs`. */
  tick(nowMs: number = this.clock.now()): void {
    for (const timers of this.armed.values()) {
      for (const timer of timers.values()) {
        if (timer.nextMs > nowMs) continue;
        const dueMs = timer.nextMs;
        timer.nextMs = timer.schedule.following(dueMs, nowMs);
        this.deliver(timer, dueMs);
      }
    }
    this.arm();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timeout);
  }

  private deliver({ entry, trigger }: Armed, dueMs: number): void {
    const payload = {
      triggerTime: formatTriggerTime(dueMs),
      triggerName: trigger.triggerName,
      payload: trigger.triggerConfig.payload,
    };
    this.fire(entry.serviceName, entry.record.functionName, Buffer.from(JSON.stringify(payload)));
  }

  private arm(): void {
    clearTimeout(this.timeout);
    if (this.closed || this.armed.size === 0) return;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const timers of this.armed.values()) {
      for (const timer of timers.values()) nextMs = Math.min(nextMs, timer.nextMs);
    }
    const waitMs = Math.min(Math.max(nextMs - this.clock.now(), 0), CLOCK_POLL_MS);
    this.timeout = setTimeout(() => this.tick(), waitMs).unref();
  }
}
