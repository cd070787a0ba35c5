/** Where a record begins in its object, as text that leads back there. */
import { z } from 'zod';
import { AssertionError } from '../../errors/index.ts';
import type { Expansion } from './expansion.ts';
import { utf16Length } from './utf16.ts';

const position = z.union([
  z.strictObject({ v: z.literal(1), byte: z.int().nonnegative() }),
  z.strictObject({ v: z.literal(1), at: z.int().nonnegative(), skip: z.int().nonnegative() }),
]);

/** A byte of an object, or a byte of what one of its members or frames becomes. */
export interface Place {
  /** Byte of the object, where a record, a member or a frame begins. */
  readonly at: number;
  /** Decompressed bytes to skip from there. */
  readonly skip: number;
}

/** Reads a position. @throws AssertionError for text that no reader of this version wrote. */
export function decodePlace(text: string): Place {
  try {
    const parsed = position.parse(JSON.parse(text));
    return 'byte' in parsed ? { at: parsed.byte, skip: 0 } : { at: parsed.at, skip: parsed.skip };
  } catch (error) {
    throw new AssertionError('a position in an object cannot be read', {}, { cause: error });
  }
}

/** Follows the records of an object through decompression and a change of encoding. */
export class SourcePlace {
  readonly #expansion: Expansion | undefined;
  readonly #utf16: boolean;
  /** Byte of the object, or of what the first member read becomes. */
  offset: number;

  constructor(offset: number, expansion: Expansion | undefined, utf16: boolean) {
    this.offset = offset;
    this.#expansion = expansion;
    this.#utf16 = utf16;
  }

  /** Goes on by these bytes as the scanner saw them. */
  advance(bytes: Uint8Array, from: number, to: number): void {
    this.offset += this.#utf16 ? utf16Length(bytes, from, to) : to - from;
  }

  /** The position as text. */
  encode(): string {
    const place = this.#expansion?.placeOf(this.offset);
    return JSON.stringify(place ? { v: 1, ...place } : { v: 1, byte: this.offset });
  }

  /** An offset in words. */
  describe(offset: number): string {
    return this.#expansion ? `decompressed byte ${offset}` : `byte ${offset}`;
  }
}
