import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CellValue,
  type Column,
  cellBytes,
  cellValue,
  Form,
  RowBlockBuilder,
} from '../../../core/types/index.ts';

const KIB = 1024;
const columns: Column[] = [
  { name: 'a', type: 'any' },
  { name: 'b', type: 'any' },
  { name: 'c', type: 'any' },
];
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

const cell: fc.Arbitrary<CellValue> = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary' }),
  fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
  fc.constantFrom(INT64_MIN, INT64_MAX, 0n, -1n),
  fc.boolean(),
  fc.double(),
  fc.uint8Array({ maxLength: 40 }),
);
const rows = fc.array(fc.tuple(cell, cell, cell), { maxLength: 12 });

const lengthOf = (value: CellValue): number => {
  if (value === null) return 0;
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'boolean') return 1;
  return value instanceof Uint8Array ? value.length : 8;
};

const formOf = (value: CellValue): number => {
  if (value === null) return Form.null;
  if (value instanceof Uint8Array) return Form.bytes;
  const forms = { string: Form.text, bigint: Form.int64, number: Form.float64, boolean: Form.bool };
  return forms[typeof value as keyof typeof forms];
};

/** Bytes as an array, so that a view into the block equals the original. */
const comparable = (value: CellValue): unknown => (value instanceof Uint8Array ? ['bytes', ...value] : value);

const build = (values: readonly (readonly CellValue[])[]) => {
  const builder = new RowBlockBuilder(columns);
  for (const row of values) builder.addRow(row);
  return builder.build();
};

describe('a built block', () => {
  it('gives back every cell as it was put in, with its form and length', () => {
    fc.assert(
      fc.property(rows, (values) => {
        const block = build(values);
        expect(block.rowCount).toBe(values.length);
        expect(block.columns).toBe(columns);
        expect([...block.forms]).toEqual(values.flat().map(formOf));
        expect(cellBytes(block)).toBe(values.flat().reduce<number>((sum, v) => sum + lengthOf(v), 0));
        for (const [r, row] of values.entries()) {
          for (const [c, value] of row.entries()) {
            expect(comparable(cellValue(block, r, c))).toEqual(comparable(value));
            expect(block.ends[r * 3 + c]! - block.starts[r * 3 + c]!).toBe(lengthOf(value));
          }
        }
      }),
    );
  });

  it('keeps everything while its memory grows by small cells', () => {
    const values = Array.from({ length: 60 }, (_, i) => [`${i} `.repeat(2 * KIB), BigInt(i), i / 8]);
    const block = build(values);
    expect(block.bytes.length).toBeGreaterThan(200 * KIB);
    for (const [r, row] of values.entries()) {
      expect([0, 1, 2].map((c) => cellValue(block, r, c))).toEqual(row);
    }
  });

  it.each([64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 200 * KIB, 513 * KIB])(
    'takes one cell of %i bytes, and others after it',
    (length) => {
      const text = 'é'.repeat(length / 2) + (length % 2 === 1 ? 'x' : '');
      const block = build([
        [text, 7n, Buffer.alloc(length, 5)],
        [true, text, -0],
      ]);
      expect(cellValue(block, 0, 0)).toBe(text);
      expect(cellValue(block, 0, 1)).toBe(7n);
      expect(Buffer.alloc(length, 5).equals(cellValue(block, 0, 2) as Uint8Array)).toBe(true);
      expect([cellValue(block, 1, 0), cellValue(block, 1, 1), cellValue(block, 1, 2)]).toEqual([
        true,
        text,
        -0,
      ]);
    },
  );

  it('reads any bool byte but 0 as true', () => {
    const block = build([[true, false, true]]);
    block.bytes[0] = 255;
    expect([0, 1, 2].map((c) => cellValue(block, 0, c))).toEqual([true, false, true]);
  });
});

describe('a builder', () => {
  it('counts whole rows and bytes of cells while it is filled', () => {
    const builder = new RowBlockBuilder(columns);
    expect([builder.rowCount, builder.byteLength]).toEqual([0, 0]);
    builder.add('é').add(1n);
    expect([builder.rowCount, builder.byteLength]).toEqual([0, 10]);
    builder.add(null);
    expect([builder.rowCount, builder.byteLength]).toEqual([1, 10]);
    builder.addRow([true, 0.5, Uint8Array.of(1, 2, 3)]).addRow([null, null, null]);
    expect([builder.rowCount, builder.byteLength]).toEqual([3, 22]);
  });

  it('is empty after a block, which later rows leave as it is', () => {
    const builder = new RowBlockBuilder(columns);
    const first = builder.addRow(['one', 1n, true]).build();
    expect([builder.rowCount, builder.byteLength]).toEqual([0, 0]);
    const second = builder.addRow(['two', 2n, false]).build();
    expect(builder.build().rowCount).toBe(0);
    expect([0, 1, 2].map((c) => cellValue(first, 0, c))).toEqual(['one', 1n, true]);
    expect([0, 1, 2].map((c) => cellValue(second, 0, c))).toEqual(['two', 2n, false]);
    expect([first.rowCount, second.rowCount, first.starts.length]).toEqual([1, 1, 3]);
  });
});
