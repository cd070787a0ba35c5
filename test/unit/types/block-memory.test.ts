import { describe, expect, it } from 'vitest';
import {
  cellBytes,
  Form,
  hashRows,
  loadRows,
  type RowBlock,
  rowChecksum,
} from '../../../core/types/index.ts';
import { repeated, times } from './repeated-rows.ts';

/** Rows of one text cell each, which may lie anywhere in the bytes. */
const blockOf = (bytes: Buffer, bounds: readonly (readonly [number, number])[]): RowBlock => ({
  columns: [{ name: 'a', type: 'string' }],
  rowCount: bounds.length,
  bytes,
  starts: Uint32Array.from(bounds, ([start]) => start),
  ends: Uint32Array.from(bounds, ([, end]) => end),
  forms: new Uint8Array(bounds.length).fill(Form.text),
});

describe('a block that is not copied in whole', () => {
  it('has the same sums when its bytes are too many', () => {
    const cell = Buffer.alloc(3_000_000, 'abc');
    const one = rowChecksum(blockOf(cell, [[0, cell.length]]));
    const bounds = Array.from({ length: 7 }, (_, i) => [i, i + cell.length] as const);
    const bytes = Buffer.alloc(12_000_000, 'abc');
    const same = bounds.filter(([start]) => start % 3 === 0);
    expect(rowChecksum(blockOf(bytes, same))).toBe(times(one, 3n));
    expect(cellBytes(blockOf(bytes, bounds))).toBe(7 * cell.length);
    expect(loadRows(blockOf(bytes, bounds), 0).toRow).toBe(2);
  });

  it('has the same sums when it uses little of its bytes, or has very many cells', () => {
    const bytes = Buffer.concat([Buffer.alloc(100_000), Buffer.from('row 960')]);
    const sparse = blockOf(bytes, [[100_000, 100_007]]);
    expect(rowChecksum(sparse)).toBe(rowChecksum(repeated(1)));
    expect(cellBytes(sparse)).toBe(7);
    const many = repeated(300_000);
    expect(cellBytes(many)).toBe(300_000 * 7);
    expect(new Set(hashRows(many))).toEqual(new Set(hashRows(repeated(1))));
  });
});

it('a block that was seen before is not copied in again, another one at its place is', () => {
  const block = repeated(5);
  const rows = loadRows(block, 0);
  expect(loadRows(block, 4)).toBe(rows);
  expect(loadRows({ ...block }, 0)).not.toBe(rows);
});

describe('a damaged block', () => {
  const bytes = Buffer.alloc(100);
  const good: readonly (readonly [number, number])[] = Array.from({ length: 9 }, () => [0, 100]);
  for (const [name, bounds] of [
    ['ends before it begins', [50, 49]],
    ['ends beyond the bytes', [50, 101]],
    ['begins beyond the bytes', [101, 101]],
  ] as const) {
    it(`is refused where a cell ${name}`, () => {
      for (let at = 0; at < good.length; at++) {
        const block = blockOf(bytes, good.with(at, bounds));
        expect(() => rowChecksum(block)).toThrow('outside of its bytes');
        expect(() => rowChecksum(block)).toThrow('outside of its bytes');
      }
    });

    it(`is refused where a cell of many bytes ${name}`, () => {
      const block = blockOf(Buffer.alloc(100_000), [[bounds[0] * 1000, bounds[1] * 1000]]);
      expect(() => cellBytes(block)).toThrow('outside of its bytes');
    });
  }
});
