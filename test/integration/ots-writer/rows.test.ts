import { describe, expect, it } from 'vitest';
import type { CellValue, Column } from '../../../core/types/index.ts';
import { startTarget, writeRows } from './ots-target.ts';

const KEY = [
  { name: 'name', type: 'string' },
  { name: 'id', type: 'int' },
  { name: 'raw', type: 'binary' },
];
const ATTRIBUTES = [
  { name: 'i', type: 'int' },
  { name: 'd', type: 'double' },
  { name: 's', type: 'string' },
  { name: 'b', type: 'bool' },
  { name: 'x', type: 'binary' },
];
const TABLE_KEY = { name: 'STRING', id: 'INTEGER', raw: 'BINARY' } as const;
const TYPED: readonly Column[] = [
  { name: 'a', type: 'string' },
  { name: 'b', type: 'long' },
  { name: 'c', type: 'bytes' },
  { name: 'd', type: 'long' },
  { name: 'e', type: 'double' },
  { name: 'f', type: 'string' },
  { name: 'g', type: 'bool' },
  { name: 'h', type: 'bytes' },
];
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const bytes = (...values: number[]): Buffer => Buffer.from(values);
const params = { table: 't', primaryKey: KEY, column: ATTRIBUTES };

describe('rows written to Tablestore, read back by its own SDK', () => {
  it('every type with its extremes, in key and attributes', async () => {
    await using target = await startTarget();
    await target.createTable('t', TABLE_KEY);
    const rows: CellValue[][] = [
      ['', 0n, bytes(), 0n, 0, '', false, bytes()],
      ['a', INT64_MAX, bytes(255, 0), INT64_MAX, Number.MAX_VALUE, '漢字 😀\0"', true, bytes(0, 255, 128)],
      ['b', INT64_MIN, bytes(0), INT64_MIN, -Number.MIN_VALUE, 'x'.repeat(2 ** 21), false, bytes(7)],
      ['c', -1n, bytes(1), 9007199254740993n, 0.1, 'ü', true, Buffer.alloc(2 ** 21, 7)],
      ['😀'.repeat(256), 1n, Buffer.alloc(1024, 9), -1n, 1 / 3, null, null, null],
      ['~', 2n, bytes(2), null, null, null, null, null],
    ];
    const { faults, state } = await writeRows(target.writer(params), TYPED, rows);
    expect(faults).toEqual([]);
    expect(JSON.parse(state)).toMatchObject({ v: 1, rows: rows.length });
    const stored = await target.stored('t');
    expect(stored).toHaveLength(rows.length);
    const names = ['name', 'id', 'raw', 'i', 'd', 's', 'b', 'x'];
    for (const row of rows) {
      const found = stored.find((one) => one.name === row[0]);
      const wanted = row.flatMap((value, i) => (value === null ? [] : [[names[i], plain(value)]]));
      expect(found).toEqual(Object.fromEntries(wanted));
    }
  });

  it('text of databases becomes what the job names', async () => {
    await using target = await startTarget();
    await target.createTable('t', TABLE_KEY);
    const columns: Column[] = [
      { name: 'a', type: 'long' },
      { name: 'b', type: 'string' },
      { name: 'c', type: 'string' },
      { name: 'd', type: 'decimal', facts: { precision: 20, scale: 2 } },
      { name: 'e', type: 'decimal', facts: { precision: 10, scale: 2 } },
      { name: 'f', type: 'datetime' },
      { name: 'g', type: 'bool' },
      { name: 'h', type: 'string' },
    ];
    const rows: CellValue[][] = [
      [
        '17',
        '-9223372036854775808',
        'k',
        '12345678901234567.00',
        '-0.25',
        '2024-02-03 04:05:06.000007',
        'true',
        'é',
      ],
      ['18', '00042', 'k', '-1.0', '1e2', '0001-01-01 00:00:00', '0', ''],
    ];
    const { faults } = await writeRows(target.writer(params), columns, rows);
    expect(faults).toEqual([]);
    expect(await target.stored('t')).toEqual([
      {
        name: '17',
        id: '-9223372036854775808n',
        raw: '0x6b',
        i: '12345678901234567n',
        d: -0.25,
        s: '2024-02-03 04:05:06.000007',
        b: true,
        x: '0xc3a9',
      },
      { name: '18', id: '42n', raw: '0x6b', i: '-1n', d: 100, s: '0001-01-01 00:00:00', b: false, x: '0x' },
    ]);
  });

  it('rows that do not fit are dirty, the others of their batch are stored', async () => {
    await using target = await startTarget();
    await target.createTable('t', { id: 'INTEGER' });
    const columns: Column[] = [
      { name: 'a', type: 'string' },
      { name: 'b', type: 'string' },
      { name: 'c', type: 'string' },
    ];
    const third = 'y'.repeat(2 ** 21 - 10);
    const { faults, state } = await writeRows(
      target.writer({
        table: 't',
        primaryKey: [{ name: 'id', type: 'int' }],
        column: [
          { name: 'n', type: 'int' },
          { name: 's', type: 'string' },
        ],
      }),
      columns,
      [
        ['1', '10', 'a'],
        [null, '11', 'b'],
        ['2', '1.5', 'c'],
        ['9223372036854775808', '12', 'd'],
        ['3', 'x', 'e'],
        ['4', '13', 'z'.repeat(2 ** 21 + 1)],
        ['5', '14', third],
        ['6', '', 'f'],
      ],
    );
    expect(faults.map(({ row, column, error }) => [row, column, error.code, error.kind])).toEqual([
      [1, 0, 'DST-4043', 'data'],
      [2, 1, 'CNV-3012', 'data'],
      [3, 0, 'CNV-3011', 'data'],
      [4, 1, 'CNV-3010', 'data'],
      [5, 2, 'CNV-3016', 'data'],
      [7, 1, 'CNV-3010', 'data'],
    ]);
    expect(JSON.parse(state)).toMatchObject({ rows: 2 });
    expect(await target.stored('t')).toEqual([
      { id: '1n', n: '10n', s: 'a' },
      { id: '5n', n: '14n', s: third },
    ]);
  });
});

const plain = (value: NonNullable<CellValue>): unknown => {
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  return typeof value === 'bigint' ? `${value}n` : value;
};
