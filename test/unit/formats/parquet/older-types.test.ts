/** Types as Spark, Hive and other programs of their time write them. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import {
  footerBytes,
  MAGIC,
  pageHeader,
  rowGroupBytes,
} from '../../../../core/formats/parquet/metadata-bytes.ts';
import type { ParquetColumn } from '../../../../core/formats/parquet/parquet-column.ts';
import { readRows } from './files.ts';

/** A file of one required column whose only page has these bytes; `physical` may be one that we only read. */
function fileOf(physical: string, values: readonly Buffer[], more: Partial<ParquetColumn> = {}): Buffer {
  const column = {
    name: 'c',
    annotation: { kind: 'none' },
    required: true,
    ...more,
    physical,
  } as ParquetColumn;
  const body = Buffer.concat(values);
  const sizes = { rawBytes: body.length, storedBytes: body.length };
  const header = pageHeader({ kind: 'plain', valueCount: values.length, ...sizes });
  const bytes = header.length + body.length;
  const counts = {
    valueCount: values.length,
    nullCount: 0,
    bounds: undefined,
    dictionaryBytes: 0,
    idPages: 0,
    plainPages: 1,
  };
  const group = rowGroupBytes(
    [column],
    [{ codec: 'none', ...counts, rawBytes: bytes, storedBytes: bytes }],
    values.length,
    MAGIC.length,
  );
  return Buffer.concat([MAGIC, header, body, footerBytes([column], [group], values.length)]);
}

/** Nanoseconds of a day, and a Julian day. */
function int96(nanos: bigint, julianDay: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigInt64LE(nanos);
  bytes.writeInt32LE(julianDay, 8);
  return bytes;
}

const withLength = (hex: string): Buffer => {
  const bytes = Buffer.from(hex, 'hex');
  return Buffer.concat([Buffer.from([bytes.length, 0, 0, 0]), bytes]);
};

const single = async (file: Buffer, zone = 'UTC'): Promise<unknown[]> =>
  (await readRows(file, {}, zone)).rows.map(([value]) => value);

describe('INT96', () => {
  const file = fileOf('INT96', [
    int96(0n, 2_440_588),
    int96(86_399_999_999_999n, 2_440_587),
    int96(20n * 3600n * 1_000_000_000n + 123_000_000n, 2_460_344),
    int96(1n, 1_721_426),
  ]);

  it('is an instant with nanoseconds', async () => {
    expect(await single(file)).toEqual([
      '1970-01-01 00:00:00',
      '1969-12-31 23:59:59.999999999',
      '2024-02-03 20:00:00.123',
      '0001-01-01 00:00:00.000000001',
    ]);
    expect((await single(file, 'Asia/Shanghai'))[2]).toBe('2024-02-04 04:00:00.123');
  });

  it('is a column of instants', async () => {
    const { columns } = await readRows(file);
    expect(columns).toEqual([
      { name: 'c', type: 'datetime', facts: { scale: 9, zoned: true, nullable: false } },
    ]);
  });
});

describe('decimals', () => {
  const annotation = (precision: number, scale: number) =>
    ({ annotation: { kind: 'decimal', precision, scale } }) as const;

  it('in bytes of their own lengths', async () => {
    const values = ['00', 'ff', '7f', '80', '0100', 'ff7f', '0de0b6b3a7640000', 'f21f494c589c0000', ''];
    expect(await single(fileOf('BYTE_ARRAY', values.map(withLength), annotation(38, 3)))).toEqual([
      '0.000',
      '-0.001',
      '0.127',
      '-0.128',
      '0.256',
      '-0.129',
      '1000000000000000.000',
      '-1000000000000000.000',
      '0.000',
    ]);
  });

  it('in fewer fixed bytes than 16', async () => {
    const values = ['ffffffffff', '000000007b', '8000000000'].map((hex) => Buffer.from(hex, 'hex'));
    expect(await single(fileOf('FIXED_LEN_BYTE_ARRAY', values, { ...annotation(11, 2), length: 5 }))).toEqual(
      ['-0.01', '1.23', '-5497558138.88'],
    );
  });
});

describe('columns with the older annotations only', () => {
  it('are read by them', async () => {
    const schema = [
      { name: 'root', num_children: 9 },
      { name: 'text', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL', converted_type: 'UTF8' },
      { name: 'raw', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      { name: 'day', type: 'INT32', repetition_type: 'OPTIONAL', converted_type: 'DATE' },
      { name: 'millis', type: 'INT64', repetition_type: 'OPTIONAL', converted_type: 'TIMESTAMP_MILLIS' },
      { name: 'micros', type: 'INT64', repetition_type: 'OPTIONAL', converted_type: 'TIMESTAMP_MICROS' },
      { name: 'clock', type: 'INT32', repetition_type: 'OPTIONAL', converted_type: 'TIME_MILLIS' },
      { name: 'small', type: 'INT32', repetition_type: 'OPTIONAL', converted_type: 'INT_16' },
      {
        name: 'amount',
        type: 'INT64',
        repetition_type: 'REQUIRED',
        converted_type: 'DECIMAL',
        precision: 18,
        scale: 2,
      },
      { name: 'single', type: 'FLOAT', repetition_type: 'OPTIONAL' },
    ] as const;
    const buffer = parquetWriteBuffer({
      schema: [...schema],
      columnData: [
        { name: 'text', data: ['häß', null] },
        { name: 'raw', data: [new Uint8Array([0, 255]), null] },
        { name: 'day', data: [-1, null] },
        { name: 'millis', data: [1706990706789n, null] },
        { name: 'micros', data: [-1n, null] },
        { name: 'clock', data: [86399999, null] },
        { name: 'small', data: [-32768, null] },
        { name: 'amount', data: [-123456789012345678n, 5n] },
        { name: 'single', data: [0.5, null] },
      ],
    });
    const { rows, columns } = await readRows(Buffer.from(buffer), {}, 'Asia/Shanghai');
    expect(rows).toEqual([
      [
        'häß',
        Buffer.from([0, 255]),
        '1969-12-31',
        '2024-02-04 04:05:06.789',
        '1970-01-01 07:59:59.999999',
        '23:59:59.999',
        -32768n,
        '-1234567890123456.78',
        0.5,
      ],
      [null, null, null, null, null, null, null, '0.05', null],
    ]);
    expect(columns.map(({ type, facts }) => [type, facts?.width ?? facts?.scale, facts?.nullable])).toEqual([
      ['string', undefined, true],
      ['bytes', undefined, true],
      ['date', undefined, true],
      ['datetime', 3, true],
      ['datetime', 6, true],
      ['time', 3, true],
      ['long', 2, true],
      ['decimal', 2, false],
      ['double', 4, true],
    ]);
  });
});

describe('text that is not UTF-8', () => {
  it('stays bytes, for the writer to refuse', async () => {
    const file = fileOf('BYTE_ARRAY', [withLength('fffe'), withLength('68c3a4')], {
      annotation: { kind: 'string' },
    });
    expect(await single(file)).toEqual([Buffer.from([0xff, 0xfe]), 'hä']);
  });
});
