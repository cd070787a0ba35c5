import { describe, expect, it } from 'vitest';
import { cellValue, RowBlockBuilder, selectRows } from '../../../core/types/index.ts';

const builder = new RowBlockBuilder([
  { name: 'n', type: 'long' },
  { name: 's', type: 'string' },
]);
for (let row = 0; row < 4; row++) builder.addRow([BigInt(row), row === 2 ? null : `row ${row}`]);
const block = builder.build();

const rowsOf = (one: typeof block) =>
  Array.from({ length: one.rowCount }, (_, row) => [cellValue(one, row, 0), cellValue(one, row, 1)]);

describe('some rows of a block', () => {
  it('come in the order asked for, also twice, over the same bytes', () => {
    const chosen = selectRows(block, [3, 0, 2, 0]);
    expect(rowsOf(chosen)).toEqual([
      [3n, 'row 3'],
      [0n, 'row 0'],
      [2n, null],
      [0n, 'row 0'],
    ]);
    expect(chosen.bytes).toBe(block.bytes);
    expect(chosen.columns).toBe(block.columns);
    expect([chosen.starts.length, chosen.ends.length, chosen.forms.length]).toEqual([8, 8, 8]);
  });

  it('may be none', () => {
    expect(selectRows(block, []).rowCount).toBe(0);
  });
});
