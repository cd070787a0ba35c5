/**
 * Signature V4 (OSS4-HMAC-SHA256). Canonical request, one item per line:
 *   METHOD · encoded /bucket/key · sorted encoded query · headers `k:v\n`… · additional names joined by `;` · payload
 * String to sign: OSS4-HMAC-SHA256 · x-oss-date · {yyyymmdd}/{region}/{product}/aliyun_v4_request · sha256hex(canonical).
 * Key: HMAC-SHA256 chain over date, region, product, "aliyun_v4_request" from "aliyun_v4" + secret.
 */

import { createHash, createHmac } from 'node:crypto';
import { type OssRequest, ossHeaderNames, type Target } from './request.ts';
import { isSubResource } from './sub-resources.ts';

/** The parts of a V4 credential and what the client signed with it. */
export interface V4Claim {
  readonly accessKeyId: string;
  /** yyyymmdd */
  readonly day: string;
  readonly region: string;
  /** `oss` or `oss-cloudbox`. */
  readonly product: string;
  /** yyyymmddTHHMMSSZ */
  readonly timestamp: string;
  /** Lower-case names beyond content-type, content-md5 and x-oss-*, sorted. */
  readonly additionalHeaders: readonly string[];
  readonly signature: string;
}

/** Percent-encodes everything but unreserved characters (RFC 3986). */
export function encodeStrict(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * The vendor's rule writes an empty value without `=`, and clients do so for sub-resources; yet they keep
 * `name=` for ordinary parameters, so both forms of those are accepted.
 */
function canonicalQuery(request: OssRequest, keepSign: boolean): string {
  return [...request.query.entries()]
    .filter(([name]) => name !== 'x-oss-signature')
    .map(([name, value]) => {
      const sign = value !== '' || (keepSign && request.emptyWithSign.has(name) && !isSubResource(name));
      return { name: encodeStrict(name), text: sign ? `=${encodeStrict(value)}` : '' };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, text }) => name + text)
    .join('&');
}

function canonicalHeaders(request: OssRequest, additional: readonly string[]): string {
  const { headers } = request.incoming;
  const always = ['content-type', 'content-md5'].filter((name) => headers[name] !== undefined);
  return [...new Set([...always, ...ossHeaderNames(request), ...additional])]
    .sort()
    .map((name) => `${name}:${String(headers[name] ?? '').trim()}\n`)
    .join('');
}

/** The key that a claim's signature is made with. */
export function signingKey(claim: V4Claim, secret: string): Buffer {
  const step = (key: string | Buffer, text: string): Buffer =>
    createHmac('sha256', key).update(text).digest();
  const day = step(`aliyun_v4${secret}`, claim.day);
  return step(step(step(day, claim.region), claim.product), 'aliyun_v4_request');
}

function signWith(
  request: OssRequest,
  target: Target,
  claim: V4Claim,
  key: Buffer,
  keepSign: boolean,
): string {
  const path = target.bucket === undefined ? '/' : `/${target.bucket}/${target.key ?? ''}`;
  const canonical = [
    request.method,
    encodeStrict(path).replaceAll('%2F', '/'),
    canonicalQuery(request, keepSign),
    canonicalHeaders(request, claim.additionalHeaders),
    claim.additionalHeaders.join(';'),
    String(request.incoming.headers['x-oss-content-sha256'] ?? 'UNSIGNED-PAYLOAD'),
  ].join('\n');
  const scope = `${claim.day}/${claim.region}/${claim.product}/aliyun_v4_request`;
  const hash = createHash('sha256').update(Buffer.from(canonical, 'latin1')).digest('hex');
  return createHmac('sha256', key)
    .update(`OSS4-HMAC-SHA256\n${claim.timestamp}\n${scope}\n${hash}`)
    .digest('hex');
}

/** The signatures a correct client may have sent for this reading of the address, hex. */
export function signV4(request: OssRequest, target: Target, claim: V4Claim, secret: string): string[] {
  const key = signingKey(claim, secret);
  const forms = request.emptyWithSign.size === 0 ? [false] : [false, true];
  return forms.map((keepSign) => signWith(request, target, claim, key, keepSign));
}

const CREDENTIAL = /^([^/,]+)\/(\d{8})\/([a-z0-9-]+)\/(oss|oss-cloudbox)\/aliyun_v4_request$/;
const TIMESTAMP = /^\d{8}T\d{6}Z$/;

/** Builds a claim from its texts, or nothing when one is malformed. */
export function readClaim(parts: {
  readonly credential: string | undefined;
  readonly timestamp: string | undefined;
  readonly additional: string | undefined;
  readonly signature: string | undefined;
}): V4Claim | undefined {
  const match = CREDENTIAL.exec(parts.credential ?? '');
  if (!match || !TIMESTAMP.test(parts.timestamp ?? '') || !/^[0-9a-f]{64}$/.test(parts.signature ?? '')) {
    return undefined;
  }
  const [, accessKeyId, day, region, product] = match;
  if (!parts.timestamp!.startsWith(day!)) return undefined;
  const additional = (parts.additional ?? '').toLowerCase().split(';');
  return {
    accessKeyId: accessKeyId!,
    day: day!,
    region: region!,
    product: product!,
    timestamp: parts.timestamp!,
    additionalHeaders: additional.filter((name) => name !== '').sort(),
    signature: parts.signature!,
  };
}
