import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ByteBuffer,
  createEncoder,
  DEFAULT_TEXT_FORMAT,
  type TextFormat,
} from '../../../core/formats/index.ts';
import { type CellValue, type Column, RowBlockBuilder } from '../../../core/types/index.ts';

const columnsOf = (width: number): Column[] =>
  Array.from({ length: width }, (_, i) => ({ name: `c${i}`, type: 'string' as const }));

function encode(rows: readonly (readonly CellValue[])[], format: Partial<TextFormat>): string {
  const columns = columnsOf(rows[0]!.length);
  const builder = new RowBlockBuilder(columns);
  for (const row of rows) builder.addRow(row);
  const out = new ByteBuffer(8);
  const encoder = createEncoder({ ...DEFAULT_TEXT_FORMAT, fileFormat: 'csv', ...format }, columns);
  expect(encoder.encode(builder.build(), 0, rows.length, out)).toEqual([]);
  return out.take().toString('utf8');
}

/** Text with everything that could confuse a csv reader. */
const trickyText = fc.oneof(
  fc.string({
    unit: fc.constantFrom('"', ',', ';', '|', '\t', '\r', '\n', '#', ' ', 'a', 'é', '中', '🙂', '§', '\\'),
  }),
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.constantFrom('', 'null', '\\N', '#', ' ', '"', '""', '\r\n'),
);

const delimiters = fc
  .tuple(
    fc.constantFrom(',', ';', '|', '\t', '§', '\u0001'),
    fc.constantFrom('\n', '\r\n', '\r', '§§', ';;', '|\n'),
  )
  .filter(([field, line]) => !line.includes(field));

const table = fc.integer({ min: 1, max: 5 }).chain((width) =>
  fc.array(fc.array(fc.option(trickyText, { nil: null }), { minLength: width, maxLength: width }), {
    minLength: 1,
    maxLength: 8,
  }),
);

describe('csv read by another library', () => {
  it('gives the same values, with null and text apart', () => {
    fc.assert(
      fc.property(
        table,
        delimiters,
        fc.constantFrom('', 'null', '\\N'),
        (rows, [field, line], nullFormat) => {
          // An empty line is a row only for readers that do not skip it, and csv-parse cannot be told.
          fc.pre(!(nullFormat === '' && rows[0]!.length === 1));
          const text = encode(rows, { fieldDelimiter: field, lineDelimiter: line, nullFormat });
          const parsed = parse(text, {
            delimiter: field,
            record_delimiter: line,
            cast: (value, { quoting }) => (!quoting && value === nullFormat ? null : value),
          }) as unknown as (string | null)[][];
          const width = rows[0]!.length;
          // Beyond the first column an empty text needs no quotes unless it would read as null.
          expect(parsed.map((row) => row.slice(0, width))).toEqual(rows);
          expect(parsed.every((row) => row.length === width)).toBe(true);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('writes rows independently of how they are cut', () => {
    fc.assert(
      fc.property(table, fc.nat(8), (rows, cut) => {
        const columns = columnsOf(rows[0]!.length);
        const builder = new RowBlockBuilder(columns);
        for (const row of rows) builder.addRow(row);
        const block = builder.build();
        const at = Math.min(cut, rows.length);
        const encoder = createEncoder({ ...DEFAULT_TEXT_FORMAT, fileFormat: 'csv' }, columns);
        const whole = new ByteBuffer();
        const pieces = new ByteBuffer(1);
        encoder.encode(block, 0, rows.length, whole);
        encoder.encode(block, 0, at, pieces);
        encoder.encode(block, at, rows.length, pieces);
        expect(pieces.take().equals(whole.take())).toBe(true);
      }),
    );
  });
});

describe('numbers', () => {
  it('writes every 64-bit integer as bigint does', () => {
    const edges = [31n, 32n, 53n, 62n, 63n].flatMap((bits) => [2n ** bits, 2n ** bits - 1n, -(2n ** bits)]);
    const powers = Array.from({ length: 19 }, (_, i) => 10n ** BigInt(i)).flatMap((p) => [
      p,
      p - 1n,
      -p,
      1n - p,
    ]);
    const inRange = [...edges, ...powers].filter((v) => v >= -(2n ** 63n) && v < 2n ** 63n);
    expect(
      encode(
        inRange.map((v) => [v]),
        {},
      ),
    ).toBe(`${inRange.join('\n')}\n`);
    const any = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.maxSafeInteger().map(BigInt),
      fc.integer().map(BigInt),
    );
    fc.assert(
      fc.property(any, (value) => {
        expect(encode([[value]], {})).toBe(`${value}\n`);
      }),
      { numRuns: 3000 },
    );
  });

  it('writes doubles plainly, so that they read back exactly', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = encode([[value]], {}).trimEnd();
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Object.is(Number(text), value)).toBe(true);
        const magnitude = Math.abs(value);
        if (magnitude >= 1e-3 && magnitude < 1e7) expect(text).toMatch(/\.\d+$/);
      }),
      { numRuns: 3000 },
    );
  });

  it('writes bytes as the platform writes base64', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        const text = encode([[bytes]], { byteEncoding: 'base64' });
        expect(text).toBe(`${Buffer.from(bytes).toString('base64')}\n`);
      }),
    );
  });
});
