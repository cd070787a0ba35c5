/**
 * Request signature of API 2016-08-15:
 *
 *   Authorization: FC {accessKeyId}:{base64(hmac-sha256(secret, S))}
 *   S = METHOD \n content-md5 \n content-type \n date \n
 *       {each x-fc-* header, lower case, sorted, "name:value\n"} path
 *
 * The path is signed as sent, without the query. `content-md5` is the base64 of the 32 hexadecimal
 * characters of the digest, not of its 16 bytes.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { KeyTable, LocalClock } from '../../service.ts';
import { MAX_DATE_SKEW_MS } from '../limits.ts';
import { FcError, invalidArgument } from './error.ts';

const headerText = (value: string | string[] | undefined): string =>
  Array.isArray(value) ? value.join(', ') : (value ?? '');

/** The text that both sides sign. */
export function stringToSign(method: string, path: string, headers: IncomingHttpHeaders): string {
  const canonical = Object.keys(headers)
    .filter((name) => name.startsWith('x-fc-'))
    .sort()
    .map((name) => `${name}:${headerText(headers[name])}\n`)
    .join('');
  const head = [
    method,
    headerText(headers['content-md5']),
    headerText(headers['content-type']),
    headerText(headers.date),
  ];
  return `${head.join('\n')}\n${canonical}${path}`;
}

/** The signature of a text. */
export const sign = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text, 'utf8').digest('base64');

function checkDate(headers: IncomingHttpHeaders, clock: LocalClock): void {
  const date = Date.parse(headerText(headers.date));
  if (Number.isNaN(date)) throw new FcError(403, 'AccessDenied', 'the date header is missing or malformed');
  // A cloud whose clock was moved by a test still serves clients that run on the machine's time.
  const nearest = Math.min(Math.abs(date - clock.now()), Math.abs(date - Date.now()));
  if (nearest > MAX_DATE_SKEW_MS) {
    throw new FcError(403, 'RequestTimeTooSkewed', 'the date of the request is too far from the server time');
  }
}

function splitAuthorization(value: string | undefined): { id: string; signature: string } {
  const match = /^FC ([^:\s]+):(\S+)$/.exec(value ?? '');
  if (!match?.[1] || !match[2]) {
    throw new FcError(403, 'AccessDenied', 'the authorization header is missing or malformed');
  }
  return { id: match[1], signature: match[2] };
}

/** Refuses a request that is unsigned, wrongly signed, signed with an unknown key, or out of date. */
export function verifySignature(
  method: string,
  path: string,
  headers: IncomingHttpHeaders,
  keys: KeyTable,
  clock: LocalClock,
): void {
  const { id, signature } = splitAuthorization(headers.authorization);
  const secret = keys.get(id);
  if (secret === undefined) throw new FcError(403, 'InvalidAccessKeyID', `invalid access key ID '${id}'`);
  const expected = Buffer.from(sign(secret, stringToSign(method, path, headers)));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
    const message = 'The request signature we calculated does not match the signature you provided.';
    throw new FcError(403, 'SignatureNotMatch', message);
  }
  checkDate(headers, clock);
}

/** Refuses a body that does not have the digest its header promises. */
export function verifyDigest(headers: IncomingHttpHeaders, body: Buffer): void {
  const promised = headerText(headers['content-md5']);
  if (promised === '') return;
  const actual = Buffer.from(createHash('md5').update(body).digest('hex')).toString('base64');
  if (promised !== actual) throw invalidArgument('content-md5 does not match the body');
}
