import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareUtf8 } from './byte-order.ts';
import { pageOf } from './listing.ts';

/** All of a listing at once: what the pages together must give. */
function naive(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const shown = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return at < 0 ? key : `group:${key.slice(0, at + delimiter.length)}`;
    });
  return [...new Set(shown)];
}

/** Follows the markers from page to page. */
function paged(keys: readonly string[], prefix: string, delimiter: string, limit: number): string[] {
  const shown: string[] = [];
  for (let marker = ''; ; ) {
    const behind = keys.filter((key) => marker === '' || compareUtf8(key, marker) > 0);
    const entries = behind.map((key) => [key, key] as const);
    const page = pageOf(entries, { prefix, delimiter, limit, afterGroup: marker });
    const merged = [...page.items.map((key) => ({ at: key, text: key }))];
    merged.push(...page.groups.map((group) => ({ at: group, text: `group:${group}` })));
    merged.sort((a, b) => compareUtf8(a.at, b.at));
    expect(merged.length).toBeLessThanOrEqual(limit);
    shown.push(...merged.map(({ text }) => text));
    if (!page.truncated) return shown;
    expect(merged.length).toBe(limit);
    marker = page.nextMarker;
  }
}

describe('pageOf', () => {
  it('gives over all pages what a naive listing gives', () => {
    const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.uniqueArray(key),
        fc.constantFrom('', 'a', 'a/', 'b'),
        fc.constantFrom('', '/', 'b'),
        fc.integer({ min: 1, max: 5 }),
        (unsorted, prefix, delimiter, limit) => {
          const keys = [...unsorted].sort(compareUtf8);
          expect(paged(keys, prefix, delimiter, limit)).toEqual(naive(keys, prefix, delimiter));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('takes no more entries than it shows, plus one', () => {
    let taken = 0;
    function* endless(): Generator<readonly [string, string]> {
      for (;;) {
        taken += 1;
        const key = String(taken).padStart(9, '0');
        yield [key, key];
      }
    }
    const page = pageOf(endless(), { prefix: '', delimiter: '', limit: 10, afterGroup: '' });
    expect(page).toMatchObject({ truncated: true, nextMarker: '000000010' });
    expect(taken).toBe(11);
  });
});
