import { describe, expect, it } from 'vitest';
import { columnNames, exportLine, parseCorrections, parseSettings } from '../../../core/dirty/corrections.ts';
import type { DeskRow } from '../../../core/dirty/model.ts';
import type { Column } from '../../../core/types/index.ts';

const columns: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'note', type: 'any' },
  { name: 'paid', type: 'bool' },
  { name: 'rate', type: 'double' },
  { name: 'big', type: 'long', facts: { unsigned: true } },
];
const names = columnNames(columns.slice(0, 2));
const settings = (values: string[], nulls: string[] = []) => parseSettings({ values, nulls }, columns);

const row: DeskRow = {
  place: '00000/3',
  standing: 'open',
  refused: {
    shardId: '00000',
    ordinal: 3,
    key: 'id=7',
    column: 'note',
    value: 'ff',
    valueType: 'bytes',
    targetType: 'text',
    code: 'CNV-3001',
    message: 'm',
    cells: [{ long: '7' }, { bytes: '/w==' }],
    rowBytes: 9,
  },
};

describe('a file of corrected rows', () => {
  it('reads what was exported', () => {
    const text = `${JSON.stringify(exportLine(row, names))}\n\n`;
    expect([...parseCorrections(text, 'f', names)]).toEqual([['00000/3', row.refused.cells]]);
  });

  it('needs only the place and the row, with plain values', () => {
    const text = '{"place":"00000/3","row":{"note":"fine","id":7}}';
    expect(parseCorrections(text, 'f', names).get('00000/3')).toEqual([{ long: '7' }, 'fine']);
  });

  it('has no line for a row that was not kept as a whole', () => {
    const { cells: _cells, ...refused } = row.refused;
    expect(exportLine({ ...row, refused }, names)).toBeUndefined();
  });

  it.each([
    ['', /has no rows/],
    ['{', /f:1: is no JSON object/],
    ['[]', /f:1: is no JSON object/],
    ['{"row":{"id":1,"note":null}}', /`place` is missing/],
    ['{"place":"0/0","row":[]}', /`row` is no object/],
    ['{"place":"0/0","row":{"id":1}}', /column `note` is missing/],
    ['{"place":"0/0","row":{"id":1,"note":null,"nope":1}}', /no column `nope`; they have id, note/],
    ['{"place":"0/0","row":{"id":1.5,"note":null}}', /column `id`: the number 1.5 is ambiguous/],
    ['{"place":"0/0","rows":{}}', /unknown key `rows`/],
    [
      '{"place":"0/0","row":{"id":1,"note":null}}\n{"place":"0/0","row":{"id":1,"note":null}}',
      /f:2: row 0\/0 is given twice/,
    ],
  ])('is refused: %s', (text, reason) => {
    expect(() => parseCorrections(text, 'f', names)).toThrowError(
      expect.objectContaining({ code: 'CLI-0010', message: expect.stringMatching(reason) }),
    );
  });
});

describe('columns', () => {
  it('of one name are told apart', () => {
    const twice = ['a', 'b', 'a', 'a'].map((name) => ({ name, type: 'any' as const }));
    expect(columnNames(twice)).toEqual(['a', 'b', 'a#2', 'a#3']);
  });

  it('are set in the form of their type', () => {
    const given = ['id=-5', 'note=a=b', 'paid=true', 'rate=1e3', 'big=18446744073709551615'];
    expect([...settings(given).values()]).toEqual([
      { long: '-5' },
      'a=b',
      { bool: true },
      { double: '1e3' },
      '18446744073709551615',
    ]);
    expect([...settings(['note='], ['id'])]).toEqual([
      [1, ''],
      [0, null],
    ]);
  });

  it.each([
    [['id=x'], /no whole number/],
    [['id=18446744073709551615'], /no whole number/],
    [['rate=fast'], /no double/],
    [['paid=1'], /true or false/],
    [['nope=1'], /no column `nope`/],
    [['note'], /--set-null/],
    [['note=a', 'note=b'], /given twice/],
  ])('are refused: %j', (given, reason) => {
    expect(() => settings(given)).toThrowError(
      expect.objectContaining({ code: 'CLI-0001', message: expect.stringMatching(reason) }),
    );
  });
});
