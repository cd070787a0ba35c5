/** Writing and reading hold a row group and a window, however long the file is. */
import { describe, expect, it } from 'vitest';
import { createParquetEncoder, ParquetReader } from '../../../core/formats/parquet/index.ts';
import { type Column, type RowBlock, RowBlockBuilder } from '../../../core/types/index.ts';
import { columnsFor, objectOf, options } from '../../unit/formats/parquet/files.ts';

const MB = 1024 * 1024;
const source: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'text', type: 'string' },
];

const ROWS = 2_000;
/** About 2 MB of rows that compress badly. */
function block(first: number): RowBlock {
  const builder = new RowBlockBuilder(source);
  for (let i = 0; i < ROWS; i++) {
    const id = first + i;
    builder.addRow([
      BigInt(id),
      Array.from({ length: 100 }, (_, k) => (Math.imul(id + k, 0x9e3779b1) >>> 0).toString(36)).join(''),
    ]);
  }
  return builder.build();
}

describe('memory', () => {
  it('of a writer is bounded by its row group', async () => {
    const rowGroupBytes = 8 * MB;
    const encoder = await createParquetEncoder(source, columnsFor(source), { ...options, rowGroupBytes });
    encoder.begin();
    const rows = block(0);
    let largest = 0;
    let written = 0;
    let groups = 0;
    let peak = 0;
    const before = process.memoryUsage().arrayBuffers;
    for (let n = 0; n < 100; n++) {
      for (let row = 0; row < rows.rowCount; ) {
        const end = Math.min(rows.rowCount, row + encoder.roomRows);
        encoder.append(rows, row, end);
        row = end;
        largest = Math.max(largest, encoder.pendingBytes);
        if (!encoder.isFull) continue;
        for (const piece of encoder.endRowGroup()) written += piece.length;
        groups++;
      }
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    }
    expect(written).toBeGreaterThan(80 * MB);
    expect(groups).toBeGreaterThan(10);
    // A row group may be exceeded by the rows of one step: 1,024 of about 600 bytes.
    expect(largest).toBeLessThan(rowGroupBytes + 2 * MB);
    // Some row groups may wait for the garbage collector.
    expect(peak).toBeLessThan(8 * rowGroupBytes);
  });

  it('of a reader is bounded by its windows and pages', async () => {
    const encoder = await createParquetEncoder(source, columnsFor(source), {
      ...options,
      rowGroupRows: 1_000_000,
      rowGroupBytes: 1024 * MB,
    });
    const pieces: Buffer[] = [encoder.begin()];
    const rows = block(0);
    for (let n = 0; n < 40; n++) {
      for (let row = 0; row < rows.rowCount; row += 1_000) encoder.append(rows, row, row + 1_000);
    }
    pieces.push(...encoder.endRowGroup(), encoder.footer());
    const file = Buffer.concat(pieces);
    pieces.length = 0;
    const object = objectOf(file, 64 * 1024);
    const reader = new ParquetReader({}, 'UTC');
    const layout = await reader.layout(object);
    let read = 0;
    let largest = 0;
    for await (const batch of reader.read(object, layout, { from: 0, to: file.length }, undefined)) {
      read += batch.block.rowCount;
      largest = Math.max(largest, batch.block.bytes.length);
      expect(batch.block.rowCount).toBeLessThanOrEqual(5_000);
    }
    expect(read).toBe(40 * ROWS);
    expect(largest).toBeLessThan(6 * MB);
  });
});
