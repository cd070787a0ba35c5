import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CastCell,
  classifyCast,
  createCaster,
  describeTarget,
  type TargetType,
} from '../../../core/convert/index.ts';
import { type Column, RowBlockBuilder } from '../../../core/types/index.ts';
import { BOOL, castOf, DATE, DOUBLE, INT32, INT64, TEXT } from './cast-of.ts';

describe('casts to text', () => {
  it('writes every type in its canonical form', () => {
    expect(castOf('long', TEXT)(-5n)).toBe('-5');
    expect(castOf('double', TEXT)(1e-7)).toBe('0.00000010');
    expect(castOf('bool', TEXT)(true)).toBe('true');
    expect(castOf('bool', TEXT)(null)).toBeNull();
    expect(castOf('string', TEXT)(' a ')).toBe(' a ');
    expect(castOf('datetime', TEXT)('2024-01-01 12:34:56.789012')).toBe('2024-01-01 12:34:56.789012');
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(castOf('bytes', TEXT)(Buffer.from('héé'))).toBe('héé');
    expect(castOf('bytes', TEXT)(Uint8Array.of(0xff, 0xfe, 0x41))).toBe('CNV-3017');
    expect(castOf('bytes', TEXT)(Uint8Array.of(0xed, 0xa0, 0x80))).toBe('CNV-3017');
  });

  it('counts characters, not bytes', () => {
    const three: TargetType = { kind: 'string', maxChars: 3 };
    expect(castOf('string', three)('漢字😀')).toBe('漢字😀');
    expect(castOf('string', three)('abcd')).toBe('CNV-3016');
    expect(castOf('string', { kind: 'string', maxBytes: 3 })('漢字')).toBe('CNV-3016');
    expect(castOf('long', three)(1000n)).toBe('CNV-3016');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, maxChars) => {
        const fits = [...text].length <= maxChars;
        expect(castOf('string', { kind: 'string', maxChars })(text)).toBe(fits ? text : 'CNV-3016');
      }),
    );
  });

  it('refuses zero characters for targets without them', () => {
    expect(castOf('string', { kind: 'string', refusesNul: true })('a\0b')).toBe('CNV-3018');
    expect(castOf('string', TEXT)('a\0b')).toBe('a\0b');
  });
});

describe('casts to bytes, JSON and booleans', () => {
  it('keeps bytes, and writes text as UTF-8', () => {
    expect(castOf('bytes', { kind: 'bytes' })(Buffer.from('é'))).toBe('é');
    expect(castOf('string', { kind: 'bytes' })('é')).toBe('é');
    expect(castOf('bytes', { kind: 'bytes', maxBytes: 1 })(Buffer.from('é'))).toBe('CNV-3016');
    expect(castOf('any', { kind: 'bytes' })(5n)).toBe('CNV-3020');
  });

  it('takes only JSON as JSON', () => {
    const json: TargetType = { kind: 'json' };
    expect(castOf('string', json)('{"a": 1.50}')).toBe('{"a": 1.50}');
    expect(castOf('string', json)('{a:1}')).toBe('CNV-3019');
    expect(castOf('long', json)(12n)).toBe('12');
    expect(castOf('double', json)(Number.NaN)).toBe('CNV-3019');
    expect(castOf('bytes', json)(Buffer.from('[]'))).toBe('[]');
  });

  it('knows true and false, 0 and 1', () => {
    expect(castOf('string', BOOL)('TRUE')).toBe('1');
    expect(castOf('string', BOOL)('false')).toBe('0');
    expect(['1', 'yes', '', 't'].map(castOf('string', BOOL))).toEqual(Array(4).fill('CNV-3015'));
    expect(['t', 'n', '1', 'F'].map(castOf('bool', BOOL))).toEqual(['1', '0', '1', '0']);
    expect([0n, 1n, 2n].map(castOf('long', BOOL))).toEqual(['0', '1', 'CNV-3015']);
    expect(['0', '1', '01'].map(castOf('long', BOOL))).toEqual(['0', '1', 'CNV-3015']);
    expect(castOf('bool', BOOL)(null)).toBeNull();
  });
});

describe('empty text', () => {
  it('is null for targets in which it is no value, if that is wanted', () => {
    const wanted = { emptyAsNull: true };
    for (const target of [INT64, DOUBLE, DATE, BOOL]) expect(castOf('string', target, wanted)('')).toBeNull();
    expect(castOf('string', TEXT, wanted)('')).toBe('');
    expect(castOf('string', INT64)('')).toBe('CNV-3010');
  });
});

describe('a result', () => {
  it('is a slice of the block where nothing has to change', () => {
    const column: Column = { name: 'c', type: 'long' };
    const block = new RowBlockBuilder([column]).add('123').build();
    const out = new CastCell();
    createCaster(column, INT32, { timeZone: 'UTC' }).cast(block, 0, out);
    expect(out.bytes).toBe(block.bytes);
    expect([out.start, out.end]).toEqual([block.starts[0], block.ends[0]]);
  });
});

describe('judgements', () => {
  const judge = (type: Column['type'], target: TargetType, facts: Column['facts'] = {}) =>
    classifyCast({ name: 'c', type, facts }, target).class;

  it.each([
    ['long', INT32, { width: 4 }, 'lossless'],
    ['long', INT32, { width: 8 }, 'checked'],
    ['long', INT64, { width: 4, unsigned: true }, 'lossless'],
    ['long', INT32, { width: 4, unsigned: true }, 'checked'],
    ['long', DOUBLE, { width: 4 }, 'lossless'],
    ['long', DOUBLE, { width: 8 }, 'checked'],
    ['decimal', DOUBLE, { precision: 10, scale: 2 }, 'lossless'],
    ['decimal', DOUBLE, { precision: 20, scale: 2 }, 'lossy'],
    ['double', { kind: 'double', bits: 32 }, { width: 8 }, 'lossy'],
    ['decimal', { kind: 'decimal', precision: 12, scale: 2 }, { precision: 10, scale: 2 }, 'lossless'],
    ['decimal', { kind: 'decimal', precision: 12, scale: 1 }, { precision: 10, scale: 2 }, 'checked'],
    ['long', { kind: 'decimal', precision: 20, scale: 0 }, { width: 8 }, 'lossless'],
    ['string', { kind: 'string', maxChars: 10 }, { length: 10 }, 'lossless'],
    ['string', { kind: 'string', maxChars: 10 }, {}, 'checked'],
    ['bytes', INT64, {}, 'impossible'],
    ['date', { kind: 'bool' }, {}, 'impossible'],
    ['time', INT64, {}, 'impossible'],
    ['double', DATE, {}, 'impossible'],
    ['any', INT64, {}, 'checked'],
    ['string', INT64, {}, 'checked'],
  ] as const)('of %s to %j with %j is %s', (type, target, facts, expected) => {
    expect(judge(type, target, facts)).toBe(expected);
  });

  it('name the target', () => {
    expect(describeTarget({ kind: 'decimal', precision: 10, scale: 2 })).toBe('decimal(10,2)');
    expect(describeTarget({ kind: 'long', bits: 64, unsigned: true })).toBe('unsigned 64-bit integer');
  });
});

describe('random cells', () => {
  it('never make a cast throw, whatever their form', () => {
    const targets: TargetType[] = [
      INT64,
      DOUBLE,
      TEXT,
      BOOL,
      DATE,
      { kind: 'decimal', precision: 5, scale: 2 },
      { kind: 'time', scale: 3 },
      { kind: 'datetime', scale: 3, zoned: true },
      { kind: 'year' },
      { kind: 'json' },
      { kind: 'bytes' },
      { kind: 'any' },
    ];
    const types = fc.constantFrom<Column['type']>(
      'long',
      'double',
      'decimal',
      'string',
      'bool',
      'bytes',
      'date',
      'time',
      'datetime',
      'any',
    );
    const value = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[-+0-9.:eETZ ]{0,30}$/),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.double(),
      fc.boolean(),
      fc.uint8Array(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(types, fc.constantFrom(...targets), value, (type, target, cell) => {
        const result = castOf(type, target)(cell);
        expect(result === null || typeof result === 'string').toBe(true);
        expect(result === null).toBe(cell === null);
      }),
      { numRuns: 2000 },
    );
  });
});
