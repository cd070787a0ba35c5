import iconv from 'iconv-lite';
import { SyncError } from '../../../errors/index.ts';
import { findCharset } from '../../../formats/charset.ts';
import type { TextFormat } from '../../../formats/index.ts';
import type { Column, RowBlock } from '../../../types/index.ts';
import { RecordParser } from './record-parser.ts';
import { RecordRows } from './record-rows.ts';

/** Records of a block at most. */
const BLOCK_ROWS = 5_000;
/** A record that is longer was not written by this program: without its end, memory would be too. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024;

/** Last column of every block: null, or what is wrong with the number of fields. */
const SHAPE_COLUMN: Column = { name: '(fields)', type: 'string' };

/** Columns of records as blocks: those of the job as text, and one for records of another shape. */
export const recordColumns = (columns: readonly Column[]): readonly Column[] => [
  ...columns.map(
    ({ name, facts }): Column => ({
      name,
      type: 'string',
      ...(facts?.keyOrdinal === undefined ? {} : { facts: { keyOrdinal: facts.keyOrdinal } }),
    }),
  ),
  SHAPE_COLUMN,
];

/** Turns the bytes of a file into blocks of its records. One object per file. */
export class RecordBlocks {
  readonly #parser: RecordParser;
  readonly #decoder: ReturnType<typeof iconv.getDecoder> | undefined;
  readonly #rows: RecordRows;
  #rest: Buffer = Buffer.alloc(0);

  /** `columns` = what `recordColumns` makes. */
  constructor(format: TextFormat, columns: readonly Column[]) {
    this.#parser = new RecordParser(format);
    this.#rows = new RecordRows(columns);
    const charset = findCharset(format.encoding) ?? 'utf8';
    this.#decoder = charset === 'utf8' ? undefined : iconv.getDecoder(charset, { stripBOM: false });
  }

  /** The blocks of whole records up to here. The bytes become theirs. Throws DST-4005 at a record without an end. */
  *add(bytes: Buffer): Generator<RowBlock> {
    yield* this.#take(this.#decoder ? Buffer.from(this.#decoder.write(bytes), 'utf8') : bytes, false);
  }

  /** The last block; a record need not end with a line delimiter there. */
  *end(): Generator<RowBlock> {
    yield* this.#take(Buffer.from(this.#decoder?.end() ?? '', 'utf8'), true);
  }

  *#take(text: Buffer, last: boolean): Generator<RowBlock> {
    const bytes = this.#rest.length === 0 ? text : Buffer.concat([this.#rest, text]);
    this.#rows.begin(bytes);
    let at = 0;
    for (let rows = BLOCK_ROWS; rows === BLOCK_ROWS; ) {
      at = this.#parser.parse(bytes, at, last, this.#rows, BLOCK_ROWS);
      rows = this.#rows.rowCount;
      if (rows > 0) yield this.#rows.build();
    }
    if (bytes.length - at > MAX_RECORD_BYTES)
      throw new SyncError('DST-4005', 'lost', `a record is longer than ${MAX_RECORD_BYTES} bytes`);
    // A copy: a small rest must not keep the whole piece in memory.
    this.#rest = Buffer.from(bytes.subarray(at));
  }
}
