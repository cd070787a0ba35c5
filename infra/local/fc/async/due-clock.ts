import type { LocalClock } from '../../service.ts';
import { CLOCK_POLL_MS } from '../limits.ts';

/** Waits, by the cloud's clock or by real time, that end early when the service closes. */
export class DueClock {
  private readonly clock: LocalClock;
  private readonly signal: AbortSignal;
  private readonly sleepers = new Set<() => void>();

  constructor(clock: LocalClock, signal: AbortSignal) {
    this.clock = clock;
    this.signal = signal;
  }

  /** Resolves when the cloud's clock shows `dueMs` or the service closes. */
  async until(dueMs: number): Promise<void> {
    while (!this.signal.aborted && this.clock.now() < dueMs) {
      await this.sleep(Math.min(dueMs - this.clock.now(), CLOCK_POLL_MS), true);
    }
  }

  /** Resolves after real milliseconds or when the service closes. */
  pause(ms: number): Promise<void> {
    return this.sleep(ms, false);
  }

  /** Makes every wait for the cloud's clock look at it again. */
  lookAgain(): void {
    for (const wake of [...this.sleepers]) wake();
  }

  private sleep(ms: number, followsClock: boolean): Promise<void> {
    if (this.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.signal.removeEventListener('abort', wake);
        this.sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.signal.addEventListener('abort', wake, { once: true });
      if (followsClock) this.sleepers.add(wake);
    });
  }
}
