import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../../core/connectors/contract.ts';
import {
  decodeCursor,
  decodeRange,
  encodeCursor,
  encodeRange,
} from '../../../core/connectors/ots/position.ts';
import { INF_MAX, INF_MIN, type KeyBound } from '../../../core/tablestore/index.ts';

const bound: fc.Arbitrary<KeyBound> = fc.oneof(
  fc.constantFrom<KeyBound>(
    INF_MIN,
    INF_MAX,
    -(2n ** 63n),
    2n ** 63n - 1n,
    2n ** 53n + 1n,
    '',
    new Uint8Array(0),
  ),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.string({ unit: 'binary' }),
  fc.uint8Array(),
);
const key = fc.array(bound, { maxLength: 4 });

const comparable = (values: readonly KeyBound[]): unknown[] =>
  values.map((value) => (value instanceof Uint8Array ? ['bytes', ...value] : value));

describe('a stored position', () => {
  it('gives back ranges and cursors exactly, whatever the key values', () => {
    fc.assert(
      fc.property(key, key, fc.constantFrom('FORWARD', 'BACKWARD'), (begin, end, direction) => {
        const range = decodeRange(encodeRange({ direction, begin, end }));
        expect(range.direction).toBe(direction);
        expect(comparable(range.begin)).toEqual(comparable(begin));
        expect(comparable(range.end)).toEqual(comparable(end));
        expect(comparable(decodeCursor(encodeCursor(begin)) ?? [])).toEqual(comparable(begin));
      }),
    );
  });

  it('has a form that runs begun by earlier versions hold', () => {
    const range =
      '{"v":1,"direction":"BACKWARD","begin":[{"type":"INF_MAX"}],"end":[{"type":"INT","value":"-5"}]}';
    expect(decodeRange(range)).toEqual({ direction: 'BACKWARD', begin: [INF_MAX], end: [-5n] });
    expect(encodeRange(decodeRange(range))).toBe(range);
    const cursor = '{"v":1,"next":[{"type":"STRING","value":""},{"type":"BINARY","value":"AP8="}]}' as Cursor;
    expect(comparable(decodeCursor(cursor) ?? [])).toEqual(['', ['bytes', 0, 255]]);
    expect(encodeCursor(decodeCursor(cursor))).toBe(cursor);
    expect(encodeCursor(undefined)).toBe('{"v":1,"next":null}');
    expect(decodeCursor('{"v":1,"next":null}' as Cursor)).toBeUndefined();
  });

  it.each([
    '',
    '{',
    'null',
    '{}',
    '{"v":2,"next":null,"direction":"FORWARD","begin":[],"end":[]}',
    '{"v":1,"next":5,"direction":"SIDEWAYS","begin":[],"end":[]}',
    '{"v":1,"next":[{"type":"DATE"}],"direction":"FORWARD","begin":[{"type":"DATE"}],"end":[]}',
    '{"v":1,"next":[{"type":"INT","value":5}],"direction":"FORWARD","begin":[],"end":[{"type":"INT","value":5}]}',
    '{"v":1}',
  ])('is refused when it is damaged: %s', (text) => {
    expect(() => decodeRange(text)).toThrowError(
      expect.objectContaining({ code: 'BUG-9001', message: 'a stored shard range cannot be read' }),
    );
    expect(() => decodeCursor(text as Cursor)).toThrowError(
      expect.objectContaining({
        code: 'BUG-9001',
        message: 'a stored cursor cannot be read',
        cause: expect.any(Error),
      }),
    );
  });
});
