import { describe, expect, it } from 'vitest';
import { Pacer, shareOf } from '../../../core/limits/pacer.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

describe('a pacer', () => {
  it('asks to wait exactly as long as the slower of both limits demands', () => {
    const clock = new VirtualClock(0);
    const pacer = new Pacer({ rowsPerSecond: 100, bytesPerSecond: 1000 }, 0, clock);
    pacer.pay(50, 100);
    expect(pacer.waitMs).toBe(500);
    pacer.pay(0, 2000);
    expect(pacer.waitMs).toBe(2500);
    clock.advance(2500);
    expect(pacer.waitMs).toBe(0);
  });

  it('saves up no unused time', () => {
    const clock = new VirtualClock(0);
    const pacer = new Pacer({ rowsPerSecond: 100 }, 0, clock);
    clock.advance(60_000);
    pacer.pay(100, 0);
    expect(pacer.waitMs).toBe(1000);
  });

  it('goes on with the debt that another invocation left', () => {
    const clock = new VirtualClock(1000);
    expect(new Pacer({ rowsPerSecond: 1 }, 4000, clock).waitMs).toBe(3000);
  });

  it('never waits without limits', () => {
    const pacer = new Pacer({}, 0, new VirtualClock(0));
    pacer.pay(1e9, 1e12);
    expect(pacer.waitMs).toBe(0);
  });

  it('shares the limits of a run evenly: all channels together are within them', () => {
    expect(shareOf({ mbps: 8, recordsPerSecond: 400 }, 4)).toEqual({
      bytesPerSecond: 2 * 1024 * 1024,
      rowsPerSecond: 100,
    });
    expect(shareOf({}, 4)).toEqual({});
  });
});
