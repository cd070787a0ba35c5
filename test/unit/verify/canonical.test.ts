import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CanonicalBlock } from '../../../core/canonical/canonical-block.ts';
import { canonicalJson } from '../../../core/canonical/canonical-json.ts';
import { afterSignOfZero, canonicalOf } from '../../../core/canonical/canonical-text.ts';
import type { TargetType } from '../../../core/convert/index.ts';
import { cellValue, Form } from '../../../core/types/index.ts';

const decimal: TargetType = { kind: 'decimal' };
const double: TargetType = { kind: 'double', bits: 64 };
const single: TargetType = { kind: 'double', bits: 32 };
const text: TargetType = { kind: 'string' };
const moment: TargetType = { kind: 'datetime', scale: 6, zoned: false };

/** The canonical text of a value, as `CanonicalRows` makes it. */
function canonical(target: TargetType, serverType: string, given: string): string {
  const how = canonicalOf(target, serverType);
  if (!how) throw new Error('the type cannot be compared');
  if ('text' in how) return how.text(given);
  const bytes = Buffer.from(`<${given}>`);
  const end = how.cut(bytes, 1, bytes.length - 1);
  return bytes.toString('utf8', afterSignOfZero(bytes, 1, end), end);
}

describe('equal values have one text', () => {
  it.each<[TargetType, string, string, string]>([
    [decimal, 'numeric', '1.50', '1.5'],
    [decimal, 'numeric', '100', '100'],
    [decimal, 'numeric', '-0.00', '0'],
    [decimal, 'numeric', '7.', '7'],
    [decimal, 'numeric', 'NaN', 'NaN'],
    [double, 'double', '1e3', '1000'],
    [double, 'double', '0.10', '0.1'],
    [double, 'double', '-0', '0'],
    [double, 'double', 'Infinity', 'Infinity'],
    [double, 'double', 'NaN', 'NaN'],
    [single, 'real', '0.1', String(Math.fround(0.1))],
    [moment, 'timestamp', '2025-01-01 00:00:00.120000', '2025-01-01 00:00:00.12'],
    [moment, 'timestamp', '2025-01-01 00:00:00.000', '2025-01-01 00:00:00'],
    [moment, 'timestamp', '2025-01-01 00:00:10', '2025-01-01 00:00:10'],
    [text, 'char(5)', 'a b  ', 'a b'],
    [text, 'character(5)', 'a  ', 'a'],
    [text, 'bpchar', 'a  ', 'a'],
    [text, 'character varying(5)', 'a  ', 'a  '],
    [text, 'varchar(5)', 'a  ', 'a  '],
    [text, 'uuid', '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}', 'a0eebc999c0b4ef8bb6d6bb9bd380a11'],
    [text, "enum('Red')", 'RED', 'red'],
    [text, "set('a','b')", 'b,A', 'a,b'],
    [{ kind: 'json' }, 'jsonb', '{"b":1.0,"a":2}', '{"a":2,"b":1}'],
    [{ kind: 'date' }, 'date', '2025-01-10', '2025-01-10'],
  ])('%j %s %s', (target, serverType, given, expected) => {
    expect(canonical(target, serverType, given)).toBe(expected);
  });

  it.each([
    'interval',
    'integer[]',
    'inet',
    'int4range',
    'money',
    'bit(3)',
    'bit varying(8)',
    'xml',
    'timetz',
    'point',
  ])('none is known of %s', (serverType) => expect(canonicalOf(text, serverType)).toBeUndefined());

  it('only BINARY is filled up', () => {
    const bytes: TargetType = { kind: 'bytes' };
    expect(canonical(bytes, 'binary(4)', 'a\0\0')).toBe('a');
    expect(canonical(bytes, 'varbinary(4)', 'a\0')).toBe('a\0');
    expect(canonical(bytes, 'bytea', 'a\0')).toBe('a\0');
  });
});

describe('JSON', () => {
  it('has one form whatever its blanks and the order of its members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const once = canonicalJson(JSON.stringify(value));
        expect(canonicalJson(JSON.stringify(value, null, 2))).toBe(once);
        expect(canonicalJson(once)).toBe(once);
        expect(JSON.parse(once)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    ['{"b":1,"a":[1.50,null,{"z":"","y":true}]}', '{"a":[1.5,null,{"y":true,"z":""}],"b":1}'],
    ['{"a":1,"a":2}', '{"a":2}'],
    ['1e2', '100'],
    ['[9007199254740993, 9007199254740992]', '[9007199254740993,9007199254740992]'],
    ['"1.50 in text stays"', '"1.50 in text stays"'],
    ['{"\\u00e9":1}', '{"é":1}'],
    ['no json', 'no json'],
  ])('%s', (given, expected) => {
    expect(canonicalJson(given)).toBe(expected);
  });
});

describe('a block of canonical cells', () => {
  it('forgets the row that was begun', () => {
    const block = new CanonicalBlock([
      { name: 'a', type: 'string' },
      { name: 'b', type: 'bytes' },
    ]);
    block.addText('é');
    block.addBytes(Buffer.from([9, 1]), 1, 2, Form.bytes);
    block.addText('gone');
    block.dropRow();
    block.addNull();
    block.addBytes(Buffer.from([2, 3]), 0, 2, Form.bytes);
    const built = block.build();
    const values = [0, 1].map((row) => [0, 1].map((column) => cellValue(built, row, column)));
    expect(values).toEqual([
      ['é', Buffer.from([1])],
      [null, Buffer.from([2, 3])],
    ]);
  });

  it('may be empty', () => {
    expect(new CanonicalBlock([{ name: 'a', type: 'string' }]).build().rowCount).toBe(0);
  });
});
