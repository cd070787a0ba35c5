import type { Bounds } from './metadata-bytes.ts';
import type { PageBounds, ValueShape } from './page-kernel.ts';

/** Longest value that is kept as a bound, bytes; longer ones would swell the footer. */
const MAX_BOUND_BYTES = 256;

/** Lowest and highest value of a column chunk, from those of its pages. */
export class ChunkBounds {
  readonly #shape: ValueShape;
  #bounds: Bounds | undefined;
  #isOrdered = true;

  constructor(shape: ValueShape) {
    this.#shape = shape;
  }

  /** Looks at the bounds of a page. */
  see(page: PageBounds): void {
    if (page === 'unordered') this.#isOrdered = false;
    if (page === 'unordered' || page === 'empty') return;
    const { min, max } = this.#bounds ?? page;
    this.#bounds = {
      min: this.#isLess(page.min, min) ? page.min : min,
      max: this.#isLess(max, page.max) ? page.max : max,
    };
  }

  /**
   * The bounds of all values seen; none without values, and if one is long. NaN has no place in an order, and
   * programs disagree on one: a chunk that holds it has no bounds.
   */
  take(): Bounds | undefined {
    const bounds = this.#isOrdered ? this.#bounds : undefined;
    this.#bounds = undefined;
    this.#isOrdered = true;
    if (!bounds || Math.max(bounds.min.length, bounds.max.length) > MAX_BOUND_BYTES) return undefined;
    return this.#shape.order === 'float' ? withBothZeros(bounds) : bounds;
  }

  #isLess(a: Buffer, b: Buffer): boolean {
    const { size, order } = this.#shape;
    switch (order) {
      case 'signed':
        return size === 4 ? a.readInt32LE() < b.readInt32LE() : a.readBigInt64LE() < b.readBigInt64LE();
      case 'unsigned':
        return size === 4 ? a.readUInt32LE() < b.readUInt32LE() : a.readBigUInt64LE() < b.readBigUInt64LE();
      case 'float':
        return a.readDoubleLE() < b.readDoubleLE();
      case 'number':
        return a[0] === b[0] ? a.compare(b) < 0 : a.readInt8() < b.readInt8();
      case 'bytes':
      case 'bits':
        return a.compare(b) < 0;
      default:
        return order satisfies never;
    }
  }
}

/** Zero bounds get the sign that includes both zeros. */
function withBothZeros({ min, max }: Bounds): Bounds {
  if (min.readDoubleLE() === 0) min.writeDoubleLE(-0);
  if (max.readDoubleLE() === 0) max.writeDoubleLE(0);
  return { min, max };
}
