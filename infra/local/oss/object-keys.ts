/** Which keys and bucket names exist at all. */

import { OssError } from './errors.ts';

/** Longest key, bytes of UTF-8. */
const MAX_KEY_BYTES = 1023;

/** Throws InvalidObjectName unless the key has 1–1 023 bytes and no leading slash or backslash. */
export function checkKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes >= 1 && bytes <= MAX_KEY_BYTES && key[0] !== '/' && key[0] !== '\\') return;
  throw new OssError('InvalidObjectName', 'The specified object is not valid.', {
    detail: { ObjectName: key.slice(0, 256) },
  });
}

/** Throws InvalidBucketName unless the name has 3–63 of a–z, 0–9 and inner hyphens. */
export function checkBucketName(name: string): void {
  if (/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)) return;
  throw new OssError('InvalidBucketName', 'The specified bucket is not valid.', {
    detail: { BucketName: name.slice(0, 256) },
  });
}

/** A missing object. */
export function noSuchKey(key: string): OssError {
  return new OssError('NoSuchKey', 'The specified key does not exist.', { detail: { Key: key } });
}
