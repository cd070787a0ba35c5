/** Blobs in memory, for tests and throw-away clouds. */

import { randomUUID } from 'node:crypto';
import type { BlobStore, BlobWriter } from './blobs.ts';

interface Stored {
  readonly chunks: readonly Buffer[];
}

/** A socket read is a view of a 64 KiB slab: a view smaller than half of its slab is copied, not pinned. */
function own(chunk: Buffer): Buffer {
  return chunk.length * 2 < chunk.buffer.byteLength ? Buffer.from(chunk) : chunk;
}

/** Blobs as lists of received chunks. */
export class MemoryBlobs implements BlobStore {
  private readonly stored = new Map<string, Stored>();

  create(): BlobWriter {
    const chunks: Buffer[] = [];
    return {
      write: (chunk) => {
        chunks.push(own(chunk));
        return undefined;
      },
      finish: async () => {
        const blob = randomUUID();
        this.stored.set(blob, { chunks });
        return blob;
      },
      abandon: async () => {
        chunks.length = 0;
      },
    };
  }

  async *read(blob: string, start: number, end: number): AsyncIterable<Buffer> {
    const stored = this.stored.get(blob);
    if (!stored) throw new Error(`blob ${blob} is missing`);
    let at = 0;
    for (const chunk of stored.chunks) {
      const from = Math.max(start - at, 0);
      const to = Math.min(end - at, chunk.length);
      if (from < to) yield chunk.subarray(from, to);
      at += chunk.length;
      if (at >= end) return;
    }
  }

  async remove(blob: string): Promise<void> {
    this.stored.delete(blob);
  }

  async keepOnly(blobs: ReadonlySet<string>): Promise<void> {
    for (const blob of this.stored.keys()) if (!blobs.has(blob)) this.stored.delete(blob);
  }
}
