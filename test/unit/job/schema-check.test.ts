import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseScalarsFreely } from '../../../core/job/schema/coercion.ts';
import { checkValue } from '../../../core/job/schema/problem.ts';

const isSecret = (key: string): boolean => key === 'secret';
const check = (schema: z.ZodType, input: unknown) => checkValue(schema, input, { isSecret });
const messages = (schema: z.ZodType, input: unknown): readonly string[] => {
  const checked = check(schema, input);
  return checked.ok ? [] : checked.problems.map((problem) => problem.message);
};

const one = (schema: z.ZodType) => z.strictObject({ a: schema });

describe('scalars by their text form', () => {
  test.each([
    [z.number(), '5', 5],
    [z.number(), '0.25', 0.25],
    [z.number(), '1e3', 1000],
    [z.int(), '5.0', 5],
    [z.int(), '-7', -7],
    [z.boolean(), 'TRUE', true],
    [z.boolean(), 'false', false],
    [z.string(), 5, '5'],
    [z.string(), true, 'true'],
    [z.bigint(), '9223372036854775807', 9223372036854775807n],
    [z.bigint(), 5, 5n],
    [z.string().optional(), null, undefined],
    [z.number().default(3), null, 3],
    [z.union([z.number(), z.boolean()]), '5', 5],
    [z.union([z.number(), z.boolean()]), 'true', true],
  ])('%#: %j', (schema, written, read) => {
    const checked = check(one(schema), { a: written });
    expect(checked.ok && Reflect.get(checked.value as object, 'a')).toEqual(read);
  });

  test.each([
    [z.int(), '1.5'],
    [z.int(), ''],
    [z.int(), ' '],
    [z.number(), '9007199254740993'],
    [z.number(), '0.1000000000000000055'],
    [z.number(), '0x10'],
    [z.number(), 'NaN'],
    [z.number(), '1e400'],
    [z.number(), true],
    [z.boolean(), '1'],
    [z.boolean(), 1],
    [z.string(), ['x']],
    [z.string(), null],
    [z.bigint(), '1.5'],
    [z.string({ error: 'must be a JSON string' }), 5],
  ])('%#: refuses %j', (schema, written) => {
    expect(check(one(schema), { a: written }).ok).toBe(false);
  });

  test('reading never changes the value it was given', () => {
    const input = { a: '5', list: [{ b: 'true' }] };
    const schema = z.strictObject({ a: z.int(), list: z.array(z.strictObject({ b: z.boolean() })) });
    expect(parseScalarsFreely(schema, input).result.data).toEqual({ a: 5, list: [{ b: true }] });
    expect(input).toEqual({ a: '5', list: [{ b: 'true' }] });
  });

  test('a number that is read prints as an equal number', () => {
    const decimal = fc
      .tuple(fc.integer(), fc.nat(), fc.integer({ min: -20, max: 20 }))
      .map(([i, f, e]) => `${i}.${f}e${e}`);
    fc.assert(
      fc.property(fc.oneof(decimal, fc.bigInt().map(String)), (text) => {
        const checked = checkValue(one(z.number()), { a: text }, { isSecret });
        if (!checked.ok) return;
        const value = (checked.value as { a: number }).a;
        expect(value).toBe(Number(text));
        if (/^-?\d+$/.test(text)) expect(BigInt(value)).toBe(BigInt(text));
      }),
    );
  });
});

describe('problems in words', () => {
  test.each([
    [one(z.string()), {}, '`a` is missing'],
    [one(z.enum(['x', 'y'])), { a: 'z' }, '`a` is text "z"; allowed: x, y'],
    [one(z.literal(1)), { a: 2 }, '`a` is 2; allowed: 1'],
    [one(z.string().min(1)), { a: '' }, '`a` is text ""; at least 1 characters are allowed'],
    [one(z.array(z.int()).max(1)), { a: [1, 2] }, '`a` is a list; at most 1 entries are allowed'],
    [one(z.number().positive()), { a: 0 }, '`a` is 0; at least 0 is allowed (not including it)'],
    [one(z.string().regex(/^x$/)), { a: 'y' }, '`a` is text "y"; it must be of the form /^x$/'],
    [one(z.string().regex(/^x$/, 'is no x')), { a: 'y' }, '`a` is no x (it is text "y")'],
    [one(z.string().regex(/^x$/, 'a is no x')), { a: 'y' }, '`a` is no x (it is text "y")'],
    [one(z.string().regex(/^x$/, 'no x here')), { a: 'y' }, '`a`: no x here (it is text "y")'],
    [one(z.union([z.int(), z.array(z.int())])), { a: {} }, '`a` must be a number or a list, not an object'],
    [one(z.union([z.int(), z.array(z.int())])), { a: [true] }, '`a[0]` must be a number, not true'],
    [one(z.union([z.int(), z.boolean()], { error: 'must be fine' })), { a: {} }, '`a` must be fine'],
    [one(z.record(z.string().regex(/^k/), z.int())), { a: { x: 1 } }, '`a.x` is 1; Invalid key in record'],
    [
      z.strictObject({ secret: z.string().max(3) }),
      { secret: 'hunter2' },
      '`secret` is ******; at most 3 characters are allowed',
    ],
    [
      one(z.string().max(3)),
      { a: 'x'.repeat(500) },
      `\`a\` is text "${'x'.repeat(64)}…"; at most 3 characters are allowed`,
    ],
  ])('%#', (schema, input, message) => {
    expect(messages(schema, input)).toEqual([message]);
  });

  test('an unknown key of an alternative is told with the keys of all of them', () => {
    const schema = one(z.union([z.string(), z.strictObject({ name: z.string() })]));
    const checked = check(schema, { a: { nam: 'x' } });
    expect(checked).toMatchObject({
      problems: [
        { code: 'JOB-1005', path: ['a', 'name'] },
        { code: 'JOB-1004', path: ['a', 'nam'], hint: 'did you mean `name`?', atKey: true },
      ],
    });
  });
});
