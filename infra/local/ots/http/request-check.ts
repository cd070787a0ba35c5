import type { IncomingHttpHeaders } from 'node:http';
import { inflateSync } from 'node:zlib';
import type { KeyTable } from '../../service.ts';
import {
  MAX_BODY_BYTES,
  MAX_CLOCK_SKEW_MS,
  MAX_INSTANCE_NAME_BYTES,
  MIN_INSTANCE_NAME_BYTES,
} from '../limits.ts';
import { authFailed, OtsError, parameterInvalid } from '../ots-error.ts';
import { md5, SIGNATURE_V2, SIGNATURE_V4, sameSignature, signatureV2, signatureV4 } from './signature.ts';

/** Versions of the protocol in use; tunnel clients send the second. */
const API_VERSIONS: ReadonlySet<string> = new Set(['2015-12-31', '2018-04-01']);

/** Seconds and 1–9 digits of fraction: one SDK sends five that are no milliseconds. */
const DATE_PATTERN = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,9})?Z$/;

/** Who signed a request. */
export interface Caller {
  readonly accessKeyId: string;
  readonly secret: string;
}

/** What requests are checked against. */
export interface RequestRules {
  readonly keys: KeyTable;
  readonly instanceName: string | undefined;
  readonly nowMs: number;
}

function header(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  if (typeof value !== 'string') throw parameterInvalid(`Missing header: '${name}'.`);
  return value;
}

/** Finds the caller's secret, so that answers can be signed even when the rest of the request is refused. */
export function findCaller(headers: IncomingHttpHeaders, keys: KeyTable): Caller {
  const accessKeyId = header(headers, 'x-ots-accesskeyid');
  const secret = keys.get(accessKeyId);
  if (secret === undefined) throw authFailed('The AccessKeyID does not exist.');
  return { accessKeyId, secret };
}

/** Checks version, instance, time, body sum and signature. Throws OTSParameterInvalid or OTSAuthFailed. */
export function checkRequest(
  path: string,
  headers: IncomingHttpHeaders,
  body: Uint8Array,
  caller: Caller,
  rules: RequestRules,
): void {
  const version = header(headers, 'x-ots-apiversion');
  if (!API_VERSIONS.has(version)) throw parameterInvalid(`Invalid API version: ${version}.`);
  checkInstance(header(headers, 'x-ots-instancename'), rules.instanceName);
  checkDate(header(headers, 'x-ots-date'), rules.nowMs);
  checkSignature(path, headers, caller.secret);
  if (header(headers, 'x-ots-contentmd5') !== md5(body)) {
    throw authFailed('Mismatch between MD5 value of request body and x-ots-contentmd5 in header.');
  }
}

function checkInstance(name: string, expected: string | undefined): void {
  if (name.length < MIN_INSTANCE_NAME_BYTES || name.length > MAX_INSTANCE_NAME_BYTES) {
    throw parameterInvalid(`Invalid instance name: '${name}'.`);
  }
  if (expected !== undefined && name !== expected) throw authFailed('The instance is not found.');
}

function checkDate(text: string, nowMs: number): void {
  const match = DATE_PATTERN.exec(text);
  const at = match ? Date.parse(`${match[1]}Z`) : Number.NaN;
  if (Number.isNaN(at)) throw parameterInvalid(`Invalid date format: ${text}.`);
  if (Math.abs(nowMs - at) > MAX_CLOCK_SKEW_MS) {
    throw authFailed(`Mismatch between system time and x-ots-date: ${text}.`);
  }
}

function checkSignature(path: string, headers: IncomingHttpHeaders, secret: string): void {
  const v4 = headers[SIGNATURE_V4];
  const given = typeof v4 === 'string' ? v4 : header(headers, SIGNATURE_V2);
  const expected =
    typeof v4 === 'string' ? signatureV4(path, headers, secret) : signatureV2(path, headers, secret);
  if (!sameSignature(given, expected)) throw authFailed('Signature mismatch.');
}

/** The body as the operation reads it: inflated when the client compressed it. */
export function plainBody(headers: IncomingHttpHeaders, body: Uint8Array): Uint8Array {
  const type = headers['x-ots-request-compress-type'];
  if (type === undefined) return body;
  if (type !== 'deflate') throw parameterInvalid(`Unsupported compress type: ${type}.`);
  const size = Number(header(headers, 'x-ots-request-compress-size'));
  const inflated = inflate(body);
  if (inflated.length !== size) throw parameterInvalid('The size of the compressed body is wrong.');
  return inflated;
}

function inflate(body: Uint8Array): Uint8Array {
  try {
    return inflateSync(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch (cause) {
    throw Object.assign(parameterInvalid('The compressed body cannot be inflated.'), { cause });
  }
}

/** 413 for a body that is larger than any legal request. */
export const bodyTooLarge = (): OtsError =>
  new OtsError(413, 'OTSRequestBodyTooLarge', 'The size of POST data is too large.');
