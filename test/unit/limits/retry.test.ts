import { describe, expect, test } from 'vitest';
import { SyncError } from '../../../core/errors/index.ts';
import { withRetry } from '../../../core/limits/retry.ts';

const policy = { maxAttempts: 4, baseMs: 100, capMs: 250 };
const busy = new SyncError('SRC-2003', 'throttled', 'busy');

/** A clock on which sleeping takes no real time. */
function fakePorts(fraction = 0) {
  const slept: number[] = [];
  let now = 0;
  const clock = {
    nowMs: () => now,
    monotonicMs: () => now,
    sleep: async (ms: number) => {
      slept.push(ms);
      now += ms;
    },
  };
  return { slept, ports: { clock, random: { nonce: () => '', fraction: () => fraction } } };
}

/** Fails with the given faults in turn, then succeeds. */
function failing(...faults: unknown[]): { attempt: () => Promise<string>; calls: () => number } {
  let calls = 0;
  return {
    calls: () => calls,
    attempt: async () => {
      const fault = faults[calls++];
      if (fault) throw fault;
      return 'done';
    },
  };
}

describe('withRetry', () => {
  test('pauses longer each time, up to the cap', async () => {
    const { slept, ports } = fakePorts(1);
    const { attempt } = failing(busy, busy, busy);
    expect(await withRetry(attempt, policy, ports)).toBe('done');
    expect(slept).toEqual([100, 200, 250]);
  });

  test('throws the last fault when the tries are used up', async () => {
    const { ports } = fakePorts();
    const { attempt, calls } = failing(busy, busy, busy, busy);
    await expect(withRetry(attempt, policy, ports)).rejects.toBe(busy);
    expect(calls()).toBe(4);
  });

  test.each(['config', 'auth', 'unknown', 'conflict', 'data', 'lost', 'bug'] as const)(
    'does not repeat %s',
    async (kind) => {
      const { ports } = fakePorts();
      const { attempt, calls } = failing(new SyncError('SRC-2004', kind, 'no'));
      await expect(withRetry(attempt, policy, ports)).rejects.toMatchObject({ kind });
      expect(calls()).toBe(1);
    },
  );

  test('repeats an unknown outcome when the policy says that it is harmless', async () => {
    const { ports } = fakePorts();
    const { attempt } = failing(new SyncError('SRC-2001', 'unknown', 'lost'));
    expect(await withRetry(attempt, { ...policy, kinds: ['unknown'] }, ports)).toBe('done');
  });

  test('begins no pause that would outlast the budget', async () => {
    const { slept, ports } = fakePorts(1);
    const { attempt } = failing(busy, busy, busy);
    await expect(withRetry(attempt, { ...policy, budgetMs: 250 }, ports)).rejects.toBe(busy);
    expect(slept).toEqual([100]);
  });

  test('stops when aborted during a pause', async () => {
    const stop = new AbortController();
    const { ports } = fakePorts();
    const { attempt, calls } = failing(busy, busy);
    const onRetry = (): void => stop.abort();
    await expect(withRetry(attempt, policy, { ...ports, signal: stop.signal, onRetry })).rejects.toBe(busy);
    expect(calls()).toBe(1);
  });

  test('an unclassified fault is a defect', async () => {
    const { ports } = fakePorts();
    const { attempt } = failing(new TypeError('oops'));
    await expect(withRetry(attempt, policy, ports)).rejects.toMatchObject({ code: 'BUG-9001' });
  });
});
