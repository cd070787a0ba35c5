import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { readFormatFaults, type TextReadFormat } from '../../../../core/formats/read/read-format.ts';
import { Form } from '../../../../core/types/index.ts';
import { fields, fileOf, PLAIN_CSV, readFile, rowsOf } from './files.ts';

describe('typed columns', () => {
  const columns = [
    { index: 0, type: 'long' },
    { index: 1, type: 'double' },
    { index: 2, type: 'decimal' },
    { index: 3, type: 'boolean' },
    { index: 4, type: 'date' },
    { index: 5, type: 'date', format: 'yyyy年MM月dd日' },
    { index: 6, type: 'bytes' },
    { index: 7, type: 'time' },
  ] as const;

  it('become cells of their types, in canonical text', async () => {
    const csv = '007,1e-7,1.50,TRUE,2024-02-03T04:05:06Z,2024年02月03日,é,04:05:06.5\n';
    const { rows, batches } = await readFile(fileOf(csv), { columns });
    expect(rows).toEqual([
      ['7', '1e-7', '1.50', 'true', '2024-02-03 12:05:06', '2024-02-03', 'bytes c3a9', '04:05:06.5'],
    ]);
    const types = batches[0]!.block.columns.map(({ type }) => type);
    expect(types).toEqual(['long', 'double', 'decimal', 'bool', 'datetime', 'date', 'bytes', 'time']);
    expect(batches[0]!.block.forms[3]).toBe(Form.bool);
  });

  it('keep integers of any size', async () => {
    const long = fields(1, 'long');
    expect(await rowsOf('9223372036854775808\n', { columns: long })).toEqual([['9223372036854775808']]);
  });

  it('refuse what is none, with the column and its raw text', async () => {
    const wrong = ['1.9', ' 5', '', 'x'].map(
      (value) => `${value},1,1,true,2024-01-01,2024年01月01日,a,00:00:00\n`,
    );
    const { refused, batches } = await readFile(fileOf(wrong.join('')), { columns });
    expect(refused).toEqual(['0 CNV-3012 0', '1 CNV-3010 0', '2 CNV-3010 0', '3 CNV-3010 0']);
    expect(batches[0]!.refused[0]).toMatchObject({ targetType: 'long', error: { detail: { column: 'c0' } } });
    const { block } = batches[0]!;
    expect(block.bytes.toString('utf8', block.starts[8]!, block.ends[8]!)).toBe(' 5');
    const dates = await readFile(fileOf('2024-13-45\n'), { columns: [{ index: 0, type: 'date' }] });
    expect(dates.refused).toEqual(['0 CNV-3013 0']);
  });

  it('may be base64', async () => {
    const options = { columns: [{ index: 0, type: 'bytes' }], byteEncoding: 'base64' } as const;
    const { rows, refused } = await readFile(fileOf('//5B\n/wA=\n/wA\n'), options);
    expect(rows).toEqual([['bytes fffe41'], ['bytes ff00']]);
    expect(refused).toEqual(['2 CNV-3024 0']);
  });

  it('may be constants, null among them', async () => {
    const constants: TextReadFormat['columns'] = [
      { value: 'c', type: 'string' },
      { value: '7', type: 'long' },
      { value: 'true', type: 'boolean' },
      { value: 'null', type: 'string' },
    ];
    expect(await rowsOf('a\nb\n', { columns: constants, nullFormat: 'null' })).toEqual([
      ['c', '7', 'true', null],
      ['c', '7', 'true', null],
    ]);
    const wrong = [{ value: 'x', type: 'long' }] as const;
    await expect(rowsOf('a\n', { columns: wrong })).rejects.toMatchObject({
      code: 'CNV-3010',
      kind: 'config',
    });
  });
});

describe('encodings', () => {
  const samples: [string, string][] = [
    ['GBK', '中文,"漢字",|~\\\n'],
    ['GB18030', '中文,"😀漢",𠀀\n'],
    ['Big5', '中文,"許功蓋",x\n'],
    ['Shift_JIS', '日本,"表示ソ",ｱｲ\n'],
    ['EUC-JP', '日本,"表示",x\n'],
    ['EUC-KR', '한국,"말",x\n'],
    ['ISO-8859-1', 'é,"ü",ÿ\n'],
    ['windows-1252', '€,"œ",x\n'],
    ['UTF-16LE', '中,"😀",x\n'],
    ['UTF-16BE', '中,"😀",x\n'],
  ];
  it.each(samples)('reads %s', async (encoding, text) => {
    const expected = await rowsOf(text);
    for (const pieceBytes of [1, 2, 3, 1000]) {
      const file = fileOf(iconv.encode(text, encoding), pieceBytes);
      expect((await readFile(file, { encoding })).rows).toEqual(expected);
    }
  });

  it.each(['GBK', 'GB18030', 'Big5', 'Shift_JIS'])(
    'never takes half a character of %s for a delimiter',
    async (encoding) => {
      const character = fc
        .tuple(fc.integer({ min: 0x81, max: 0xfe }), fc.integer({ min: 0x40, max: 0xfe }))
        .map(([lead, trail]) => iconv.decode(Buffer.from([lead, trail]), encoding))
        .filter(
          (text) =>
            [...text].length === 1 && !text.includes('�') && iconv.encode(text, encoding).length === 2,
        )
        .filter((text) => iconv.decode(iconv.encode(text, encoding), encoding) === text);
      const cells = fc.array(
        fc.array(fc.oneof(character, fc.constantFrom('a', '\\', '"')), { maxLength: 6 }),
        {
          minLength: 2,
          maxLength: 2,
        },
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(cells, { minLength: 1, maxLength: 5 }),
          fc.constantFrom('|', '~', '@', '^'),
          async (rows, delimiter) => {
            const values = rows.map((row) => row.map((cell) => cell.join('')));
            const text = values.map((row) => row.map((cell) => `x${cell}`).join(delimiter)).join('\n');
            const options = { encoding, fieldDelimiter: delimiter, fileFormat: 'text' as const };
            const read = await readFile(fileOf(iconv.encode(text, encoding), 3), options);
            expect(read.rows).toEqual(values.map((row) => row.map((cell) => `x${cell}`)));
          },
        ),
      );
    },
  );

  it.each([
    ['UTF-8', Buffer.from([0x61, 0xff, 0x2c, 0x62, 0x0a])],
    ['UTF-8', Buffer.from([0xed, 0xa0, 0x80, 0x2c, 0x62, 0x0a])],
    ['GBK', Buffer.from([0x81, 0x2c, 0x62, 0x0a])],
    ['GBK', Buffer.from([0xff, 0xff, 0x2c, 0x62, 0x0a])],
    ['US-ASCII', Buffer.from([0xe9, 0x2c, 0x62, 0x0a])],
    ['UTF-16LE', Buffer.from('\ud800,b\n', 'utf16le')],
  ])('refuses rows that are not %s', async (encoding, bytes) => {
    const good = iconv.encode('c,d\n', encoding);
    const { rows, refused } = await readFile(fileOf(Buffer.concat([bytes, good])), { encoding });
    expect(rows).toEqual([['c', 'd']]);
    expect(refused).toEqual(['0 CNV-3023 0']);
  });
});

describe('faulty formats', () => {
  it.each([
    [{ encoding: 'klingon' }, 'encoding'],
    [{ fieldDelimiter: '' }, 'fieldDelimiter'],
    [{ fieldDelimiter: '||' }, 'fieldDelimiter'],
    [{ fieldDelimiter: '"' }, 'fieldDelimiter'],
    [{ fieldDelimiter: '\n' }, 'fieldDelimiter'],
    [{ fieldDelimiter: '漢', encoding: 'ISO-8859-1' }, 'fieldDelimiter'],
    [{ lineDelimiter: '' }, 'lineDelimiter'],
    [{ lineDelimiter: ',' }, 'fieldDelimiter'],
    [{ quote: 'ab' }, 'quote'],
    [{ comment: '\n' }, 'comment'],
    [{ columns: [{ type: 'string' }] }, 'column.0'],
    [{ columns: [{ index: 0, value: 'x', type: 'string' }] }, 'column.0'],
    [{ columns: [{ name: 'x', type: 'string' }] }, 'column.0'],
    [{ columns: [{ index: 0, type: 'long', format: 'yyyy' }] }, 'column.0'],
    [{ columns: [{ index: 0, type: 'date', format: 'YYYY' }] }, 'column.0'],
  ] as [Partial<TextReadFormat>, string][])('%j is refused for %s', (changes, option) => {
    expect(readFormatFaults({ ...PLAIN_CSV, ...changes }).map((fault) => fault.option)).toContain(option);
  });

  it('leave nothing to say about a good one', () => {
    expect(readFormatFaults(PLAIN_CSV)).toEqual([]);
  });
});
