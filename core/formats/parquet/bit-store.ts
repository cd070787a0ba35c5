import { assert } from '../../errors/index.ts';
import { ByteBuffer } from '../byte-buffer.ts';
import type { Bounds } from './metadata-bytes.ts';
import type { Slice } from './slice.ts';
import type { ValueStore } from './value-store.ts';

/** Values of one bit: BOOLEAN, eight to a byte, the first in the lowest bit. */
export class BitStore implements ValueStore {
  readonly hasDictionary = false;
  readonly entryCount = 0;
  readonly entryBytes = 0;
  readonly seenBytes = 0;
  readonly #plain = new ByteBuffer(1024);
  #bits = 0;
  readonly #seen = [false, false];

  get plainBytes(): number {
    return this.#plain.length;
  }

  idOf(): number {
    return -1;
  }

  entries(): Uint8Array {
    return new Uint8Array(0);
  }

  putPlain(slice: Slice, row: number): void {
    const bit = slice.low[row]!;
    this.#seen[bit] = true;
    if (this.#bits % 8 === 0) this.#plain.reserve(1)[this.#plain.length++] = 0;
    if (bit !== 0) this.#plain.bytes[this.#plain.length - 1]! |= 1 << (this.#bits % 8);
    this.#bits++;
  }

  putEntry(): void {
    assert(false, 'booleans have no dictionary');
  }

  takePlain(): Uint8Array {
    const page = this.#plain.bytes.subarray(0, this.#plain.length);
    this.#plain.length = 0;
    this.#bits = 0;
    return page;
  }

  reset(): void {
    this.takePlain();
    this.#seen.fill(false);
  }

  bounds(): Bounds | undefined {
    const [hasFalse, hasTrue] = this.#seen;
    if (!hasFalse && !hasTrue) return undefined;
    return { min: Buffer.from([hasFalse ? 0 : 1]), max: Buffer.from([hasTrue ? 1 : 0]) };
  }
}
