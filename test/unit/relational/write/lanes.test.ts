import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FILE_NOTATION } from '../../../../core/connectors/mysql/write/file-notation.ts';
import { SQL_NOTATION } from '../../../../core/connectors/mysql/write/sql-notation.ts';
import { copyNotation } from '../../../../core/connectors/postgresql/write/copy-notation.ts';
import { createCaster, type TargetType } from '../../../../core/convert/index.ts';
import type { EncodedColumn } from '../../../../core/relational/write/encoded-column.ts';
import { EncodedRows } from '../../../../core/relational/write/encoded-rows.ts';
import { laneOf } from '../../../../core/relational/write/lanes.ts';
import type { Notation } from '../../../../core/relational/write/notation.ts';
import { RowEncoder } from '../../../../core/relational/write/row-encoder.ts';
import { RowKernel } from '../../../../core/relational/write/row-kernel.ts';
import { type CellValue, type Column, type RowBlock, RowBlockBuilder } from '../../../../core/types/index.ts';

const TARGETS: readonly TargetType[] = [
  ...([8, 16, 24, 32, 64] as const).flatMap((bits): TargetType[] => [
    { kind: 'long', bits, unsigned: false },
    { kind: 'long', bits, unsigned: true },
  ]),
  { kind: 'decimal' },
  { kind: 'decimal', precision: 5, scale: 2 },
  { kind: 'decimal', precision: 4, scale: 0 },
  { kind: 'decimal', precision: 2, scale: 2 },
  { kind: 'double', bits: 64 },
  { kind: 'date' },
  { kind: 'date', wide: true },
  { kind: 'time', scale: 0 },
  { kind: 'time', scale: 6, beyondDay: true },
  { kind: 'datetime', scale: 0, zoned: false },
  { kind: 'datetime', scale: 3, zoned: true },
  { kind: 'string' },
  { kind: 'string', maxChars: 5 },
  { kind: 'string', maxBytes: 7 },
  { kind: 'string', maxChars: 40, maxBytes: 60 },
  { kind: 'bytes' },
  { kind: 'bytes', maxBytes: 3 },
  { kind: 'bool' },
  { kind: 'year' },
  { kind: 'json' },
];
const TYPES = [
  'long',
  'double',
  'decimal',
  'string',
  'bool',
  'bytes',
  'date',
  'time',
  'datetime',
  'any',
] as const;

const digit = fc.constantFrom(...'0123456789');
const pair = fc.tuple(digit, digit).map((two) => two.join(''));
const date = fc
  .tuple(
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom('1900', '2000', '2024', '2023') }, fc.tuple(pair, pair)),
    fc.constantFrom('-', '-', '-', '/'),
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom('02', '04', '12') }, pair),
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom('01', '28', '29', '30', '31') }, pair),
  )
  .map(([year, separator, month, day]) => `${[year].flat().join('')}-${month}${separator}${day}`);
const clock = fc
  .tuple(
    fc.oneof(fc.constantFrom('00', '23', '24'), pair),
    fc.oneof(fc.constantFrom('00', '59', '60'), pair),
    pair,
    fc.option(fc.string({ unit: digit, maxLength: 8 })),
  )
  .map(([h, m, s, f]) => `${h}:${m}:${s}${f === null ? '' : `.${f}`}`);
const number = fc
  .tuple(
    fc.constantFrom('', '', '-', '+'),
    fc.string({ unit: digit, maxLength: 22 }),
    fc.option(fc.string({ unit: digit, maxLength: 4 })),
  )
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}`);
const borders = fc
  .tuple(fc.constantFrom(7, 8, 15, 16, 23, 24, 31, 32, 63, 64), fc.integer({ min: -2, max: 2 }), fc.boolean())
  .map(([bits, off, negative]) => String((negative ? -1n : 1n) * (2n ** BigInt(bits) + BigInt(off))));
const nasty = fc.constantFrom(
  '\\',
  "'",
  '"',
  '\t',
  '\n',
  '\r',
  '\\N',
  '\0',
  '\x7f',
  'ä',
  '中文',
  '😀',
  'plain words',
);
const text = fc.oneof(
  number,
  borders,
  date,
  clock,
  fc.tuple(date, clock).map((both) => both.join(' ')),
  fc.array(nasty, { maxLength: 8 }).map((parts) => parts.join('')),
  fc.constantFrom(
    'NaN',
    'infinity',
    '1e5',
    ' 5',
    '5\n',
    '',
    '-',
    '-0',
    '-0.00',
    '0.25',
    '-.5',
    '5.',
    'true',
    'f',
  ),
);
const cell: fc.Arbitrary<CellValue> = fc.oneof(
  { weight: 8, arbitrary: text },
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -300n, max: 300n }),
  fc.double(),
  fc.boolean(),
  fc.uint8Array({ maxLength: 40 }),
);
const column = fc.record({
  type: fc.constantFrom(...TYPES),
  target: fc.constantFrom(...TARGETS),
  zoned: fc.boolean(),
});
const table = fc.array(column, { minLength: 1, maxLength: 5 }).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    rows: fc.array(fc.tuple(...columns.map(() => cell)), { minLength: 1, maxLength: 6 }),
  }),
);

const NOTATIONS: readonly (readonly [name: string, notation: Notation])[] = [
  ['COPY', copyNotation(false)],
  ['COPY with ordinals', copyNotation(true)],
  ['LOAD DATA', FILE_NOTATION],
  ['SQL', SQL_NOTATION],
];

/** The text of the rows and what was refused, with the lanes or with casters alone. */
function encode(block: RowBlock, columns: readonly EncodedColumn[], notation: Notation, maxRowBytes: number) {
  const rows = new EncodedRows();
  const faults = new RowEncoder(columns, notation, maxRowBytes).encode(block, rows);
  const at = Array.from({ length: rows.count }, (_, i) => [rows.rowAt(i), rows.start(i), rows.end(i)]);
  return {
    text: rows.bytes.toString('latin1', 0, rows.length),
    at,
    faults: faults.map(({ row, column, error }) => [row, column, error.code]),
  };
}

describe('the lanes past the caster', () => {
  it.each(NOTATIONS)('write what the casters do, and refuse nothing: %s', (name, notation) => {
    fc.assert(
      fc.property(table, fc.constantFrom(60, 1e6), ({ columns, rows }, maxRowBytes) => {
        const sources = columns.map(
          ({ type, zoned }, i): Column => ({ name: `c${i}`, type, ...(zoned && { facts: { zoned } }) }),
        );
        const slow = columns.map(({ target: given }, i): EncodedColumn => {
          const target =
            name.startsWith('COPY') && given.kind === 'string' ? { ...given, refusesNul: true } : given;
          const caster = createCaster(sources[i]!, target, { timeZone: 'Europe/Berlin', emptyAsNull: true });
          return { name: `c${i}`, target, caster, lane: undefined };
        });
        const quick = slow.map((one, i) => ({ ...one, lane: laneOf(sources[i]!, one.target) }));
        const builder = new RowBlockBuilder(sources);
        for (const row of rows) builder.addRow(row);
        const block = builder.build();
        expect(encode(block, quick, notation, maxRowBytes)).toEqual(
          encode(block, slow, notation, maxRowBytes),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('go on in the middle of rows where the memory of the kernel ends', () => {
    const sources: Column[] = [0, 1, 2].map((i) => ({ name: `c${i}`, type: 'string' }));
    const target: TargetType = { kind: 'string' };
    const columns = sources.map((source): EncodedColumn => {
      const caster = createCaster(source, target, { timeZone: 'UTC' });
      return { name: source.name, target, caster, lane: laneOf(source, target) };
    });
    const builder = new RowBlockBuilder(sources);
    const sizes = [10, 200_000, 300_000, 600_000, 5, 1_500_000, 100_000, 3_000_000, 70_000];
    for (let i = 0; i < 9; i++)
      for (let c = 0; c < 3; c++) builder.add(`${i}${'\t\\x'.repeat(sizes[(i + c) % 9]! / 3)}`);
    const block = builder.build();
    const slow = columns.map((one) => ({ ...one, lane: undefined }));
    const wanted = encode(block, slow, copyNotation(true), 1e9);
    const found = encode(block, columns, copyNotation(true), 1e9);
    expect(found.at).toEqual(wanted.at);
    expect(found.text === wanted.text).toBe(true);
  });

  it.each<[Column['type'], TargetType, CellValue]>([
    ['long', { kind: 'long', bits: 64, unsigned: false }, '-9223372036854775808'],
    ['long', { kind: 'long', bits: 8, unsigned: true }, '255'],
    ['string', { kind: 'long', bits: 32, unsigned: false }, '2147483647'],
    ['long', { kind: 'long', bits: 16, unsigned: false }, -32768n],
    ['decimal', { kind: 'decimal', precision: 5, scale: 2 }, '-123.45'],
    ['decimal', { kind: 'decimal', precision: 2, scale: 2 }, '-0.05'],
    ['date', { kind: 'date' }, '2024-02-29'],
    ['time', { kind: 'time', scale: 6 }, '23:59:59.999999'],
    ['datetime', { kind: 'datetime', scale: 3, zoned: false }, '2024-12-31 00:00:00.123'],
    ['string', { kind: 'string', maxChars: 3 }, '中文😀'],
    ['bytes', { kind: 'bytes' }, Buffer.from('0123456789abcdef!')],
    ['bool', { kind: 'bool' }, true],
    ['long', { kind: 'bool' }, '1'],
    ['bool', { kind: 'long', bits: 8, unsigned: false }, false],
  ])('take what is ordinary: %s to %j, %s', (type, target, value) => {
    const source: Column = { name: 'c', type };
    const caster = {
      cast: () => {
        throw new Error('the caster was asked');
      },
    };
    const columns = [{ name: 'c', target, caster, lane: laneOf(source, target) }];
    const block = new RowBlockBuilder([source]).add(value).add(null).build();
    expect(encode(block, columns, copyNotation(false), 1e9).at).toHaveLength(2);
  });

  it('are closed to readings of a clock that become instants, and to text where a cast has more to say', () => {
    const instant: TargetType = { kind: 'datetime', scale: 6, zoned: true };
    expect(laneOf({ name: 'c', type: 'datetime' }, instant)).toBeUndefined();
    expect(laneOf({ name: 'c', type: 'datetime', facts: { zoned: true } }, instant)).toBeDefined();
    expect(laneOf({ name: 'c', type: 'long' }, { kind: 'date' })).toBeUndefined();
    expect(
      laneOf({ name: 'c', type: 'datetime' }, { kind: 'long', bits: 64, unsigned: false }),
    ).toBeUndefined();
    expect(laneOf({ name: 'c', type: 'string' }, { kind: 'json' })).toBeUndefined();
  });

  it('know of one character beside the backslash and control characters only', () => {
    const letters = FILE_NOTATION.letters.slice();
    letters[0x22] = 0x22;
    expect(() => new RowKernel({ ...FILE_NOTATION, letters }, [], 1)).toThrow('one character');
  });
});
