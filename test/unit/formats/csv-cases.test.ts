import { describe, expect, it } from 'vitest';
import {
  ByteBuffer,
  createEncoder,
  DEFAULT_TEXT_FORMAT,
  type TextFormat,
} from '../../../core/formats/index.ts';
import { type CellValue, type LogicalType, RowBlockBuilder } from '../../../core/types/index.ts';

function encode(
  rows: readonly (readonly CellValue[])[],
  format: Partial<TextFormat>,
  types: readonly LogicalType[] = [],
): { text: string; codes: string[]; bytes: Buffer } {
  const columns = rows[0]!.map((_, i) => ({ name: `c${i}`, type: types[i] ?? ('string' as const) }));
  const builder = new RowBlockBuilder(columns);
  for (const row of rows) builder.addRow(row);
  const out = new ByteBuffer(16);
  const encoder = createEncoder({ ...DEFAULT_TEXT_FORMAT, ...format }, columns);
  const faults = encoder.encode(builder.build(), 0, rows.length, out);
  const bytes = out.take();
  return { text: bytes.toString('utf8'), codes: faults.map((f) => f.error.code), bytes };
}
const csv = (rows: readonly (readonly CellValue[])[], format: Partial<TextFormat> = {}): string =>
  encode(rows, { fileFormat: 'csv', ...format }).text;

/** Where our text differs from DataX's, the difference keeps information that DataX loses. */
describe('csv text', () => {
  it('quotes a delimiter and doubles a quote', () => {
    expect(csv([['a,b', 'c']])).toBe('"a,b",c\n');
    expect(csv([['a"b']])).toBe('"a""b"\n');
  });

  it('quotes a lone carriage return, which DataX leaves bare and most readers take for a line end', () => {
    expect(csv([['a\nb', 'c\rd']])).toBe('"a\nb","c\rd"\n');
  });

  it('quotes an empty text in the first column only', () => {
    expect(csv([['', '', 'x']])).toBe('"",,x\n');
  });

  it('quotes a leading # in the first column only', () => {
    expect(csv([['#a', '#b']])).toBe('"#a",#b\n');
  });

  it('keeps surrounding blanks, which DataX trims', () => {
    expect(csv([[' a ']])).toBe(' a \n');
  });

  it('writes null as nullFormat; with an empty one null is nothing (DataX quotes it in the first column)', () => {
    expect(csv([[null, null]])).toBe('null,null\n');
    expect(csv([[null, null]], { nullFormat: '\\N' })).toBe('\\N,\\N\n');
    expect(csv([[null, null]], { nullFormat: '' })).toBe(',\n');
  });

  it('quotes a text that equals nullFormat, so that it stays apart from null (DataX writes both alike)', () => {
    expect(csv([['null', null]])).toBe('"null",null\n');
    expect(csv([['a', '', null]], { nullFormat: '' })).toBe('a,"",\n');
  });

  it('writes the whole line delimiter, of which DataX writes the first character', () => {
    expect(csv([['a', 'b']], { lineDelimiter: '\r\n' })).toBe('a,b\r\n');
  });

  it('quotes each character of a longer line delimiter', () => {
    expect(csv([['a;', '|b']], { lineDelimiter: ';|' })).toBe('"a;","|b";|');
  });

  it('takes a delimiter beyond ASCII and does not confuse it with one that begins alike', () => {
    expect(csv([['a§b', 'a¨b']], { fieldDelimiter: '§' })).toBe('"a§b"§a¨b\n');
  });

  it('quotes numbers when the format makes them ambiguous', () => {
    expect(csv([[-5n, 1.5, true]], { fieldDelimiter: '-' })).toBe('"-5"-1.5-true\n');
    expect(csv([[0n, null, 10n]], { nullFormat: '0' })).toBe('"0",0,10\n');
  });

  it('never quotes the long fields of text format', () => {
    const long = `${'x'.repeat(300)},"`;
    expect(encode([[long, 'b']], {}).text).toBe(`${long},b\n`);
    expect(csv([[long, 'b']])).toBe(`"${'x'.repeat(300)},""",b\n`);
    expect(csv([['y'.repeat(300)]])).toBe(`${'y'.repeat(300)}\n`);
  });
});

describe('text format', () => {
  it('joins without quoting', () => {
    expect(encode([['a,b', 'c"d', null, '']], {}).text).toBe('a,b,c"d,null,\n');
  });

  it('takes delimiters of any length', () => {
    expect(encode([['a', 'b']], { fieldDelimiter: '||', lineDelimiter: '\r\n' }).text).toBe('a||b\r\n');
  });
});

describe('text per value', () => {
  it.each<[CellValue, string]>([
    [9223372036854775807n, '9223372036854775807'],
    [-9223372036854775808n, '-9223372036854775808'],
    [0n, '0'],
    [true, 'true'],
    [false, 'false'],
    [1e-7, '0.00000010'],
    [1e21, '1000000000000000000000'],
    [1, '1.0'],
    [0, '0.0'],
    [-0, '-0.0'],
    [0.1, '0.1'],
    [-2.5, '-2.5'],
    [0.001, '0.001'],
    [0.0001, '0.00010'],
    [1.5e-7, '0.00000015'],
    [9999999, '9999999.0'],
    [1e7, '10000000'],
    [12345678.5, '12345678.5'],
    [1.2345678912e7, '12345678.912'],
    [4.35e22, '43500000000000000000000'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [Buffer.from('héé'), 'héé'],
    ['1970-01-01 08:00:00', '1970-01-01 08:00:00'],
  ])('%s is %s', (value, text) => {
    expect(csv([[value]])).toBe(`${text}\n`);
  });

  it('writes the smallest and the largest double in full', () => {
    expect(csv([[5e-324]])).toBe(`0.${'0'.repeat(323)}50\n`);
    expect(csv([[Number.MAX_VALUE]])).toBe(`17976931348623157${'0'.repeat(292)}\n`);
  });

  it('writes bytes as base64 on request, and otherwise refuses what is not text', () => {
    const bytes = Buffer.from('ff00', 'hex');
    expect(csv([[bytes]], { byteEncoding: 'base64' })).toBe('/wA=\n');
    const refused = encode([['a'], [bytes], ['b']], { fileFormat: 'csv' });
    expect(refused).toMatchObject({ text: 'a\nb\n', codes: ['CNV-3001'] });
  });

  it('applies dateFormat to dates, times and datetimes whatever the zone of the host', () => {
    const row = ['1970-01-01 08:00:00.123456', '2024-02-29', '23:59:58', '2024-02-29'];
    const format = { fileFormat: 'csv', dateFormat: "yyyyMMdd'T'HHmmss.SSS" } as const;
    expect(encode([row], format, ['datetime', 'date', 'time', 'string']).text).toBe(
      '19700101T080000.123,20240229T000000.000,19700101T235958.000,2024-02-29\n',
    );
  });

  it('refuses a moment that does not exist', () => {
    const format = { fileFormat: 'csv', dateFormat: 'yyyyMMdd' } as const;
    const result = encode([['2024-02-30'], ['2023-02-29'], ['2024-2-3'], ['2024-02-03']], format, ['date']);
    expect(result).toMatchObject({ text: '20240203\n', codes: ['CNV-3003', 'CNV-3003', 'CNV-3003'] });
  });
});

describe('other encodings', () => {
  it('writes GBK and refuses rows that do not exist in it', () => {
    const rows = [
      ['中文', 'a'],
      ['中', '🙂'],
      ['z', 'é,'],
    ];
    const result = encode(rows, { fileFormat: 'csv', encoding: 'GBK' });
    expect(result.codes).toEqual(['CNV-3002']);
    expect(result.bytes.toString('hex')).toBe('d6d0cec42c610a7a2c22a8a62c220a');
  });

  it('does not let ISO-8859-1 cut characters', () => {
    const result = encode([['é'], ['中']], { encoding: 'ISO-8859-1' });
    expect(result.codes).toEqual(['CNV-3002']);
    expect(result.bytes.toString('latin1')).toBe('é\n');
  });

  it('names the column at fault', () => {
    const columns = [
      { name: 'a', type: 'string' as const },
      { name: 'b', type: 'string' as const },
    ];
    const block = new RowBlockBuilder(columns).addRow(['x', '🙂']).build();
    const encoder = createEncoder({ ...DEFAULT_TEXT_FORMAT, encoding: 'GB2312' }, columns);
    expect(encoder.encode(block, 0, 1, new ByteBuffer())[0]).toMatchObject({ row: 0, column: 1 });
  });
});

describe('header', () => {
  it('is quoted like a row', () => {
    const columns = [{ name: 'a', type: 'string' as const }];
    const format = { ...DEFAULT_TEXT_FORMAT, fileFormat: 'csv', header: ['#id', 'a,b', 'c'] } as const;
    expect(createEncoder(format, columns).header().toString()).toBe('"#id","a,b",c\n');
  });
});
