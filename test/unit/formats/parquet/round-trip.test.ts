import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CodecName } from '../../../../core/formats/parquet/index.ts';
import { type CellValue, type Column, RowBlockBuilder } from '../../../../core/types/index.ts';
import { parquetFile, readRows } from './files.ts';

const iso = (ms: number): string => new Date(ms).toISOString();
const FIRST_MS = Date.UTC(2000, 0, 1) - 2000 * 31_556_952_000 + 86_400_000 * 2;
const LAST_MS = Date.UTC(9999, 11, 30);
const moment = fc.integer({ min: FIRST_MS, max: LAST_MS });
/** A fraction of a second in its shortest form. */
const fraction = (digits: number) =>
  fc.stringMatching(new RegExp(`^\\d{0,${digits}}$`)).map((text) => {
    const shortest = text.replace(/0+$/, '');
    return shortest === '' ? '' : `.${shortest}`;
  });
const scaled = (precision: number, scale: number) =>
  fc.bigInt({ min: -(10n ** BigInt(precision)) + 1n, max: 10n ** BigInt(precision) - 1n }).map((unscaled) => {
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
    return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  });
const extreme = <T>(values: fc.Arbitrary<T>, ...special: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 4, arbitrary: values }, { weight: 1, arbitrary: fc.constantFrom(...special) });

/** Each column with values that come back as they went in. */
const cases: readonly { readonly column: Omit<Column, 'name'>; readonly values: fc.Arbitrary<CellValue> }[] =
  [
    {
      column: { type: 'long' },
      values: extreme(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        -(2n ** 63n),
        2n ** 63n - 1n,
        0n,
      ),
    },
    {
      column: { type: 'long', facts: { width: 4 } },
      values: extreme(fc.integer().map(BigInt), -(2n ** 31n), 2n ** 31n - 1n),
    },
    {
      column: { type: 'double' },
      values: extreme(fc.double(), NaN, Infinity, -Infinity, -0, 5e-324, Number.MAX_VALUE),
    },
    {
      column: { type: 'decimal', facts: { precision: 9, scale: 2 } },
      values: extreme(scaled(9, 2), '-9999999.99', '0.00'),
    },
    {
      column: { type: 'decimal', facts: { precision: 18, scale: 4 } },
      values: extreme(scaled(18, 4), '99999999999999.9999'),
    },
    {
      column: { type: 'decimal', facts: { precision: 38, scale: 10 } },
      values: extreme(scaled(38, 10), `-${'9'.repeat(28)}.${'9'.repeat(10)}`),
    },
    {
      column: { type: 'string' },
      values: extreme(fc.string({ unit: 'grapheme', maxLength: 40 }), '', '𝄞', '\0', 'x'.repeat(5000)),
    },
    {
      column: { type: 'bytes' },
      values: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    },
    { column: { type: 'bool' }, values: fc.boolean() },
    {
      column: { type: 'date' },
      values: extreme(
        moment.map((ms) => iso(ms).slice(0, 10)),
        '0001-01-01',
        '9999-12-31',
        '1970-01-01',
        '1969-12-31',
      ),
    },
    {
      column: { type: 'time' },
      values: fc.tuple(moment, fraction(6)).map(([ms, f]) => iso(ms).slice(11, 19) + f),
    },
    {
      column: { type: 'datetime' },
      values: fc.tuple(moment, fraction(6)).map(([ms, f]) => iso(ms).slice(0, 19).replace('T', ' ') + f),
    },
    {
      column: { type: 'datetime', facts: { scale: 9 } },
      values: extreme(
        fc
          .tuple(fc.integer({ min: -9e12, max: 9e12 }), fraction(9))
          .map(([ms, f]) => iso(ms).slice(0, 19).replace('T', ' ') + f),
        '2262-04-11 23:47:16.854775807',
        '1677-09-21 00:12:43.145224192',
      ),
    },
    // Shanghai has had no clock change since 1991: every reading is one instant.
    {
      column: { type: 'datetime', facts: { zoned: true } },
      values: fc
        .tuple(fc.integer({ min: Date.UTC(1992, 0, 1), max: LAST_MS }), fraction(6))
        .map(([ms, f]) => iso(ms).slice(0, 19).replace('T', ' ') + f),
    },
  ];
const columns: readonly Column[] = cases.map(({ column }, i) => ({ ...column, name: `c${i}` }));

const row = fc.tuple(...cases.map(({ values }) => fc.option(values, { freq: 6 })));
const codecs = fc.constantFrom<CodecName>('none', 'snappy', 'gzip', 'zstd');

describe('a file', () => {
  it('gives back every value of every type', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.record({
          codec: codecs,
          rowGroupRows: fc.integer({ min: 1, max: 500 }),
          pageBytes: fc.integer({ min: 1, max: 3000 }),
        }),
        async (rows, times, changes) => {
          // Repeated rows make dictionaries and runs.
          const all = Array.from({ length: times }, () => rows).flat();
          const builder = new RowBlockBuilder(columns);
          for (const values of all) builder.addRow(values);
          const { bytes, faults } = await parquetFile([builder.build()], changes);
          expect(faults).toEqual([]);
          const read = await readRows(bytes);
          expect(read.columns.map(({ type }) => type)).toEqual(columns.map(({ type }) => type));
          expect(read.rows).toEqual(all);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('takes the same values as text of any length', async () => {
    const builder = new RowBlockBuilder(columns.slice(0, 3));
    builder
      .addRow(['-9223372036854775808', '+0007', '1e300'])
      .addRow([' 1', '2147483647', '0.1'])
      .addRow(['12', '3.00', '-Infinity']);
    const { bytes, faults } = await parquetFile([builder.build()]);
    expect(faults.map(({ row: at, column, error }) => [at, column, error.code])).toEqual([
      [1, 0, 'CNV-3010'],
    ]);
    expect((await readRows(bytes)).rows).toEqual([
      [-(2n ** 63n), 7n, 1e300],
      [12n, 3n, -Infinity],
    ]);
  });

  it('leaves dictionaries when they do not pay, in the middle of pages too', async () => {
    const source: readonly Column[] = [
      { name: 'few', type: 'string' },
      { name: 'many', type: 'string' },
      { name: 'late', type: 'long' },
      { name: 'wide', type: 'string' },
    ];
    const builder = new RowBlockBuilder(source);
    const rows: CellValue[][] = [];
    for (let i = 0; i < 150_000; i++) {
      const late = i < 140_000 ? BigInt(i % 5) : BigInt(i) << 33n;
      rows.push([
        i % 11 === 0 ? null : `v${i % 7}`,
        `${i * 7919}`,
        late,
        i % 3 === 0 ? 'w'.repeat(i % 90) : `${i}`,
      ]);
    }
    for (const values of rows) builder.addRow(values);
    const { bytes } = await parquetFile([builder.build()], { rowGroupRows: 1_000_000, pageBytes: 50_000 });
    const read = await readRows(bytes);
    expect(read.rows.length).toBe(rows.length);
    expect(read.rows.every((values, i) => values.every((value, c) => value === rows[i]![c]))).toBe(true);
    // Ids are far smaller than the texts they stand for.
    expect(bytes.length).toBeLessThan(6_000_000);
  });

  it('without rows has columns', async () => {
    const { bytes } = await parquetFile([new RowBlockBuilder(columns).build()]);
    const read = await readRows(bytes);
    expect(read.rows).toEqual([]);
    expect(read.columns.map(({ name }) => name)).toEqual(columns.map(({ name }) => name));
  });
});

describe('a row that does not fit', () => {
  const refusals = async (column: Omit<Column, 'name'>, values: readonly CellValue[]) => {
    const builder = new RowBlockBuilder([
      { name: 'id', type: 'long' },
      { ...column, name: 'c' },
    ]);
    values.forEach((value, i) => void builder.addRow([BigInt(i), value]));
    const { bytes, faults } = await parquetFile([builder.build()]);
    const { rows } = await readRows(bytes);
    expect(rows.map(([id]) => Number(id))).toEqual(
      values.map((_, i) => i).filter((i) => !faults.some((fault) => fault.row === i)),
    );
    return faults.map(({ row: at, error, targetType }) => `${at} ${error.code} ${targetType}`);
  };

  it('is refused as a whole and leaves its neighbours', async () => {
    expect(
      await refusals({ type: 'long', facts: { width: 4 } }, [1n, 2n ** 31n, '2147483648', null, 'x', 1.5]),
    ).toEqual(['1 CNV-3011 INT32', '2 CNV-3011 INT32', '4 CNV-3010 INT32', '5 CNV-3012 INT32']);
    expect(
      await refusals({ type: 'decimal', facts: { precision: 5, scale: 2 } }, [
        '999.99',
        '1000',
        '0.001',
        '1.500',
        'NaN',
      ]),
    ).toEqual([
      '1 CNV-3011 INT32 decimal(5,2)',
      '2 CNV-3012 INT32 decimal(5,2)',
      '4 CNV-3011 INT32 decimal(5,2)',
    ]);
    expect(
      await refusals({ type: 'datetime' }, [
        '2024-02-30 00:00:00',
        '2024-02-03 04:05:06.1234567',
        '0000-00-00 00:00:00',
      ]),
    ).toEqual([
      '0 CNV-3013 INT64 timestamp(MICROS)',
      '1 CNV-3012 INT64 timestamp(MICROS)',
      '2 CNV-3013 INT64 timestamp(MICROS)',
    ]);
    expect(
      await refusals({ type: 'datetime', facts: { scale: 9 } }, [
        '2262-04-11 23:47:16.854775808',
        '1677-09-21 00:12:43',
      ]),
    ).toEqual(['0 CNV-3011 INT64 timestamp(NANOS)', '1 CNV-3011 INT64 timestamp(NANOS)']);
    expect(await refusals({ type: 'time' }, ['838:59:59', '24:00:00', '23:59:59'])).toHaveLength(2);
    expect(
      await refusals({ type: 'string' }, [Buffer.from([0xff, 0xfe]), 'fine', Buffer.from('häß'), 7n, true]),
    ).toEqual(['0 CNV-3017 BYTE_ARRAY string']);
  });

  it('is counted once, at its first column', async () => {
    const builder = new RowBlockBuilder([
      { name: 'a', type: 'date' },
      { name: 'b', type: 'date' },
    ]);
    builder.addRow(['x', 'y']).addRow(['2024-01-01', 'y']).addRow(['2024-01-01', '2024-01-02']);
    const { bytes, faults } = await parquetFile([builder.build()]);
    expect(faults.map(({ row: at, column }) => [at, column])).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect((await readRows(bytes)).rows).toEqual([['2024-01-01', '2024-01-02']]);
  });

  it('is one with a null where none may be', async () => {
    const source: readonly Column[] = [{ name: 'a', type: 'long' }];
    const builder = new RowBlockBuilder(source).addRow([1n]).addRow([null]).addRow([3n]);
    const required = { name: 'a', physical: 'INT64', annotation: { kind: 'none' }, required: true } as const;
    const { bytes, faults } = await parquetFile([builder.build()], {}, [required]);
    expect(faults.map(({ row: at, error }) => [at, error.code])).toEqual([[1, 'CNV-3040']]);
    expect((await readRows(bytes)).rows).toEqual([[1n], [3n]]);
  });
});
