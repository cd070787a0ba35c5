import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DelimitedEncoder } from '../../../core/formats/delimited-encoder.ts';
import { ByteBuffer, DEFAULT_TEXT_FORMAT, type TextFormat } from '../../../core/formats/index.ts';
import { kernelEncoder } from '../../../core/formats/kernel-encoder.ts';
import type { RowEncoder } from '../../../core/formats/row-encoder.ts';
import { type CellValue, Form, RowBlockBuilder } from '../../../core/types/index.ts';

const text = fc.oneof(
  fc.string({
    unit: fc.constantFrom('"', ',', ';', ':', '|', '\t', '\r', '\n', '#', '*', ' ', 'a', 'é', '中', '§'),
    maxLength: 50,
  }),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc.stringMatching(/^[a-z #]{0,40}$/),
  fc.constantFrom('', 'null', 'nul', 'nulls', '\\N', '#', '"', '0123456789abcdef', '0123456789abcde'),
);
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.integer().map(BigInt),
  fc.integer({ min: 0, max: 18 }).map((digits) => 10n ** BigInt(digits)),
);
const common: fc.Arbitrary<CellValue> = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 2, arbitrary: int64 },
  fc.constant(null),
  fc.boolean(),
);
const any: fc.Arbitrary<CellValue> = fc.oneof(
  { weight: 20, arbitrary: common },
  fc.double(),
  fc.uint8Array({ maxLength: 20 }),
);
const tableOf = (cell: fc.Arbitrary<CellValue>) =>
  fc
    .integer({ min: 1, max: 5 })
    .chain((width) =>
      fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 60 }),
    );

const formats = fc
  .record({
    fileFormat: fc.constantFrom('csv', 'text'),
    fieldDelimiter: fc.constantFrom(',', ';', ':', '|', '\t', '§', '\u0001', '*'),
    lineDelimiter: fc.constantFrom('\n', '\r\n', '\r', '§§', '|\n', '12345678', 'abcdefghi'),
    nullFormat: fc.constantFrom('', 'null', '\\N', 'é', '0123456789abcdef', '0123456789abcdefg', '7'),
    byteEncoding: fc.constantFrom('text', 'base64'),
  })
  .filter(({ fieldDelimiter, lineDelimiter }) => !lineDelimiter.includes(fieldDelimiter))
  .map((format) => ({ ...DEFAULT_TEXT_FORMAT, ...format }) as TextFormat);

function blockOf(rows: readonly (readonly CellValue[])[]) {
  const columns = rows[0]!.map((_, i) => ({ name: `c${i}`, type: 'any' as const }));
  const builder = new RowBlockBuilder(columns);
  for (const row of rows) builder.addRow(row);
  return builder.build();
}

function bothEncoders(format: TextFormat, width: number): readonly [RowEncoder, RowEncoder] {
  const columns = Array.from({ length: width }, (_, i) => ({ name: `c${i}`, type: 'any' as const }));
  const plain = new DelimitedEncoder(format, columns);
  return [plain, kernelEncoder(plain, format, columns)];
}

/** What an encoder makes of rows: its bytes, and which rows and columns it refuses. */
function written(
  encoder: RowEncoder,
  block: ReturnType<typeof blockOf>,
  fromRow = 0,
  toRow = block.rowCount,
) {
  const out = new ByteBuffer(16);
  const faults = encoder.encode(block, fromRow, toRow, out);
  return {
    text: out.take().toString('latin1'),
    faults: faults.map(({ row, column, error }) => [row, column, error.code]),
  };
}

describe('the kernel writes what the encoder without it writes', () => {
  it('of rows that it knows', () => {
    fc.assert(
      fc.property(tableOf(common), formats, (rows, format) => {
        const [plain, fast] = bothEncoders(format, rows[0]!.length);
        const block = blockOf(rows);
        expect(written(fast, block)).toEqual(written(plain, block));
      }),
      { numRuns: 2000 },
    );
  });

  it('with rows between them that it leaves aside, and from any row to any other', () => {
    fc.assert(
      fc.property(tableOf(any), formats, fc.nat(60), fc.nat(60), (rows, format, a, b) => {
        const [plain, fast] = bothEncoders(format, rows[0]!.length);
        const block = blockOf(rows);
        const [from, to] = [Math.min(a, b, rows.length), Math.min(Math.max(a, b), rows.length)];
        expect(written(fast, block, from, to)).toEqual(written(plain, block, from, to));
      }),
      { numRuns: 1000 },
    );
  });

  it('of a field of any length at any place, special bytes before and behind it', () => {
    const columns = [{ name: 'c0', type: 'string' as const }];
    const plain = new DelimitedEncoder({ ...DEFAULT_TEXT_FORMAT, fileFormat: 'csv' }, columns);
    const fast = kernelEncoder(plain, { ...DEFAULT_TEXT_FORMAT, fileFormat: 'csv' }, columns);
    for (let length = 0; length <= 70; length++) {
      for (let special = -1; special < length; special++) {
        const bytes = Buffer.alloc(length + 40, '"');
        bytes.fill('x', 20, 20 + length);
        if (special >= 0) bytes[20 + special] = 0x2c;
        const block = {
          columns,
          rowCount: 1,
          bytes,
          starts: Uint32Array.of(20),
          ends: Uint32Array.of(20 + length),
          forms: Uint8Array.of(Form.text),
        };
        expect(written(fast, block), `${length} bytes, a comma at ${special}`).toEqual(written(plain, block));
      }
    }
  });

  it('of more text than its memory takes at once, and of cells larger than that', () => {
    const [plain, fast] = bothEncoders({ ...DEFAULT_TEXT_FORMAT, fileFormat: 'csv' }, 2);
    const long = Array.from({ length: 3000 }, (_, i) => [`${'a,"b" '.repeat(i % 50)}`, BigInt(i) * 977n]);
    const huge = ['"'.repeat(150_000), 'x'.repeat(300_000)].map((cell) => [cell, 'y']);
    const block = blockOf([...long, ...huge, ...long]);
    expect(written(fast, block)).toEqual(written(plain, block));
  });
});

it('formats that the kernel does not know are left to the other encoder', () => {
  const columns = [{ name: 'd', type: 'date' as const }];
  const isAlone = (format: Partial<TextFormat>): boolean => {
    const whole = { ...DEFAULT_TEXT_FORMAT, fileFormat: 'csv' as const, ...format };
    const plain = new DelimitedEncoder(whole, columns);
    return kernelEncoder(plain, whole, columns) === plain;
  };
  expect(isAlone({})).toBe(false);
  expect(isAlone({ fieldDelimiter: '|', nullFormat: '' })).toBe(false);
  expect(isAlone({ fieldDelimiter: '\u0001', fileFormat: 'text', nullFormat: '\\N' })).toBe(false);
  expect(isAlone({ dateFormat: 'yyyyMMdd' })).toBe(true);
  expect(isAlone({ fieldDelimiter: '§' })).toBe(true);
  expect(isAlone({ fieldDelimiter: '*' })).toBe(true);
  expect(isAlone({ nullFormat: '0' })).toBe(true);
  expect(isAlone({ nullFormat: 'n'.repeat(17) })).toBe(true);
  expect(isAlone({ lineDelimiter: 'line end\n' })).toBe(true);
});
