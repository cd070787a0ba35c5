import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareUtf8 } from './byte-order.ts';
import { SortedMap } from './sorted-map.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 6 });

describe('compareUtf8', () => {
  it('orders as the UTF-8 bytes do', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it('puts points above U+FFFF last, unlike UTF-16', () => {
    expect('\u{1F600}' < '\uFFFD').toBe(true);
    expect(compareUtf8('\u{1F600}', '\uFFFD')).toBeGreaterThan(0);
  });
});

describe('SortedMap', () => {
  it('walks like a sorted array after any inserts and deletes', () => {
    const step = fc.tuple(fc.constantFrom('set', 'delete'), text);
    fc.assert(
      fc.property(fc.array(step), text, (steps, from) => {
        const map = new SortedMap<number>();
        const model = new Map<string, number>();
        steps.forEach(([what, key], i) => {
          if (what === 'set') {
            map.set(key, i);
            model.set(key, i);
          } else expect(map.delete(key)).toBe(model.delete(key));
        });
        const expected = [...model].filter(([key]) => compareUtf8(key, from) >= 0);
        expected.sort(([a], [b]) => compareUtf8(a, b));
        expect([...map.entriesFrom(from)]).toEqual(expected);
        expect(map.size).toBe(model.size);
      }),
    );
  });

  it('keeps the order over many blocks', () => {
    const map = new SortedMap<number>();
    const keys = Array.from({ length: 10_000 }, (_, i) => `k${(i * 7919) % 10_000}`);
    for (const [i, key] of keys.entries()) map.set(key, i);
    for (const key of keys.filter((_, i) => i % 3 === 0)) map.delete(key);
    const left = keys.filter((_, i) => i % 3 !== 0).sort();
    expect([...map.entriesFrom('')].map(([key]) => key)).toEqual(left);
    expect([...map.entriesFrom('k5')].length).toBe(left.filter((key) => key >= 'k5').length);
  });
});
