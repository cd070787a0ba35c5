import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../core/ports/system.ts';
import { using } from '../../../core/run/engine.ts';
import { endlessSlice, sliceUntil } from '../../../core/run/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

describe('the slice of an invocation', () => {
  const signal = new AbortController().signal;
  const startMs = 1_000_000;

  it.each([
    [1_000, 850],
    [60_000, 51_000],
    [66_000, 56_100],
    [600_000, 590_000],
  ])(
    'of %i ms leaves 15 %% of it, at most 10 s, for winding up: work ends after %i ms',
    (limitMs, workMs) => {
      const clock = new VirtualClock(startMs);
      const slice = sliceUntil(startMs + limitMs, limitMs, clock, signal);
      expect(slice.timeLeftMs()).toBeCloseTo(workMs);
      clock.advance(workMs + 5);
      expect(slice.timeLeftMs()).toBeCloseTo(-5);
      expect(slice.signal).toBe(signal);
    },
  );

  it('without a limit ends when it is aborted', () => {
    const abort = new AbortController();
    const slice = endlessSlice(abort.signal);
    expect(slice.timeLeftMs()).toBe(Number.POSITIVE_INFINITY);
    expect(slice.signal).toBe(abort.signal);
    abort.abort();
    expect(slice.timeLeftMs()).toBeLessThan(0);
  });
});

describe('a resource that is used', () => {
  const open = (close: () => Promise<void> = async () => {}) => {
    const resource = {
      closed: 0,
      close: () => {
        resource.closed++;
        return close();
      },
    };
    return resource;
  };

  it('is closed afterwards, and the result is given back', async () => {
    const resource = open();
    expect(await using(Promise.resolve(resource), async (r) => r.closed, silentLogger)).toBe(0);
    expect(resource.closed).toBe(1);
  });

  it('is closed after a fault too, which is passed on', async () => {
    const resource = open();
    const use = async () => {
      throw new Error('broken');
    };
    await expect(using(Promise.resolve(resource), use, silentLogger)).rejects.toThrow('broken');
    expect(resource.closed).toBe(1);
  });

  it('may fail to close: that is logged and never hides the result or the first fault', async () => {
    const warnings: unknown[] = [];
    const log = { ...silentLogger, warn: (_message: string, fields: unknown) => warnings.push(fields) };
    const failing = () => Promise.resolve(open(() => Promise.reject(new Error('stuck'))));
    expect(await using(failing(), async () => 'result', log)).toBe('result');
    const use = () => Promise.reject(new Error('broken'));
    await expect(using(failing(), use, log)).rejects.toThrow('broken');
    expect(warnings).toEqual([{ fault: 'Error: stuck' }, { fault: 'Error: stuck' }]);
  });
});
