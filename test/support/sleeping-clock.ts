import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../core/ports/index.ts';

/** A clock in which many may sleep at once; it moves to the next who wakes when nobody has anything to do. */
export class SleepingClock implements Clock {
  #nowMs = Date.UTC(2025, 10, 1, 2, 30, 0);
  readonly #sleepers: { readonly wakeMs: number; readonly wake: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => this.#sleepers.push({ wakeMs: this.#nowMs + ms, wake }));
  }

  /** Lets time pass until nobody sleeps and nothing is going on any more. */
  async settle(): Promise<void> {
    for (;;) {
      await setImmediate();
      this.#sleepers.sort((a, b) => a.wakeMs - b.wakeMs);
      const next = this.#sleepers.shift();
      if (!next) return;
      this.#nowMs = Math.max(this.#nowMs, next.wakeMs);
      next.wake();
    }
  }
}
