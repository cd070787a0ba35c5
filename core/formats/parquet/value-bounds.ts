import type { Bounds } from './metadata-bytes.ts';
import type { ParquetColumn } from './parquet-column.ts';

/** Longest value that is kept as a bound, bytes; longer ones would swell the footer. */
const MAX_BOUND_BYTES = 256;

type WordOrder = 'signed' | 'unsigned' | 'float';

/** Lowest and highest of values that are one or two 32-bit words. */
export class WordBounds {
  readonly #order: WordOrder;
  readonly #isWide: boolean;
  readonly #words = new Int32Array(2);
  readonly #float = new Float64Array(this.#words.buffer);
  #minLow = 0;
  #minHigh = 0;
  #maxLow = 0;
  #maxHigh = 0;
  #minFloat = Number.POSITIVE_INFINITY;
  #maxFloat = Number.NEGATIVE_INFINITY;
  #seen = false;
  #hasNaN = false;

  constructor({ physical, annotation }: ParquetColumn) {
    this.#isWide = physical !== 'INT32';
    const isUnsigned = annotation.kind === 'integer' && !annotation.signed;
    this.#order = physical === 'DOUBLE' ? 'float' : isUnsigned ? 'unsigned' : 'signed';
  }

  /** Looks at a value; of INT32 `high` is its sign. */
  see(low: number, high: number): void {
    if (this.#order === 'float') {
      this.#seeFloat(low, high);
      return;
    }
    if (!this.#seen) {
      this.#seen = true;
      this.#minLow = this.#maxLow = low;
      this.#minHigh = this.#maxHigh = high;
    } else if (this.#isLess(low, high, this.#minLow, this.#minHigh)) {
      this.#minLow = low;
      this.#minHigh = high;
    } else if (this.#isLess(this.#maxLow, this.#maxHigh, low, high)) {
      this.#maxLow = low;
      this.#maxHigh = high;
    }
  }

  /** The bounds of all values seen; none without values. */
  bounds(): Bounds | undefined {
    if (this.#order === 'float') return this.#floatBounds();
    if (!this.#seen) return undefined;
    const bytes = this.#isWide ? 8 : 4;
    const of = (low: number, high: number): Buffer => {
      const buffer = Buffer.alloc(8);
      buffer.writeInt32LE(low);
      buffer.writeInt32LE(high, 4);
      return buffer.subarray(0, bytes);
    };
    return { min: of(this.#minLow, this.#minHigh), max: of(this.#maxLow, this.#maxHigh) };
  }

  #isLess(aLow: number, aHigh: number, bLow: number, bHigh: number): boolean {
    if (aHigh === bHigh) return aLow >>> 0 < bLow >>> 0;
    return this.#order === 'signed' ? aHigh < bHigh : aHigh >>> 0 < bHigh >>> 0;
  }

  /** NaN has no place in an order, and programs disagree on one: a chunk that holds it has no bounds. */
  #seeFloat(low: number, high: number): void {
    this.#words[0] = low;
    this.#words[1] = high;
    const value = this.#float[0]!;
    this.#seen = true;
    if (Number.isNaN(value)) this.#hasNaN = true;
    if (value < this.#minFloat) this.#minFloat = value;
    if (value > this.#maxFloat) this.#maxFloat = value;
  }

  /** Zero bounds get the sign that includes both zeros. */
  #floatBounds(): Bounds | undefined {
    if (!this.#seen || this.#hasNaN) return undefined;
    const min = Buffer.alloc(8);
    const max = Buffer.alloc(8);
    min.writeDoubleLE(this.#minFloat === 0 ? -0 : this.#minFloat);
    max.writeDoubleLE(this.#maxFloat === 0 ? 0 : this.#maxFloat);
    return { min, max };
  }
}

/** Lowest and highest of byte strings: by unsigned bytes, or as two's complement numbers of one length. */
export class ByteBounds {
  readonly #isNumber: boolean;
  #min: Buffer | undefined;
  #max: Buffer | undefined;
  #tooLong = false;

  constructor({ annotation }: ParquetColumn) {
    this.#isNumber = annotation.kind === 'decimal';
  }

  /** Looks at the value `source[from .. to)`. */
  see(source: Uint8Array, from: number, to: number): void {
    if (this.#tooLong) return;
    if (this.#min === undefined || this.#max === undefined) {
      this.#min = this.#max = this.#copy(source, from, to);
    } else if (this.#order(source, from, to, this.#min) < 0) {
      this.#min = this.#copy(source, from, to);
    } else if (this.#order(source, from, to, this.#max) > 0) {
      this.#max = this.#copy(source, from, to);
    }
  }

  /** The bounds of all values seen; none without values, or if one is too long. */
  bounds(): Bounds | undefined {
    if (this.#tooLong || this.#min === undefined || this.#max === undefined) return undefined;
    return { min: this.#min, max: this.#max };
  }

  #copy(source: Uint8Array, from: number, to: number): Buffer {
    if (to - from > MAX_BOUND_BYTES) this.#tooLong = true;
    return Buffer.from(source.subarray(from, Math.min(to, from + MAX_BOUND_BYTES)));
  }

  #order(source: Uint8Array, from: number, to: number, bound: Buffer): number {
    const length = Math.min(to - from, bound.length);
    for (let i = 0; i < length; i++) {
      const difference = source[from + i]! - bound[i]!;
      if (difference === 0) continue;
      // Only the first byte of a number has a sign.
      const flipped = this.#isNumber && i === 0 && (source[from]! ^ bound[0]!) >= 0x80;
      return flipped ? -difference : difference;
    }
    return to - from - bound.length;
  }
}
