/** What a change did, numbered as in the protocol. */
export const CHANGE = { PUT: 1, UPDATE: 2, DELETE: 3 } as const;

/**
 * One change of one row. `record` is a PlainBuffer row without header and extension: key cells and, for a put,
 * all cells; for an update, the touched cells with their operations (an increment as the value it led to).
 */
export interface Change {
  readonly action: number;
  /** Strictly increasing within a table. */
  readonly micros: number;
  readonly record: Uint8Array;
  /** The row before the change, cut to the columns that the stream was asked to keep. */
  readonly origin: Uint8Array | undefined;
}

/** A change with its place in the log; places are dense and never reused. */
export interface LoggedChange extends Change {
  readonly sequence: number;
}

const CHUNK_CHANGES = 1024;
const CHUNK_INITIAL_BYTES = 16 * 1024;

/** A run of changes packed into one buffer: per change the record, then the origin (maybe empty). */
class Chunk {
  count = 0;
  readonly first: number;
  readonly micros = new Float64Array(CHUNK_CHANGES);
  readonly #actions = new Uint8Array(CHUNK_CHANGES);
  readonly #hasOrigin = new Uint8Array(CHUNK_CHANGES);
  readonly #ends = new Uint32Array(2 * CHUNK_CHANGES);
  #bytes = new Uint8Array(CHUNK_INITIAL_BYTES);
  #used = 0;

  constructor(first: number) {
    this.first = first;
  }

  push(change: Change): void {
    const at = this.count++;
    this.#actions[at] = change.action;
    this.micros[at] = change.micros;
    this.#append(change.record);
    this.#ends[2 * at] = this.#used;
    if (change.origin) {
      this.#hasOrigin[at] = 1;
      this.#append(change.origin);
    }
    this.#ends[2 * at + 1] = this.#used;
  }

  get(sequence: number): LoggedChange {
    const at = sequence - this.first;
    const start = at === 0 ? 0 : (this.#ends[2 * at - 1] as number);
    const middle = this.#ends[2 * at] as number;
    const end = this.#ends[2 * at + 1] as number;
    return {
      sequence,
      action: this.#actions[at] as number,
      micros: this.micros[at] as number,
      record: this.#bytes.subarray(start, middle),
      origin: this.#hasOrigin[at] ? this.#bytes.subarray(middle, end) : undefined,
    };
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#used + bytes.length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#used);
    this.#used = needed;
  }
}

/** The changes of one table in the order they happened, oldest retained first. Appended to, trimmed, read. */
export class ChangeLog {
  /** Sequence of the oldest retained change. */
  first: number;
  /** Sequence that the next change will get. */
  next: number;
  readonly #chunks: Chunk[] = [];

  constructor(first = 0) {
    this.first = first;
    this.next = first;
  }

  append(change: Change): void {
    let chunk = this.#chunks.at(-1);
    if (!chunk || chunk.count === CHUNK_CHANGES) {
      chunk = new Chunk(this.next);
      this.#chunks.push(chunk);
    }
    chunk.push(change);
    this.next++;
  }

  /** Up to `limit` retained changes from `sequence` on. Views are valid for good: chunks are never rewritten. */
  read(sequence: number, limit: number): LoggedChange[] {
    const changes: LoggedChange[] = [];
    const start = Math.max(sequence, this.first);
    const end = Math.min(this.next, start + limit);
    for (let at = start; at < end; at++) changes.push(this.#chunkOf(at).get(at));
    return changes;
  }

  /** Sequence of the first retained change at or after `micros`; `next` when there is none. */
  seek(micros: number): number {
    let low = this.first;
    let high = this.next;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const chunk = this.#chunkOf(middle);
      if ((chunk.micros[middle - chunk.first] as number) < micros) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Forgets the changes before `micros`. */
  trim(micros: number): void {
    this.first = this.seek(micros);
    while (this.#chunks.length > 0) {
      const [oldest] = this.#chunks;
      if (!oldest || oldest.first + oldest.count > this.first) break;
      this.#chunks.shift();
    }
  }

  #chunkOf(sequence: number): Chunk {
    const base = this.#chunks[0] as Chunk;
    const index = Math.floor((sequence - base.first) / CHUNK_CHANGES);
    return this.#chunks[index] as Chunk;
  }
}
