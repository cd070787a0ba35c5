import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchesOf, EncodedRows } from '../../../../core/relational/write/encoded-rows.ts';

function encoded(sizes: readonly number[]): EncodedRows {
  const rows = new EncodedRows();
  for (const [row, size] of sizes.entries()) {
    rows.reserve(size).fill(row, rows.length, rows.length + size);
    rows.length += size;
    rows.endRow(row);
  }
  return rows;
}

describe('encoded rows', () => {
  it('keep their bytes and bounds while they grow', () => {
    const sizes = Array.from({ length: 5000 }, (_, i) => (i * 37) % 211);
    const rows = encoded(sizes);
    for (const [i, size] of sizes.entries()) {
      const bytes = rows.bytes.subarray(rows.start(i), rows.end(i));
      expect(bytes.length).toBe(size);
      if (!bytes.every((byte) => byte === i % 256)) throw new Error(`row ${i} changed`);
    }
  });

  it('forget an unfinished row, and remember which rows of the block are left', () => {
    const rows = encoded([3, 4]);
    rows.reserve(100).fill(9, rows.length, rows.length + 100);
    rows.length += 100;
    rows.dropRow();
    expect(rows.length).toBe(7);
    rows.reserve(1)[rows.length++] = 5;
    rows.endRow(8);
    expect([rows.count, rows.rowAt(2), rows.start(2), rows.end(2)]).toEqual([3, 8, 7, 8]);
    rows.clear();
    expect([rows.count, rows.length, rows.start(0)]).toEqual([0, 0, 0]);
  });

  it('can be ended many at once, at bytes that are still to come', () => {
    const rows = encoded([3]);
    rows.endRows(4, Uint32Array.from([2, 2, 7]));
    rows.append(Buffer.from('1234567'));
    expect([rows.count, rows.start(1), rows.end(1), rows.start(2), rows.end(3)]).toEqual([4, 3, 5, 5, 10]);
    expect([1, 2, 3].map((i) => rows.rowAt(i))).toEqual([4, 5, 6]);
    rows.endRows(7, new Uint32Array(3000).fill(0));
    expect([rows.count, rows.end(3003), rows.rowAt(3003), rows.rowAt(0)]).toEqual([3004, 10, 3006, 0]);
  });

  it('are cut into batches that cover them in order within both limits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(40), { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 100 }),
        (sizes, maxRows, maxBytes) => {
          const rows = encoded(sizes);
          let next = 0;
          for (const [from, to] of batchesOf(rows, { rows: maxRows, bytes: maxBytes })) {
            expect(from).toBe(next);
            expect(to - from).toBeLessThanOrEqual(maxRows);
            const bytes = rows.end(to - 1) - rows.start(from);
            if (to - from > 1) expect(bytes).toBeLessThanOrEqual(maxBytes);
            next = to;
          }
          expect(next).toBe(sizes.length);
        },
      ),
    );
  });
});
