import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ProtocolFault } from './errors.ts';

/** What the headers say about an answer. */
export interface Answer {
  readonly requestId: string;
  /** Base64 of the MD5 of the body; absent when something between here and the service dropped it. */
  readonly contentMd5: string | undefined;
}

/** Larger answers are pages of rows, whose cells carry checksums of their own. */
const MAX_ALWAYS_VERIFIED_BYTES = 64 * 1024;

/** Reads the headers of an answer. */
export function answerOf(headers: IncomingHttpHeaders): Answer {
  const text = (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(',') : value;
  };
  return {
    requestId: text('x-ots-requestid') ?? text('x-ots-request-id') ?? '',
    contentMd5: text('x-ots-contentmd5'),
  };
}

/** Stops when the body is not the one that the service sent. */
export function verifyBody(body: Buffer, answer: Answer): void {
  if (answer.contentMd5 === undefined) return;
  if (createHash('md5').update(body).digest('base64') !== answer.contentMd5) {
    throw new ProtocolFault('body checksum mismatch', body.length);
  }
}

/** Verifies what is cheap to verify; the rest is up to whoever decodes it. */
export function verifySmallBody(body: Buffer, answer: Answer): void {
  if (body.length <= MAX_ALWAYS_VERIFIED_BYTES) verifyBody(body, answer);
}
