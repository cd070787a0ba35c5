import type { Bounds } from './metadata-bytes.ts';
import type { Slice } from './slice.ts';

/** Values of a column chunk in their PLAIN form, and the distinct ones among them with their ids. */
export interface ValueStore {
  /** Whether ids are worth a try. */
  readonly hasDictionary: boolean;
  /** The id of a value, from 0 in order of appearance; -1 if the dictionary is full. */
  idOf(slice: Slice, row: number): number;
  readonly entryCount: number;
  /** Bytes of the values in the dictionary, PLAIN. */
  readonly entryBytes: number;
  /** Bytes that all values seen by `idOf` would take, PLAIN. */
  readonly seenBytes: number;
  /** The values of the dictionary in id order. */
  entries(): Uint8Array;
  /** Appends a value to the page. */
  putPlain(slice: Slice, row: number): void;
  /** Appends a value of the dictionary to the page. */
  putEntry(id: number): void;
  /** Bytes of the page so far. */
  readonly plainBytes: number;
  /** The page so far, which then begins anew; valid until the next value. */
  takePlain(): Uint8Array;
  /** Lowest and highest value so far. */
  bounds(): Bounds | undefined;
  /** Forgets everything and keeps the space. */
  reset(): void;
}

/** Bytes of space that are kept from one row group to the next; more was due to an unusual value. */
export const MAX_KEPT_BYTES = 2 * 1024 * 1024;

/** Bytes of a dictionary at most. */
export const MAX_DICTIONARY_BYTES = 1024 * 1024;
/** Slots of a new hash table. */
export const INITIAL_SLOTS = 1024;
