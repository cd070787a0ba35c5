import { gzipMember } from '../../formats/index.ts';

/** Chunks being compressed at once; they overlap with encoding and uploading. */
const MAX_COMPRESSING = 2;
/** Raw bytes that become one gzip member. */
export const GZIP_CHUNK_BYTES = 1024 * 1024;

/** Carries chunks in order from the encoder to the upload, compressing them on the way if asked to. */
export class ChunkPipe {
  readonly #gzip: boolean;
  readonly #waiting: Promise<Buffer>[] = [];

  constructor(gzip: boolean) {
    this.#gzip = gzip;
  }

  /** Takes a chunk over; passes on those that are ready or must make room. */
  async push(chunk: Buffer, deliver: (bytes: Buffer) => Promise<void>): Promise<void> {
    if (!this.#gzip) return deliver(chunk);
    const compressing = gzipMember(chunk);
    // A fault is thrown where the chunk is delivered; until then it must not count as unhandled.
    compressing.catch(() => undefined);
    this.#waiting.push(compressing);
    if (this.#waiting.length > MAX_COMPRESSING) await this.#deliverNext(deliver);
  }

  /** Passes on everything. */
  async drain(deliver: (bytes: Buffer) => Promise<void>): Promise<void> {
    while (this.#waiting.length > 0) await this.#deliverNext(deliver);
  }

  async #deliverNext(deliver: (bytes: Buffer) => Promise<void>): Promise<void> {
    const next = this.#waiting.shift();
    if (next !== undefined) await deliver(await next);
  }
}
