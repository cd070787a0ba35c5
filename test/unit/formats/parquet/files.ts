import type { RowFault } from '../../../../core/connectors/contract.ts';
import {
  createParquetEncoder,
  DEFAULT_PAGE_BYTES,
  DEFAULT_ROW_GROUP_BYTES,
  DEFAULT_ROW_GROUP_ROWS,
  type ParquetColumn,
  type ParquetOptions,
  ParquetReader,
  type ParquetReadFormat,
  parquetColumn,
} from '../../../../core/formats/parquet/index.ts';
import type { ObjectBytes } from '../../../../core/formats/read/format-reader.ts';
import { type CellValue, type Column, cellValue, type RowBlock } from '../../../../core/types/index.ts';

/** Options of the tests: everything at its default, uncompressed. */
export const options: ParquetOptions = {
  codec: 'none',
  rowGroupRows: DEFAULT_ROW_GROUP_ROWS,
  rowGroupBytes: DEFAULT_ROW_GROUP_BYTES,
  pageBytes: DEFAULT_PAGE_BYTES,
  timeZone: 'Asia/Shanghai',
};

/** The columns of a file for these source columns. */
export function columnsFor(source: readonly Column[]): readonly ParquetColumn[] {
  return source.map((column) => {
    const made = parquetColumn(column);
    if ('refused' in made) throw new Error(`${column.name}: ${made.refused}`);
    return made;
  });
}

/** A whole file of these blocks, and the refused rows. */
export async function parquetFile(
  blocks: readonly RowBlock[],
  changes: Partial<ParquetOptions> = {},
  columns?: readonly ParquetColumn[],
): Promise<{ readonly bytes: Buffer; readonly faults: readonly RowFault[] }> {
  const source = blocks[0]!.columns;
  const encoder = await createParquetEncoder(source, columns ?? columnsFor(source), {
    ...options,
    ...changes,
  });
  const pieces: Buffer[] = [encoder.begin()];
  const faults: RowFault[] = [];
  for (const block of blocks) {
    for (let row = 0; row < block.rowCount; ) {
      const end = Math.min(block.rowCount, row + encoder.roomRows);
      faults.push(...encoder.append(block, row, end));
      row = end;
      if (encoder.isFull) pieces.push(...encoder.endRowGroup().map((piece) => Buffer.from(piece)));
    }
  }
  pieces.push(...encoder.endRowGroup(), encoder.footer());
  return { bytes: Buffer.concat(pieces), faults };
}

/** A file in memory as an object that is read in pieces of a few kilobytes. */
export const objectOf = (bytes: Buffer, pieceBytes = 7_777): ObjectBytes => ({
  name: 'test.parquet',
  size: bytes.length,
  async *stream(from, to) {
    for (let at = from; at < to; at += pieceBytes) yield bytes.subarray(at, Math.min(to, at + pieceBytes));
  },
});

/** Everything that our reader makes of a file. */
export async function readRows(
  bytes: Buffer,
  format: ParquetReadFormat = {},
  timeZone = options.timeZone,
): Promise<{ readonly columns: readonly Column[]; readonly rows: CellValue[][] }> {
  const reader = new ParquetReader(format, timeZone);
  const object = objectOf(bytes);
  const layout = await reader.layout(object);
  const rows: CellValue[][] = [];
  for await (const { block } of reader.read(object, layout, { from: 0, to: bytes.length }, undefined)) {
    rows.push(...rowsOf(block));
  }
  return { columns: layout.columns, rows };
}

/** The decoded cells of a block. */
export const rowsOf = (block: RowBlock): CellValue[][] =>
  Array.from({ length: block.rowCount }, (_, row) =>
    block.columns.map((_, column) => {
      const value = cellValue(block, row, column);
      return value instanceof Uint8Array ? Buffer.from(value) : value;
    }),
  );
