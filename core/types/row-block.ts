import type { Column } from './column.ts';

/**
 * Physical form of one cell, a byte per cell:
 * null: no bytes · text: UTF-8 · int64: 8 bytes little-endian, signed · float64: 8 bytes little-endian ·
 * bytes: as they are · bool: one byte, 0 or 1.
 * Logical types without a form of their own travel as text: decimal in plain digits, date `yyyy-MM-dd`,
 * time `HH:mm:ss[.f]`, datetime `yyyy-MM-dd HH:mm:ss[.f]` (1 to 9 fraction digits) in the job's time zone.
 */
export const Form = { null: 0, text: 1, int64: 2, float64: 3, bytes: 4, bool: 5 } as const;

/** One of the values of `Form`. */
export type CellForm = (typeof Form)[keyof typeof Form];

/** A decoded cell: int64 as bigint, float64 as number, text as string, bytes as a view into the block. */
export type CellValue = null | string | bigint | number | boolean | Uint8Array;

/**
 * Rows moved together. Cell `i = row * columns.length + column` is `bytes[starts[i] .. ends[i])` in the form
 * `forms[i]`. Cells may overlap or come in any order in `bytes` (a reader points into the answer it received),
 * so a consumer never assumes that they are adjacent. Immutable once handed on; a reader that uses its storage again
 * makes another block of it, because consumers know by the object which block they have seen.
 */
export interface RowBlock {
  readonly columns: readonly Column[];
  readonly rowCount: number;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly forms: Uint8Array;
}

/** Decodes one cell. For edges and error messages; hot loops read the bytes. */
export function cellValue(block: RowBlock, row: number, column: number): CellValue {
  const i = row * block.columns.length + column;
  const start = block.starts[i]!;
  const end = block.ends[i]!;
  const form = block.forms[i] as CellForm;
  switch (form) {
    case Form.null:
      return null;
    case Form.text:
      return block.bytes.toString('utf8', start, end);
    case Form.int64:
      return block.bytes.readBigInt64LE(start);
    case Form.float64:
      return block.bytes.readDoubleLE(start);
    case Form.bytes:
      return block.bytes.subarray(start, end);
    case Form.bool:
      return block.bytes[start] !== 0;
    default:
      return form satisfies never;
  }
}

/** The block with some of its rows, in the order given. Cells stay where they are in its bytes. */
export function selectRows(block: RowBlock, rows: readonly number[]): RowBlock {
  const width = block.columns.length;
  const starts = new Uint32Array(rows.length * width);
  const ends = new Uint32Array(rows.length * width);
  const forms = new Uint8Array(rows.length * width);
  for (const [i, row] of rows.entries()) {
    const [from, to] = [row * width, (row + 1) * width];
    starts.set(block.starts.subarray(from, to), i * width);
    ends.set(block.ends.subarray(from, to), i * width);
    forms.set(block.forms.subarray(from, to), i * width);
  }
  return { ...block, rowCount: rows.length, starts, ends, forms };
}
