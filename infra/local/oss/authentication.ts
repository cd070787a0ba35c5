/** Who sent a request, and which reading of its address the signature confirms. */

import { timingSafeEqual } from 'node:crypto';
import type { KeyTable, LocalClock } from '../service.ts';
import { OssError } from './errors.ts';
import type { OssRequest, Target } from './request.ts';
import { signV1 } from './signature-v1.ts';
import { readClaim, signV4, type V4Claim } from './signature-v4.ts';

/** A verified sender; without an access key id the request was not signed. */
export interface Caller {
  readonly accessKeyId?: string;
  readonly target: Target;
}

/** The clock of a signed header may differ this much, ms. */
const MAX_SKEW_MS = 15 * 60_000;
/** Longest life of a presigned V4 URL, seconds. */
const MAX_V4_EXPIRES_S = 604_800;

/** What a signature is checked against. */
export interface Verifier {
  readonly keys: KeyTable;
  readonly clock: LocalClock;
  /** With the prefix `oss-`. */
  readonly region: string;
}

/** Verifies a request. Throws the refusal of the vendor for every kind of failure. */
export function authenticate(request: OssRequest, { keys, clock, region }: Verifier): Caller {
  const nowMs = clock.now();
  const caller = (claim: V4Claim): Caller => verifyClaim(request, claim, keys, region);
  const authorization = request.incoming.headers.authorization;
  if (authorization?.startsWith('OSS4-HMAC-SHA256 ')) return headerV4(request, authorization, nowMs, caller);
  if (authorization?.startsWith('OSS ')) return headerV1(request, authorization, keys, nowMs);
  if (authorization !== undefined) {
    throw new OssError('InvalidArgument', 'The Authorization header is neither OSS nor OSS4-HMAC-SHA256.');
  }
  if (request.query.has('x-oss-signature')) return queryV4(request, nowMs, caller);
  if (request.query.has('Signature')) return queryV1(request, keys, nowMs);
  return { target: request.targets[0]! };
}

function headerV1(request: OssRequest, authorization: string, keys: KeyTable, nowMs: number): Caller {
  const match = /^OSS\s+([^:\s]+):([A-Za-z0-9+/=]+)$/.exec(authorization);
  if (!match) throw new OssError('InvalidArgument', 'The Authorization header is malformed.');
  const secret = secretOf(keys, match[1]!);
  checkSkew(
    Date.parse(String(request.incoming.headers['x-oss-date'] ?? request.incoming.headers.date)),
    nowMs,
  );
  const target = confirm(request, match[2]!, (candidate) => [signV1(request, candidate, secret)]);
  return { accessKeyId: match[1]!, target };
}

function queryV1(request: OssRequest, keys: KeyTable, nowMs: number): Caller {
  const expires = request.query.get('Expires') ?? '';
  const accessKeyId = request.query.get('OSSAccessKeyId');
  if (!/^\d{1,12}$/.test(expires) || !accessKeyId) {
    throw new OssError('AccessDenied', 'A presigned URL needs OSSAccessKeyId, Expires and Signature.');
  }
  const secret = secretOf(keys, accessKeyId);
  const signature = request.query.get('Signature')!;
  const target = confirm(request, signature, (candidate) => [signV1(request, candidate, secret, expires)]);
  if (nowMs > Number(expires) * 1000) throw expired(Number(expires) * 1000, nowMs);
  return { accessKeyId, target };
}

type ClaimCheck = (claim: V4Claim) => Caller;

function headerV4(request: OssRequest, authorization: string, nowMs: number, verify: ClaimCheck): Caller {
  const fields = new Map(
    authorization
      .slice('OSS4-HMAC-SHA256 '.length)
      .split(',')
      .map((field) => {
        const equals = field.indexOf('=');
        return [field.slice(0, equals).trim(), field.slice(equals + 1).trim()] as const;
      }),
  );
  const payload = request.incoming.headers['x-oss-content-sha256'];
  if (payload !== 'UNSIGNED-PAYLOAD') {
    throw new OssError('InvalidArgument', 'x-oss-content-sha256 must be UNSIGNED-PAYLOAD.');
  }
  const claim = readClaim({
    credential: fields.get('Credential'),
    timestamp: timestampOf(request),
    additional: fields.get('AdditionalHeaders'),
    signature: fields.get('Signature'),
  });
  if (!claim) throw new OssError('InvalidArgument', 'The OSS4-HMAC-SHA256 authorization is malformed.');
  const caller = verify(claim);
  checkSkew(parseTimestamp(claim.timestamp), nowMs);
  return caller;
}

function queryV4(request: OssRequest, nowMs: number, verify: ClaimCheck): Caller {
  const { query } = request;
  const claim = readClaim({
    credential: query.get('x-oss-credential'),
    timestamp: query.get('x-oss-date'),
    additional: query.get('x-oss-additional-headers'),
    signature: query.get('x-oss-signature'),
  });
  const expires = Number(query.get('x-oss-expires'));
  if (!claim || query.get('x-oss-signature-version') !== 'OSS4-HMAC-SHA256') {
    throw new OssError('InvalidArgument', 'The presigned V4 URL is malformed.');
  }
  if (!(Number.isInteger(expires) && expires > 0 && expires <= MAX_V4_EXPIRES_S)) {
    throw new OssError('InvalidArgument', `x-oss-expires must be between 1 and ${MAX_V4_EXPIRES_S}.`);
  }
  const caller = verify(claim);
  const signedMs = parseTimestamp(claim.timestamp);
  if (signedMs - nowMs > MAX_SKEW_MS) throw tooSkewed(signedMs, nowMs);
  if (nowMs > signedMs + expires * 1000) throw expired(signedMs + expires * 1000, nowMs);
  return caller;
}

function verifyClaim(request: OssRequest, claim: V4Claim, keys: KeyTable, region: string): Caller {
  const secret = secretOf(keys, claim.accessKeyId);
  // A cloud box signs with its own id in place of the region.
  if (claim.product === 'oss' && `oss-${claim.region}` !== region) {
    throw new OssError('InvalidArgument', `The signing region ${claim.region} is not that of the service.`, {
      detail: { Region: region },
    });
  }
  const target = confirm(request, claim.signature, (candidate) => signV4(request, candidate, claim, secret));
  return { accessKeyId: claim.accessKeyId, target };
}

/** The first reading of the address whose signature is the one sent. */
function confirm(request: OssRequest, sent: string, expected: (target: Target) => string[]): Target {
  const found = request.targets.find((target) => expected(target).some((value) => equalText(value, sent)));
  if (found) return found;
  throw new OssError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    { detail: { SignatureProvided: sent } },
  );
}

function equalText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function secretOf(keys: KeyTable, accessKeyId: string): string {
  const secret = keys.get(accessKeyId);
  if (secret !== undefined) return secret;
  throw new OssError(
    'InvalidAccessKeyId',
    'The OSS Access Key Id you provided does not exist in our records.',
    {
      detail: { OSSAccessKeyId: accessKeyId },
    },
  );
}

function timestampOf(request: OssRequest): string | undefined {
  const value = request.incoming.headers['x-oss-date'];
  return typeof value === 'string' ? value : undefined;
}

function parseTimestamp(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function checkSkew(signedMs: number, nowMs: number): void {
  if (Number.isNaN(signedMs))
    throw new OssError('AccessDenied', 'The request needs a valid x-oss-date or Date header.');
  if (Math.abs(signedMs - nowMs) > MAX_SKEW_MS) throw tooSkewed(signedMs, nowMs);
}

function tooSkewed(signedMs: number, nowMs: number): OssError {
  return new OssError(
    'RequestTimeTooSkewed',
    'The difference between the request time and the current time is too large.',
    {
      detail: {
        MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
        RequestTime: new Date(signedMs).toISOString(),
        ServerTime: new Date(nowMs).toISOString(),
      },
    },
  );
}

function expired(untilMs: number, nowMs: number): OssError {
  return new OssError('AccessDenied', 'Request has expired.', {
    ec: '0002-00000069',
    detail: { Expires: new Date(untilMs).toISOString(), ServerTime: new Date(nowMs).toISOString() },
  });
}
