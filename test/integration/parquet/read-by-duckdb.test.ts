/** Files that we write, read by DuckDB: every value exact, and the metadata as it should be. */
import { describe, expect, it } from 'vitest';
import type { CodecName } from '../../../core/formats/parquet/index.ts';
import { type CellValue, type Column, RowBlockBuilder } from '../../../core/types/index.ts';
import { parquetFile } from '../../unit/formats/parquet/files.ts';
import { startDuck } from './duckdb.ts';

interface Sample {
  readonly column: Column;
  readonly duck: string;
  /** A value of ours, and DuckDB's text of it. */
  readonly values: readonly (readonly [CellValue, string])[];
}

const same = (...values: readonly string[]): (readonly [string, string])[] =>
  values.map((value) => [value, value]);

const samples: readonly Sample[] = [
  {
    column: { name: 'long', type: 'long' },
    duck: 'BIGINT',
    values: [
      [-(2n ** 63n), '-9223372036854775808'],
      [2n ** 63n - 1n, '9223372036854775807'],
      ['-42', '-42'],
      [0n, '0'],
    ],
  },
  {
    column: { name: 'int', type: 'long', facts: { width: 4 } },
    duck: 'INTEGER',
    values: [
      [-(2n ** 31n), '-2147483648'],
      ['2147483647', '2147483647'],
    ],
  },
  {
    column: { name: 'ulong', type: 'long', facts: { width: 8, unsigned: true } },
    duck: 'UBIGINT',
    values: [
      ['18446744073709551615', '18446744073709551615'],
      [7n, '7'],
      ['9223372036854775808', '9223372036854775808'],
    ],
  },
  {
    column: { name: 'double', type: 'double' },
    duck: 'DOUBLE',
    values: [
      [0.1, '0.1'],
      [Number.NaN, 'nan'],
      [-Infinity, '-inf'],
      [5e-324, '5e-324'],
      ['1.7976931348623157e308', '1.7976931348623157e+308'],
      [-0, '-0.0'],
    ],
  },
  {
    column: { name: 'decimal9', type: 'decimal', facts: { precision: 9, scale: 2 } },
    duck: 'DECIMAL(9,2)',
    values: same('-9999999.99', '9999999.99', '0.01', '0.00'),
  },
  {
    column: { name: 'decimal18', type: 'decimal', facts: { precision: 18, scale: 6 } },
    duck: 'DECIMAL(18,6)',
    values: same('-999999999999.999999', '999999999999.999999', '0.000001'),
  },
  {
    column: { name: 'decimal38', type: 'decimal', facts: { precision: 38, scale: 10 } },
    duck: 'DECIMAL(38,10)',
    values: same(
      `-${'9'.repeat(28)}.${'9'.repeat(10)}`,
      `${'9'.repeat(28)}.${'9'.repeat(10)}`,
      '-0.0000000001',
      '12345678901234567890.1234567891',
    ),
  },
  {
    column: { name: 'decimal20', type: 'decimal', facts: { precision: 20, scale: 0 } },
    duck: 'DECIMAL(20,0)',
    values: same('-99999999999999999999', '99999999999999999999', '5'),
  },
  {
    column: { name: 'text', type: 'string' },
    duck: 'VARCHAR',
    values: same('', 'häß 漢字 𝄞', 'a"b,c\nd', `${'long '.repeat(1000)}`),
  },
  {
    column: { name: 'bytes', type: 'bytes' },
    duck: 'BLOB',
    values: [
      [Buffer.from([0, 255, 65]), '\\x00\\xFFA'],
      [Buffer.alloc(0), ''],
    ],
  },
  {
    column: { name: 'bool', type: 'bool' },
    duck: 'BOOLEAN',
    values: [
      [true, 'true'],
      [false, 'false'],
      [1n, 'true'],
      ['false', 'false'],
    ],
  },
  {
    column: { name: 'date', type: 'date' },
    duck: 'DATE',
    values: same('0001-01-01', '9999-12-31', '1969-12-31', '2024-02-29'),
  },
  {
    column: { name: 'time', type: 'time' },
    duck: 'TIME',
    values: same('00:00:00', '23:59:59.999999', '04:05:06.5'),
  },
  {
    column: { name: 'micros', type: 'datetime' },
    duck: 'TIMESTAMP',
    values: same('0001-01-01 00:00:00', '9999-12-31 23:59:59.999999', '1969-12-31 23:59:59.000001'),
  },
  {
    column: { name: 'nanos', type: 'datetime', facts: { scale: 9 } },
    duck: 'TIMESTAMP_NS',
    values: same('2024-02-03 04:05:06.123456789', '1677-09-22 00:00:00', '2262-04-11 23:47:16.854775'),
  },
  {
    column: { name: 'instant', type: 'datetime', facts: { zoned: true } },
    duck: 'TIMESTAMP WITH TIME ZONE',
    values: [
      ['2024-02-03 04:05:06.123456', '2024-02-02 20:05:06.123456+00'],
      ['1969-12-31 23:59:59', '1969-12-31 15:59:59+00'],
    ],
  },
];

/** Rows that hold the samples of every column in turn, and a null in every seventh cell. */
function manyRows(count: number): {
  readonly block: ReturnType<RowBlockBuilder['build']>;
  readonly texts: (string | null)[][];
} {
  const builder = new RowBlockBuilder(samples.map(({ column }) => column));
  const texts: (string | null)[][] = [];
  for (let row = 0; row < count; row++) {
    const picked = samples.map(({ values }, i) =>
      (row + i) % 7 === 6 ? undefined : values[row % values.length],
    );
    builder.addRow(picked.map((value) => value?.[0] ?? null));
    texts.push(picked.map((value) => value?.[1] ?? null));
  }
  return { block: builder.build(), texts };
}

describe('DuckDB reads', () => {
  it.each<CodecName>(['none', 'snappy', 'gzip', 'zstd'])('every value of every type (%s)', async (codec) => {
    await using duck = await startDuck();
    const { block, texts } = manyRows(3_000);
    const { bytes, faults } = await parquetFile([block], { codec, rowGroupRows: 700, pageBytes: 2_000 });
    expect(faults).toEqual([]);
    await duck.put('ours', bytes);
    const types = await duck.rows(
      'select column_type from (describe select * from read_parquet(FILE(ours)))',
    );
    expect(types.map(([type]) => type)).toEqual(samples.map(({ duck: type }) => type));
    // In text, since DuckDB's own text of a value is exact.
    const cast = samples.map(({ column: { name } }) => `${name}::varchar`).join(', ');
    expect(await duck.rows(`select ${cast} from read_parquet(FILE(ours))`)).toEqual(texts);
  });

  it('row groups, bounds and counts of nulls', async () => {
    await using duck = await startDuck();
    const builder = new RowBlockBuilder([
      { name: 'n', type: 'long' },
      { name: 's', type: 'string' },
      { name: 'd', type: 'decimal', facts: { precision: 30, scale: 2 } },
      { name: 'f', type: 'double' },
    ]);
    for (let i = 0; i < 1000; i++)
      builder.addRow([
        BigInt(i - 500),
        i % 10 === 0 ? null : `k${i}`,
        `${i - 500}.25`,
        i % 2 === 0 ? Number.NaN : i,
      ]);
    const { bytes } = await parquetFile([builder.build()], { rowGroupRows: 400 });
    await duck.put('ours', bytes);
    const groups = await duck.rows(
      `select row_group_id, row_group_num_rows, path_in_schema, stats_min_value, stats_max_value, stats_null_count
       from parquet_metadata(FILE(ours)) where path_in_schema <> 'f' order by all`,
    );
    expect(groups).toEqual([
      ['0', '400', 'd', '-500.25', '-101.25', '0'],
      ['0', '400', 'n', '-500', '-101', '0'],
      ['0', '400', 's', 'k1', 'k99', '40'],
      ['1', '400', 'd', '-100.25', '299.25', '0'],
      ['1', '400', 'n', '-100', '299', '0'],
      ['1', '400', 's', 'k401', 'k799', '40'],
      ['2', '200', 'd', '300.25', '499.25', '0'],
      ['2', '200', 'n', '300', '499', '0'],
      ['2', '200', 's', 'k801', 'k999', '20'],
    ]);
    // The bounds decide which row groups are read at all.
    expect(await duck.rows('select count(*) from read_parquet(FILE(ours)) where n = 499')).toEqual([['1']]);
    expect(
      await duck.rows('select count(*) from read_parquet(FILE(ours)) where d between -200 and -150'),
    ).toEqual([['50']]);
    expect(await duck.rows("select count(*) from read_parquet(FILE(ours)) where s = 'k999'")).toEqual([
      ['1'],
    ]);
    // DuckDB sorts NaN above all numbers: bounds that left it out would hide those rows.
    expect(await duck.rows('select count(*) from read_parquet(FILE(ours)) where f > 5000')).toEqual([
      ['500'],
    ]);
  });

  it('a file without rows', async () => {
    await using duck = await startDuck();
    const { bytes } = await parquetFile([new RowBlockBuilder(samples.map(({ column }) => column)).build()]);
    await duck.put('ours', bytes);
    expect(await duck.rows('select count(*), max(text) from read_parquet(FILE(ours))')).toEqual([
      ['0', null],
    ]);
  });
});
