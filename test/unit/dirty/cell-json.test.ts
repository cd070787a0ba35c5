import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellFromJson, cellToJson } from '../../../core/dirty/cell-json.ts';
import { blockOf } from '../../../core/dirty/desk-block.ts';
import { type CellValue, cellValue, Form, RowBlockBuilder } from '../../../core/types/index.ts';

const values: fc.Arbitrary<CellValue> = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'grapheme' }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double(),
  fc.boolean(),
  fc.uint8Array(),
);

const columns = [{ name: 'a', type: 'any' as const }];

describe('a cell as JSON', () => {
  it('comes back with its form and every bit, also through text', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1 }), (cells) => {
        const builder = new RowBlockBuilder(columns);
        for (const cell of cells) builder.add(cell);
        const block = builder.build();
        const json = cells.map((_, row) => cellToJson(block, row, 0));
        const back = blockOf(columns, JSON.parse(JSON.stringify(json.map((cell) => [cell]))));
        expect(back.forms).toEqual(block.forms);
        for (const [row, cell] of cells.entries()) {
          const read = cellValue(back, row, 0);
          expect(read instanceof Uint8Array ? Uint8Array.from(read) : read).toEqual(cell);
        }
      }),
    );
  });

  it('keeps text that is no UTF-8', () => {
    const bytes = Buffer.from([0xc3, 0x50]);
    const block = {
      columns,
      rowCount: 1,
      bytes,
      starts: Uint32Array.of(0),
      ends: Uint32Array.of(2),
      forms: Uint8Array.of(Form.text),
    };
    expect(cellToJson(block, 0, 0)).toEqual({ rawText: 'w1A=' });
    expect(cellFromJson({ rawText: 'w1A=' })).toEqual({ form: Form.text, bytes });
  });

  it('takes plain numbers and booleans that a person wrote', () => {
    expect(cellFromJson(7)).toEqual(cellFromJson({ long: '7' }));
    expect(cellFromJson(true)).toEqual(cellFromJson({ bool: true }));
  });

  it.each([
    [1.5],
    [2 ** 53],
    [{ long: '9223372036854775808' }],
    [{ long: '1.0' }],
    [{ double: 'one' }],
    [{ double: '1e999' }],
    [{ bytes: 'AP8' }],
    [{ bool: 'true' }],
    [{ date: '2025-01-01' }],
    [{ long: '1', double: '1' }],
    [['x']],
    [undefined],
  ])('refuses %j', (json) => {
    expect(() => cellFromJson(json)).toThrow(RangeError);
  });
});
