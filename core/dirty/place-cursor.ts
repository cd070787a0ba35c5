import type { Place } from './model.ts';

/** By shard, then by ordinal. */
export const comparePlaces = (a: Place, b: Place): number =>
  a.shardId === b.shardId ? a.ordinal - b.ordinal : a.shardId < b.shardId ? -1 : 1;

/** Finds entries of a list that is in order of places while the places that are asked for are in order too. */
export class PlaceCursor<T extends Place> {
  readonly #entries: AsyncIterator<T>;
  #head: IteratorResult<T> | undefined;

  constructor(entries: AsyncIterable<T>) {
    this.#entries = entries[Symbol.asyncIterator]();
  }

  /** The entry at a place that is not before the last one asked for. */
  async find(place: Place): Promise<T | undefined> {
    this.#head ??= await this.#entries.next();
    while (!this.#head.done && comparePlaces(this.#head.value, place) < 0)
      this.#head = await this.#entries.next();
    return !this.#head.done && comparePlaces(this.#head.value, place) === 0 ? this.#head.value : undefined;
  }

  async close(): Promise<void> {
    await this.#entries.return?.();
  }
}
