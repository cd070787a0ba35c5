import { FIRST_WINDOW_BYTES, MAX_RECORD_BYTES, WINDOW_BYTES } from './limits.ts';

/**
 * A stream of bytes as one buffer after another. Blocks keep slices of a buffer, so none is ever written to again:
 * what is left of one is copied to the next.
 */
export class ByteWindow {
  readonly #source: AsyncIterator<Buffer>;
  #waiting: Buffer | undefined;
  bytes: Buffer = Buffer.alloc(0);
  /** End of the bytes that are there. */
  end = 0;
  /** Whether nothing comes after `end`. */
  final = false;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /**
   * Replaces the buffer by one that begins with the bytes from `keep` on and holds more, twice as many if a record did
   * not fit. False if it would become too long for a record.
   */
  async refill(keep: number): Promise<boolean> {
    const kept = this.bytes.subarray(keep, this.end);
    if (kept.length >= MAX_RECORD_BYTES) return false;
    const usual = this.bytes.length === 0 ? FIRST_WINDOW_BYTES : WINDOW_BYTES;
    const wanted = Math.max(usual, 2 * kept.length);
    const pieces: Buffer[] = [kept];
    let length = kept.length;
    while (length < wanted && !this.final) {
      const piece = await this.#next();
      if (!piece) this.final = true;
      else {
        const part = piece.subarray(0, wanted - length);
        if (part.length < piece.length) this.#waiting = piece.subarray(part.length);
        pieces.push(part);
        length += part.length;
      }
    }
    this.bytes = Buffer.concat(pieces);
    this.end = length;
    return true;
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #next(): Promise<Buffer | undefined> {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) return waiting;
    const { value, done } = await this.#source.next();
    return done ? undefined : value;
  }
}
