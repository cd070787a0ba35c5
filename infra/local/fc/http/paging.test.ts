import fc from 'fast-check';
import { expect, test } from 'vitest';
import { page } from './paging.ts';

const name = (item: string): string => item;

test('walking the pages visits every name once, in order', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 50 });
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 100 }), (all, limit) => {
      const seen: string[] = [];
      let token: string | null = '';
      while (token !== null) {
        const query: URLSearchParams = new URLSearchParams({
          limit: String(limit),
          ...(token ? { nextToken: token } : {}),
        });
        const { items, nextToken } = page(all, name, query);
        expect(items.length).toBeLessThanOrEqual(limit);
        seen.push(...items);
        token = nextToken;
      }
      expect(seen).toEqual([...all].sort((a, b) => (a < b ? -1 : 1)));
    }),
  );
});

test.each(['0', '101', '1.5', 'x', ''])('the limit "%s" is refused', (limit) => {
  expect(() => page(['a'], name, new URLSearchParams({ limit }))).toThrow('limit');
});
