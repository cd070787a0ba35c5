/** Receiving content: from the network or from other objects into one blob, with its MD5 and CRC-64. */

import { createHash } from 'node:crypto';
import type { BlobStore } from './blobs.ts';
import { Crc64 } from './crc64.ts';
import { OssError } from './errors.ts';
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

/** Stores a stream of chunks. On any failure nothing is left behind. Throws EntityTooLarge. */
export async function storeContent(
  chunks: AsyncIterable<Buffer>,
  blobs: BlobStore,
  onBytes: (count: number) => void = () => {},
): Promise<Content> {
  const writer = blobs.create();
  const md5 = createHash('md5');
  const crc = new Crc64();
  let size = 0;
  try {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > MAX_CONTENT_BYTES) throw tooLarge();
      onBytes(chunk.length);
      md5.update(chunk);
      crc.update(chunk);
      const full = writer.write(chunk);
      if (full !== undefined) await full;
    }
    const digest = md5.digest();
    const sums = { md5: digest.toString('base64'), md5Hex: digest.toString('hex').toUpperCase() };
    const content = { size, ...sums, crc64: crc.digest() };
    if (size > 0) return { ...content, blob: await writer.finish() };
    await writer.abandon();
    return content;
  } catch (error) {
    await writer.abandon();
    throw error;
  }
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
