import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Signatures of the protocol.
 *
 *     request, V2:  base64(HMAC-SHA1(secret, "/" op "\nPOST\n\n" (name ":" value "\n")*))
 *     request, V4:  base64(HMAC-SHA256(key, the same string + "ots"));  key = base64 text of the chain
 *                   HMAC("aliyun_v4" + secret, date) → region → "ots" → "aliyun_v4_request"
 *     response:     base64(HMAC-SHA1(secret, (name ":" value joined by "\n") "\n" "/" op))
 *
 * Signed are all headers that start with "x-ots-", sorted by name, except the signatures themselves.
 */
const PREFIX = 'x-ots-';
export const SIGNATURE_V2 = 'x-ots-signature';
export const SIGNATURE_V4 = 'x-ots-signaturev4';
const V4_SALT = 'ots';

/** base64 of the MD5 of a body. */
export const md5 = (body: Uint8Array): string => createHash('md5').update(body).digest('base64');

function canonicalHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): string[] {
  return Object.keys(headers)
    .filter((name) => name.startsWith(PREFIX) && name !== SIGNATURE_V2 && name !== SIGNATURE_V4)
    .sort()
    .map((name) => `${name}:${String(headers[name]).trim()}`);
}

function requestText(path: string, headers: IncomingHttpHeaders): string {
  return `${path}\nPOST\n\n${canonicalHeaders(headers)
    .map((line) => `${line}\n`)
    .join('')}`;
}

/** The V2 signature that a request should carry. `path` begins with "/". */
export const signatureV2 = (path: string, headers: IncomingHttpHeaders, secret: string): string =>
  createHmac('sha1', secret).update(requestText(path, headers)).digest('base64');

/** The V4 signature that a request should carry, for the date and region that its headers name. */
export function signatureV4(path: string, headers: IncomingHttpHeaders, secret: string): string {
  const date = String(headers['x-ots-signdate'] ?? '');
  const region = String(headers['x-ots-signregion'] ?? '');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const chain = [region, 'ots', 'aliyun_v4_request'].reduce(hmac, hmac(`aliyun_v4${secret}`, date));
  const text = requestText(path, headers) + V4_SALT;
  return createHmac('sha256', chain.toString('base64')).update(text).digest('base64');
}

/** The signature over the headers of an answer. */
export const responseSignature = (
  path: string,
  headers: Readonly<Record<string, string>>,
  secret: string,
): string =>
  createHmac('sha1', secret)
    .update(`${canonicalHeaders(headers).join('\n')}\n${path}`)
    .digest('base64');

/** Equality of two signatures in constant time. */
export function sameSignature(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
