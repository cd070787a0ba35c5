import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EncodedRows } from '../../../core/connectors/ots/write/encoded-rows.ts';
import { wavesOf } from '../../../core/connectors/ots/write/key-waves.ts';

function rowsOf(keys: readonly string[]): EncodedRows {
  const rows = new EncodedRows();
  keys.forEach((key, row) => {
    const text = Buffer.from(key);
    text.copy(rows.reserve(text.length + 1), rows.length);
    rows.length += text.length;
    const keyEnd = rows.length;
    rows.bytes[rows.length++] = row;
    rows.endRow(row, keyEnd, text.length);
  });
  return rows;
}

describe('waves of rows', () => {
  it('hold every row once, no key twice, and rows of one key in order', () => {
    const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'ab', '', 'abc'), { maxLength: 60 });
    fc.assert(
      fc.property(keys, (all) => {
        const waves = wavesOf(rowsOf(all));
        expect(waves.flat().toSorted((a, b) => a - b)).toEqual(all.map((_, i) => i));
        for (const wave of waves) expect(new Set(wave.map((i) => all[i])).size).toBe(wave.length);
        for (const key of new Set(all)) {
          const order = waves.flat().filter((i) => all[i] === key);
          expect(order).toEqual(order.toSorted((a, b) => a - b));
        }
      }),
    );
  });

  it('are one where all keys differ, and none without rows', () => {
    const keys = Array.from({ length: 5_000 }, (_, i) => `key ${i}`);
    expect(wavesOf(rowsOf(keys))).toEqual([keys.map((_, i) => i)]);
    expect(wavesOf(rowsOf([]))).toEqual([]);
  });
});
