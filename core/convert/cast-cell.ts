import type { Code } from '../errors/index.ts';

const INITIAL_SCRATCH_BYTES = 512;

/**
 * Where a cast leaves its result: null, or the bytes `bytes[start .. end)`. They are a slice of the block where
 * nothing had to change, else they lie in the scratch space, which the next cast overwrites. One per thread of
 * work is enough: use it for cell after cell.
 */
export class CastCell {
  isNull = true;
  bytes: Uint8Array = EMPTY;
  start = 0;
  end = 0;
  #scratch = Buffer.allocUnsafeSlow(INITIAL_SCRATCH_BYTES);

  /** The result is null. */
  setNull(): undefined {
    this.isNull = true;
    this.start = this.end = 0;
    return undefined;
  }

  /** The result is these bytes, not copied. */
  setSlice(bytes: Uint8Array, start: number, end: number): undefined {
    this.isNull = false;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    return undefined;
  }

  /** Space for a result of at most `capacity` bytes; what it held before is lost. */
  scratch(capacity: number): Buffer {
    if (capacity > this.#scratch.length) this.#scratch = Buffer.allocUnsafeSlow(2 * capacity);
    return this.#scratch;
  }

  /** The result is the first `end` bytes of the scratch space. */
  setScratch(end: number): undefined {
    return this.setSlice(this.#scratch, 0, end);
  }

  /** The result is this text of ASCII characters. */
  setAscii(text: string): undefined {
    return this.setScratch(this.scratch(text.length).write(text, 0, 'latin1'));
  }

  /** The result as text; for edges and tests. */
  text(): string | null {
    return this.isNull ? null : Buffer.from(this.bytes.subarray(this.start, this.end)).toString('utf8');
  }
}

const EMPTY = new Uint8Array(0);

/** Casts one cell that is not null, in a known physical form. Returns why it cannot. */
export type CellCast = (source: Buffer, from: number, to: number, out: CastCell) => Code | undefined;
