import type { ByteWriter } from './byte-writer.ts';
import { crc8, crc8Byte } from './crc8.ts';
import { HEADER, type PlainCell, TAG } from './plain-format.ts';

/** Encoder of single cells and small rows (layout: `plain-format.ts`). */

/** Writes the four bytes that start every buffer. */
export const writeHeader = (out: ByteWriter): void => out.u32(HEADER);

/** Appends one cell and returns its checksum. */
export function writeCell(out: ByteWriter, cell: PlainCell): number {
  out.u8(TAG.CELL);
  out.u8(TAG.CELL_NAME);
  out.u32(0);
  const nameAt = out.length;
  const nameBytes = out.text(cell.name);
  out.setU32(nameAt - 4, nameBytes);
  let sum = crc8(0, out.bytes, nameAt, out.length);
  if (cell.value) {
    out.u8(TAG.CELL_VALUE);
    out.u32(cell.value.length);
    out.copy(cell.value);
    sum = crc8(sum, cell.value, 0, cell.value.length);
  }
  if (cell.operation !== undefined) {
    out.u8(TAG.CELL_TYPE);
    out.u8(cell.operation);
  }
  if (cell.timestamp !== undefined) {
    out.u8(TAG.CELL_TIMESTAMP);
    out.i64(cell.timestamp);
    sum = crc8(sum, out.bytes, out.length - 8, out.length);
  }
  if (cell.operation !== undefined) sum = crc8Byte(sum, cell.operation);
  out.u8(TAG.CELL_CHECKSUM);
  out.u8(sum);
  return sum;
}

/** Appends a section of cells (none when empty) and returns the continued row checksum. */
export function writeSection(
  out: ByteWriter,
  tag: number,
  cells: readonly PlainCell[],
  rowSum: number,
): number {
  if (cells.length === 0) return rowSum;
  out.u8(tag);
  let sum = rowSum;
  for (const cell of cells) sum = crc8Byte(sum, writeCell(out, cell));
  return sum;
}

/** Ends a row without delete marker. */
export function writeRowEnd(out: ByteWriter, rowSum: number): void {
  out.u8(TAG.ROW_CHECKSUM);
  out.u8(crc8Byte(rowSum, 0));
}
