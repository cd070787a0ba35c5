import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseRange } from './range.ts';

describe('chooseRange', () => {
  it.each([
    [undefined, 'whole', 'whole'],
    ['bytes=0-9', { start: 0, end: 10 }, { start: 0, end: 10 }],
    ['bytes=90-', { start: 90, end: 100 }, { start: 90, end: 100 }],
    ['bytes=-10', { start: 90, end: 100 }, { start: 90, end: 100 }],
    ['bytes=99-99', { start: 99, end: 100 }, { start: 99, end: 100 }],
    ['bytes=50-100', 'whole', { start: 50, end: 100 }],
    ['bytes=100-', 'whole', 'unsatisfiable'],
    ['bytes=200-300', 'whole', 'unsatisfiable'],
    ['bytes=-0', 'whole', 'unsatisfiable'],
    ['bytes=-200', 'whole', { start: 0, end: 100 }],
    ['bytes=9-3', 'whole', 'whole'],
    ['bytes=-', 'whole', 'whole'],
    ['bytes=0-1,5-6', 'whole', 'whole'],
    ['lines=0-1', 'whole', 'whole'],
    ['bytes=a-b', 'whole', 'whole'],
  ])('%s of 100 bytes', (header, byDefault, standard) => {
    expect(chooseRange(header, 100, false)).toEqual(byDefault);
    expect(chooseRange(header, 100, true)).toEqual(standard);
  });

  it('never leaves the object, whatever the header', () => {
    const header = fc.oneof(
      fc.tuple(fc.nat(300), fc.nat(300)).map(([a, b]) => `bytes=${a}-${b}`),
      fc.nat(300).map((a) => `bytes=${a}-`),
      fc.nat(300).map((a) => `bytes=-${a}`),
      fc.string(),
    );
    fc.assert(
      fc.property(header, fc.nat(200), fc.boolean(), (text, size, standard) => {
        const choice = chooseRange(text, size, standard);
        if (typeof choice === 'string') return;
        expect(choice.start).toBeGreaterThanOrEqual(0);
        expect(choice.start).toBeLessThan(choice.end);
        expect(choice.end).toBeLessThanOrEqual(size);
      }),
    );
  });
});
