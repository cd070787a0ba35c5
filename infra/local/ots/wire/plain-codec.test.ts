import { expect, test } from 'vitest';
import { OtsError } from '../ots-error.ts';
import { ByteWriter } from './byte-writer.ts';
import { CRC8_TABLE } from './crc8.ts';
import { CELL_OP, type PlainCell, TAG } from './plain-format.ts';
import { readPlainRow } from './plain-reader.ts';
import { writeCell, writeHeader, writeRowEnd, writeSection } from './plain-writer.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

const cell = (name: string, value?: string, more: Partial<PlainCell> = {}): PlainCell => ({
  name,
  value: value === undefined ? undefined : hex(value),
  operation: undefined,
  timestamp: undefined,
  ...more,
});

const encode = (key: readonly PlainCell[], cells: readonly PlainCell[]): Buffer => {
  const out = new ByteWriter();
  writeHeader(out);
  writeRowEnd(out, writeSection(out, TAG.ROW_DATA, cells, writeSection(out, TAG.ROW_PK, key, 0)));
  return out.toBytes();
};

const KEY_A = '01 03 04 02000000 706b 05 06000000 03 01000000 61 0a d4';
const PUT = hex(
  `75000000 ${KEY_A} 02 03 04 01000000 63 05 06000000 03 01000000 78 07 0100000000000000 0a 65 09 30`,
);
const pkA = cell('pk', '03 01000000 61');

test('the table of the checksum', () => {
  expect([CRC8_TABLE[0], CRC8_TABLE[1], CRC8_TABLE[255]]).toEqual([0, 0x07, 0xf3]);
});

test('a put row, both ways', () => {
  const column = cell('c', '03 01000000 78', { timestamp: 1n });
  expect(encode([pkA], [column])).toEqual(PUT);
  expect(readPlainRow(PUT)).toEqual({ primaryKey: [pkA], cells: [column], deleteMarker: false });
});

test('a key-only row, both ways', () => {
  const bytes = hex('75000000 01 03 04 02000000 706b 05 09000000 00 ffffffffffffffff 0a 88 09 1e');
  const key = cell('pk', '00 ffffffffffffffff');
  expect(encode([key], [])).toEqual(bytes);
  expect(readPlainRow(bytes)).toEqual({ primaryKey: [key], cells: [], deleteMarker: false });
});

test('a delete marker is part of the row checksum', () => {
  expect(readPlainRow(hex(`75000000 ${KEY_A} 08 09 e9`)).deleteMarker).toBe(true);
  expect(() => readPlainRow(hex(`75000000 ${KEY_A} 08 09 e8`))).toThrow(/wrong row checksum/);
});

test.each([
  ['INF_MIN', cell('a', '09'), '03 04 01000000 61 05 01000000 09 0a df'],
  ['INF_MAX', cell('b', '0a'), '03 04 01000000 62 05 01000000 0a 0a e9'],
  ['AUTO_INCREMENT', cell('c', '0b'), '03 04 01000000 63 05 01000000 0b 0a fb'],
  ['a put', cell('c', '03 01000000 78'), '03 04 01000000 63 05 06000000 03 01000000 78 0a f4'],
  [
    'delete one version',
    cell('d', undefined, { operation: CELL_OP.DELETE_ONE_VERSION, timestamp: 5n }),
    '03 04 01000000 64 06 03 07 0500000000000000 0a 51',
  ],
  [
    'delete all versions',
    cell('e', undefined, { operation: CELL_OP.DELETE_ALL_VERSIONS }),
    '03 04 01000000 65 06 01 0a b3',
  ],
  [
    'increment',
    cell('f', '00 0100000000000000', { operation: CELL_OP.INCREMENT }),
    '03 04 01000000 66 05 09000000 00 0100000000000000 06 04 0a 1b',
  ],
])('the cell of %s', (_what, source, expected) => {
  const out = new ByteWriter();
  writeCell(out, source);
  expect(out.toBytes()).toEqual(hex(expected));
});

test('zero bytes behind a row are tolerated, others are not', () => {
  expect(readPlainRow(Buffer.concat([PUT, Buffer.alloc(5)])).cells).toHaveLength(1);
  expect(() => readPlainRow(Buffer.concat([PUT, Buffer.of(0, 1)]))).toThrow(/bytes after the row/);
});

test('an extension is skipped and not covered by the checksum', () => {
  const extension = '0b 18000000 0c 13000000 0d 00000000 0e 00401e18240a0600 0f 07000000';
  const bytes = Buffer.concat([PUT.subarray(0, -2), hex(extension), PUT.subarray(-2)]);
  expect(readPlainRow(bytes).cells).toHaveLength(1);
});

test('any changed or missing byte is noticed', () => {
  for (let at = 0; at < PUT.length; at++) {
    const changed = Buffer.from(PUT);
    changed[at] = (changed[at] as number) ^ 0x01;
    expect(() => readPlainRow(changed), `byte ${at}`).toThrow(OtsError);
    expect(() => readPlainRow(PUT.subarray(0, at)), `cut at ${at}`).toThrow(OtsError);
  }
});

test('values of a wrong length and text that is not UTF-8 are refused', () => {
  expect(() => readPlainRow(encode([cell('pk', '00 01')], []))).toThrow(/wrong value length/);
  expect(() => readPlainRow(encode([cell('pk', '02 02')], []))).toThrow(/wrong boolean/);
  expect(() => readPlainRow(encode([cell('pk', '03 01000000 ff')], []))).toThrow(/not UTF-8/);
  expect(() => readPlainRow(encode([cell('pk', '06')], []))).toThrow(/unknown value type/);
});
