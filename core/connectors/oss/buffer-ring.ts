/** Buffers that lie ready at most. */
const MAX_SPARE = 4;

/**
 * Buffers of one size that go around between the encoder and the uploads: fresh ones would be paid for page by page,
 * and those that wait for the collector fill the memory.
 */
export class BufferRing {
  readonly #bytes: number;
  readonly #spare: Buffer[] = [];

  /** `bytes`: size of each buffer. */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#bytes);
  }

  /** Takes content back that nobody reads any more, if it is the beginning of a buffer of this size. */
  give({ buffer }: Buffer): void {
    if (buffer.byteLength === this.#bytes && this.#spare.length < MAX_SPARE) {
      this.#spare.push(Buffer.from(buffer));
    }
  }

  /** Gives up what lies ready. */
  clear(): void {
    this.#spare.length = 0;
  }
}
