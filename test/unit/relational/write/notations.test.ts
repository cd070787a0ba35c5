import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FILE_NOTATION, valueLists } from '../../../../core/connectors/mysql/write/file-notation.ts';
import { SQL_NOTATION } from '../../../../core/connectors/mysql/write/sql-notation.ts';
import { copyNotation } from '../../../../core/connectors/postgresql/write/copy-notation.ts';
import { createCaster, type TargetType } from '../../../../core/convert/index.ts';
import type { EncodedColumn } from '../../../../core/relational/write/encoded-column.ts';
import { EncodedRows } from '../../../../core/relational/write/encoded-rows.ts';
import { laneOf } from '../../../../core/relational/write/lanes.ts';
import type { Notation } from '../../../../core/relational/write/notation.ts';
import { RowEncoder } from '../../../../core/relational/write/row-encoder.ts';
import { type CellValue, type Column, RowBlockBuilder } from '../../../../core/types/index.ts';

const COLUMNS: readonly Column[] = [
  { name: 's', type: 'string' },
  { name: 'b', type: 'bytes' },
  { name: 'n', type: 'long' },
  { name: 'd', type: 'date' },
];
const TARGETS: readonly TargetType[] = [
  { kind: 'string' },
  { kind: 'bytes' },
  { kind: 'long', bits: 64, unsigned: false },
  { kind: 'date' },
];

/** Columns with their short ways, or without: both must write the same. */
const columnsOf = (short: boolean): readonly EncodedColumn[] =>
  TARGETS.map((target, i) => ({
    name: COLUMNS[i]!.name,
    target,
    caster: createCaster(COLUMNS[i]!, target, { timeZone: 'UTC' }),
    lane: short ? laneOf(COLUMNS[i]!, target) : undefined,
  }));

type Row = readonly [string | null, Uint8Array | null, string | null, string | null];

function encode(rows: readonly Row[], notation: Notation, short: boolean): EncodedRows {
  const builder = new RowBlockBuilder(COLUMNS);
  for (const row of rows) builder.addRow(row as readonly CellValue[]);
  const encoded = new EncodedRows();
  const encoder = new RowEncoder(columnsOf(short), notation, 1e9);
  expect(encoder.encode(builder.build(), encoded)).toEqual([]);
  return encoded;
}

const bytesOf = (rows: EncodedRows): Buffer => Buffer.from(rows.bytes.subarray(0, rows.length));

const nasty = fc.constantFrom('\\', "'", '"', '\t', '\n', '\r', '\\N', '`', '\0', ',', ')', '中', 'a', ';--');
const text = fc.option(fc.array(nasty, { maxLength: 8 }).map((parts) => parts.join('')));
const row = (strings: fc.Arbitrary<string | null>): fc.Arbitrary<Row> =>
  fc.tuple<[string | null, Uint8Array | null, string | null, string | null]>(
    strings,
    fc.option(fc.uint8Array({ maxLength: 6 })),
    fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
    fc.option(fc.constantFrom('2024-02-29', '1000-01-01', '9999-12-31')),
  );

const plain = ([s, b, n, d]: Row) => [s, b && Buffer.from(b).toString('hex'), n, d];

/** What COPY and LOAD DATA make of a file, by their manuals. */
function readFile(file: Buffer, letters: Readonly<Record<string, string>>): (string | null)[][] {
  const lines = file.toString('utf8').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) =>
    line.split('\t').map((cell) => {
      if (cell === '\\N') return null;
      return cell.replace(/\\(.)/gs, (_, letter: string) => letters[letter] ?? letter);
    }),
  );
}

/** What MySQL makes of value lists; fails on anything that is not one. */
function readLists(sql: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  const token = /\(|\)|,|NULL|x'((?:[0-9a-f]{2})*)'|'((?:[^'\\]|\\.)*)'|-?\d+/gsy;
  const escapes: Readonly<Record<string, string>> = { '0': '\0', n: '\n', t: '\t', r: '\r' };
  while (token.lastIndex < sql.length) {
    const match = token.exec(sql);
    if (!match) throw new Error(`no SQL at ${JSON.stringify(sql.slice(0, 80))}`);
    const [word, hex, quoted] = match;
    if (word === '(') rows.push([]);
    else if (word === ')' || word === ',') continue;
    else if (word === 'NULL') rows.at(-1)!.push(null);
    else if (hex !== undefined) rows.at(-1)!.push(hex);
    else if (quoted !== undefined)
      rows.at(-1)!.push(quoted.replace(/\\(.)/gs, (_, letter: string) => escapes[letter] ?? letter));
    else rows.at(-1)!.push(word);
  }
  return rows;
}

describe('rows written down for a server', () => {
  it('as COPY text mean what they were', () => {
    const withoutNul = text.map((one) => one?.replaceAll('\0', '') ?? null);
    fc.assert(
      fc.property(fc.array(row(withoutNul), { minLength: 1, maxLength: 5 }), fc.boolean(), (rows, short) => {
        const file = bytesOf(encode(rows, copyNotation(false), short));
        const read = readFile(file, { n: '\n', t: '\t', r: '\r' });
        expect(read).toEqual(
          rows.map((one) => plain(one).map((cell, i) => (i === 1 && cell !== null ? `\\x${cell}` : cell))),
        );
      }),
    );
  });

  it('as COPY text can end with their place', () => {
    const rows: Row[] = [
      ['a', null, '1', null],
      ['b', null, null, null],
    ];
    const file = bytesOf(encode(rows, copyNotation(true), true));
    expect(file.toString()).toBe('a\t\\N\t1\t\\N\t0\nb\t\\N\t\\N\t\\N\t1\n');
  });

  it('with a zero character are refused for PostgreSQL by either way', () => {
    const target: TargetType = { kind: 'string', refusesNul: true };
    for (const lane of [undefined, laneOf(COLUMNS[0]!, target)]) {
      const caster = createCaster(COLUMNS[0]!, target, { timeZone: 'UTC' });
      const encoder = new RowEncoder([{ name: 's', target, caster, lane }], copyNotation(false), 1e9);
      const block = new RowBlockBuilder([COLUMNS[0]!]).add('a\0b').add('c').build();
      const rows = new EncodedRows();
      const faults = encoder.encode(block, rows);
      expect(faults.map(({ row, error }) => [row, error.code])).toEqual([[0, 'CNV-3018']]);
      expect(bytesOf(rows).toString()).toBe('c\n');
    }
  });

  it('as value lists of MySQL mean what they were', () => {
    fc.assert(
      fc.property(fc.array(row(text), { minLength: 1, maxLength: 5 }), fc.boolean(), (rows, short) => {
        const sql = bytesOf(encode(rows, SQL_NOTATION, short)).toString('utf8');
        expect(sql.endsWith('),')).toBe(true);
        expect(readLists(sql)).toEqual(rows.map(plain));
      }),
    );
  });

  it('as a file of MySQL mean what they were, and again as value lists', () => {
    fc.assert(
      fc.property(fc.array(row(text), { minLength: 1, maxLength: 5 }), fc.boolean(), (rows, short) => {
        const file = bytesOf(encode(rows, FILE_NOTATION, short));
        expect(readFile(file, { n: '\n', t: '\t', '0': '\0' })).toEqual(rows.map(plain));
        const lists = valueLists(file, TARGETS).toString('utf8');
        expect(lists.endsWith(')')).toBe(true);
        expect(readLists(lists)).toEqual(rows.map(plain));
      }),
    );
  });

  it('are refused as a whole where they are too large', () => {
    const encoder = new RowEncoder(columnsOf(true), SQL_NOTATION, 40);
    const rows = new EncodedRows();
    const builder = new RowBlockBuilder(COLUMNS);
    for (const size of [1, 50, 2]) builder.addRow(['x'.repeat(size), null, null, null]);
    expect(encoder.encode(builder.build(), rows).map(({ row, error }) => [row, error.code])).toEqual([
      [1, 'DST-4028'],
    ]);
    expect(rows.count).toBe(2);
    expect(rows.rowAt(1)).toBe(2);
  });
});
