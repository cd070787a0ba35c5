/** The sums of content as it arrives: little of it is hashed in place, more by a thread of the pool. */

import { createHash } from 'node:crypto';
import { Crc64 } from './crc64.ts';

/** Bytes handed to a thread at once; content that stays below never leaves the main thread. */
export const BATCH_BYTES = 256 * 1024;
/** Most pieces of a batch. A small piece may keep the whole buffer alive that it was cut from. */
const MAX_PIECES = 64;
/** Pieces start at multiples of this many bytes: copies into shared memory are slow when source and target differ. */
export const ALIGNMENT = 8;

/** MD5 and CRC-64 of a content. */
export interface ContentSums {
  readonly md5: Buffer;
  readonly crc64: bigint;
}

/** Hashes one content on another thread. After `sums` or `drop` nothing more may be called. */
export interface RemoteHash {
  /** Copies the pieces, at most BATCH_BYTES after alignment. A returned promise must be awaited before any other call. */
  fold(pieces: readonly Uint8Array[]): Promise<void> | undefined;
  sums(): Promise<ContentSums>;
  drop(): void;
}

/** Bytes that a piece takes in a batch. */
export function alignedLength(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/** The running hash of one content. After `finish` or `abandon` nothing more may be called. */
export class ContentHash {
  private readonly openRemote: () => RemoteHash;
  private remote: RemoteHash | undefined;
  private pieces: Uint8Array[] = [];
  private alignedBytes = 0;

  constructor(openRemote: () => RemoteHash) {
    this.openRemote = openRemote;
  }

  /** Keeps a reference to the bytes for a while. A returned promise must be awaited before any other call. */
  update(chunk: Uint8Array): Promise<void> | undefined {
    return chunk.length <= BATCH_BYTES ? this.add(chunk) : this.addSlices(chunk);
  }

  async finish(): Promise<ContentSums> {
    if (this.remote === undefined) return sumsOf(this.pieces);
    await this.flush();
    return this.remote.sums();
  }

  abandon(): void {
    this.remote?.drop();
  }

  private async addSlices(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; at += BATCH_BYTES) {
      await this.add(chunk.subarray(at, Math.min(at + BATCH_BYTES, chunk.length)));
    }
  }

  private add(piece: Uint8Array): Promise<void> | undefined {
    const length = alignedLength(piece.length);
    const full = this.alignedBytes + length > BATCH_BYTES || this.pieces.length === MAX_PIECES;
    const waiting = full ? this.flush() : undefined;
    this.pieces.push(piece);
    this.alignedBytes += length;
    return waiting;
  }

  private flush(): Promise<void> | undefined {
    const pieces = this.pieces;
    this.pieces = [];
    this.alignedBytes = 0;
    this.remote ??= this.openRemote();
    return this.remote.fold(pieces);
  }
}

function sumsOf(pieces: readonly Uint8Array[]): ContentSums {
  const md5 = createHash('md5');
  const crc = new Crc64();
  for (const piece of pieces) {
    md5.update(piece);
    crc.update(piece);
  }
  return { md5: md5.digest(), crc64: crc.digest() };
}
