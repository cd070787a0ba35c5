/** GetObject, HeadObject and GetObjectMeta. */

import { type Answer, bucketOf, type Call, type StreamedBody } from './call.ts';
import { checkConditions } from './conditions.ts';
import { readSegments } from './content.ts';
import { OssError } from './errors.ts';
import { checkKey, noSuchKey } from './object-keys.ts';
import { chooseRange } from './range.ts';
import type { ObjectRecord } from './records.ts';
import { header } from './request.ts';

/** Query parameters that replace a header of the answer. */
const OVERRIDES = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
];

/** The object of a call as it is stored. Throws NoSuchKey, or NoSuchVersion: versioning was never enabled. */
export function objectOf(call: Call): ObjectRecord {
  checkKey(call.key);
  checkVersion(call.request.query.get('versionId'));
  const object = bucketOf(call).objects.get(call.key);
  if (!object) throw noSuchKey(call.key);
  return object;
}

/** Throws NoSuchVersion for any version but `null`, the only one of a bucket without versioning. */
export function checkVersion(version: string | undefined): void {
  if (version !== undefined && version !== 'null') {
    throw new OssError('NoSuchVersion', 'The specified version does not exist.', {
      detail: { VersionId: version },
    });
  }
}

/** Whose content to send: a symlink stands for its target, which must not be a symlink again. */
function contentOf(call: Call, object: ObjectRecord): ObjectRecord {
  if (object.symlinkTarget === undefined) return object;
  const target = bucketOf(call).objects.get(object.symlinkTarget);
  if (!target) {
    throw new OssError('SymlinkTargetNotExist', 'The target object of the symlink does not exist.', {
      detail: { Key: object.symlinkTarget },
    });
  }
  if (target.symlinkTarget !== undefined) {
    throw new OssError('InvalidTargetType', 'The target of the symlink is itself a symlink.');
  }
  return target;
}

/** Headers that identify the stored content. */
function contentHeaders(object: ObjectRecord, content: ObjectRecord): Record<string, string> {
  return {
    etag: `"${content.etag}"`,
    'last-modified': new Date(content.lastModifiedMs).toUTCString(),
    'x-oss-object-type': object.type,
    'x-oss-storage-class': content.storageClass,
    'x-oss-hash-crc64ecma': content.crc64,
    ...(content.md5 === undefined ? {} : { 'content-md5': content.md5 }),
    ...(content.type === 'Appendable' ? { 'x-oss-next-append-position': String(content.size) } : {}),
    ...(object.tags.length > 0 ? { 'x-oss-tagging-count': String(object.tags.length) } : {}),
  };
}

function overrides(call: Call): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of OVERRIDES) {
    const value = call.request.query.get(`response-${name}`);
    if (value !== undefined) found[name] = value;
  }
  if (call.accessKeyId === undefined && Object.keys(found).length > 0) {
    throw new OssError('InvalidArgument', 'Anonymous requests must not override headers of the answer.');
  }
  return found;
}

/** Streams a range while holding its blobs, so that overwriting the object does not disturb the reader. */
function streamed(call: Call, content: ObjectRecord, start: number, end: number): StreamedBody {
  const { catalog, blobs } = call.state;
  const { segments } = content;
  for (const { blob } of segments) catalog.retain(blob);
  return {
    length: end - start,
    chunks: readSegments(segments, blobs, start, end),
    done: () => {
      for (const { blob } of segments) catalog.release(blob);
    },
  };
}

/** GET /key. */
export function getObject(call: Call): Answer {
  const object = objectOf(call);
  const content = contentOf(call, object);
  const headers = { ...contentHeaders(object, content), ...object.headers, ...overrides(call) };
  if (checkConditions(call.request, content) === 'not-modified') return notModified(headers);
  const standard = header(call.request, 'x-oss-range-behavior') === 'standard';
  const range = chooseRange(header(call.request, 'range'), content.size, standard);
  if (range === 'unsatisfiable') {
    throw new OssError('InvalidRange', 'The requested range cannot be satisfied.', {
      headers: { 'content-range': `bytes */${content.size}` },
    });
  }
  const accepted = { 'accept-ranges': 'bytes', ...headers };
  if (range === 'whole') {
    return { status: 200, headers: accepted, body: streamed(call, content, 0, content.size) };
  }
  const { start, end } = range;
  return {
    status: 206,
    headers: { ...accepted, 'content-range': `bytes ${start}-${end - 1}/${content.size}` },
    body: streamed(call, content, start, end),
  };
}

function notModified(headers: Readonly<Record<string, string>>): Answer {
  const { etag = '', 'last-modified': lastModified = '' } = headers;
  return { status: 304, headers: { etag, 'last-modified': lastModified } };
}

/** HEAD /key: a GET without its body; ranges do not count. */
export function headObject(call: Call): Answer {
  const object = objectOf(call);
  const content = contentOf(call, object);
  const headers = { ...contentHeaders(object, content), ...object.headers };
  if (checkConditions(call.request, content) === 'not-modified') return notModified(headers);
  return {
    status: 200,
    headers: { 'accept-ranges': 'bytes', ...headers, 'content-length': String(content.size) },
  };
}

/** HEAD /key?objectMeta: ETag, size and time only; a symlink is not followed. */
export function getObjectMeta(call: Call): Answer {
  const object = objectOf(call);
  return {
    status: 200,
    headers: {
      etag: `"${object.etag}"`,
      'last-modified': new Date(object.lastModifiedMs).toUTCString(),
      'content-length': String(object.size),
      'x-oss-hash-crc64ecma': object.crc64,
      'x-oss-storage-class': object.storageClass,
    },
  };
}
