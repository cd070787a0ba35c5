import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DelimitedReader } from '../../../../core/formats/read/delimited-reader.ts';
import type { TextReadFormat } from '../../../../core/formats/read/read-format.ts';
import { fields, fileOf, PLAIN_CSV, readFile } from './files.ts';

/** More rows than a block has. */
const ROWS = 12_345;
const lines = Array.from({ length: ROWS }, (_, i) => `${i},"v ${i}",${'x'.repeat(i % 50)}漢`);
const rows = lines.map((line) => line.replaceAll('"', '').split(','));
const text = `${lines.join('\n')}\n`;

const members = (bytes: Buffer, size: number): Buffer =>
  Buffer.concat(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      gzipSync(bytes.subarray(i * size, (i + 1) * size)),
    ),
  );
const utf16be = (value: string): Buffer => Buffer.from(value, 'utf16le').swap16();

const kinds: [string, Buffer, Partial<TextReadFormat>][] = [
  ['plain', Buffer.from(text), {}],
  ['without a last line end', Buffer.from(text.trimEnd()), {}],
  ['with a byte order mark', Buffer.from(`\ufeff${text}`), {}],
  ['with line ends of two bytes', Buffer.from(text.replaceAll('\n', '\r\n')), {}],
  ['in UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le'), { encoding: 'UTF-16LE' }],
  ['in UTF-16BE', utf16be(text), { encoding: 'UTF-16BE' }],
  ['as one member of gzip', gzipSync(text), { compress: 'gzip' }],
  ['as members of gzip that end anywhere', members(Buffer.from(text), 10_007), { compress: 'gzip' }],
];

describe('positions', () => {
  it.each(kinds)('of a file %s lead to exactly the rows after them', async (_, bytes, changes) => {
    const file = fileOf(bytes, 64 * 1024);
    const { rows: all, batches, refused } = await readFile(file, changes);
    expect(refused).toEqual([]);
    expect(all).toEqual(rows);
    expect(batches.length).toBeGreaterThan(2);
    let seen = 0;
    for (const batch of batches) {
      seen += batch.block.rowCount;
      const rest = await readFile(file, { columns: fields(3), ...changes }, { from: batch.position });
      expect(rest.rows).toEqual(rows.slice(seen));
    }
  });

  it('do not read what is before them', async () => {
    const bytes = members(Buffer.from(text), 10_007);
    const { batches } = await readFile(fileOf(bytes), { compress: 'gzip' });
    const { at } = JSON.parse(batches[0]!.position) as { at: number };
    expect(at).toBeGreaterThan(1000);
    const damagedBefore = Buffer.from(bytes).fill(0, 20, at);
    const rest = await readFile(
      fileOf(damagedBefore),
      { compress: 'gzip', columns: fields(3) },
      { from: batches[0]!.position },
    );
    expect(rest.rows).toEqual(rows.slice(batches[0]!.block.rowCount));
  });

  it('say where a row stands', async () => {
    const { batches } = await readFile(fileOf('ab,c\n漢,d\ne,f\n'));
    expect([0, 1, 2].map((row) => batches[0]!.placeOf(row))).toEqual(['byte 0', 'byte 5', 'byte 11']);
  });
});

describe('cuts at any byte', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '漢', 'é', '|') });
  const format = fc.constantFrom<Partial<TextReadFormat>>(
    { fileFormat: 'text' },
    { fileFormat: 'text', lineDelimiter: '\r\n' },
    { fileFormat: 'text', lineDelimiter: '\n', skipHeader: true },
    { fileFormat: 'text', encoding: 'GBK', fieldDelimiter: '|' },
    { fileFormat: 'csv', multiLineCells: false },
    { fileFormat: 'csv', multiLineCells: false, comment: '#' },
  );
  it('give each row to exactly one piece, in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 12 }),
        format,
        fc.array(fc.nat(), { maxLength: 6 }),
        async (pairs, changes, cuts) => {
          const end = changes.lineDelimiter ?? '\n';
          const content = pairs.map(([a, b]) => `${a}${changes.fieldDelimiter ?? ','}${b}${end}`).join('');
          const file = fileOf(content, 5);
          const options = { columns: [{ index: 0, type: 'string' }] as const, ...changes };
          expect(new DelimitedReader({ ...PLAIN_CSV, ...options }, 'UTC').cuttable).toBe(true);
          const whole = await readFile(file, options);
          const inner = cuts.map((cut) => cut % (file.size + 1)).sort((a, b) => a - b);
          const bounds = [0, ...inner, file.size];
          const found = [];
          for (let i = 0; i + 1 < bounds.length; i++) {
            const range = { from: bounds[i]!, to: bounds[i + 1]! };
            if (range.from === range.to) continue;
            const piece = await readFile(file, options, { range });
            found.push(...piece.batches.flatMap((batch) => rowsWithPlaces(batch)));
          }
          expect(found).toEqual(whole.batches.flatMap((batch) => rowsWithPlaces(batch)));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are not offered where a line end may be part of a cell', () => {
    const cuttable = (changes: Partial<TextReadFormat>) =>
      new DelimitedReader({ ...PLAIN_CSV, ...changes }, 'UTC').cuttable;
    expect(cuttable({})).toBe(false);
    expect(cuttable({ multiLineCells: false })).toBe(true);
    expect(cuttable({ multiLineCells: false, escape: 'backslash' })).toBe(false);
    expect(cuttable({ fileFormat: 'text' })).toBe(true);
    expect(cuttable({ fileFormat: 'text', compress: 'gzip' })).toBe(false);
    expect(cuttable({ fileFormat: 'text', encoding: 'UTF-16LE' })).toBe(false);
    expect(cuttable({ fileFormat: 'text', lineDelimiter: '||' })).toBe(false);
  });
});

const rowsWithPlaces = (batch: Awaited<ReturnType<typeof readFile>>['batches'][number]): string[] =>
  Array.from({ length: batch.block.rowCount }, (_, row) => batch.placeOf(row));
