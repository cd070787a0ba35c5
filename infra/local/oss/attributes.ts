/** Attributes that come as headers, or fields of a form, with put, append, init, copy and symlink. */

import { OssError } from './errors.ts';
import type { BucketAcl, ObjectAcl, ObjectAttributes, ObjectRecord } from './records.ts';
import type { HeaderSource } from './request.ts';
import { parseTagQuery } from './tags.ts';

const CONTENT_HEADERS = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];
const META_PREFIX = 'x-oss-meta-';
const ENCRYPTION = 'x-oss-server-side-encryption';
const ENCRYPTION_KEY = 'x-oss-server-side-encryption-key-id';
const STORAGE_CLASSES = new Set(['Standard', 'IA', 'Archive', 'ColdArchive', 'DeepColdArchive']);
const BUCKET_ACLS: readonly string[] = ['private', 'public-read', 'public-read-write'];

/** Longest user meta data, names and values together, bytes. */
const MAX_META_BYTES = 8 * 1024;

/** Content headers and user meta data of a request. */
function readHeaders(source: HeaderSource): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/octet-stream' };
  const meta = source.names().filter((name) => name.startsWith(META_PREFIX));
  let metaBytes = 0;
  for (const name of [...CONTENT_HEADERS, ...meta]) {
    const value = source.get(name);
    if (value === undefined) continue;
    headers[name] = value;
    if (name.startsWith(META_PREFIX))
      metaBytes += name.length - META_PREFIX.length + Buffer.byteLength(value);
  }
  if (metaBytes > MAX_META_BYTES) {
    throw new OssError('InvalidArgument', `User meta data is longer than ${MAX_META_BYTES} bytes.`);
  }
  return { ...headers, ...readEncryption(source) };
}

/** The encryption headers, kept and echoed: content is not encrypted on disk. */
function readEncryption(source: HeaderSource): Record<string, string> {
  const method = source.get(ENCRYPTION);
  if (method === undefined) return {};
  if (!['AES256', 'KMS', 'SM4'].includes(method)) {
    throw new OssError(
      'InvalidEncryptionAlgorithmError',
      `The encryption method ${method} is not supported.`,
    );
  }
  const key = source.get(ENCRYPTION_KEY);
  return { [ENCRYPTION]: method, ...(key === undefined ? {} : { [ENCRYPTION_KEY]: key }) };
}

/** The encryption headers among stored ones, for answers to writes. */
export function encryptionOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(ENCRYPTION)));
}

/** All attributes of a request. `fallbackClass` is the storage class of the bucket. */
export function readAttributes(source: HeaderSource, fallbackClass: string): ObjectAttributes {
  const tagging = source.get('x-oss-tagging');
  return {
    headers: readHeaders(source),
    storageClass: readStorageClass(source.get('x-oss-storage-class'), fallbackClass),
    acl: readObjectAcl(source.get('x-oss-object-acl')),
    tags: tagging === undefined ? [] : parseTagQuery(tagging),
  };
}

/** A storage class, or the fallback when none was sent. Throws InvalidArgument. */
export function readStorageClass(text: string | undefined, fallback: string): string {
  if (text === undefined) return fallback;
  if (STORAGE_CLASSES.has(text)) return text;
  throw new OssError('InvalidArgument', 'The storage class you specified is not valid.', {
    detail: { ArgumentName: 'x-oss-storage-class', ArgumentValue: text },
  });
}

/** The ACL of a bucket. Throws InvalidArgument. */
export function readBucketAcl(text: string): BucketAcl {
  if (BUCKET_ACLS.includes(text)) return text as BucketAcl;
  throw invalidAcl('x-oss-acl', text);
}

/** The ACL of an object, `default` when none was sent. Throws InvalidArgument. */
export function readObjectAcl(text: string | undefined): ObjectAcl {
  if (text === undefined || text === 'default') return 'default';
  if (BUCKET_ACLS.includes(text)) return text as ObjectAcl;
  throw invalidAcl('x-oss-object-acl', text);
}

function invalidAcl(name: string, value: string): OssError {
  return new OssError('InvalidArgument', 'The ACL you specified is not valid.', {
    detail: { ArgumentName: name, ArgumentValue: value },
  });
}

/** Refuses when the request forbids to overwrite and the key exists. `ec` tells which operation refused. */
export function checkOverwrite(source: HeaderSource, existing: ObjectRecord | undefined, ec: string): void {
  if (existing === undefined || source.get('x-oss-forbid-overwrite') !== 'true') return;
  throw new OssError(
    'FileAlreadyExists',
    'The object you specified already exists and can not be overwritten.',
    {
      ec,
      detail: { Key: existing.key },
    },
  );
}
