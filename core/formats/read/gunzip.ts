/**
 * gzip (RFC 1952), any number of members:
 *
 *     1f 8b 08 flags mtime(4) xfl os · [extra: length(2) bytes] · [name 00] · [comment 00] · [header crc(2)]
 *     deflated bytes · crc32(4, little-endian) · length modulo 2^32 (4, little-endian)
 *
 * The members are told apart here, and not by the library, so that reading can go on at one of them.
 */
import { once } from 'node:events';
import { createInflateRaw, type InflateRaw } from 'node:zlib';
import { ByteQueue } from './byte-queue.ts';
import { crc32 } from './crc32.ts';
import { damaged, type Expansion } from './expansion.ts';
import { DECOMPRESSION_STEP_BYTES } from './limits.ts';

const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
/** Name, comment and extra field of a member, together. */
const MAX_HEADER_BYTES = 128 * 1024;
const HAS_HEADER_CRC = 2;
const HAS_EXTRA = 4;
const HAS_NAME = 8;
const HAS_COMMENT = 16;
const RESERVED = 0xe0;

/** Whether bytes begin like a gzip file. */
export const looksLikeGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** What a gzip file becomes. @throws SyncError SRC-2016, SRC-2018 */
export async function* gunzip(
  source: AsyncIterable<Buffer>,
  expansion: Expansion,
): AsyncGenerator<Buffer, void, void> {
  const queue = new ByteQueue(source);
  try {
    while (await queue.need(1)) {
      if (queue.taken > 0 && queue.held[0] === 0) return await skipPadding(queue);
      await skipHeader(queue);
      yield* inflateMember(queue, expansion);
      expansion.member(queue.taken);
    }
  } finally {
    await queue.close();
  }
}

/** Zeros after the last member, as tapes leave them. */
async function skipPadding(queue: ByteQueue): Promise<void> {
  while (await queue.need(1)) {
    if (queue.take(queue.held.length).some((byte) => byte !== 0))
      throw damaged('bytes after the last member');
  }
}

async function skipHeader(queue: ByteQueue): Promise<void> {
  if (!(await queue.need(HEADER_BYTES)) || !looksLikeGzip(queue.held)) throw damaged('it is not gzip');
  const head = queue.take(HEADER_BYTES);
  const flags = head[3]!;
  if (head[2] !== 8 || (flags & RESERVED) !== 0) throw damaged('its gzip header is unknown');
  if (flags & HAS_EXTRA) await skip(queue, (await skip(queue, 2)).readUInt16LE(0));
  if (flags & HAS_NAME) await skipText(queue);
  if (flags & HAS_COMMENT) await skipText(queue);
  if (flags & HAS_HEADER_CRC) await skip(queue, 2);
}

async function skip(queue: ByteQueue, count: number): Promise<Buffer> {
  if (!(await queue.need(count))) throw damaged('it is cut off');
  return queue.take(count);
}

async function skipText(queue: ByteQueue): Promise<void> {
  for (let length = 1; length <= MAX_HEADER_BYTES; length++) {
    if ((await skip(queue, 1))[0] === 0) return;
  }
  throw damaged('its gzip header is too long');
}

async function* inflateMember(queue: ByteQueue, expansion: Expansion): AsyncGenerator<Buffer, void, void> {
  const inflater = new Inflater();
  let sum = 0;
  let length = 0;
  try {
    while (!inflater.ended) {
      if (!(await queue.need(1))) throw damaged('it is cut off');
      const step = queue.held.subarray(0, DECOMPRESSION_STEP_BYTES);
      const made = await inflater.inflate(step);
      queue.take(inflater.lastTaken);
      for (const piece of made) {
        sum = crc32(piece, sum);
        length = (length + piece.length) % 2 ** 32;
        expansion.grow(piece.length, queue.taken);
        yield piece;
      }
    }
  } finally {
    inflater.close();
  }
  const trailer = await skip(queue, TRAILER_BYTES);
  if (trailer.readUInt32LE(0) !== sum || trailer.readUInt32LE(4) !== length)
    throw damaged('its checksum is wrong');
}

/** The library's inflater, step by step. */
class Inflater {
  readonly #engine: InflateRaw = createInflateRaw();
  #made: Buffer[] = [];
  #fault: Error | undefined;
  ended = false;
  /** Bytes of the last step that belonged to the member. */
  lastTaken = 0;

  constructor() {
    this.#engine.on('data', (piece: Buffer) => this.#made.push(piece));
    this.#engine.on('end', () => {
      this.ended = true;
    });
    this.#engine.on('error', (error) => {
      this.#fault = error;
    });
  }

  /** What the bytes become. If the member ends within them, `ended` is set, at the latest by the next step. */
  async inflate(step: Buffer): Promise<readonly Buffer[]> {
    const before = this.#engine.bytesWritten;
    // The library calls back when all is taken, and ends when it wants no more.
    const done = new AbortController();
    const taken = new Promise<void>((resolve) => this.#engine.write(step, () => resolve()));
    const end = once(this.#engine, 'end', { signal: done.signal });
    await Promise.race([taken, end]).catch((error: unknown) => {
      this.#fault ??= error as Error;
    });
    end.catch(() => undefined);
    done.abort();
    if (this.#fault) throw damaged('its deflated bytes are damaged', this.#fault);
    this.lastTaken = this.#engine.bytesWritten - before;
    return this.#made.splice(0);
  }

  close(): void {
    this.#engine.close();
  }
}
