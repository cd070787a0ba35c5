import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_FIELDS } from '../../../../core/formats/read/limits.ts';
import { fields, fileOf, readFile, rowsOf } from './files.ts';

describe('csv', () => {
  it.each([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['"a,b",c\n', [['a,b', 'c']]],
    ['"a""b","""",""\n', [['a"b', '"', '']]],
    [
      '"a\nb","c\r\nd"\r\nx,y\n',
      [
        ['a\nb', 'c\r\nd'],
        ['x', 'y'],
      ],
    ],
    ['a"b,c""d\n', [['a"b', 'c""d']]],
    [' a ,\t"b"\n', [[' a ', '\t"b"']]],
    ['a\rb,c\n', [['a\rb', 'c']]],
    [
      ',\n,\n',
      [
        ['', ''],
        ['', ''],
      ],
    ],
    ['a\n\n\r\nb\n', [['a'], ['b']]],
    ['""\n', [['']]],
    ['#a,b\n', [['#a', 'b']]],
    ['', undefined],
  ] as const)('reads %j', async (text, expected) => {
    if (expected === undefined) await expect(rowsOf(text)).rejects.toMatchObject({ code: 'SRC-2018' });
    else expect(await rowsOf(text)).toEqual(expected);
  });

  it('tells null from empty text', async () => {
    const csv = 'a,,""\n"null",null,\\N\n';
    expect(await rowsOf(csv, { nullFormat: '' })).toEqual([
      ['a', null, ''],
      ['null', 'null', '\\N'],
    ]);
    expect(await rowsOf(csv, { nullFormat: 'null' })).toEqual([
      ['a', '', ''],
      ['null', null, '\\N'],
    ]);
    expect(await rowsOf(csv, { nullFormat: '\\N' })).toEqual([
      ['a', '', ''],
      ['null', 'null', null],
    ]);
    expect(await rowsOf(csv)).toEqual([
      ['a', '', ''],
      ['null', 'null', '\\N'],
    ]);
  });

  it('knows other quotes, escapes, comments, delimiters and line ends', async () => {
    expect(await rowsOf("'a,''b';c\n", { quote: "'", fieldDelimiter: ';' })).toEqual([["a,'b", 'c']]);
    expect(await rowsOf('"a\\"b\\\\",c\\,d\n', { escape: 'backslash' })).toEqual([['a"b\\', 'c,d']]);
    expect(await rowsOf('#"\na,b\n # c,d\n', { comment: '#' })).toEqual([
      ['a', 'b'],
      [' # c', 'd'],
    ]);
    expect(await rowsOf('a，"b，c"\n', { fieldDelimiter: '，' })).toEqual([['a', 'b，c']]);
    expect(await rowsOf('a,b\rc,d\r', { lineDelimiter: '\r' })).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(await rowsOf('a\n,b\r\nc,d\r\n', { lineDelimiter: '\r\n' })).toEqual([
      ['a\n', 'b'],
      ['c', 'd'],
    ]);
    expect(await rowsOf('a,"b"|;c,d|;', { lineDelimiter: '|;' })).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(await rowsOf('a,"b"\n', {})).toEqual([['a', 'b']]);
    expect(await rowsOf('a,"b"\n', { ...{ quote: undefined } } as object)).toEqual([['a', '"b"']]);
    expect(await rowsOf(' a ,\tb\n" c ",d\n', { trimWhitespace: true })).toEqual([
      ['a', 'b'],
      [' c ', 'd'],
    ]);
  });

  it('refuses records that are no records, and goes on', async () => {
    const csv = 'a,b\n"x"y,2\n1\n1,2,3\nc,d\n';
    const { rows, refused } = await readFile(fileOf(csv));
    expect(rows).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(refused).toEqual(['1 CNV-3022 -1', '2 CNV-3021 -1', '3 CNV-3021 -1']);
  });

  it('ignores further fields where the job names those it wants', async () => {
    const { rows, refused } = await readFile(fileOf('1,2,3\n4\n'), { columns: fields(2) });
    expect(rows).toEqual([['1', '2']]);
    expect(refused).toEqual(['1 CNV-3021 1']);
  });

  it('ends with an error for a quote that is never closed', async () => {
    await expect(rowsOf('a,b\n"c,d\ne,f\n')).rejects.toMatchObject({ code: 'SRC-2018' });
  });

  it('takes a line as a record where cells may not hold line ends', async () => {
    const { rows, refused } = await readFile(fileOf('a,b\n"c,d\ne,f\n'), { multiLineCells: false });
    expect(rows).toEqual([
      ['a', 'b'],
      ['e', 'f'],
    ]);
    expect(refused).toEqual(['1 CNV-3022 -1']);
  });

  it('ends with an error for too many fields', async () => {
    await expect(rowsOf(`${','.repeat(MAX_FIELDS)}\n`)).rejects.toMatchObject({ code: 'SRC-2017' });
  });

  it('skips headers, and takes names from them', async () => {
    const csv = 'id,"na\nme"\n1,x\n';
    expect((await readFile(fileOf(csv), { skipHeader: true })).names).toEqual(['id', 'na\nme']);
    const columns = [
      { name: 'na\nme', type: 'string' },
      { value: 'c', type: 'string' },
      { index: 0, name: 'n', type: 'long' },
    ] as const;
    const { rows, names } = await readFile(fileOf(csv), { skipHeader: true, columns });
    expect(rows).toEqual([['x', 'c', '1']]);
    expect(names).toEqual(['na\nme', 'c1', 'n']);
    const wrong = { skipHeader: true, columns: [{ name: 'nope', type: 'string' }] } as const;
    await expect(readFile(fileOf(csv), wrong)).rejects.toMatchObject({ code: 'SRC-2018' });
  });

  it('agrees with csv-parse about whatever can be quoted', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '漢', '😀', '#') });
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }),
      );
    const quoted = (text: string, always: boolean): string =>
      always || /[",\r\n]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text;
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.boolean(),
        fc.constantFrom('\n', '\r\n'),
        fc.nat(9),
        async (rows, all, end, piece) => {
          const text = rows.map((row) => row.map((value) => quoted(value, all)).join(',') + end).join('');
          const result = await readFile(fileOf(text, piece + 1));
          expect(result.refused).toEqual([]);
          expect(result.rows).toEqual(rows);
          expect(parse(text, { record_delimiter: end, relax_quotes: true })).toEqual(rows);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never throws anything but its own errors, whatever the bytes', async () => {
    const byte = fc.oneof(fc.constantFrom(0x22, 0x2c, 0x0a, 0x0d, 0x61, 0x5c, 0xe4, 0xb8, 0xad), fc.nat(255));
    const bytes = fc.array(byte, { maxLength: 60 }).map((values) => Uint8Array.from(values));
    const change = fc.constantFrom(
      {},
      { escape: 'backslash' },
      { multiLineCells: false },
      { encoding: 'GBK' },
      {
        encoding: 'UTF-16LE',
      },
    );
    await fc.assert(
      fc.asyncProperty(bytes, change, async (content, changes) => {
        const columns = [{ index: 0, type: 'string' }] as const;
        const read = readFile(fileOf(content, 3), { columns, ...(changes as object) });
        const outcome = await read.catch((error: { code?: string }) => error);
        if ('code' in outcome) expect(['SRC-2017', 'SRC-2018']).toContain(outcome.code);
      }),
      { numRuns: 500 },
    );
  });
});

describe('text', () => {
  const text = { fileFormat: 'text' } as const;
  it('cuts at delimiters of any length and knows no quotes', async () => {
    expect(
      await rowsOf('a||"b\nc||d"\n', { ...text, fieldDelimiter: '||', quote: undefined } as object),
    ).toEqual([
      ['a', '"b'],
      ['c', 'd"'],
    ]);
    expect(await rowsOf('a|b||c', { ...text, fieldDelimiter: '||' })).toEqual([['a|b', 'c']]);
    expect(await rowsOf('a\x01b\x01\n', { ...text, fieldDelimiter: '\x01' })).toEqual([['a', 'b', '']]);
  });

  it('reads what a longer line end and delimiter share', async () => {
    const shared = { ...text, fieldDelimiter: '|', lineDelimiter: '\r\n' };
    expect(await rowsOf('a|b\r|c\r\nd|e|f\r\n', shared)).toEqual([
      ['a', 'b\r', 'c'],
      ['d', 'e', 'f'],
    ]);
  });

  it('keeps empty lines where they are values', async () => {
    expect(await rowsOf('a\n\nb\n', { ...text, skipEmptyLines: false })).toEqual([['a'], [''], ['b']]);
  });
});
