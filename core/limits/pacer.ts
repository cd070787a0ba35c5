import type { Clock } from '../ports/index.ts';

/** A channel's share of the speed limits of its run; absent = unlimited. */
export interface Pace {
  readonly rowsPerSecond?: number;
  readonly bytesPerSecond?: number;
}

const BYTES_PER_MIB = 1024 * 1024;

/** What each of `channels` channels may do so that together they stay within the limits of the run. */
export function shareOf(
  speed: { readonly mbps?: number; readonly recordsPerSecond?: number },
  channels: number,
): Pace {
  return {
    ...(speed.mbps === undefined ? {} : { bytesPerSecond: (speed.mbps * BYTES_PER_MIB) / channels }),
    ...(speed.recordsPerSecond === undefined ? {} : { rowsPerSecond: speed.recordsPerSecond / channels }),
  };
}

/**
 * Pays for rows after they moved and says how long to wait before the next. The debt (`paidUntilMs`) is kept
 * with the channel, so that a chain of short invocations, or a replaced one, stays within the limit as well.
 * Time not used is not saved up.
 */
export class Pacer {
  readonly #pace: Pace;
  readonly #clock: Clock;
  #paidUntilMs: number;

  constructor(pace: Pace, paidUntilMs: number, clock: Clock) {
    this.#pace = pace;
    this.#clock = clock;
    this.#paidUntilMs = paidUntilMs;
  }

  /** Wall-clock time until which the share is used up. */
  get paidUntilMs(): number {
    return Math.ceil(this.#paidUntilMs);
  }

  /** Milliseconds to wait before moving more; 0 = go on. */
  get waitMs(): number {
    return Math.max(0, this.#paidUntilMs - this.#clock.nowMs());
  }

  /** Counts what moved. */
  pay(rows: number, bytes: number): void {
    const { rowsPerSecond, bytesPerSecond } = this.#pace;
    const forRows = rowsPerSecond === undefined ? 0 : (rows / rowsPerSecond) * 1000;
    const forBytes = bytesPerSecond === undefined ? 0 : (bytes / bytesPerSecond) * 1000;
    const cost = Math.max(forRows, forBytes);
    if (cost > 0) this.#paidUntilMs = Math.max(this.#paidUntilMs, this.#clock.nowMs()) + cost;
  }
}
