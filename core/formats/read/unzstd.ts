/**
 * Zstandard (RFC 8878), any number of frames:
 *
 *     28 b5 2f fd · flags · [window] · [dictionary id] · [content size] · blocks · [checksum(4)]
 *     block := header(3, little-endian: last 1 bit, type 2 bits, size 21 bits) · bytes
 *     5x 2a 4d 18 · length(4) · bytes to skip
 *
 * The frames and blocks are told apart here, so that reading can go on at a frame, so that no block makes more than
 * 128 KiB in one step, and so that the window is checked before the library allocates it.
 */
import { Decompress } from 'fzstd';
import { ByteQueue } from './byte-queue.ts';
import { damaged, type Expansion } from './expansion.ts';

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const MAX_HEADER_BYTES = 18;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RLE = 1;
const RESERVED_BLOCK = 3;
/** Bytes of one block at most. */
const MAX_BLOCK_BYTES = 128 * 1024;
/** The window that a reader has to hold: zstd's own limit, unless told otherwise. */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;
/** Bytes of the dictionary id by its flag. */
const DICTIONARY_BYTES = [0, 1, 2, 4];

/** Whether bytes begin like a zstd file. */
export const looksLikeZstd = (bytes: Buffer): boolean => bytes.length >= 4 && bytes.readUInt32LE(0) === MAGIC;

/** What a zstd file becomes. @throws SyncError SRC-2016, SRC-2018 */
export async function* unzstd(
  source: AsyncIterable<Buffer>,
  expansion: Expansion,
): AsyncGenerator<Buffer, void, void> {
  const queue = new ByteQueue(source);
  try {
    while (await queue.need(1)) {
      yield* readFrame(queue, expansion);
      expansion.member(queue.taken);
    }
  } finally {
    await queue.close();
  }
}

async function* readFrame(queue: ByteQueue, expansion: Expansion): AsyncGenerator<Buffer, void, void> {
  await want(queue, 8);
  const magic = queue.held.readUInt32LE(0);
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) return await skipFrame(queue);
  if (magic !== MAGIC) throw damaged('it is not zstd');
  await queue.need(MAX_HEADER_BYTES);
  const { headerBytes, hasChecksum } = frameHeader(queue.held);
  const frame = new Frame();
  frame.push(queue.take(headerBytes), false);
  for (let last = false; !last; ) {
    await want(queue, BLOCK_HEADER_BYTES);
    const head = queue.held.readUIntLE(0, BLOCK_HEADER_BYTES);
    last = (head & 1) === 1;
    const type = (head >> 1) & 3;
    const size = head >> 3;
    if (type === RESERVED_BLOCK || size > MAX_BLOCK_BYTES) throw damaged('a zstd block is unknown');
    const bytes = BLOCK_HEADER_BYTES + (type === RLE ? 1 : size) + (last && hasChecksum ? CHECKSUM_BYTES : 0);
    await want(queue, bytes);
    for (const piece of frame.push(queue.take(bytes), last)) {
      expansion.grow(piece.length, queue.taken);
      yield piece;
    }
  }
}

async function skipFrame(queue: ByteQueue): Promise<void> {
  let left = queue.take(8).readUInt32LE(4);
  while (left > 0) {
    await want(queue, 1);
    left -= queue.take(left).length;
  }
}

async function want(queue: ByteQueue, count: number): Promise<void> {
  if (!(await queue.need(count))) throw damaged('it is cut off');
}

/** Length and flags of a frame header; refuses what cannot be read within bounds. */
function frameHeader(bytes: Buffer): { readonly headerBytes: number; readonly hasChecksum: boolean } {
  const flags = bytes[4] ?? 0;
  const singleSegment = (flags & 0x20) !== 0;
  const dictionaryBytes = DICTIONARY_BYTES[flags & 3]!;
  if ((flags & 8) !== 0) throw damaged('its zstd header is unknown');
  if (dictionaryBytes > 0) throw damaged('it needs a dictionary');
  const sizeBytes = flags >> 6 === 0 ? (singleSegment ? 1 : 0) : 1 << (flags >> 6);
  const sizeAt = singleSegment ? 5 : 6;
  const headerBytes = sizeAt + sizeBytes;
  if (bytes.length < headerBytes) throw damaged('it is cut off');
  const window = singleSegment ? contentSize(bytes, sizeAt, sizeBytes) : windowSize(bytes[5]!);
  if (window > MAX_WINDOW_BYTES) throw damaged(`it needs a window of ${window} bytes`);
  return { headerBytes, hasChecksum: (flags & 4) !== 0 };
}

function contentSize(bytes: Buffer, at: number, length: number): number {
  if (length === 8) return Number(bytes.readBigUInt64LE(at));
  return bytes.readUIntLE(at, length) + (length === 2 ? 256 : 0);
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** The library's decompressor for one frame. */
class Frame {
  #made: Buffer[] = [];
  readonly #engine = new Decompress((piece) => {
    // The library reuses its window: what it hands out must be copied.
    if (piece.length > 0) this.#made.push(Buffer.from(piece));
  });

  push(bytes: Buffer, last: boolean): readonly Buffer[] {
    try {
      this.#engine.push(bytes, last);
    } catch (error) {
      throw damaged('its zstd blocks are damaged', error);
    }
    return this.#made.splice(0);
  }
}
