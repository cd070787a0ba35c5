/** Records of csv and text in the pieces in which they come, against the encoder that writes them. */
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { RecordBlocks, recordColumns } from '../../../core/connectors/oss/read-back/record-blocks.ts';
import {
  ByteBuffer,
  createEncoder,
  DEFAULT_TEXT_FORMAT,
  type TextFormat,
} from '../../../core/formats/index.ts';
import { type CellValue, cellValue, RowBlockBuilder } from '../../../core/types/index.ts';

const columns = ['a', 'b', 'c'].map((name) => ({ name, type: 'string' as const }));
const csv = (more: Partial<TextFormat> = {}): TextFormat => ({
  ...DEFAULT_TEXT_FORMAT,
  fileFormat: 'csv',
  ...more,
});

/** All rows of a text that comes in pieces of `size` bytes; the last field tells another shape. */
function rowsOf(bytes: Buffer, format: TextFormat, size = bytes.length): CellValue[][] {
  const records = new RecordBlocks(format, recordColumns(columns));
  const rows: CellValue[][] = [];
  const take = (blocks: Iterable<Parameters<typeof cellValue>[0]>): void => {
    for (const block of blocks) {
      for (let row = 0; row < block.rowCount; row++) {
        rows.push(block.columns.map((_, column) => cellValue(block, row, column)));
      }
    }
  };
  for (let at = 0; at < bytes.length; at += Math.max(1, size)) {
    take(records.add(Buffer.from(bytes.subarray(at, at + Math.max(1, size)))));
  }
  take(records.end());
  return rows;
}

function encoded(rows: readonly (readonly CellValue[])[], format: TextFormat): Buffer {
  const builder = new RowBlockBuilder(columns);
  for (const row of rows) builder.addRow(row);
  const out = new ByteBuffer();
  expect(createEncoder(format, columns).encode(builder.build(), 0, rows.length, out)).toEqual([]);
  return Buffer.from(out.bytes.subarray(0, out.length));
}

const field = fc.oneof(
  fc.constant(null),
  fc.constantFrom('', 'null', '"', ',', '\n', '\r\n', '#', '""', 'a"b', 'é', '中,文', '|', '||'),
  fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '|', '文', 'null') }),
);
const table = fc.array(fc.tuple(field, field, field), { minLength: 1, maxLength: 20 });

describe('csv', () => {
  it.each<[string, Partial<TextFormat>]>([
    ['as it is by default', {}],
    ['with an empty null', { nullFormat: '' }],
    ['with a line delimiter of two characters', { lineDelimiter: '\r\n' }],
    ['with a delimiter of three bytes', { fieldDelimiter: '文' }],
    ['in GBK', { encoding: 'GBK', fieldDelimiter: '|' }],
    ['in UTF-16', { encoding: 'UTF-16LE' }],
  ])('%s gives every field back, cut anywhere', (_what, more) => {
    const format = csv(more);
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 9 }), (rows, size) => {
        const kept = format.encoding === 'GBK' ? rows.map((row) => row.map((f) => f && gbk(f))) : rows;
        const expected = kept.map((row) => [...row, null]);
        expect(rowsOf(encoded(kept, format), format, size)).toEqual(expected);
      }),
    );
  });

  it('tells records of another shape', () => {
    expect(rowsOf(Buffer.from('1,2\n1,2,3,4,"5"\n1,2,3\n'), csv())).toEqual([
      ['1', '2', null, '2: '],
      ['1', '2', '3', '5: "4","5"'],
      ['1', '2', '3', null],
    ]);
  });

  it('takes what follows a closing quote, and a quote that is never closed, as it is', () => {
    expect(rowsOf(Buffer.from('"1"x,2,3\n"4,5\n'), csv())).toEqual([
      ['"1"x', '2', '3', null],
      ['"4,5\n', null, null, '1: '],
    ]);
  });

  it('needs no delimiter behind the last record', () => {
    expect(rowsOf(Buffer.from('1,2,'), csv(), 1)).toEqual([['1', '2', '', null]]);
    expect(rowsOf(Buffer.alloc(0), csv())).toEqual([]);
  });
});

describe('text', () => {
  it('splits at every delimiter, since nothing is escaped', () => {
    const format = { ...DEFAULT_TEXT_FORMAT, fieldDelimiter: '||', nullFormat: '\\N' };
    expect(rowsOf(Buffer.from('"1||2||\\N\na||b\n'), format, 1)).toEqual([
      ['"1', '2', null, null],
      ['a', 'b', null, '2: '],
    ]);
  });
});

/** Characters that GBK has. */
const gbk = (text: string): string => iconv.decode(iconv.encode(text, 'gbk'), 'gbk');
