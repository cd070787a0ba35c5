import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteBuffer, createEncoder, DEFAULT_TEXT_FORMAT } from '../../../core/formats/index.ts';
import { type Column, RowBlockBuilder } from '../../../core/types/index.ts';

const columns: Column[] = ['a', 'b', 'c'].map((name) => ({ name, type: 'string' }));

/** Plain, awkward for csv, and from many scripts; some exist in no encoding but the Unicode ones. */
const CHARACTERS = [
  ...'abc019 #,"\r\n\t\\|~^`[]{}',
  ...'éüñß¿£§°×÷€™…—',
  ...'中文表格存储阿里雲資料庫',
  ...'かなカナ漢字、。・「」',
  ...'한국어데이터',
  ...'АБВгдеΩΣλ',
  ...'ابت',
  ...'🙂𠮷😀',
];

/** Where the platform's decoder knows an older edition of the encoding than the one written (Big5 without HKSCS). */
const CONTESTED: Readonly<Record<string, RegExp>> = {
  Big5: /[^\0-\x7f中文格阿里雲資料庫漢字、。「」]/u,
  'EUC-KR': /€/,
};

const rowsIn = (encoding: string) => {
  const certain = CHARACTERS.filter((char) => !CONTESTED[encoding]?.test(char));
  const text = fc.string({ unit: fc.constantFrom(...certain), maxLength: 12 });
  const row = fc.array(fc.option(text, { nil: null }), { minLength: 3, maxLength: 3 });
  return fc.array(row, { minLength: 1, maxLength: 10 });
};

function encode(values: readonly (readonly (string | null)[])[], encoding: string) {
  const builder = new RowBlockBuilder(columns);
  for (const row of values) builder.addRow(row);
  const out = new ByteBuffer();
  const encoder = createEncoder(
    { ...DEFAULT_TEXT_FORMAT, fileFormat: 'csv', nullFormat: '\\N', encoding },
    columns,
  );
  const faults = encoder.encode(builder.build(), 0, values.length, out);
  return { faults, bytes: out.take() };
}

const readBack = (csv: string): unknown =>
  parse(csv, {
    record_delimiter: '\n',
    cast: (value, { quoting }) => (!quoting && value === '\\N' ? null : value),
  });

/** Bytes 0x80 to 0x9f of windows-1252, which the platform decodes as ISO-8859-1. */
const UPPER_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** Decoders that share no table with the library that encodes. */
const decoders: Readonly<Record<string, (bytes: Uint8Array) => string>> = {
  'ISO-8859-1': latin1,
  'US-ASCII': latin1,
  'windows-1252': (bytes) =>
    latin1(bytes).replace(/[\x80-\x9f]/g, (c) => UPPER_1252[c.charCodeAt(0) - 0x80]!),
};
const decode = (bytes: Uint8Array, encoding: string): string =>
  decoders[encoding]?.(bytes) ?? new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);

/** What an encoding can hold, where that is plain to say. */
const holds: Readonly<Record<string, (char: string) => boolean>> = {
  'UTF-8': () => true,
  GB18030: () => true,
  'UTF-16LE': () => true,
  'UTF-16BE': () => true,
  'ISO-8859-1': (char) => char.codePointAt(0)! <= 0xff,
  'US-ASCII': (char) => char.codePointAt(0)! <= 0x7f,
};

describe.each([
  'UTF-8',
  'GBK',
  'GB18030',
  'Big5',
  'ISO-8859-1',
  'US-ASCII',
  'windows-1252',
  'Shift_JIS',
  'EUC-JP',
  'EUC-KR',
  'UTF-16LE',
  'UTF-16BE',
])('csv in %s', (encoding) => {
  it('reads back by another decoder as it was, without the rows that were refused, which are named', () => {
    fc.assert(
      fc.property(rowsIn(encoding), (values) => {
        const { faults, bytes } = encode(values, encoding);
        const refused = new Set(faults.map((fault) => fault.row));
        expect(readBack(decode(bytes, encoding))).toEqual(values.filter((_, row) => !refused.has(row)));
        expect(refused.size).toBe(faults.length);
        for (const { row, column, error } of faults) {
          expect(error).toMatchObject({
            code: 'CNV-3002',
            kind: 'data',
            detail: { column: columns[column]!.name },
          });
          expect(values[row]![column]).toMatch(/[^\0-\u007f]/);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(Object.entries(holds))('csv in %s', (encoding, exists) => {
  it('refuses exactly the rows with a character that it does not have', () => {
    fc.assert(
      fc.property(rowsIn(encoding), (values) => {
        const unwritable = values.flatMap((row, i) =>
          row.some((value) => [...(value ?? '')].some((char) => !exists(char))) ? [i] : [],
        );
        expect(encode(values, encoding).faults.map((fault) => fault.row)).toEqual(unwritable);
      }),
      { numRuns: 60 },
    );
  });
});
