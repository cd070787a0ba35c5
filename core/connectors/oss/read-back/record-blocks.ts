import iconv from 'iconv-lite';
import { SyncError } from '../../../errors/index.ts';
import { findCharset } from '../../../formats/charset.ts';
import type { TextFormat } from '../../../formats/index.ts';
import { type Column, Form, type RowBlock, RowBlockBuilder } from '../../../types/index.ts';
import { type FieldSink, RecordParser } from './record-parser.ts';

/** Records of a block at most, */
const BLOCK_ROWS = 5_000;
/** and bytes of fields, about. */
const BLOCK_BYTES = 4 * 1024 * 1024;
/** Records parsed between two looks at the size of the block. */
const STEP_RECORDS = 250;
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

  constructor(format: TextFormat, columns: readonly Column[]) {
    this.#parser = new RecordParser(format);
    this.#rows = new RecordRows(recordColumns(columns));
    const charset = findCharset(format.encoding) ?? 'utf8';
    this.#decoder = charset === 'utf8' ? undefined : iconv.getDecoder(charset, { stripBOM: false });
  }

  /** The blocks that are complete with these bytes. Throws DST-4005 at a record without an end. */
  *add(bytes: Buffer): Generator<RowBlock> {
    yield* this.#take(this.#decoder ? Buffer.from(this.#decoder.write(bytes), 'utf8') : bytes, false);
  }

  /** The last block; a record need not end with a line delimiter there. */
  *end(): Generator<RowBlock> {
    yield* this.#take(Buffer.from(this.#decoder?.end() ?? '', 'utf8'), true);
    if (this.#rows.rowCount > 0) yield this.#rows.build();
  }

  *#take(text: Buffer, last: boolean): Generator<RowBlock> {
    let bytes = this.#rest.length === 0 ? text : Buffer.concat([this.#rest, text]);
    for (;;) {
      const used = this.#parser.parse(bytes, last, this.#rows, STEP_RECORDS);
      bytes = bytes.subarray(used);
      if (this.#rows.rowCount >= BLOCK_ROWS || this.#rows.byteLength >= BLOCK_BYTES) yield this.#rows.build();
      if (used === 0) break;
    }
    if (bytes.length > MAX_RECORD_BYTES)
      throw new SyncError('DST-4005', 'lost', `a record is longer than ${MAX_RECORD_BYTES} bytes`);
    // A copy: a small rest must not keep the whole piece in memory.
    this.#rest = Buffer.from(bytes);
  }
}

/** Collects records as rows of one width. */
class RecordRows implements FieldSink {
  readonly #builder: RowBlockBuilder;
  readonly #width: number;
  #fields = 0;
  #surplus: string[] = [];

  constructor(columns: readonly Column[]) {
    this.#builder = new RowBlockBuilder(columns);
    this.#width = columns.length - 1;
  }

  get rowCount(): number {
    return this.#builder.rowCount;
  }

  get byteLength(): number {
    return this.#builder.byteLength;
  }

  field(bytes: Buffer | null): void {
    if (this.#fields++ < this.#width) this.#builder.add(bytes);
    else this.#surplus.push(bytes === null ? 'null' : JSON.stringify(bytes.toString('latin1')));
  }

  endRecord(): void {
    const fields = this.#fields;
    for (let i = fields; i < this.#width; i++) this.#builder.add(null);
    this.#builder.add(fields === this.#width ? null : `${fields}: ${this.#surplus.join(',')}`);
    this.#fields = 0;
    if (this.#surplus.length > 0) this.#surplus = [];
  }

  /** The builder takes bytes for binary; here all of them are text, valid or not. */
  build(): RowBlock {
    const block = this.#builder.build();
    for (let i = 0; i < block.forms.length; i++)
      if (block.forms[i] === Form.bytes) block.forms[i] = Form.text;
    return block;
  }
}
