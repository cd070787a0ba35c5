import { DelimitedReader } from '../../../../core/formats/read/delimited-reader.ts';
import type { ByteRange, FormatBatch, ObjectBytes } from '../../../../core/formats/read/format-reader.ts';
import type { TextReadFormat } from '../../../../core/formats/read/read-format.ts';
import { cellValue } from '../../../../core/types/index.ts';

/** The reader of a job that says little: csv, all fields as text. */
export const PLAIN_CSV: TextReadFormat = {
  fileFormat: 'csv',
  fieldDelimiter: ',',
  encoding: 'UTF-8',
  compress: 'none',
  skipHeader: false,
  columns: undefined,
  quote: '"',
  escape: 'doubled',
  multiLineCells: true,
  trimWhitespace: false,
  skipEmptyLines: true,
  byteEncoding: 'text',
  maxExpansion: 100,
};

/** An object in memory whose bytes arrive in pieces of some size. */
export function fileOf(bytes: Uint8Array | string, pieceBytes = 7): ObjectBytes {
  const content = Buffer.from(bytes as string, 'utf8');
  return {
    name: 'oss://bucket/file',
    size: content.length,
    async *stream(from, to) {
      // Copies: nobody may rely on two pieces sharing memory.
      for (let at = from; at < to; at += pieceBytes) {
        yield Buffer.from(content.subarray(at, Math.min(at + pieceBytes, to)));
      }
    },
  };
}

/** Fields of `count` columns of one type. */
export const fields = (count: number, type: 'string' | 'long' = 'string') =>
  Array.from({ length: count }, (_, index) => ({ index, type }) as const);

/** A cell as text that tells null, text and other types apart. */
export function cellText(batch: FormatBatch, row: number, column: number): string | null {
  const value = cellValue(batch.block, row, column);
  if (value === null) return null;
  return value instanceof Uint8Array ? `bytes ${Buffer.from(value).toString('hex')}` : String(value);
}

/** Everything that reading gave. */
export interface ReadResult {
  /** Rows that were not refused. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** `row code column` of the refused rows. */
  readonly refused: readonly string[];
  readonly batches: readonly FormatBatch[];
  readonly names: readonly string[];
}

/** Reads an object, or a part of it, as a job with these changes would. */
export async function readFile(
  file: ObjectBytes,
  changes: Partial<TextReadFormat> = {},
  part: { readonly range?: ByteRange; readonly from?: string } = {},
): Promise<ReadResult> {
  const reader = new DelimitedReader({ ...PLAIN_CSV, ...changes }, 'Asia/Shanghai');
  const layout = await reader.layout(file);
  const range = part.range ?? { from: 0, to: file.size };
  const batches: FormatBatch[] = [];
  const rows: (string | null)[][] = [];
  const refused: string[] = [];
  let first = 0;
  for await (const batch of reader.read(file, layout, range, part.from)) {
    batches.push(batch);
    const bad = new Map(batch.refused.map((fault) => [fault.row, fault]));
    for (let row = 0; row < batch.block.rowCount; row++) {
      const fault = bad.get(row);
      if (fault) refused.push(`${first + row} ${fault.error.code} ${fault.column}`);
      else rows.push(batch.block.columns.map((_, column) => cellText(batch, row, column)));
    }
    first += batch.block.rowCount;
  }
  return { rows, refused, batches, names: layout.columns.map(({ name }) => name) };
}

/** The rows of some csv. */
export const rowsOf = async (text: string | Uint8Array, changes: Partial<TextReadFormat> = {}) =>
  (await readFile(fileOf(text), changes)).rows;
