/** Receiving content: from the network or from other objects into one blob, with its MD5 and CRC-64. */

import type { BlobStore } from './blobs.ts';
import { OssError } from './errors.ts';
import type { HashPool } from './hash-pool.ts';
import type { Segment } from './records.ts';

/** Largest body of one put, append or part: 5 GB, here 5·2^30 bytes. */
export const MAX_CONTENT_BYTES = 5 * 1024 ** 3;
/** Largest XML body. */
const MAX_XML_BYTES = 2 * 1024 ** 2;

/** Content that was received. Empty content has no blob. */
export interface Content {
  readonly size: number;
  /** Base64. */
  readonly md5: string;
  /** Upper-case hex: the ETag of a normal object or part. */
  readonly md5Hex: string;
  readonly crc64: bigint;
  readonly blob?: string;
}

/** Takes one chunk. A returned promise must be awaited before the next one. */
export type TakeChunk = (chunk: Buffer) => Promise<void> | undefined;

/** Hands over all chunks, one by one; resolves after the last was taken, rejects with what `take` throws. */
export type ContentSource = (take: TakeChunk) => Promise<void>;

/** Where content goes. */
export interface ContentSink {
  readonly blobs: BlobStore;
  readonly hashes: HashPool;
  /** Called for content that arrives. */
  readonly onBytes?: (count: number) => void;
}

/** Chunks that are produced on demand. */
export function chunksSource(chunks: AsyncIterable<Buffer>): ContentSource {
  return async (take) => {
    for await (const chunk of chunks) await take(chunk);
  };
}

/** Stores content. On any failure nothing is left behind. Throws EntityTooLarge. */
export async function storeContent(source: ContentSource, sink: ContentSink): Promise<Content> {
  const writer = sink.blobs.create();
  const hash = sink.hashes.open();
  let size = 0;
  try {
    await source((chunk) => {
      size += chunk.length;
      if (size > MAX_CONTENT_BYTES) throw tooLarge();
      sink.onBytes?.(chunk.length);
      return both(writer.write(chunk), hash.update(chunk));
    });
    const { md5, crc64 } = await hash.finish();
    const sums = { md5: md5.toString('base64'), md5Hex: md5.toString('hex').toUpperCase(), crc64 };
    if (size > 0) return { size, ...sums, blob: await writer.finish() };
    await writer.abandon();
    return { size, ...sums };
  } catch (error) {
    hash.abandon();
    await writer.abandon();
    throw error;
  }
}

/** Waits for both even when one fails, so that nothing is under way when the caller cleans up. */
function both(one: Promise<void> | undefined, other: Promise<void> | undefined): Promise<void> | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Promise.allSettled([one, other]).then((ends) => {
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  });
}

/** The refusal of content beyond the limit. */
export function tooLarge(): OssError {
  return new OssError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed object size.', {
    detail: { MaxSizeAllowed: String(MAX_CONTENT_BYTES) },
  });
}

/** Segments of a content. */
export function segmentsOf(content: Content): Segment[] {
  return content.blob === undefined ? [] : [{ blob: content.blob, size: content.size }];
}

/** Bytes [start, end) of a list of segments. */
export async function* readSegments(
  segments: readonly Segment[],
  blobs: BlobStore,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  let at = 0;
  for (const { blob, size } of segments) {
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, size);
    if (from < to) yield* blobs.read(blob, from, to);
    at += size;
    if (at >= end) return;
  }
}

/** Collects a small XML body. Throws EntityTooLarge. */
export async function readSmallBody(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_XML_BYTES) throw tooLarge();
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}
