import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvRecords } from './csv-reader.ts';

const read = (text: string) => [...csvRecords(text)];

test.each([
  [
    'plain fields',
    'a,b\nc,d\n',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['no line feed at the end', 'a,b\nc', [['a', 'b'], ['c']]],
  [
    'empty fields',
    ',\na,,b\n',
    [
      ['', ''],
      ['a', '', 'b'],
    ],
  ],
  ['an empty field at the end of the text', 'a,', [['a', '']]],
  ['null and its text', 'null,"null"\n', [[null, 'null']]],
  ['quotes, commas and line breaks', '"a""b",",","x\r\ny"\n', [['a"b', ',', 'x\r\ny']]],
  ['an empty text in quotes', '"",x\n', [['', 'x']]],
  ['only quotes', '""""\n', [['"']]],
  ['a carriage return is text', 'a\r\n', [['a\r']]],
])('reads %s', (_name, text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each(['"open', 'a,"open\n', '"x"y,z\n'])('refuses %j', (text) => {
  expect(() => read(text)).toThrow(/quote/);
});

test('reads whatever another writer wrote', () => {
  const field = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"', ',', '\n', '\r\n', 'null', '""', ''),
  );
  fc.assert(
    fc.property(fc.array(fc.array(field, { minLength: 1, maxLength: 5 }), { maxLength: 8 }), (records) => {
      expect(read(stringify(records, { quoted: true, quoted_empty: true }))).toEqual(records);
    }),
  );
});
