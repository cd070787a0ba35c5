import type { Clock } from '../../core/ports/index.ts';

/** A clock that moves only when asked; `sleep` moves it, so nothing ever waits. */
export class VirtualClock implements Clock {
  #nowMs: number;

  constructor(startMs = Date.UTC(2025, 10, 1, 2, 30, 0)) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  async sleep(ms: number): Promise<void> {
    this.#nowMs += ms;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}
