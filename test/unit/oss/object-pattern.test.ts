import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutObjects, evenParts, MIN_SHARD_BYTES } from '../../../core/connectors/oss/read/object-cuts.ts';
import { objectPattern } from '../../../core/connectors/oss/read/object-pattern.ts';

describe('object patterns', () => {
  it.each([
    ['a/?.csv', 'a/1.csv', true],
    ['a/?.csv', 'a/.csv', false],
    ['a/?.csv', 'a/12.csv', false],
    ['a/*.csv', 'a/b/c.csv', true],
    ['a/*.csv', 'a/xcsv', false],
    ['a.c', 'abc', false],
    ['a/(1)[2]+', 'a/(1)[2]+', true],
    ['*', '', true],
    ['?', '漢', true],
    ['?', '😀', true],
    ['**a*', 'bca', true],
    ['a', 'A', false],
  ])('%s on %s is %s', (pattern, key, expected) => {
    expect(objectPattern(pattern).matches(key)).toBe(expected);
  });

  it('list from the part before the first wildcard', () => {
    expect(objectPattern('a/b?c*').prefix).toBe('a/b');
    expect(objectPattern('a/b*c?').prefix).toBe('a/b');
    expect(objectPattern('a/b')).toMatchObject({ prefix: 'a/b', hasWildcards: false });
  });

  it('agree with regular expressions', () => {
    const unit = fc.constantFrom('a', 'b', '/', '.', '*', '?');
    const regex = (pattern: string): RegExp =>
      new RegExp(
        `^${[...pattern].map((c) => (c === '*' ? '[^]*' : c === '?' ? '[^]' : `\\${c}`.replace(/\\([ab])/, '$1'))).join('')}$`,
      );
    fc.assert(
      fc.property(
        fc.string({ unit, maxLength: 8 }),
        fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 10 }),
        (pattern, key) => {
          expect(objectPattern(pattern).matches(key)).toBe(regex(pattern).test(key));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('take no time that grows beyond pattern times name', () => {
    expect(objectPattern(`${'*a'.repeat(200)}b`).matches('a'.repeat(1000))).toBe(false);
  });
});

describe('cuts of objects', () => {
  it('cover each object with about equal parts', () => {
    const sizes = fc.array(fc.nat(200 * MIN_SHARD_BYTES), { maxLength: 20 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 64 }), (list, want) => {
        const objects = list.map((size) => ({ size }));
        const most = objects.length + 5;
        const cuts = cutObjects(objects, want, most, true);
        expect(cuts.map(({ object }) => object)).toEqual(objects);
        for (const { object, parts } of cuts) {
          expect(parts[0]!.from).toBe(0);
          expect(parts.at(-1)!.to).toBe(object.size);
          for (let i = 1; i < parts.length; i++) expect(parts[i]!.from).toBe(parts[i - 1]!.to);
        }
        const count = cuts.reduce((sum, { parts }) => sum + parts.length, 0);
        expect(count).toBeLessThanOrEqual(most);
        const uncut = cutObjects(objects, want, most, false);
        expect(uncut.every(({ parts }) => parts.length === 1)).toBe(true);
      }),
    );
  });

  it('are even', () => {
    expect(evenParts(10, 20, 3)).toEqual([
      { from: 10, to: 13 },
      { from: 13, to: 16 },
      { from: 16, to: 20 },
    ]);
  });
});
