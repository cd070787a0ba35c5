import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CellValue, Column } from '../../../core/types/index.ts';
import { MysqlTargetServer } from './mysql-target.ts';

let target: MysqlTargetServer;
beforeAll(async () => {
  target = await MysqlTargetServer.start();
});
afterAll(() => target?.[Symbol.asyncDispose]());

interface TypeCase {
  readonly type: string;
  readonly source: Column;
  /** Source value and the server's text of what was stored; bytes as hexadecimal digits. */
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
    type: 'tinyint',
    source: long,
    values: [
      [-128n, '-128'],
      [127n, '127'],
      [null, null],
    ],
    refused: [128n],
  },
  { type: 'tinyint unsigned', source: long, values: [[255n, '255']], refused: [-1n, 256n] },
  { type: 'smallint', source: long, values: same('-32768', '32767'), refused: ['32768'] },
  { type: 'mediumint', source: long, values: same('-8388608', '8388607'), refused: ['8388608'] },
  { type: 'int unsigned', source: long, values: same('4294967295'), refused: ['4294967296'] },
  {
    type: 'bigint',
    source: long,
    values: [[-(2n ** 63n), '-9223372036854775808']],
    refused: ['9223372036854775808'],
  },
  {
    type: 'bigint unsigned',
    source: long,
    values: same('18446744073709551615', '0'),
    refused: ['18446744073709551616', '-1'],
  },
  {
    type: 'decimal(65,30)',
    source: decimal,
    values: same(`-${'9'.repeat(35)}.${'9'.repeat(30)}`, '0.000000000000000000000000000001'),
    refused: ['1'.repeat(36), '0.0000000000000000000000000000001', 'NaN'],
  },
  { type: 'decimal(10,2)', source: decimal, values: [['1.5', '1.50']], refused: ['1.005', '123456789'] },
  {
    type: 'float',
    source: column('double', { width: 4 }),
    values: [
      ['1.5', '1.5'],
      [-0.25, '-0.25'],
    ],
    refused: ['NaN'],
  },
  {
    type: 'double',
    source: column('double'),
    values: [
      [1.7976931348623157e308, '1.7976931348623157e308'],
      ['1e-07', '0.0000001'],
      [0.1, '0.1'],
      [2.2250738585072014e-308, '2.2250738585072014e-308'],
    ],
    refused: [Number.NaN, '-Infinity'],
  },
  {
    type: 'tinyint(1)',
    source: column('bool'),
    values: [
      [true, '1'],
      [false, '0'],
      [null, null],
    ],
  },
  {
    type: 'bit(1)',
    source: column('bool'),
    values: [
      [true, '01'],
      [false, '00'],
      [null, null],
    ],
  },
  {
    type: 'bit(12)',
    source: column('bytes'),
    values: [[Buffer.from([0x0a, 0xff]), '0AFF']],
    refused: [Buffer.from([0xff, 0xff])],
  },
  {
    type: 'bit(64)',
    source: long,
    values: [
      ['18446744073709551615', 'FFFFFFFFFFFFFFFF'],
      [5n, '0000000000000005'],
    ],
  },
  {
    type: 'varchar(40)',
    source: text,
    values: [
      ...same(
        '',
        ' ',
        'tab\tnew\nline\rback\\slash',
        '\\N',
        "it''s",
        'quote \' and "',
        '中文 😀',
        'nul \0 here',
        '\u001a',
      ),
      [null, null],
    ],
    refused: ['x'.repeat(41)],
  },
  { type: 'char(3)', source: text, values: same('abc', '中文字'), refused: ['abcd'] },
  { type: 'tinytext', source: text, values: same('é'.repeat(127)), refused: ['é'.repeat(128)] },
  { type: 'longtext', source: text, values: same('x'.repeat(70_000)) },
  { type: 'varchar(10) CHARACTER SET latin1', source: text, values: same('é€'), refused: ['中'] },
  {
    type: 'varbinary(10)',
    source: column('bytes'),
    values: [
      [Buffer.from([0, 1, 9, 10, 13, 26, 39, 92, 195, 255]), '0001090A0D1A275CC3FF'],
      [Buffer.alloc(0), ''],
      [null, null],
    ],
    refused: [Buffer.alloc(11)],
  },
  { type: 'blob', source: column('bytes'), values: [[Buffer.from('é'), 'C3A9']] },
  { type: 'longblob', source: text, values: [['é', 'C3A9']] },
  {
    type: 'date',
    source: column('date'),
    values: same('2024-02-29', '1000-01-01', '9999-12-31'),
    refused: ['2023-02-29', '0000-00-00'],
  },
  {
    type: 'time(6)',
    source: column('time'),
    values: same('00:00:00.000000', '-838:59:59.000000', '838:59:59.000000', '23:59:59.999999'),
    refused: ['839:00:00'],
  },
  { type: 'time', source: column('time', { scale: 0 }), values: same('12:34:56'), refused: ['12:34:56.5'] },
  {
    type: 'datetime(6)',
    source: column('datetime'),
    values: same('2024-01-01 12:34:56.789012', '1000-01-01 00:00:00.000000', '9999-12-31 23:59:59.999999'),
  },
  {
    type: 'datetime',
    source: column('datetime', { scale: 0 }),
    values: same('2024-01-01 12:34:56'),
    refused: ['2024-01-01 12:34:56.5'],
  },
  {
    type: 'timestamp(6) NULL',
    source: column('datetime', { zoned: true, scale: 6 }),
    values: [
      ['2024-01-01 08:00:00.000001', '2024-01-01 00:00:00.000001'],
      ['1988-07-01 12:00:00.000000', '1988-07-01 03:00:00.000000'],
    ],
    refused: ['2200-01-01 00:00:00'],
  },
  {
    type: 'year',
    source: long,
    values: [
      [2024n, '2024'],
      [0n, '0000'],
      ['2155', '2155'],
    ],
    refused: [1900n, 24n, 2156n],
  },
  { type: 'json', source: text, values: same('{"a": 1,  "b":[2]}'), refused: ['{a}'] },
  { type: "enum('a','b c','')", source: text, values: same('a', 'b c', ''), refused: ['x', '1', '3'] },
  { type: "set('a','b')", source: text, values: same('a,b', ''), refused: ['c', '1'] },
  { type: 'uuid', source: text, values: same('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), refused: ['a0eebc99'] },
  { type: 'inet6', source: text, values: same('::1'), refused: ['1.2.3'] },
];

describe('every type of MariaDB', () => {
  it.each(CASES.flatMap((one) => [true, false].map((loadData) => ({ ...one, loadData }))))(
    '$type from $source.type, loadData $loadData',
    async ({ type, source, values, refused = [], loadData }) => {
      await target.execute(
        'DROP TABLE IF EXISTS t',
        `CREATE TABLE t (n int AUTO_INCREMENT PRIMARY KEY, c ${type})`,
      );
      const parameters = { column: ['c'], emptyAsNull: false, loadData };
      expect(await target.load([source], [values.map(([value]) => [value])], parameters)).toEqual([]);
      const shown = /bit|binary|blob/.test(type) ? 'hex(c)' : 'c';
      const padded = type.startsWith('bit') ? `lpad(hex(c), ${bitDigits(type)}, '0')` : shown;
      const stored = await target.texts(`SELECT ${padded} FROM t ORDER BY n`);
      expect(stored).toEqual(values.map(([, text]) => [text]));
      for (const value of refused) {
        const faults = await target.load([source], [[[value]]], parameters);
        expect([value, faults.map(({ row, error }) => [row, error.kind])]).toEqual([value, [[0, 'data']]]);
      }
      expect(await target.texts(`SELECT count(*) FROM t`)).toEqual([[String(values.length)]]);
    },
  );

  it('refuses text for bits and geometries, before any row', async () => {
    for (const type of ['bit(8)', 'point']) {
      await target.execute('DROP TABLE IF EXISTS t', `CREATE TABLE t (c ${type})`);
      await expect(target.writer().describe([text])).rejects.toMatchObject({ code: 'DST-4022' });
    }
  });

  it('does not show values of rows in its messages', async () => {
    await target.execute(
      'DROP TABLE IF EXISTS t',
      "CREATE TABLE t (u varchar(9) UNIQUE, e enum('a'), x varchar(9) CHARACTER SET latin1)",
    );
    const columns = ['u', 'e', 'x'].map((name): Column => ({ name, type: 'string' }));
    const faults = await target.load(columns, [
      [
        ['secret', null, null],
        ['secret', null, null],
        [null, 'secret', null],
        [null, null, 'secret 中'],
      ],
    ]);
    expect(faults.map(({ row, column: at }) => [row, at])).toEqual([
      [1, -1],
      [2, 1],
      [3, 2],
    ]);
    for (const { error } of faults) {
      expect(`${error.message}${JSON.stringify(error.detail)}`).not.toMatch(/secret|中|\\xE4/);
      expect(error.cause).toBeUndefined();
    }
  });
});

const bitDigits = (type: string): number => Math.ceil(Number(/\d+/.exec(type)?.[0]) / 8) * 2;
