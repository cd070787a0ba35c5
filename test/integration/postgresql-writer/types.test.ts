import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CellValue, Column } from '../../../core/types/index.ts';
import { PostgresTargetServer } from './postgres-target.ts';

let target: PostgresTargetServer;
beforeAll(async () => {
  target = await PostgresTargetServer.start();
});
afterAll(() => target?.[Symbol.asyncDispose]());

interface TypeCase {
  readonly type: string;
  readonly source: Column;
  /** Source value and the server's text of what was stored. */
  readonly values: readonly (readonly [CellValue, string | null])[];
  readonly refused?: readonly CellValue[];
}

const column = (type: Column['type'], facts?: Column['facts']): Column => ({
  name: 'c',
  type,
  ...(facts && { facts }),
});
const same = (...texts: string[]): [CellValue, string][] => texts.map((text) => [text, text]);
const long = column('long');
const text = column('string');
const decimal = column('decimal');

const CASES: readonly TypeCase[] = [
  {
    type: 'smallint',
    source: long,
    values: [
      [-32768n, '-32768'],
      [32767n, '32767'],
      [null, null],
    ],
    refused: [32768n],
  },
  { type: 'integer', source: long, values: same('-2147483648', '2147483647'), refused: [2147483648n] },
  {
    type: 'bigint',
    source: long,
    values: [[-(2n ** 63n), '-9223372036854775808'], ...same('9223372036854775807')],
    refused: ['9223372036854775808'],
  },
  {
    type: 'numeric',
    source: long,
    values: same('18446744073709551615', '-99999999999999999999999999999999999999'),
  },
  {
    type: 'numeric',
    source: decimal,
    values: same(
      '0.000000000000000000000000000001',
      `${'9'.repeat(400)}.${'1'.repeat(300)}`,
      'NaN',
      'Infinity',
    ),
  },
  {
    type: 'numeric(10,2)',
    source: decimal,
    values: [
      ['12345678.90', '12345678.90'],
      ['1.5', '1.50'],
      ['1.500', '1.50'],
      ['NaN', 'NaN'],
    ],
    refused: ['1.005', '123456789.00', 'Infinity'],
  },
  {
    type: 'real',
    source: column('double', { width: 4 }),
    values: [
      ['1.5', '1.5'],
      [0.25, '0.25'],
      ['-Infinity', '-Infinity'],
    ],
  },
  {
    type: 'double precision',
    source: column('double'),
    values: [
      [1.7976931348623157e308, '1.7976931348623157e+308'],
      [5e-324, '5e-324'],
      ['1e-07', '1e-07'],
      [Number.NaN, 'NaN'],
      [-0, '-0'],
    ],
  },
  {
    type: 'boolean',
    source: column('bool'),
    values: [
      [true, 't'],
      [false, 'f'],
      [null, null],
    ],
  },
  {
    type: 'boolean',
    source: text,
    values: [
      ['true', 't'],
      ['FALSE', 'f'],
    ],
    refused: ['1', 'yes', ''].slice(0, 2),
  },
  {
    type: 'integer',
    source: column('bool'),
    values: [
      [true, '1'],
      [false, '0'],
      [null, null],
    ],
  },
  {
    type: 'text',
    source: text,
    values: [
      ...same(
        '',
        ' ',
        'tab\tnew\nline\rback\\slash',
        '\\N',
        '\\.',
        'a\\tb',
        '中文 😀',
        'quote \' and "',
        '\b\f\v',
      ),
      [null, null],
    ],
    refused: ['nul \0 here'],
  },
  { type: 'varchar(3)', source: text, values: same('abc', '中文字', '😀😀😀'), refused: ['abcd'] },
  { type: 'char(3)', source: text, values: [['x', 'x  ']], refused: ['abcd'] },
  {
    type: 'bytea',
    source: column('bytes'),
    values: [
      [Buffer.from([0, 1, 9, 10, 13, 39, 92, 255]), '\\x0001090a0d275cff'],
      [Buffer.alloc(0), '\\x'],
      [null, null],
    ],
  },
  { type: 'bytea', source: text, values: [['é', '\\xc3a9']] },
  {
    type: 'date',
    source: column('date'),
    values: same('2024-02-29', '0001-01-01', '9999-12-31', '1582-10-10', 'infinity'),
    refused: ['2023-02-29'],
  },
  {
    type: 'time',
    source: column('time'),
    values: same('00:00:00', '23:59:59.999999'),
    refused: ['24:00:01', '-01:00:00'],
  },
  {
    type: 'timestamp',
    source: column('datetime'),
    values: same(
      '2024-01-01 12:34:56.789012',
      '0001-01-01 00:00:00',
      '9999-12-31 23:59:59.999999',
      'infinity',
      '-infinity',
    ),
    refused: ['2024-01-01 12:34:56.7890123'],
  },
  { type: 'timestamp(3)', source: column('datetime', { scale: 3 }), values: same('2024-01-01 12:34:56.789') },
  {
    type: 'timestamptz',
    source: column('datetime', { zoned: true, scale: 6 }),
    values: [
      ['2024-01-01 08:00:00.000001', '2024-01-01 00:00:00.000001+00'],
      ['1988-07-01 12:00:00', '1988-07-01 03:00:00+00'],
    ],
  },
  {
    type: 'timestamptz',
    source: text,
    values: [
      ['2024-02-03T04:05:06Z', '2024-02-03 04:05:06+00'],
      ['2024-02-03 04:05:06', '2024-02-02 20:05:06+00'],
    ],
    refused: ['2024-13-45', 'yesterday'],
  },
  { type: 'timetz', source: text, values: [['04:05:06+08', '04:05:06+08']], refused: ['noon?'] },
  { type: 'interval', source: text, values: same('1 year 2 mons 3 days 04:05:06.5'), refused: ['soon'] },
  { type: 'json', source: text, values: same('{"a": 1,  "a":2}', 'null', '"x"'), refused: ['{a}'] },
  {
    type: 'jsonb',
    source: text,
    values: [
      ['{"a":1}', '{"a": 1}'],
      ['1e2', '100'],
    ],
    refused: ['{"a":}'],
  },
  { type: 'uuid', source: text, values: same('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), refused: ['a0eebc99'] },
  { type: 'inet', source: text, values: same('192.168.0.1/24', '::1'), refused: ['1.2.3'] },
  { type: 'integer[]', source: text, values: same('{1,2,NULL}', '{{1,2},{3,4}}'), refused: ['1,2'] },
  { type: 'text[]', source: text, values: same('{"a,b","c\\"d","e\\\\f"}') },
  { type: 'bit(3)', source: text, values: same('101'), refused: ['1011', '102'] },
  {
    type: 'bit(1)',
    source: column('bool'),
    values: [
      [true, '1'],
      [false, '0'],
    ],
  },
  { type: 'varbit', source: text, values: same('10110') },
  { type: 'int4range', source: text, values: same('[1,5)') },
  { type: 'xml', source: text, values: same('<a>b</a>'), refused: ['<a>'] },
  { type: 'tsvector', source: text, values: same("'a' 'b'") },
  { type: 'point', source: text, values: same('(1.5,2)') },
  { type: 'money', source: text, values: same('$1,234.50') },
  { type: 'oid', source: long, values: same('4294967295'), refused: [-1n, 4294967296n] },
  { type: 'color', source: text, values: same('red', 'light blue'), refused: ['pink', ''] },
  { type: 'positive', source: long, values: same('7'), refused: [-7n] },
];

describe('every type of PostgreSQL', () => {
  beforeAll(() =>
    target.execute(
      "CREATE TYPE color AS ENUM ('red', 'light blue')",
      'CREATE DOMAIN positive AS integer CHECK (VALUE > 0)',
    ),
  );

  it.each(CASES)('$type from $source.type', async ({ type, source, values, refused = [] }) => {
    await target.execute('DROP TABLE IF EXISTS t', `CREATE TABLE t (n serial, c ${type})`);
    const rows = [...values.map(([value]) => [value]), ...refused.map((value) => [value])];
    const faults = await target.load([source], [rows], { column: ['c'], emptyAsNull: false });
    expect(await target.texts('SELECT c FROM t ORDER BY n')).toEqual(values.map(([, stored]) => [stored]));
    expect(faults.map(({ row, column: at, error }) => [row, at, error.kind])).toEqual(
      refused.map((_, i) => [values.length + i, 0, 'data']),
    );
  });

  it('refuses bytes for bit strings, and numbers whose scale rounds whole digits, before any row', async () => {
    await target.execute('DROP TABLE IF EXISTS t', 'CREATE TABLE t (c bit(8))');
    await expect(target.writer().describe([column('bytes')])).rejects.toMatchObject({ code: 'DST-4022' });
    await target.execute('DROP TABLE t', 'CREATE TABLE t (c numeric(3,-2))');
    await expect(target.writer().describe([decimal])).rejects.toMatchObject({ code: 'DST-4022' });
  });

  it('does not show values of rows in its messages', async () => {
    await target.execute(
      'DROP TABLE IF EXISTS t',
      "CREATE TABLE t (u uuid UNIQUE, a int[], b bit(8), x text CHECK (x <> 'secret'))",
    );
    const id = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';
    const columns = ['u', 'a', 'b', 'x'].map((name): Column => ({ name, type: 'string' }));
    const faults = await target.load(columns, [
      [
        [id, null, null, 'kept'],
        ['top secret', null, null, null],
        [id, null, null, null],
        [null, '{1,secret}', null, null],
        [null, '{99999999999}', null, null],
        [null, 'secret', null, null],
        [null, null, 'secret', null],
        [null, null, '22222222', null],
        [null, null, null, 'secret'],
      ],
    ]);
    expect(faults.map(({ row, column: at }) => [row, at])).toEqual([
      [1, 0],
      [2, -1],
      [3, 1],
      [4, 1],
      [5, 1],
      [6, 2],
      [7, 2],
      [8, -1],
    ]);
    for (const { error } of faults) {
      expect(`${error.message}${JSON.stringify(error.detail)}`).not.toMatch(/secret|a0eebc99|9999|"2"/);
      expect(error.cause).toBeUndefined();
    }
  });
});
