import { gzipMember } from '../../formats/index.ts';

/** Chunks being compressed at once; they overlap with encoding and uploading. */
const MAX_COMPRESSING = 2;
/** Raw bytes that become one gzip member. */
export const GZIP_CHUNK_BYTES = 1024 * 1024;

/** Carries chunks in order from the encoder to the upload, compressing them on the way if asked to. */
export class ChunkPipe {
  readonly #gzip: boolean;
  readonly #release: (chunk: Buffer) => void;
  readonly #waiting: Promise<Buffer>[] = [];

  /** `release` is given chunks that were compressed and are not needed any more. */
  constructor(gzip: boolean, release: (chunk: Buffer) => void) {
    this.#gzip = gzip;
    this.#release = release;
  }

  /** Takes a chunk over; passes on those that are ready or must make room. */
  async push(chunk: Buffer, deliver: (bytes: Buffer) => Promise<void>): Promise<void> {
    if (!this.#gzip) return deliver(chunk);
    const compressing = this.#compress(chunk);
    // A fault is thrown where the chunk is delivered; until then it must not count as unhandled.
    compressing.catch(() => undefined);
    this.#waiting.push(compressing);
    if (this.#waiting.length > MAX_COMPRESSING) await this.#deliverNext(deliver);
  }

  /** Passes on everything. */
  async drain(deliver: (bytes: Buffer) => Promise<void>): Promise<void> {
    while (this.#waiting.length > 0) await this.#deliverNext(deliver);
  }

  async #compress(chunk: Buffer): Promise<Buffer> {
    const member = await gzipMember(chunk);
    this.#release(chunk);
    return member;
  }

  async #deliverNext(deliver: (bytes: Buffer) => Promise<void>): Promise<void> {
    const next = this.#waiting.shift();
    if (next !== undefined) await deliver(await next);
  }
}
