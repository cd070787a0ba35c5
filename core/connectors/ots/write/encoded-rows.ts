import { ByteBuffer } from '../../../formats/byte-buffer.ts';

const FIRST_BYTES = 256 * 1024;
const FIRST_ROWS = 1024;

/**
 * Rows of one block in the form of the wire, one after another in one buffer. Fragment `i` is
 * `bytes[starts[i] .. ends[i])`; its key section ends at `keyEnds[i]`.
 */
export class EncodedRows extends ByteBuffer {
  count = 0;
  starts = new Uint32Array(FIRST_ROWS);
  ends = new Uint32Array(FIRST_ROWS);
  keyEnds = new Uint32Array(FIRST_ROWS);
  /** Row of the block that a fragment stands for. */
  rows = new Uint32Array(FIRST_ROWS);
  /** Bytes of names and values, as the service counts them. */
  sizes = new Uint32Array(FIRST_ROWS);

  constructor() {
    super(FIRST_BYTES);
  }

  /** First byte of the unfinished fragment. */
  get open(): number {
    return this.count === 0 ? 0 : this.ends[this.count - 1]!;
  }

  /** Ends the fragment of a row. */
  endRow(row: number, keyEnd: number, size: number): void {
    if (this.count === this.ends.length) this.#growRows();
    const i = this.count;
    this.starts[i] = this.open;
    this.ends[i] = this.length;
    this.keyEnds[i] = keyEnd;
    this.rows[i] = row;
    this.sizes[i] = size;
    this.count++;
  }

  /** Forgets the unfinished fragment. */
  dropRow(): void {
    this.length = this.open;
  }

  /** Forgets everything; the memory is kept. */
  clear(): void {
    this.length = this.count = 0;
  }

  #growRows(): void {
    this.starts = doubled(this.starts);
    this.ends = doubled(this.ends);
    this.keyEnds = doubled(this.keyEnds);
    this.rows = doubled(this.rows);
    this.sizes = doubled(this.sizes);
  }
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(array.length * 2);
  grown.set(array);
  return grown;
}
