import { SyncError } from '../../errors/index.ts';
import { FREE_EXPANSION_BYTES, MAX_DECOMPRESSED_BYTES } from './limits.ts';

/** Where in the compressed file a member or frame begins, and how many bytes were made before it. */
interface Mark {
  readonly at: number;
  readonly made: number;
}

/** A place in a compressed file: a member or frame, and bytes to skip of what it becomes. */
export interface CompressedPlace {
  readonly at: number;
  readonly skip: number;
}

/** Watches a file grow while it is decompressed: keeps bounds, and remembers where its members begin. */
export class Expansion {
  readonly #maxFactor: number;
  readonly #start: number;
  #marks: Mark[];
  #made = 0;

  /** Decompression begins at the byte `start` of the file, where a member does. */
  constructor(start: number, maxFactor: number) {
    this.#start = start;
    this.#maxFactor = maxFactor;
    this.#marks = [{ at: start, made: 0 }];
  }

  /** Bytes made so far. */
  get made(): number {
    return this.#made;
  }

  /** `bytes` more were made of all the compressed bytes `taken` so far. @throws SyncError SRC-2016 */
  grow(bytes: number, taken: number): void {
    this.#made += bytes;
    const allowed = Math.max(FREE_EXPANSION_BYTES, this.#maxFactor * taken);
    if (this.#made <= allowed && this.#made <= MAX_DECOMPRESSED_BYTES) return;
    throw new SyncError('SRC-2016', 'config', 'a compressed object becomes larger than is allowed', {
      compressedBytes: taken,
      bytes: this.#made,
    });
  }

  /** The next member begins after `taken` compressed bytes. */
  member(taken: number): void {
    this.#marks.push({ at: this.#start + taken, made: this.#made });
  }

  /** The place of a made byte; earlier ones are not asked for any more. */
  placeOf(made: number): CompressedPlace {
    while (this.#marks.length > 1 && this.#marks[1]!.made <= made) this.#marks.shift();
    const { at, made: before } = this.#marks[0]!;
    return { at, skip: made - before };
  }
}

/** The fault of a file that cannot be decompressed. */
export const damaged = (what: string, cause?: unknown): SyncError =>
  new SyncError('SRC-2018', 'config', `a compressed object cannot be read: ${what}`, {}, { cause });
