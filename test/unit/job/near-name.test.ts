import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nameHint, nearestName } from '../../../core/job/near-name.ts';

const KEYS = ['concurrent', 'throttle', 'mbps', 'writeMode', 'fieldDelimiter', 'nullFormat'];

describe('nearest name', () => {
  test.each([
    ['concurent', 'concurrent'],
    ['CONCURRENT', 'concurrent'],
    ['writerMode', 'writeMode'],
    ['mpbs', 'mbps'],
    ['fieldDelimeter', 'fieldDelimiter'],
    ['nullformat', 'nullFormat'],
  ])('%s → %s', (written, meant) => {
    expect(nearestName(written, KEYS)).toBe(meant);
  });

  test.each(['zzzzzz', 'password', ''])('nothing is near %j', (written) => {
    expect(nearestName(written, KEYS)).toBeUndefined();
  });

  test('without a near name the hint lists all', () => {
    expect(nameHint('zzzzzz', ['a', 'b'])).toBe('allowed: `a`, `b`');
    expect(nameHint('thrott1e', KEYS)).toBe('did you mean `throttle`?');
  });

  test('one slip of the fingers never leads elsewhere', () => {
    const slip = fc.record({
      key: fc.constantFrom('concurrent', 'fieldDelimiter', 'nullFormat'),
      at: fc.nat(6),
      kind: fc.constantFrom('drop', 'swap', 'double'),
    });
    fc.assert(
      fc.property(slip, ({ key, at, kind }) => {
        const [a, b] = [key.charAt(at), key.charAt(at + 1)];
        const middle = kind === 'drop' ? b : kind === 'swap' ? b + a : a + a + b;
        expect(nearestName(key.slice(0, at) + middle + key.slice(at + 2), KEYS)).toBe(key);
      }),
    );
  });

  test('the distance is symmetric, zero only for equal words, and at most the longer length', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
