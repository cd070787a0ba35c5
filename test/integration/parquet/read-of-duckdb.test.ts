/** Files that DuckDB writes, read by us: every value exact. */
import { describe, expect, it } from 'vitest';
import { ParquetReader } from '../../../core/formats/parquet/index.ts';
import type { CellValue } from '../../../core/types/index.ts';
import { objectOf, readRows, rowsOf } from '../../unit/formats/parquet/files.ts';
import { startDuck } from './duckdb.ts';

/** Column by column: DuckDB's type, and an expression of the row number `i` with awkward values. */
const columns = {
  tiny: ['tinyint', '(i % 256) - 128'],
  utiny: ['utinyint', 'i % 256'],
  small: ['smallint', '(i * 7) % 65536 - 32768'],
  int: ['integer', 'case i % 3 when 0 then -2147483648 when 1 then 2147483647 else i end'],
  uint: ['uinteger', '4294967295 - i'],
  big: [
    'bigint',
    'case i % 3 when 0 then -9223372036854775808 when 1 then 9223372036854775807 else i * 1000003 end',
  ],
  ubig: ['ubigint', '18446744073709551615 - i::ubigint'],
  float: ['float', 'i / 3'],
  double: ['double', "case i % 5 when 0 then 'nan'::double when 1 then '-inf'::double else i / 7.0 end"],
  dec4: ['decimal(4,1)', '(i % 9999) / 10'],
  dec9: ['decimal(9,3)', '(i - 5000) / 8.0'],
  dec18: ['decimal(18,2)', '(i - 5000)::decimal(18,2) * 12345678901'],
  dec38: ['decimal(38,10)', '(i - 5000)::decimal(38,10) * 1234567890123456789'],
  text: ['varchar', "case i % 4 when 0 then '' when 1 then 'häß 漢字 𝄞' else 'text ' || i end"],
  blob: ['blob', "encode('b' || i)"],
  flag: ['boolean', 'i % 3 = 0'],
  day: ['date', "date '1969-12-01' + (i % 60)::integer"],
  clock: ['time', "time '00:00:00' + to_microseconds(i * 8639999)"],
  stamp: ['timestamp', "timestamp '1969-12-31 23:59:00' + to_microseconds(i * 123456)"],
  nanos: ['timestamp_ns', 'make_timestamp_ns(i * 1000000007 - 3000000000)'],
  zoned: ['timestamptz', "timestamptz '2024-01-31 23:59:59.5+00' + to_seconds(i)"],
  uuid: ['uuid', 'md5(i::varchar)::uuid'],
} as const;
const names = Object.keys(columns) as (keyof typeof columns)[];

const source = (rows: number): string =>
  `select ${names.map((name, c) => `case when (i + ${c}) % 11 = 10 then null else (${columns[name][1]})::${columns[name][0]} end as "${name}"`).join(', ')} from range(${rows}) t(i)`;

/** Our value as DuckDB's text of it; instants are read in UTC. */
function text(value: CellValue, name: string): string | null {
  if (value === null) return null;
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return String(value).toLowerCase().replace('infinity', 'inf');
    return String(name === 'float' ? value : Number.isInteger(value) ? `${value}.0` : value);
  }
  return name === 'zoned' ? `${String(value)}+00` : String(value);
}

const ROWS = 4_000;

describe('we read what DuckDB writes', () => {
  it.each([
    'compression snappy, row_group_size 2048',
    'compression zstd',
    'compression gzip, row_group_size 3000',
    'compression uncompressed, parquet_version v2, row_group_size 2048',
    'compression brotli, parquet_version v2',
    'compression lz4_raw',
  ])('%s', async (how) => {
    await using duck = await startDuck();
    await duck.run(`create table t as ${source(ROWS)}`);
    await duck.run(`copy t to FILE(theirs) (format parquet, ${how})`);
    const expected = await duck.rows(
      `select ${names.map((name) => (name === 'float' ? 'float::double' : name === 'blob' ? 'decode(blob)' : `"${name}"::varchar`)).join(', ')} from t`,
    );
    const { rows, columns: read } = await readRows(await duck.get('theirs'), {}, 'UTC');
    expect(read.map(({ name }) => name)).toEqual(names);
    expect(rows.length).toBe(ROWS);
    const ours = rows.map((row) => row.map((value, i) => text(value, names[i]!)));
    const differs = ours.findIndex((row, r) => row.some((value, c) => value !== expected[r]![c]));
    expect(differs < 0 ? 'same' : [ours[differs], expected[differs]]).toBe('same');
  });

  it('a choice of columns by name and by place', async () => {
    await using duck = await startDuck();
    await duck.run(
      `copy (select i, i * 2 as b, 'x' || i as c, [i] as list, {k: i} as struct from range(10) t(i)) to FILE(theirs) (format parquet)`,
    );
    const bytes = await duck.get('theirs');
    const { rows } = await readRows(bytes, { columns: [{ name: 'c' }, { index: 0 }] });
    expect(rows[9]).toEqual(['x9', 9n]);
    await expect(readRows(bytes)).rejects.toMatchObject({
      code: 'SRC-2051',
      message: 'list: it is a list; struct: it is a struct',
    });
    await expect(readRows(bytes, { columns: [{ name: 'd' }, { index: 5 }] })).rejects.toMatchObject({
      message: 'd: there is no such column; column 5: there are only 5 columns',
    });
  });

  it('instants in the zone of the job', async () => {
    await using duck = await startDuck();
    await duck.run(
      `copy (select timestamptz '2024-02-03 20:05:06+00' as a, timestamp '2024-02-03 20:05:06' as b) to FILE(theirs) (format parquet)`,
    );
    const { rows } = await readRows(await duck.get('theirs'), {}, 'Asia/Shanghai');
    expect(rows).toEqual([['2024-02-04 04:05:06', '2024-02-03 20:05:06']]);
  });

  it('from every position and in pieces, each row once', async () => {
    await using duck = await startDuck();
    await duck.run(
      `copy (select i, case when i % 3 > 0 then 'text ' || i end as s from range(30000) t(i)) to FILE(theirs) (format parquet, row_group_size 8192)`,
    );
    const bytes = await duck.get('theirs');
    const reader = new ParquetReader({}, 'UTC');
    const object = objectOf(bytes);
    const layout = await reader.layout(object);
    const idsFrom = async (
      from: string | undefined,
      range = { from: 0, to: bytes.length },
    ): Promise<number[]> => {
      const ids: number[] = [];
      for await (const { block } of reader.read(object, layout, range, from))
        ids.push(...rowsOf(block).map(([id]) => Number(id)));
      return ids;
    };
    const all = Array.from({ length: 30_000 }, (_, i) => i);
    let seen = 0;
    for await (const { block, position } of reader.read(
      object,
      layout,
      { from: 0, to: bytes.length },
      undefined,
    )) {
      seen += block.rowCount;
      expect(await idsFrom(position)).toEqual(all.slice(seen));
    }
    expect(seen).toBe(30_000);
    const cuts = [0, 1, Math.floor(bytes.length / 3), Math.floor(bytes.length / 2), bytes.length];
    const pieces: number[] = [];
    for (let i = 1; i < cuts.length; i++)
      pieces.push(...(await idsFrom(undefined, { from: cuts[i - 1]!, to: cuts[i]! })));
    expect(pieces).toEqual(all);
  });
});
