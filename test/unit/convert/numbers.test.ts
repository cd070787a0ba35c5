import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TargetType } from '../../../core/convert/index.ts';
import { castOf, DOUBLE, FLOAT, INT8, INT32, INT64, UINT64 } from './cast-of.ts';

const MAX_INT64 = '9223372036854775807';

describe('casts to integers', () => {
  it.each([
    ['7', '7'],
    ['-7', '-7'],
    ['+7', '7'],
    ['007', '7'],
    ['-0', '0'],
    ['1.00', '1'],
    ['1.', '1'],
    ['1e3', '1000'],
    ['1.5e1', '15'],
    ['100e-2', '1'],
    [MAX_INT64, MAX_INT64],
    ['-9223372036854775808', '-9223372036854775808'],
    ['1.9', 'CNV-3012'],
    ['1e-1', 'CNV-3012'],
    ['.5', 'CNV-3012'],
    [' 5', 'CNV-3010'],
    ['5 ', 'CNV-3010'],
    ['', 'CNV-3010'],
    ['0x10', 'CNV-3010'],
    ['abc', 'CNV-3010'],
    ['-', 'CNV-3010'],
    ['1e', 'CNV-3010'],
    ['NaN', 'CNV-3010'],
    ['9223372036854775808', 'CNV-3011'],
    ['-9223372036854775809', 'CNV-3011'],
    ['1e30', 'CNV-3011'],
    ['1e999999999', 'CNV-3011'],
  ])('reads text %j as %j', (text, expected) => {
    expect(castOf('string', INT64)(text)).toBe(expected);
    expect(castOf('decimal', INT64)(text)).toBe(expected);
    expect(castOf('any', INT64)(text)).toBe(expected);
  });

  it('takes all of unsigned 64 bits and nothing more', () => {
    const cast = castOf('long', UINT64);
    expect(cast('18446744073709551615')).toBe('18446744073709551615');
    expect(cast('18446744073709551616')).toBe('CNV-3011');
    expect(cast('-1')).toBe('CNV-3011');
    expect(cast(-1n)).toBe('CNV-3011');
    expect(cast('-0')).toBe('0');
  });

  it.each([
    [1.9, 'CNV-3012'],
    [-3, '-3'],
    [-0, '0'],
    [1e30, 'CNV-3011'],
    [2 ** 63, 'CNV-3011'],
    [-(2 ** 63), '-9223372036854775808'],
    [Number.NaN, 'CNV-3010'],
    [Number.POSITIVE_INFINITY, 'CNV-3011'],
  ])('reads the double %d as %j', (value, expected) => {
    expect(castOf('double', INT64)(value)).toBe(expected);
  });

  it('takes booleans, and no bytes', () => {
    expect(castOf('bool', INT64)(true)).toBe('1');
    expect(castOf('bool', INT64)(false)).toBe('0');
    expect(castOf('bool', INT64)('t')).toBe('1');
    expect(castOf('any', INT64)(Uint8Array.of(49))).toBe('CNV-3020');
  });

  it('agrees with bigint arithmetic for every width', () => {
    const widths = fc.constantFrom(8, 16, 24, 32, 64 as const);
    const near = fc
      .tuple(fc.integer({ min: 0, max: 66 }), fc.bigInt({ min: -3n, max: 3n }), fc.boolean())
      .map(([power, delta, negative]) => (negative ? -(2n ** BigInt(power)) : 2n ** BigInt(power)) + delta);
    fc.assert(
      fc.property(widths, fc.boolean(), fc.oneof(near, fc.bigInt()), (bits, unsigned, value) => {
        const target = { kind: 'long', bits, unsigned } as TargetType;
        const low = unsigned ? 0n : -(2n ** BigInt(bits - 1));
        const high = unsigned ? 2n ** BigInt(bits) - 1n : 2n ** BigInt(bits - 1) - 1n;
        const expected = value < low || value > high ? 'CNV-3011' : String(value);
        expect(castOf('long', target)(String(value))).toBe(expected);
        const signed64 = value >= -(2n ** 63n) && value < 2n ** 63n;
        if (signed64) expect(castOf('long', target)(value)).toBe(expected);
      }),
    );
  });

  it('passes canonical text on without copying it', () => {
    expect(castOf('long', INT8)('-128')).toBe('-128');
    expect(castOf('long', INT32)('2147483648')).toBe('CNV-3011');
  });
});

describe('casts to decimals', () => {
  const money: TargetType = { kind: 'decimal', precision: 5, scale: 2 };
  it.each([
    ['1.50', '1.50'],
    ['1.500', '1.50'],
    ['1.505', 'CNV-3012'],
    ['999.99', '999.99'],
    ['1000', 'CNV-3011'],
    ['0001.5', '1.5'],
    ['.5', '0.5'],
    ['-.5', '-0.5'],
    ['1.', '1'],
    ['+1', '1'],
    ['00', '0'],
    ['-0', '0'],
    ['-0.00', '0.00'],
    ['-0.01', '-0.01'],
    ['1E-2', '0.01'],
    ['1E-7', 'CNV-3012'],
    ['0E-7', '0'],
    ['NaN', 'CNV-3011'],
    ['1,5', 'CNV-3010'],
    ['', 'CNV-3010'],
  ])('reads %j as %j of decimal(5,2)', (text, expected) => {
    expect(castOf('string', money)(text)).toBe(expected);
  });

  it('keeps every digit without bounds', () => {
    const digits = `${'9'.repeat(35)}.${'1'.repeat(30)}`;
    expect(castOf('decimal', { kind: 'decimal' })(digits)).toBe(digits);
    expect(castOf('decimal', { kind: 'decimal', precision: 65, scale: 30 })(digits)).toBe(digits);
    expect(castOf('string', { kind: 'decimal' })('1e-40')).toBe(`0.${'0'.repeat(39)}1`);
  });

  it('takes NaN and infinities where the target has them', () => {
    const cast = castOf('decimal', { kind: 'decimal', specials: true });
    expect(['nan', 'Infinity', '-infinity'].map(cast)).toEqual(['NaN', 'Infinity', '-Infinity']);
  });

  it('reads doubles by their shortest digits', () => {
    const cast = castOf('double', { kind: 'decimal' });
    expect([0.1, 1e-7, 1e21, -0.5].map(cast)).toEqual(['0.1', '0.0000001', `1${'0'.repeat(21)}`, '-0.5']);
    expect(cast(Number.NaN)).toBe('CNV-3011');
  });

  it('agrees with scaled bigint arithmetic', () => {
    const whole = fc.stringMatching(/^\d{0,12}$/);
    const fraction = fc.option(fc.stringMatching(/^\d{0,8}$/), { nil: undefined });
    const exponent = fc.option(fc.integer({ min: -15, max: 15 }), { nil: undefined });
    const sign = fc.constantFrom('', '-', '+');
    const bounds = fc
      .integer({ min: 1, max: 20 })
      .chain((precision) =>
        fc.record({ precision: fc.constant(precision), scale: fc.integer({ min: 0, max: precision }) }),
      );
    fc.assert(
      fc.property(sign, whole, fraction, exponent, bounds, (s, w, f, e, { precision, scale }) => {
        const text = `${s}${w}${f === undefined ? '' : `.${f}`}${e === undefined ? '' : `e${e}`}`;
        const result = castOf('string', { kind: 'decimal', precision, scale })(text);
        if (w === '' && (f ?? '') === '') return void expect(result).toBe('CNV-3010');
        // The value as an integer in units of 10^-40.
        const units = BigInt(`${w}${f ?? ''}` || '0') * 10n ** BigInt(40 - (f ?? '').length + (e ?? 0));
        const step = 10n ** BigInt(40 - scale);
        const tooBig = units >= 10n ** BigInt(40 + precision - scale);
        if (tooBig) return void expect(result).toBe('CNV-3011');
        if (units % step !== 0n) return void expect(result).toBe('CNV-3012');
        expect(result).toMatch(/^-?\d+(\.\d+)?$/);
        const [, minus, rw = '', rf = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(result ?? '') ?? [];
        expect(rf.length).toBeLessThanOrEqual(scale);
        expect(BigInt(rw + rf) * 10n ** BigInt(40 - rf.length)).toBe(units);
        expect(minus === '-').toBe(s === '-' && units !== 0n);
      }),
    );
  });
});

describe('casts to floats', () => {
  it.each([
    ['1.5', '1.5'],
    ['1e-07', '1e-07'],
    ['1e308', '1e308'],
    ['1e400', 'CNV-3011'],
    ['1e-400', 'CNV-3011'],
    ['0e-400', '0e-400'],
    [' 1.5', 'CNV-3010'],
    ['', 'CNV-3010'],
    ['Infinity', 'CNV-3011'],
    ['nan', 'CNV-3011'],
  ])('reads text %j as %j', (text, expected) => {
    expect(castOf('string', DOUBLE)(text)).toBe(expected);
  });

  it('takes NaN and infinities where the target has them', () => {
    const cast = castOf('string', { kind: 'double', bits: 64, specials: true });
    expect(['nan', '+Infinity', '-infinity', 'inf'].map(cast)).toEqual([
      'NaN',
      'Infinity',
      '-Infinity',
      'CNV-3010',
    ]);
    expect(castOf('double', { kind: 'double', bits: 64, specials: true })(Number.NaN)).toBe('NaN');
    expect(castOf('double', DOUBLE)(Number.NaN)).toBe('CNV-3011');
  });

  it('refuses integers that a float does not hold exactly', () => {
    expect(castOf('long', DOUBLE)('9007199254740992')).toBe('9007199254740992');
    expect(castOf('long', DOUBLE)('9007199254740993')).toBe('CNV-3012');
    expect(castOf('long', DOUBLE)(9007199254740993n)).toBe('CNV-3012');
    expect(castOf('long', FLOAT)(16777216n)).toBe('16777216');
    expect(castOf('long', FLOAT)(16777217n)).toBe('CNV-3012');
  });

  it('keeps the range of 32 bits', () => {
    expect(castOf('double', FLOAT)(1e39)).toBe('CNV-3011');
    expect(castOf('double', FLOAT)(1e-60)).toBe('CNV-3011');
    expect(castOf('string', FLOAT)('3.4e38')).toBe('3.4e38');
  });

  it('gives text that reads back as the same double', () => {
    const any = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(any, (value) => {
        expect(Object.is(Number(castOf('double', DOUBLE)(value)), value)).toBe(true);
        expect(Object.is(Number(castOf('double', { kind: 'string' })(value)), value)).toBe(true);
      }),
    );
  });
});
