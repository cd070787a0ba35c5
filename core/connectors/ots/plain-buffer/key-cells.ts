import type { TableSchema } from '../../../tablestore/index.ts';

/** The primary keys of a page, kept as bounds in its bytes and rendered only when somebody asks. */
export class KeyCells {
  readonly #schema: TableSchema['key'];
  readonly #bytes: Buffer;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;

  constructor(schema: TableSchema['key'], bytes: Buffer, starts: Uint32Array, ends: Uint32Array) {
    this.#schema = schema;
    this.#bytes = bytes;
    this.#starts = starts;
    this.#ends = ends;
  }

  /** The key of a row for a person: `uid=17, name="x", hash=0x00ff`. */
  describe(row: number): string {
    return this.#schema.map(({ name }, column) => `${name}=${this.#value(row, column)}`).join(', ');
  }

  #value(row: number, column: number): string {
    const i = row * this.#schema.length + column;
    const bytes = this.#bytes.subarray(this.#starts[i]!, this.#ends[i]!);
    const { type } = this.#schema[column]!;
    if (type === 'INTEGER') return bytes.readBigInt64LE().toString();
    if (type === 'STRING') return JSON.stringify(bytes.toString('utf8'));
    return `0x${bytes.toString('hex')}`;
  }
}
