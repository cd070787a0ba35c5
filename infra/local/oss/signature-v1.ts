/**
 * Signature V1: base64(HMAC-SHA1(secret, S)) with S =
 *   VERB \n Content-MD5 \n Content-Type \n date \n (x-oss-* headers, sorted, `k:v\n` each) resource
 * The date is x-oss-date or Date, in a presigned URL the value of Expires. The resource is the unencoded UTF-8
 * `/bucket/key` and the sorted sub-resources.
 */

import { createHmac } from 'node:crypto';
import { type OssRequest, ossHeaderNames, type Target } from './request.ts';
import { isSubResource } from './sub-resources.ts';

function resource(request: OssRequest, target: Target): string {
  const parts = [...request.query.entries()]
    .filter(([name]) => isSubResource(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  const path = target.bucket === undefined ? '/' : `/${target.bucket}/${target.key ?? ''}`;
  return parts.length === 0 ? path : `${path}?${parts.join('&')}`;
}

/** Signature of a request, base64; `date` overrides the date line for presigned URLs. */
export function signV1(request: OssRequest, target: Target, secret: string, date?: string): string {
  const { headers } = request.incoming;
  const lines = [
    request.method,
    headers['content-md5'] ?? '',
    headers['content-type'] ?? '',
    date ?? String(headers['x-oss-date'] ?? headers.date ?? ''),
    ...ossHeaderNames(request)
      .sort()
      .map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
  ];
  // Header bytes arrive as Latin-1 text; the resource is UTF-8. Both are signed as bytes.
  return createHmac('sha1', secret)
    .update(Buffer.from(lines.join('\n'), 'latin1'))
    .update(resource(request, target), 'utf8')
    .digest('base64');
}
