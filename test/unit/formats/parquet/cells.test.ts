/** The kernel that makes values of cells, against other arithmetic. */
import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellRows, OddReason } from '../../../../core/formats/parquet/cell-kernel.ts';
import { cellPlan } from '../../../../core/formats/parquet/column-steps.ts';
import { decimalBytes, type ParquetColumn } from '../../../../core/formats/parquet/parquet-column.ts';
import { type CellValue, Form, type RowBlock, RowBlockBuilder } from '../../../../core/types/index.ts';

const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 63n - 1n;

type Kind = Pick<ParquetColumn, 'physical' | 'annotation'> & Partial<ParquetColumn>;

const int64: Kind = { physical: 'INT64', annotation: { kind: 'none' } };
const uint64: Kind = { physical: 'INT64', annotation: { kind: 'integer', bits: 64, signed: false } };
const date: Kind = { physical: 'INT32', annotation: { kind: 'date' } };
const text: Kind = { physical: 'BYTE_ARRAY', annotation: { kind: 'string' } };
const time: Kind = { physical: 'INT64', annotation: { kind: 'time', unit: 'MICROS' } };
const timestamp = (unit: 'MILLIS' | 'MICROS' | 'NANOS', utc = false): Kind => ({
  physical: 'INT64',
  annotation: { kind: 'timestamp', unit, utc },
});
const decimal = (precision: number, scale: number): Kind => ({
  ...(precision > 18
    ? { physical: 'FIXED_LEN_BYTE_ARRAY', length: decimalBytes(precision) }
    : { physical: precision > 9 ? 'INT64' : 'INT32' }),
  annotation: { kind: 'decimal', precision, scale },
});

/** What becomes of the cells of one column before any cast: values and, if there are any, rows without a place. */
function converted(
  kind: Kind,
  cells: readonly CellValue[],
  timeZone = 'UTC',
): { values: Buffer; odd: number[] } {
  const builder = new RowBlockBuilder([{ name: 'c', type: 'string' }]);
  for (const cell of cells) builder.add(cell);
  return convertedBlock(kind, builder.build(), timeZone);
}

function convertedBlock(kind: Kind, block: RowBlock, timeZone = 'UTC'): { values: Buffer; odd: number[] } {
  const column = { name: 'c', required: false, ...kind };
  const rows = new CellRows([cellPlan(block.columns[0]!, column, timeZone)]);
  const odd = new Array<number>(block.rowCount).fill(0);
  rows.convert(block, 0, block.rowCount, new Uint8Array(block.rowCount), false, (_, row, reason) => {
    odd[row] = reason;
  });
  const { bytes, from, to } = rows.values(0);
  return { values: Buffer.from(bytes.subarray(from, to)), odd: odd.some((reason) => reason > 0) ? odd : [] };
}

/** The one value of one cell, as a signed integer. */
function integerOf(kind: Kind, cell: CellValue, timeZone?: string): bigint {
  const { values, odd } = converted(kind, [cell], timeZone);
  expect(odd).toEqual([]);
  if (kind.length === undefined) values.reverse();
  const digits = values.toString('hex');
  return BigInt.asIntN(8 * values.length, BigInt(`0x${digits}`));
}

const needsCast = { odd: [OddReason.needsCast] };

describe('integers', () => {
  const around = [7n, 8n, 9n, 15n, 16n, 17n, 18n, 19n].flatMap((n) => [10n ** n - 1n, 10n ** n]);
  const extremes = [0n, 1n, -1n, 2n ** 31n, -(2n ** 31n), 2n ** 53n, HIGHEST, LOWEST, ...around].filter(
    (value) => value <= HIGHEST,
  );

  it('are read from text and from words', () => {
    const check = (value: bigint): void => {
      expect(integerOf(int64, String(value))).toBe(value);
      expect(integerOf(int64, value)).toBe(value);
    };
    for (const value of extremes) check(value);
    fc.assert(fc.property(fc.bigInt({ min: LOWEST, max: HIGHEST }), check));
    fc.assert(fc.property(fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), check));
  });

  it('are read without a sign', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        expect(BigInt.asUintN(64, integerOf(uint64, String(value)))).toBe(value);
      }),
    );
    expect(integerOf(uint64, '18446744073709551615')).toBe(-1n);
    expect(converted(uint64, [-1n]).odd).toEqual([OddReason.outOfRange]);
    expect(converted(uint64, ['-1'])).toMatchObject(needsCast);
  });

  it('keep the range of their bits', () => {
    for (const bits of [8, 16, 32] as const) {
      const range = 2n ** BigInt(bits - 1);
      const of = (signed: boolean): Kind => ({
        physical: 'INT32',
        annotation: { kind: 'integer', bits, signed },
      });
      expect(converted(of(true), [String(range - 1n), -range]).odd).toEqual([]);
      expect(converted(of(true), [range, String(-range - 1n)]).odd).toEqual([
        OddReason.outOfRange,
        OddReason.needsCast,
      ]);
      expect(converted(of(false), [String(2n * range - 1n), 0n]).odd).toEqual([]);
      expect(converted(of(false), [2n * range]).odd).toEqual([OddReason.outOfRange]);
    }
  });

  it.each([
    '9223372036854775808',
    '-9223372036854775809',
    '18446744073709551616',
    '99999999999999999999',
    '184467440737095516150',
    '',
    '-',
    '1.0',
    '1e3',
    ' 1',
    '0x1',
    '--1',
    '1234567/',
    '12345678:',
    '1\u00002',
    '１',
  ])('are not read from %j', (cell) => {
    expect(converted(int64, [cell])).toMatchObject(needsCast);
  });
});

describe('decimals', () => {
  const numbers = fc.integer({ min: 1, max: 38 }).chain((precision) =>
    fc.record({
      precision: fc.constant(precision),
      scale: fc.integer({ min: 0, max: precision }),
      unscaled: fc.bigInt({ min: -(10n ** BigInt(precision)) + 1n, max: 10n ** BigInt(precision) - 1n }),
      zeros: fc.integer({ min: 0, max: 20 }),
    }),
  );

  it('are stored as their unscaled integers', () => {
    fc.assert(
      fc.property(numbers, ({ precision, scale, unscaled, zeros }) => {
        const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
        const whole = '0'.repeat(zeros) + digits.slice(0, digits.length - scale);
        const cell = `${unscaled < 0n ? '-' : ''}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`;
        expect(integerOf(decimal(precision, scale), cell)).toBe(unscaled);
        const short = scale > 0 ? cell.replace(/\.?0+$/, '') : cell;
        expect(integerOf(decimal(precision, scale), short)).toBe(unscaled);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '',
    '-',
    '.',
    '1.',
    '.5',
    '1.234',
    '123456.00',
    '1e2',
    'NaN',
    '1.2.3',
    '+1',
    '1,5',
    '1.2-',
    '1-2',
  ])('are not read from %j as decimal(7,2)', (cell) => {
    expect(converted(decimal(7, 2), [cell])).toMatchObject(needsCast);
  });

  it.each(['1'.repeat(29), `1.${'0'.repeat(11)}`, `${'1'.repeat(20)}x`, `1.${'1'.repeat(8)}/`])(
    'are not read from %j as decimal(38,10)',
    (cell) => {
      expect(converted(decimal(38, 10), [cell])).toMatchObject(needsCast);
    },
  );
});

describe('dates and times', () => {
  const iso = (days: number): string => new Date(days * 86_400_000).toISOString().slice(0, 10);

  it('count the days of every date from 0000 to 9999', () => {
    const check = (days: number): void => {
      expect(integerOf(date, iso(days))).toBe(BigInt(days));
    };
    for (const days of [-719_528, -719_528 + 59, -719_528 + 60, -1, 0, 2_932_896]) check(days);
    fc.assert(fc.property(fc.integer({ min: -719_528, max: 2_932_896 }), check), { numRuns: 1000 });
  });

  it.each([
    '0000-00-00',
    '2023-02-29',
    '1900-02-29',
    '2024-13-01',
    '2024-04-31',
    '2024-1-01',
    '2024/01/01',
    '12024-01-01',
    '2024-01-0',
    '2024-01-01 ',
  ])('do not take %j for a date', (cell) => {
    expect(converted(date, [cell])).toMatchObject(needsCast);
  });

  it('count the units of every moment', () => {
    const moments = fc.record({
      seconds: fc.integer({ min: -719_528 * 86_400, max: 2_932_896 * 86_400 }),
      fraction: fc.stringMatching(/^\d{0,6}$/),
    });
    fc.assert(
      fc.property(moments, ({ seconds, fraction }) => {
        const cell = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
        const units = BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
        expect(integerOf(timestamp('MICROS'), fraction === '' ? cell : `${cell}.${fraction}`)).toBe(units);
      }),
    );
  });

  it('keep nanoseconds within 64 bits', () => {
    expect(integerOf(timestamp('NANOS'), '2262-04-11 23:47:16.854775807')).toBe(HIGHEST);
    expect(integerOf(timestamp('NANOS'), '1677-09-21 00:12:43.145224192')).toBe(LOWEST);
    expect(
      converted(timestamp('NANOS'), ['2262-04-11 23:47:16.854775808', '1677-09-21 00:12:43.145224191']).odd,
    ).toEqual([OddReason.outOfRange, OddReason.outOfRange]);
  });

  it('find the instant of a wall-clock reading, and none where clocks skip it', () => {
    const zoned = timestamp('MILLIS', true);
    expect(integerOf(zoned, '2024-01-01 01:00:00.5', 'Europe/Berlin')).toBe(
      BigInt(Date.UTC(2024, 0, 1, 0, 0, 0, 500)),
    );
    const cells = ['2024-03-31 02:30:00', null, '2024-07-01 00:00:00'];
    expect(converted(zoned, cells, 'Europe/Berlin').odd).toEqual([OddReason.isSkipped, 0, 0]);
  });

  it.each([
    '24:00:00',
    '23:60:00',
    '23:59:60',
    '1:00:00',
    '00:00:00.',
    '00:00:00.1234567',
    '-01:00:00',
    '00:00:00x',
  ])('do not take %j for a time of day', (cell) => {
    expect(converted(time, [cell])).toMatchObject(needsCast);
    expect(converted(timestamp('MICROS'), [`2024-01-01 ${cell}`])).toMatchObject(needsCast);
  });
});

describe('texts', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }).map((value) => Buffer.from(value)),
    fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom('ed a0 80', 'c0 80', 'e0 80 80', 'f0 80 80 80', 'f4 90 80 80', 'f5', 'e2 82', 'ef bf bf')
      .map((hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex')),
  );

  it('are UTF-8 exactly where Node.js says so', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const bytes = Buffer.concat(pieces);
        const { values, odd } = convertedBlock(text, blockOf([bytes]));
        expect(odd).toEqual(isUtf8(bytes) ? [] : [OddReason.notUtf8]);
        if (isUtf8(bytes)) expect(values.subarray(4).equals(bytes)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('may overlap and come in any order', () => {
    const bytes = Buffer.from('abcdefghijklmnopqrstuvwxyz');
    const starts = Uint32Array.from({ length: 500 }, (_, i) => (i * 7) % 20);
    const block = {
      columns: [{ name: 'c', type: 'string' as const }],
      rowCount: 500,
      bytes,
      starts,
      ends: starts.map((start, i) => start + (i % 6)),
      forms: new Uint8Array(500).fill(Form.text),
    };
    const { values } = convertedBlock(text, block);
    let at = 0;
    for (const [i, start] of starts.entries()) {
      expect(values.readUInt32LE(at)).toBe(i % 6);
      expect(values.toString('latin1', at + 4, at + 4 + (i % 6))).toBe(
        bytes.toString('latin1', start, start + (i % 6)),
      );
      at += 4 + (i % 6);
    }
    expect(at).toBe(values.length);
  });

  it('larger than the usual room find room', () => {
    const large = Buffer.alloc(3 * 1024 * 1024, 'x');
    const block = blockOf([large, Buffer.from('y')]);
    // The same bytes over and over: more values than bytes.
    const many = {
      ...block,
      rowCount: 8,
      starts: new Uint32Array(8),
      ends: new Uint32Array(8).fill(large.length),
      forms: new Uint8Array(8).fill(Form.text),
    };
    for (const each of [block, many, block]) {
      const { values, odd } = convertedBlock(text, each);
      expect(odd).toEqual([]);
      expect(values.readUInt32LE(0)).toBe(large.length);
      expect(values.length).toBe(each === many ? 8 * (large.length + 4) : large.length + 4 + 5);
    }
  });

  function blockOf(cells: readonly Buffer[]): RowBlock {
    const builder = new RowBlockBuilder([{ name: 'c', type: 'string' }]);
    for (const cell of cells) builder.add(cell);
    const block = builder.build();
    return { ...block, forms: new Uint8Array(block.rowCount).fill(Form.text) };
  }
});
