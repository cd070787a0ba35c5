import type { Column, RowBlock } from '../types/index.ts';
import { type CellJson, cellFromJson } from './cell-json.ts';

/** A block of these rows, every cell in the form that its JSON names. Throws a RangeError for what is no cell. */
export function blockOf(columns: readonly Column[], rows: readonly (readonly CellJson[])[]): RowBlock {
  const cells = rows.length * columns.length;
  const starts = new Uint32Array(cells);
  const ends = new Uint32Array(cells);
  const forms = new Uint8Array(cells);
  const pieces: Buffer[] = [];
  let at = 0;
  for (const [i, json] of rows.flat().entries()) {
    const { form, bytes } = cellFromJson(json);
    forms[i] = form;
    starts[i] = at;
    ends[i] = at += bytes.length;
    pieces.push(bytes);
  }
  return { columns, rowCount: rows.length, bytes: Buffer.concat(pieces), starts, ends, forms };
}
