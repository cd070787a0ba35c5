import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bisect, type KeyRange } from '../../../core/connectors/mysql/read/bisection.ts';
import {
  parseTableName,
  plainName,
  quoteIdentifier,
  quoteTable,
} from '../../../core/relational/identifiers.ts';
import { quoteBytes, quoteNumber, quoteText } from '../../../core/relational/literals.ts';
import { compareKey, type KeyColumn } from '../../../core/relational/read/key.ts';
import { evenly, walk } from '../../../core/relational/read/keyset-walk.ts';

const column = (name: string, kind: KeyColumn['kind'], serverType = 'int'): KeyColumn => ({
  name,
  kind,
  integer: kind === 'number',
  nullable: false,
  serverType,
});

describe('names', () => {
  it('are quoted whatever they hold', () => {
    expect(quoteIdentifier('mysql', 'a`b"c')).toBe('`a``b"c`');
    expect(quoteIdentifier('postgresql', 'a`b"c')).toBe('"a`b""c"');
    expect(quoteTable('mysql', { schema: 's', name: 't' })).toBe('`s`.`t`');
    for (const name of ['', 'a\0']) expect(() => quoteIdentifier('mysql', name)).toThrow();
  });

  it('are read with and without quotes', () => {
    expect(parseTableName('mysql', 'Db.T')).toEqual({ schema: 'Db', name: 'T' });
    expect(parseTableName('postgresql', 'Public."T.x"')).toEqual({ schema: 'public', name: 'T.x' });
    expect(parseTableName('mysql', '`a``.b`')).toEqual({ name: 'a`.b' });
    for (const text of ['a.b.c', 'a b', 'a;', '`a', '', 'a.', '"a"b']) {
      expect(() => parseTableName('postgresql', text), text).toThrow();
    }
    expect(plainName('mysql', 'now()')).toBeUndefined();
    expect(plainName('mysql', "'x'")).toBeUndefined();
  });

  it('come back from their quotes', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(name, fc.constantFrom('mysql' as const, 'postgresql' as const), (text, dialect) => {
        expect(plainName(dialect, quoteIdentifier(dialect, text))).toBe(text);
      }),
    );
  });
});

describe('values as SQL', () => {
  it('cannot end before they end', () => {
    expect(quoteText('mysql', `a'\\`)).toBe('_utf8mb4 0x61275c');
    expect(quoteText('mysql', '')).toBe("''");
    expect(quoteText('postgresql', `a'\\`)).toBe(`'a''\\'`);
    expect(quoteBytes('mysql', Buffer.from([0, 39]))).toBe('0x0027');
    expect(quoteBytes('postgresql', Buffer.from([0, 39]))).toBe(`'\\x0027'::bytea`);
    expect(quoteNumber('-12.50')).toBe('-12.50');
    for (const text of ['1 or 1', '1e5', '', '--1', "1'"]) expect(() => quoteNumber(text)).toThrow();
    expect(() => quoteText('postgresql', 'a\0')).toThrow();
  });
});

describe('comparisons with keys', () => {
  const pair = [column('a', 'number'), column('b', 'text')];

  it('compare row by row where the server uses an index for that', () => {
    const key = [column('a', 'cast', 'bigint'), column('b', 'cast', 'text')];
    expect(compareKey('postgresql', key, '>', ['1', "x'"])).toBe(`("a", "b") > ('1'::bigint, 'x'''::text)`);
    expect(compareKey('postgresql', key, '<', ['1'])).toBe(`"a" < '1'::bigint`);
  });

  it('spell the order out where it does not', () => {
    expect(compareKey('mysql', pair, '>', ['1', 'x'])).toBe(
      '`a` >= 1 AND (`a` > 1 OR (`a` = 1 AND `b` > _utf8mb4 0x78))',
    );
    expect(compareKey('mysql', pair, '<', ['1', 'x'])).toBe(
      '`a` <= 1 AND (`a` < 1 OR (`a` = 1 AND `b` < _utf8mb4 0x78))',
    );
    expect(compareKey('mysql', pair, '>=', ['1', 'x'])).toContain('`b` >= _utf8mb4 0x78');
  });

  it.each([[[]], [['1', '2', '3']]])('refuse other numbers of values: %j', (tuple) => {
    expect(() => compareKey('mysql', pair, '>', tuple)).toThrow();
  });

  it('refuse moments that are none', () => {
    const moment = [column('d', 'moment', 'date')];
    expect(compareKey('mysql', moment, '>', ['2024-01-01'])).toBe("`d` > '2024-01-01'");
    expect(() => compareKey('mysql', moment, '>', ["2024' or '1"])).toThrow();
  });
});

describe('cutting by estimates', () => {
  it('finds equal parts of skewed keys', async () => {
    const cluster = fc.tuple(
      fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
      fc.integer({ min: 100, max: 400 }),
      fc.bigInt({ min: 1n, max: 1000n }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(cluster, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 2, max: 8 }),
        async (clusters, pieces) => {
          const keys = [
            ...new Set(
              clusters.flatMap(([start, count, step]) =>
                Array.from({ length: count }, (_, i) => start + BigInt(i) * step),
              ),
            ),
          ].sort((a, b) => (a < b ? -1 : 1));
          const countOf = ({ from, to }: KeyRange) => keys.filter((key) => key >= from && key < to).length;
          const count = async (ranges: readonly KeyRange[]) => ranges.map(countOf);
          const { points, rows } = await bisect(keys[0]!, keys.at(-1)!, pieces, count);
          expect(rows).toBe(keys.length);
          const bounds = [keys[0]!, ...points, keys.at(-1)! + 1n];
          const sizes = bounds.slice(1).map((to, i) => countOf({ from: bounds[i]!, to }));
          expect(points.every((point, i) => i === 0 || point > points[i - 1]!)).toBe(true);
          expect(Math.max(...sizes)).toBeLessThanOrEqual(Math.ceil((keys.length / pieces) * 1.25) + 8);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('ends for a server that knows nothing', async () => {
    const same = (rows: number) => async (ranges: readonly KeyRange[]) => ranges.map(() => rows);
    expect((await bisect(0n, 2n ** 64n, 8, same(0))).points).toEqual([]);
    const { points } = await bisect(0n, 2n ** 64n, 8, same(1_000_000));
    expect(points.length).toBeLessThan(8);
  });
});

describe('walking along a key', () => {
  it.each([
    [1000, 1000, 4, 3],
    [1000, 100, 4, 3],
    [1000, 5000, 4, 3],
    [3, 3, 8, 2],
    [0, 100, 4, 0],
  ])('%i rows estimated as %i give %i parts of equal size', async (count, estimate, pieces, points) => {
    const keys = Array.from({ length: count }, (_, i) => String(i));
    const skip = async (after: readonly string[] | undefined, rows: number) => {
      const at = after === undefined ? rows : Number(after[0]) + rows;
      return at < count ? [keys[at]!] : undefined;
    };
    const found = (await walk(estimate, pieces, skip)).points.map(([key]) => Number(key));
    expect(found.length).toBeLessThanOrEqual(pieces - 1);
    if (estimate <= count) expect(found).toHaveLength(points);
    expect(found).toEqual([...found].sort((a, b) => a - b));
  });

  it('picks points at equal distances', () => {
    expect(evenly([1, 2, 3], 8)).toEqual([1, 2, 3]);
    expect(evenly([1, 2, 3, 4, 5, 6, 7], 4)).toEqual([2, 4, 6]);
    expect(evenly([], 4)).toEqual([]);
  });
});
