/** What an operation gets and what it gives back. */

import type { KeyTable, LocalClock } from '../service.ts';
import type { BlobStore } from './blobs.ts';
import type { Bucket, Catalog } from './catalog.ts';
import { type Content, MAX_CONTENT_BYTES, readSmallBody, storeContent, tooLarge } from './content.ts';
import { OssError } from './errors.ts';
import type { HashPool } from './hash-pool.ts';
import { header, type OssRequest } from './request.ts';
import { bodySource } from './request-body.ts';
import { parseXml, type XmlNode } from './xml-reader.ts';

/** The service behind the operations. */
export interface OssState {
  readonly catalog: Catalog;
  readonly blobs: BlobStore;
  readonly hashes: HashPool;
  readonly clock: LocalClock;
  readonly keys: KeyTable;
  /** With the prefix, for example `oss-cn-hangzhou`. */
  readonly region: string;
  /** Called for all content that arrives. */
  readonly onBytes: (count: number) => void;
}

/** A verified request on its way to an operation. */
export interface Call {
  readonly state: OssState;
  readonly request: OssRequest;
  /** Absent for an anonymous caller. */
  readonly accessKeyId?: string;
  readonly bucketName: string;
  readonly key: string;
}

/** Content that is produced while it is sent. */
export interface StreamedBody {
  readonly length: number;
  readonly chunks: AsyncIterable<Buffer>;
  /** Called once, however the answer ends. */
  readonly done: () => void;
}

/** An answer. A HEAD answer sends the headers of its body only. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | StreamedBody;
  /** A fault rule wants the body sent byte by byte, with this pause before each. */
  readonly msPerByte?: number;
}

/** One operation. Throws OssError to refuse. */
export type Operation = (call: Call) => Promise<Answer> | Answer;

/** The account that owns everything. */
export const OWNER_ID = '1000000000000001';

/** The bucket of a call. Throws NoSuchBucket. */
export function bucketOf(call: Call): Bucket {
  return call.state.catalog.bucket(call.bucketName);
}

/** An answer with an XML body. */
export function xmlAnswer(body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml', ...headers }, body };
}

/** Reads a body of XML. Throws MalformedXML, InvalidDigest. */
export async function xmlBody(call: Call, rootName: string): Promise<XmlNode> {
  const bytes = await readSmallBody(call.request.incoming);
  return parseXml(bytes.toString('utf8'), rootName);
}

/** Receives the content of a put, append or part and checks its digest. Throws InvalidDigest, EntityTooLarge. */
export async function receiveContent(call: Call): Promise<Content> {
  const { headers } = call.request.incoming;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    throw new OssError('MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  if (Number(headers['content-length'] ?? 0) > MAX_CONTENT_BYTES) throw tooLarge();
  const expected = header(call.request, 'content-md5');
  if (expected !== undefined && Buffer.from(expected, 'base64').length !== 16) throw invalidDigest(expected);
  const content = await storeContent(bodySource(call.request.incoming), call.state);
  if (expected !== undefined && expected.trim() !== content.md5) {
    await discard(call.state, content);
    throw invalidDigest(expected);
  }
  return content;
}

/** Removes content that no change will name. */
export async function discard(state: OssState, content: Content): Promise<void> {
  if (content.blob !== undefined) await state.blobs.remove(content.blob);
}

/** Runs the deciding step for received content; when it refuses, the content is removed. */
export async function orDiscard<T>(state: OssState, content: Content, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof OssError) await discard(state, content);
    throw error;
  }
}

function invalidDigest(sent: string): OssError {
  return new OssError('InvalidDigest', 'The Content-MD5 you specified was invalid.', {
    detail: { 'Content-MD5': sent },
  });
}
