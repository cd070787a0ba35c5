import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareBounds,
  compareKeys,
  keyFromJson,
  keyToJson,
  keyTypeOf,
  padKey,
} from '../../../core/connectors/ots/key.ts';
import { INF_MAX, INF_MIN, type KeyBound } from '../../../core/tablestore/index.ts';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const infinity: fc.Arbitrary<KeyBound> = fc.constantFrom<KeyBound[]>(INF_MIN, INF_MAX);

/** Values of one column type, with the ends of the type, ties and shared beginnings among them. */
const kinds = {
  INTEGER: fc.oneof(
    infinity,
    fc.constantFrom(INT64_MIN, INT64_MIN + 1n, -256n, -1n, 0n, 1n, 255n, 256n, INT64_MAX - 1n, INT64_MAX),
    fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
  ),
  STRING: fc.oneof(
    infinity,
    fc.constantFrom('', '\0', 'a', 'a\0', 'aa', 'b', '\u007f', '\u0080', '\ud7ff', '\ue000', '\uffff', '😀'),
    fc.string({ unit: 'binary', maxLength: 4 }),
  ),
  BINARY: fc.oneof(
    infinity,
    fc.constantFrom(new Uint8Array(0), Uint8Array.of(0), Uint8Array.of(127), Uint8Array.of(128)),
    fc.uint8Array({ maxLength: 4 }),
  ),
};
const boundOf = (kind: keyof typeof kinds): fc.Arbitrary<KeyBound> => kinds[kind];
const tripleOf = (kind: keyof typeof kinds) => fc.tuple(boundOf(kind), boundOf(kind), boundOf(kind));
const sameKind = fc.oneof(tripleOf('INTEGER'), tripleOf('STRING'), tripleOf('BINARY'));

/** Keys of (STRING, INTEGER, BINARY), whole or only the first columns. */
const key = fc
  .tuple(boundOf('STRING'), boundOf('INTEGER'), boundOf('BINARY'), fc.integer({ min: 0, max: 3 }))
  .map(([a, b, c, length]) => {
    const whole: KeyBound[] = [a, b, c];
    return whole.slice(0, length);
  });

/**
 * A column value as bytes whose plain order is the order of keys: a class byte, then integers big-endian with the
 * sign turned, everything else with 00 escaped and a terminator. Made for this test, apart from the code under test.
 */
function orderBytes(bound: KeyBound): Buffer {
  if (bound === INF_MIN) return Buffer.of(1);
  if (bound === INF_MAX) return Buffer.of(255);
  if (typeof bound === 'bigint') {
    const bytes = Buffer.alloc(9, 2);
    bytes.writeBigUInt64BE(bound - INT64_MIN, 1);
    return bytes;
  }
  const bytes = typeof bound === 'string' ? Buffer.from(bound) : Buffer.from(bound as Uint8Array);
  return Buffer.from([2, ...[...bytes].flatMap((byte) => (byte === 0 ? [0, 1] : [byte])), 0, 0]);
}

const comparable = (value: KeyBound): unknown => (value instanceof Uint8Array ? [...value] : value);

describe('the order of keys', () => {
  it('is the order of their bytes, integers by sign, infinities outside, a prefix before what it begins', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const bytes = Buffer.compare(Buffer.concat(a.map(orderBytes)), Buffer.concat(b.map(orderBytes)));
        expect(Math.sign(compareKeys(a, b))).toBe(bytes);
      }),
      { numRuns: 800 },
    );
  });

  it('is total on the values of each type: antisymmetric, transitive, and zero only for equal values', () => {
    fc.assert(
      fc.property(sameKind, ([a, b, c]) => {
        expect(Math.sign(compareBounds(a, b))).toBe(-Math.sign(compareBounds(b, a)) + 0);
        expect(compareBounds(a, b) === 0).toBe(orderBytes(a).equals(orderBytes(b)));
        if (compareBounds(a, b) <= 0 && compareBounds(b, c) <= 0) {
          expect(compareBounds(a, c)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('puts an infinity beside every type, whichever side it stands on', () => {
    for (const value of [INT64_MIN, INT64_MAX, '', '\uffff', new Uint8Array(0), Uint8Array.of(255)]) {
      expect(compareBounds(INF_MIN, value)).toBeLessThan(0);
      expect(compareBounds(value, INF_MIN)).toBeGreaterThan(0);
      expect(compareBounds(INF_MAX, value)).toBeGreaterThan(0);
      expect(compareBounds(value, INF_MAX)).toBeLessThan(0);
    }
    expect(compareBounds(INF_MIN, INF_MAX)).toBeLessThan(0);
    expect(compareBounds(INF_MAX, INF_MIN)).toBeGreaterThan(0);
    expect(compareBounds(INF_MAX, INF_MAX)).toBe(0);
    expect(compareBounds(INF_MIN, INF_MIN)).toBe(0);
  });

  it.each<[KeyBound, KeyBound]>([
    [1n, '1'],
    ['a', Uint8Array.of(97)],
    [Uint8Array.of(1), 1n],
  ])('refuses to order %s and %s', (a, b) => {
    expect(() => compareBounds(a, b)).toThrowError(
      expect.objectContaining({ code: 'BUG-9001', message: 'key values of different types have no order' }),
    );
  });
});

describe('the JSON form of a key value', () => {
  it('gives back the value exactly, and its text has no other meaning', () => {
    fc.assert(
      fc.property(sameKind, ([value]) => {
        const json = keyToJson(value);
        expect(comparable(keyFromJson(JSON.parse(JSON.stringify(json))))).toEqual(comparable(value));
        expect(keyToJson(keyFromJson(json))).toEqual(json);
      }),
    );
  });

  it('is what job files write', () => {
    expect(keyToJson(INT64_MIN)).toEqual({ type: 'INT', value: '-9223372036854775808' });
    expect(keyToJson('5')).toEqual({ type: 'STRING', value: '5' });
    expect(keyToJson(Uint8Array.of(0, 255))).toEqual({ type: 'BINARY', value: 'AP8=' });
    expect(keyToJson(INF_MIN)).toEqual({ type: 'INF_MIN' });
    expect(keyToJson(INF_MAX)).toEqual({ type: 'INF_MAX' });
  });

  it('is refused with an unknown type', () => {
    const json = JSON.parse('{"type":"DATE","value":"1"}');
    expect(() => keyFromJson(json)).toThrowError(
      expect.objectContaining({ code: 'BUG-9001', detail: { type: 'DATE' } }),
    );
  });
});

describe('a key value', () => {
  it('fits the columns of its own type; an infinity has none', () => {
    const values: KeyBound[] = [1n, 'a', Uint8Array.of(1), INF_MIN, INF_MAX];
    const types = values.map(keyTypeOf);
    expect(types).toEqual(['INTEGER', 'STRING', 'BINARY', undefined, undefined]);
  });
});

describe('padding', () => {
  it('fills a prefix up to the whole key and changes nothing of it', () => {
    expect(padKey(['a'], 3, INF_MAX)).toEqual(['a', INF_MAX, INF_MAX]);
    expect(padKey([], 2, INF_MIN)).toEqual([INF_MIN, INF_MIN]);
    expect(padKey(['a', 1n], 2, INF_MIN)).toEqual(['a', 1n]);
  });

  it('encloses every key that begins with the prefix, and no other', () => {
    const prefix = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(0n, 1n));
    fc.assert(
      fc.property(prefix, fc.integer({ min: 0, max: 2 }), prefix, (of, length, whole) => {
        const begin = of.slice(0, length);
        const inside =
          compareKeys(padKey(begin, 2, INF_MIN), whole) <= 0 &&
          compareKeys(whole, padKey(begin, 2, INF_MAX)) <= 0;
        expect(inside).toBe(begin.every((value, i) => value === whole[i]));
      }),
    );
  });
});
