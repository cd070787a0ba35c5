const FIRST_BYTES = 256 * 1024;
const FIRST_ROWS = 1024;

/**
 * Rows in the form in which the target takes them, one after another in one buffer: fragment `i` is
 * `bytes[starts(i) .. ends[i])` and comes from row `rows[i]` of the block. Any run of fragments is one statement's
 * worth, so a batch is cut and cut again without encoding a row twice.
 */
export class EncodedRows {
  /** Grows; read it again after `room`. */
  bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES);
  /** Bytes used, the unfinished fragment included. */
  length = 0;
  count = 0;
  #ends = new Uint32Array(FIRST_ROWS);
  #rows = new Uint32Array(FIRST_ROWS);

  /** Makes room for `more` bytes behind `length` and returns the buffer. */
  room(more: number): Buffer {
    if (this.length + more > this.bytes.length) this.#grow(this.length + more);
    return this.bytes;
  }

  /** Ends the fragment of a row. */
  endRow(row: number): void {
    if (this.count === this.#ends.length) this.#growRows();
    this.#ends[this.count] = this.length;
    this.#rows[this.count++] = row;
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

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, needed));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  #growRows(): void {
    const ends = new Uint32Array(this.count * 2);
    ends.set(this.#ends);
    this.#ends = ends;
    const rows = new Uint32Array(this.count * 2);
    rows.set(this.#rows);
    this.#rows = rows;
  }
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
