import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../core/ports/index.ts';
import { withinLimit } from '../../../functions/middleware/time-limit.ts';

/** A clock whose sleepers wake when the test says so, or when their signal aborts. */
class HeldClock implements Clock {
  readonly sleeps: { readonly ms: number; readonly wake: () => void }[] = [];
  aborted = 0;

  nowMs(): number {
    return 0;
  }

  monotonicMs(): number {
    return 0;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.sleeps.push({ ms, wake: resolve });
      signal?.addEventListener('abort', () => {
        this.aborted++;
        resolve();
      });
    });
  }
}

const never = (): Promise<never> => new Promise(() => {});

describe('a time limit', () => {
  it('gives up what still runs shortly before the end, and tells it', async () => {
    const clock = new HeldClock();
    let seen: AbortSignal | undefined;
    const outcome = withinLimit(clock, 60_000, (signal) => {
      seen = signal;
      return never();
    });
    expect(clock.sleeps.map(({ ms }) => ms)).toEqual([59_500]);
    expect(seen?.aborted).toBe(false);
    clock.sleeps[0]?.wake();
    await expect(outcome).rejects.toMatchObject({ code: 'RUN-5012', kind: 'transient' });
    expect(seen?.aborted).toBe(true);
  });

  it('leaves no timer behind, however the body ends', async () => {
    const clock = new HeldClock();
    let seen: AbortSignal | undefined;
    const body = async (signal: AbortSignal): Promise<number> => {
      seen = signal;
      return 7;
    };
    expect(await withinLimit(clock, 60_000, body)).toBe(7);
    const fails = async (): Promise<number> => {
      throw new Error('no');
    };
    await expect(withinLimit(clock, 60_000, fails)).rejects.toThrow('no');
    expect(clock.aborted).toBe(2);
    expect(seen?.aborted).toBe(false);
  });

  it('gives each invocation of a process a signal of its own', async () => {
    const clock = new HeldClock();
    const signals: AbortSignal[] = [];
    const body = (signal: AbortSignal): Promise<never> => {
      signals.push(signal);
      return never();
    };
    const [first, second] = [withinLimit(clock, 1_000, body), withinLimit(clock, 60_000, body)];
    clock.sleeps[0]?.wake();
    await expect(first).rejects.toMatchObject({ code: 'RUN-5012' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    clock.sleeps[1]?.wake();
    await expect(second).rejects.toMatchObject({ code: 'RUN-5012' });
  });
});
