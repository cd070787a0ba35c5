import { ByteBuffer } from '../../formats/byte-buffer.ts';

const FIRST_BYTES = 256 * 1024;
const FIRST_ROWS = 1024;

/**
 * Rows in the form in which the target takes them, one after another in one buffer: fragment `i` is
 * `bytes[start(i) .. end(i))` and comes from row `rowAt(i)` of the block. Any run of fragments is one statement's
 * worth, so a batch is cut and cut again without encoding a row twice. `length` counts the unfinished fragment too.
 */
export class EncodedRows extends ByteBuffer {
  count = 0;
  #ends = new Uint32Array(FIRST_ROWS);
  #rows = new Uint32Array(FIRST_ROWS);

  constructor() {
    super(FIRST_BYTES);
  }

  /** Ends the fragment of a row. */
  endRow(row: number): void {
    this.#reserveRows(1);
    this.#ends[this.count] = this.length;
    this.#rows[this.count++] = row;
  }

  /** Ends the fragments of `row` and those that follow it, at these bytes behind `length`, which are still to come. */
  endRows(row: number, ends: Uint32Array): void {
    this.#reserveRows(ends.length);
    for (let i = 0; i < ends.length; i++) {
      this.#ends[this.count] = this.length + ends[i]!;
      this.#rows[this.count++] = row + i;
    }
  }

  /** Forgets the unfinished fragment. */
  dropRow(): void {
    this.length = this.start(this.count);
  }

  /** Forgets everything; the memory is kept. */
  clear(): void {
    this.length = this.count = 0;
  }

  /** First byte of fragment `i`; of `count` it is where the next one begins. */
  start(i: number): number {
    return i === 0 ? 0 : this.#ends[i - 1]!;
  }

  /** Byte after fragment `i`. */
  end(i: number): number {
    return this.#ends[i]!;
  }

  /** Row of the block that fragment `i` stands for. */
  rowAt(i: number): number {
    return this.#rows[i]!;
  }

  #reserveRows(more: number): void {
    const wanted = this.count + more;
    if (wanted <= this.#ends.length) return;
    this.#ends = grown(this.#ends, wanted);
    this.#rows = grown(this.#rows, wanted);
  }
}

function grown(array: Uint32Array, wanted: number): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(Math.max(2 * array.length, wanted));
  longer.set(array);
  return longer;
}

/** How much one statement may hold. */
export interface BatchLimits {
  readonly rows: number;
  /** Bytes of encoded rows; a single larger row is a batch of its own. */
  readonly bytes: number;
}

/** Cuts the rows `from` to `to` into statements: `[begin, end)` pairs in order. */
export function* batchesOf(
  rows: EncodedRows,
  limits: BatchLimits,
): Generator<readonly [begin: number, end: number]> {
  let begin = 0;
  for (let i = 0; i < rows.count; i++) {
    const tooMany = i - begin >= limits.rows;
    const tooLong = rows.end(i) - rows.start(begin) > limits.bytes;
    if (i > begin && (tooMany || tooLong)) {
      yield [begin, i];
      begin = i;
    }
  }
  if (begin < rows.count) yield [begin, rows.count];
}
