const NOTHING = Buffer.alloc(0);

/** Bytes of a stream with a look ahead. */
export class ByteQueue {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = NOTHING;
  /** Bytes taken so far. */
  taken = 0;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** What is at hand. */
  get held(): Buffer {
    return this.#held;
  }

  /** Waits until at least `count` bytes are at hand; false if the stream ends before. */
  async need(count: number): Promise<boolean> {
    const pieces: Buffer[] = [];
    let length = this.#held.length;
    while (length < count) {
      const { value, done } = await this.#source.next();
      if (done) break;
      pieces.push(value);
      length += value.length;
    }
    if (pieces.length > 0) this.#held = Buffer.concat([this.#held, ...pieces]);
    return this.#held.length >= count;
  }

  /** Takes bytes that are at hand. */
  take(count: number): Buffer {
    const bytes = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    this.taken += bytes.length;
    return bytes;
  }

  /** Ends the stream early. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
