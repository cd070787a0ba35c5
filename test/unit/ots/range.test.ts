import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareBounds, compareKeys, keyFromJson, keyToJson } from '../../../core/connectors/ots/key.ts';
import {
  decodeCursor,
  decodeRange,
  encodeCursor,
  encodeRange,
} from '../../../core/connectors/ots/position.ts';
import { isBefore, type RangeConfig, resolveRange } from '../../../core/connectors/ots/range.ts';
import { INF_MAX, INF_MIN, type KeyBound } from '../../../core/tablestore/index.ts';

const key = [
  { name: 'a', type: 'STRING' },
  { name: 'b', type: 'INTEGER' },
  { name: 'c', type: 'BINARY' },
] as const;

const resolve = (range: Partial<RangeConfig>, schema: Parameters<typeof resolveRange>[1] = key) =>
  resolveRange({ begin: [], end: [], split: [], ...range }, schema);

const faults = (range: Partial<RangeConfig>): string[] => {
  const resolved = resolve(range);
  return 'direction' in resolved ? [] : resolved.map((f) => `${f.path}: ${f.message}`);
};

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('direction and padding', () => {
  test.each<
    [string, readonly KeyBound[], readonly KeyBound[], string, readonly KeyBound[], readonly KeyBound[]]
  >([
    ['nothing given', [], [], 'FORWARD', [INF_MIN, INF_MIN, INF_MIN], [INF_MAX, INF_MAX, INF_MAX]],
    ['only begin', ['x'], [], 'FORWARD', ['x', INF_MIN, INF_MIN], [INF_MAX, INF_MAX, INF_MAX]],
    ['only end', [], ['x'], 'FORWARD', [INF_MIN, INF_MIN, INF_MIN], ['x', INF_MAX, INF_MAX]],
    [
      'the end includes its prefix',
      ['a'],
      ['b'],
      'FORWARD',
      ['a', INF_MIN, INF_MIN],
      ['b', INF_MAX, INF_MAX],
    ],
    ['equal prefixes', ['p'], ['p'], 'FORWARD', ['p', INF_MIN, INF_MIN], ['p', INF_MAX, INF_MAX]],
    ['equal longer prefixes', ['p', 1n], ['p', 1n], 'FORWARD', ['p', 1n, INF_MIN], ['p', 1n, INF_MAX]],
    ['backward', ['b'], ['a'], 'BACKWARD', ['b', INF_MAX, INF_MAX], ['a', INF_MIN, INF_MIN]],
    [
      'backward over all',
      [INF_MAX],
      [INF_MIN],
      'BACKWARD',
      [INF_MAX, INF_MAX, INF_MAX],
      [INF_MIN, INF_MIN, INF_MIN],
    ],
    ['the shorter is smaller', ['a'], ['a', 5n], 'FORWARD', ['a', INF_MIN, INF_MIN], ['a', 5n, INF_MAX]],
    [
      'the shorter is smaller, backward',
      ['a', 5n],
      ['a'],
      'BACKWARD',
      ['a', 5n, INF_MAX],
      ['a', INF_MIN, INF_MIN],
    ],
    [
      'decided in the last column',
      ['a', 1n, bytes(255)],
      ['a', 1n, bytes(0)],
      'BACKWARD',
      ['a', 1n, bytes(255)],
      ['a', 1n, bytes(0)],
    ],
    [
      'values after an infinity',
      [INF_MIN, 7n],
      ['z'],
      'FORWARD',
      [INF_MIN, 7n, INF_MIN],
      ['z', INF_MAX, INF_MAX],
    ],
  ])('%s', (_, begin, end, direction, wholeBegin, wholeEnd) => {
    expect(resolve({ begin, end })).toEqual({ direction, begin: wholeBegin, end: wholeEnd, cuts: [] });
  });

  test('strings are ordered as UTF-8, not as UTF-16', () => {
    // U+FFFD is smaller than U+1F600 in bytes, larger in UTF-16 units.
    expect(resolve({ begin: ['\ufffd'], end: ['😀'] })).toMatchObject({ direction: 'FORWARD' });
  });
});

describe('faults', () => {
  test.each<[string, Partial<RangeConfig>, string[]]>([
    [
      'longer than the key',
      { begin: ['a', 1n, bytes(), 2n] },
      ['range.begin: 4 values, but the primary key has 3 columns'],
    ],
    [
      'types, all of them',
      { begin: [1n], end: ['a', 'b'], split: [bytes(1)] },
      [
        'range.begin[0].type: the key column a is STRING, not INT',
        'range.end[1].type: the key column b is INTEGER, not STRING',
        'range.split[0].type: the key column a is STRING, not BINARY',
      ],
    ],
    [
      'equal and complete',
      { begin: ['a', 1n, bytes(1)], end: ['a', 1n, bytes(1)] },
      ['range.end: begin and end are equal: the range is empty'],
    ],
    [
      'empty after padding',
      { begin: [], end: [INF_MIN] },
      ['range.end: begin and end are equal: the range is empty'],
    ],
    [
      'split not increasing',
      { split: ['b', 'b', 'a', 'c'] },
      [
        'range.split[1].value: split values must be strictly increasing here',
        'range.split[2].value: split values must be strictly increasing here',
      ],
    ],
    [
      'split not decreasing in a backward range',
      { begin: ['z'], end: ['a'], split: ['b', 'c'] },
      ['range.split[1].value: split values must be strictly decreasing here'],
    ],
    [
      'split at begin',
      { begin: ['a'], end: ['z'], split: ['a'] },
      ['range.split[0].value: a split value must come after the first value of begin'],
    ],
    [
      'split at end',
      { begin: ['a'], end: ['z'], split: ['z'] },
      ['range.split[0].value: a split value must come before the first value of end'],
    ],
    [
      'split beyond the ends',
      { begin: ['b'], end: ['c'], split: ['a', 'd'] },
      [
        'range.split[0].value: a split value must come after the first value of begin',
        'range.split[1].value: a split value must come before the first value of end',
      ],
    ],
    [
      'infinite split',
      { split: [INF_MIN] },
      ['range.split[0].value: a split value must come after the first value of begin'],
    ],
  ])('%s', (_, range, expected) => {
    expect(faults(range)).toEqual(expected);
  });
});

describe('what a fault says beside its message', () => {
  const first = (range: Partial<RangeConfig>) => {
    const resolved = resolve(range);
    return 'direction' in resolved ? undefined : resolved[0];
  };

  test('all are faults of the range', () => {
    for (const range of [{ begin: [1n] }, { end: [INF_MIN] }, { split: [INF_MAX] }] as const) {
      expect(first(range)?.code).toBe('SRC-2010');
    }
  });

  test('too many values: what the key is made of', () => {
    expect(first({ end: ['a', 1n, bytes(), 2n] })).toMatchObject({
      path: 'range.end',
      hint: 'at most a, b, c',
    });
  });

  test('a wrong type: what to write instead, in the words of job files', () => {
    const hints = [{ begin: [1n] }, { begin: ['a', 'b'] }, { begin: ['a', 1n, 2n] }].map(
      (r) => first(r)?.hint,
    );
    expect(hints).toEqual(['STRING', 'INT', 'BINARY']);
  });

  test('nothing where there is nothing to add', () => {
    expect(first({ end: [INF_MIN] })).toEqual({
      code: 'SRC-2010',
      path: 'range.end',
      message: 'begin and end are equal: the range is empty',
    });
  });
});

test('equal neighbours among the splits of a backward range are refused too', () => {
  expect(faults({ begin: ['z'], end: ['a'], split: ['c', 'c', 'd'] })).toEqual([
    'range.split[1].value: split values must be strictly decreasing here',
    'range.split[2].value: split values must be strictly decreasing here',
  ]);
});

test('cuts are whole keys', () => {
  expect(resolve({ split: ['a', 'b'] })).toMatchObject({
    cuts: [
      ['a', INF_MIN, INF_MIN],
      ['b', INF_MIN, INF_MIN],
    ],
  });
});

describe('the direction of a scan', () => {
  test('decides what comes before; a key never comes before itself', () => {
    const [low, high] = [
      ['a', 1n],
      ['a', 2n],
    ];
    const answers = (a: KeyBound[], b: KeyBound[]) => [isBefore('FORWARD', a, b), isBefore('BACKWARD', a, b)];
    expect(answers(low!, high!)).toEqual([true, false]);
    expect(answers(high!, low!)).toEqual([false, true]);
    expect(answers(low!, low!)).toEqual([false, false]);
  });
});

describe('a resolved range', () => {
  const small = fc.bigInt({ min: -3n, max: 3n });
  const column = fc.oneof(
    { weight: 4, arbitrary: small },
    { weight: 1, arbitrary: fc.constantFrom(INF_MIN, INF_MAX) },
  );
  const schema = [
    { name: 'a', type: 'INTEGER' },
    { name: 'b', type: 'INTEGER' },
  ] as const;
  const prefix = fc.array(column, { maxLength: 2 });
  const row = fc.tuple(small, small);

  /** Whether a row is at or after a bound: its own columns decide, further ones count as on the near side. */
  const side = (bound: readonly KeyBound[], whole: readonly KeyBound[]): number =>
    compareKeys(whole.slice(0, bound.length), bound);

  test('holds exactly the rows from begin to end, with all that begin like the end when it is a prefix', () => {
    fc.assert(
      fc.property(prefix, prefix, row, (begin, end, whole) => {
        const resolved = resolve({ begin, end }, schema);
        if (!('direction' in resolved)) {
          expect(resolved.map((f) => f.path)).toEqual(['range.end']);
          return;
        }
        const sign = resolved.direction === 'FORWARD' ? 1 : -1;
        const inside =
          compareKeys(resolved.begin, whole) * sign <= 0 && compareKeys(whole, resolved.end) * sign < 0;
        const atLast = side(end, whole) * sign;
        const expected = side(begin, whole) * sign >= 0 && (atLast < 0 || (atLast === 0 && end.length < 2));
        expect(inside).toBe(expected);
      }),
      { numRuns: 800 },
    );
  });

  test('is cut at the splits into pieces that hold each of its rows once, in order', () => {
    fc.assert(
      fc.property(
        prefix,
        prefix,
        fc.uniqueArray(small, { maxLength: 4 }),
        row,
        (begin, end, values, whole) => {
          const probe = resolve({ begin, end }, schema);
          if (!('direction' in probe)) return;
          const sign = probe.direction === 'FORWARD' ? 1 : -1;
          const split = values
            .sort((a, b) => Number(a - b) * sign)
            .filter((v) => compareKeys([v], probe.begin.slice(0, 1)) * sign > 0)
            .filter((v) => compareKeys([v], probe.end.slice(0, 1)) * sign < 0);
          const resolved = resolve({ begin, end, split }, schema);
          if (!('direction' in resolved)) throw new Error(JSON.stringify(resolved));
          expect(resolved.cuts.map((cut) => cut[0])).toEqual(split);
          const bounds = [resolved.begin, ...resolved.cuts, resolved.end];
          const holding = bounds
            .slice(1)
            .filter(
              (to, i) => compareKeys(bounds[i]!, whole) * sign <= 0 && compareKeys(whole, to) * sign < 0,
            );
          const inside =
            compareKeys(bounds[0]!, whole) * sign <= 0 && compareKeys(whole, bounds.at(-1)!) * sign < 0;
          expect(holding).toHaveLength(inside ? 1 : 0);
          for (const [i, to] of bounds.slice(1).entries())
            expect(compareKeys(bounds[i]!, to) * sign).toBeLessThan(0);
        },
      ),
      { numRuns: 800 },
    );
  });
});

describe('properties of keys', () => {
  const bound = fc.oneof(
    fc.constantFrom<KeyBound>(INF_MIN, INF_MAX),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  );
  const anyBound = fc.oneof(bound, fc.string({ unit: 'grapheme' }), fc.uint8Array());
  const text = fc.string({ unit: 'grapheme', maxLength: 6 });

  test('the JSON form is exact', () => {
    fc.assert(
      fc.property(
        fc.array(anyBound, { maxLength: 4 }),
        fc.constantFrom('FORWARD', 'BACKWARD'),
        (k, direction) => {
          const range = { direction, begin: k, end: [...k].reverse() } as const;
          const comparable = (keys: readonly KeyBound[]) =>
            keys.map((v) => (v instanceof Uint8Array ? [...v] : v));
          const back = decodeRange(encodeRange(range));
          expect(back.direction).toBe(direction);
          expect(comparable(back.begin)).toEqual(comparable(k));
          expect(comparable(back.end)).toEqual(comparable(range.end));
          expect(comparable(decodeCursor(encodeCursor(k)) ?? [])).toEqual(comparable(k));
          for (const v of k) expect(compareBounds(keyFromJson(keyToJson(v)), v)).toBe(0);
        },
      ),
    );
  });

  test('the order is total and agrees with bytes', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareBounds(a, b))).toBe(
          Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))),
        );
      }),
    );
    fc.assert(
      fc.property(fc.array(bound, { maxLength: 3 }), fc.array(bound, { maxLength: 3 }), (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(-Math.sign(compareKeys(b, a)) + 0);
      }),
    );
  });

  test('the end of a shard is a cursor too', () => {
    expect(decodeCursor(encodeCursor(undefined))).toBeUndefined();
  });
});
