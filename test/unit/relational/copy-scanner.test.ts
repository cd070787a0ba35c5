/** The kernel that finds rows of COPY, beside a reading of the format that looks at one character at a time. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ServerFault } from '../../../core/connectors/postgresql/errors.ts';
import { CopyScanner } from '../../../core/connectors/postgresql/read/copy-scanner.ts';
import { SyncError } from '../../../core/errors/index.ts';
import { BLOCK_BYTES, BLOCK_ROWS } from '../../../core/relational/read/block-memories.ts';
import { RowBuffer } from '../../../core/relational/read/row-buffer.ts';
import { Form } from '../../../core/types/index.ts';

function message(type: string, body: string): Buffer {
  const bytes = Buffer.alloc(5 + Buffer.byteLength(body, 'latin1'));
  bytes.write(type, 0, 'latin1');
  bytes.writeUInt32BE(bytes.length - 1, 1);
  bytes.write(body, 5, 'latin1');
  return bytes;
}

const END = Buffer.concat([message('c', ''), message('C', 'COPY 1\0'), message('Z', 'I')]);
const answer = (lines: readonly string[]): Buffer =>
  Buffer.concat([message('H', '\0\0\0'), ...lines.map((line) => message('d', line)), END]);

function scanned(bytes: Buffer, fields: number): RowBuffer {
  const buffer = new RowBuffer(fields);
  buffer.append(bytes);
  new CopyScanner(buffer).scan();
  return buffer;
}

const cellsOf = ({ bytes, starts, ends, forms, rows, fields }: RowBuffer): (string | null)[] =>
  Array.from({ length: rows * fields }, (_, i) =>
    forms[i] === Form.null ? null : bytes.toString('latin1', starts[i], ends[i]),
  );

const LETTERS: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const plainField = (text: string): string | null =>
  text === '\\N' ? null : text.replaceAll(/\\([\s\S])/g, (_, letter: string) => LETTERS[letter] ?? letter);
const plainCells = (lines: readonly string[]): (string | null)[] =>
  lines.flatMap((line) => line.slice(0, -1).split('\t').map(plainField));

/** Fields as the server may write them, with escapes close to each other and far apart. */
const field = fc
  .array(
    fc.oneof(
      {
        arbitrary: fc.constantFrom('\\\\', '\\n', '\\t', '\\b', '\\f', '\\r', '\\v', '\\x', '\\N'),
        weight: 1,
      },
      { arbitrary: fc.constantFrom('a', '"', ',', '\u00fc', '0', 'N'), weight: 4 },
      { arbitrary: fc.constant('x'.repeat(15)), weight: 1 },
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const table = fc
  .integer({ min: 1, max: 70 })
  .chain((fields) =>
    fc.array(fc.array(field, { minLength: fields, maxLength: fields }), { minLength: 1, maxLength: 12 }),
  );

it('finds the fields that the format says, wherever escapes and nulls are', () => {
  fc.assert(
    fc.property(table, (rows) => {
      const lines = rows.map((row) => `${row.join('\t')}\n`);
      const buffer = scanned(answer(lines), rows[0]!.length);
      expect(buffer.rows).toBe(rows.length);
      expect(cellsOf(buffer)).toEqual(plainCells(lines));
      expect(buffer.at).toBe(buffer.length);
    }),
  );
});

it('tells of damage, and of nothing else, whatever bytes are changed', () => {
  const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
  fc.assert(
    fc.property(table, fc.array(change, { minLength: 1, maxLength: 6 }), (rows, changes) => {
      const bytes = answer(rows.map((row) => `${row.join('\t')}\n`));
      for (const { at, to } of changes) bytes[at % bytes.length] = to;
      try {
        const { fields, rows: found, starts, ends, length } = scanned(bytes, rows[0]!.length);
        for (let i = 0; i < found * fields; i++) {
          expect(starts[i]).toBeLessThanOrEqual(ends[i]!);
          expect(ends[i]).toBeLessThanOrEqual(length);
        }
      } catch (error) {
        if (!(error instanceof SyncError) && !(error instanceof ServerFault)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});

it.each([
  ['fewer fields', 'a\tb\n', /fewer fields/],
  ['more fields', 'a\tb\tc\td\n', /more fields/],
  ['no line feed', 'a\tb\tc', /not what COPY writes/],
  ['a backslash with nothing behind it', 'a\tb\\\tc\n', /not what COPY writes/],
  ['a backslash before the line feed', 'a\tb\tc\\\n', /not what COPY writes/],
])('refuses a row with %s', (_what, line, words) => {
  expect(() => scanned(answer([line]), 3)).toThrow(words);
  expect(() => scanned(answer([line]), 3)).toThrow(expect.objectContaining({ code: 'SRC-2005' }));
});

it.each([
  ['shorter than its length', [0x64, 0, 0, 0, 3], 'SRC-2005'],
  ['larger than a reader holds', [0x64, 5, 0, 0, 0], 'SRC-2026'],
])('refuses a message that is %s', (_what, bytes, code) => {
  expect(() => scanned(Buffer.from(bytes), 1)).toThrow(expect.objectContaining({ code }));
});

it('refuses a message without a row', () => {
  expect(() => scanned(Buffer.concat([message('d', ''), END]), 1)).toThrow(
    expect.objectContaining({ code: 'SRC-2005' }),
  );
});

it('goes on behind a notice and a parameter in the middle of the rows', () => {
  const between = Buffer.concat([message('N', 'SNOTICE\0\0'), message('S', 'TimeZone\0UTC\0')]);
  const bytes = Buffer.concat([
    message('d', '1\n'),
    between,
    message('d', '\\N\n'),
    between,
    message('d', '\n'),
  ]);
  expect(cellsOf(scanned(Buffer.concat([bytes, END]), 1))).toEqual(['1', null, '']);
});

it('ends a block after the row that makes it large enough, and takes rows beyond any block', () => {
  const large = `${'y\\t'.repeat(BLOCK_BYTES / 3)}\n`;
  const buffer = scanned(answer(['1\n', large, '2\n']), 1);
  expect(buffer.full).toBe(true);
  expect(cellsOf(buffer)).toEqual(['1', 'y\t'.repeat(BLOCK_BYTES / 3)]);
});

it('leaves the rows beyond a block for the next one, with their escapes', () => {
  const lines = Array.from({ length: BLOCK_ROWS + 2 }, (_, i) => `${i}\\n\t\\N\n`);
  const buffer = new RowBuffer(2);
  buffer.append(answer(lines));
  const scanner = new CopyScanner(buffer);
  scanner.scan();
  expect(cellsOf(buffer)).toEqual(plainCells(lines.slice(0, BLOCK_ROWS)));
  buffer.takeRows();
  scanner.scan();
  expect(cellsOf(buffer)).toEqual(plainCells(lines.slice(BLOCK_ROWS)));
  expect(scanner.ended).toBe(true);
});
