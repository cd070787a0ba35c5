/** GetBucket (ListObjects) and GetBucketV2 (ListObjectsV2). */

import { compareUtf8 } from './byte-order.ts';
import { type Answer, bucketOf, type Call, OWNER_ID, xmlAnswer } from './call.ts';
import type { Bucket } from './catalog.ts';
import { OssError } from './errors.ts';
import { type Page, pageOf } from './listing.ts';
import type { ObjectRecord } from './records.ts';
import { queryInteger } from './request.ts';
import { encodeStrict } from './signature-v4.ts';
import { element, isoTime, wrap, xmlDocument } from './xml-writer.ts';

const DEFAULT_KEYS = 100;
const MAX_KEYS = 1000;

/** How keys are written in an answer: as they are, or percent-encoded with encoding-type=url. */
export function keyEncoder(call: Call): {
  readonly declaration: string;
  readonly key: (text: string) => string;
} {
  const type = call.request.query.get('encoding-type') ?? '';
  if (type === '') return { declaration: '', key: (text) => text };
  if (type === 'url') return { declaration: element('EncodingType', 'url'), key: encodeStrict };
  throw new OssError('InvalidArgument', 'Invalid Encoding Method specified in Request.', {
    detail: { ArgumentName: 'encoding-type', ArgumentValue: type },
  });
}

/** Sorted entries of a bucket from the prefix on and strictly behind the marker, ending with the prefix. */
function* entriesAfter(
  bucket: Bucket,
  prefix: string,
  marker: string,
): Generator<readonly [string, ObjectRecord]> {
  const from = compareUtf8(prefix, marker) > 0 ? prefix : marker;
  for (const entry of bucket.objects.entriesFrom(from)) {
    if (entry[0] === marker && marker !== '') continue;
    if (!entry[0].startsWith(prefix) && compareUtf8(entry[0], prefix) > 0) return;
    yield entry;
  }
}

interface Listing {
  readonly page: Page<ObjectRecord>;
  /** Elements that both versions share. */
  readonly head: readonly string[];
  readonly tail: readonly string[];
}

function list(call: Call, marker: string, withOwner: boolean): Listing {
  const { query } = call.request;
  const limit = queryInteger(call.request, 'max-keys', { min: 1, max: MAX_KEYS, otherwise: DEFAULT_KEYS });
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const encode = keyEncoder(call);
  const entries = entriesAfter(bucketOf(call), prefix, marker);
  const page = pageOf(entries, { prefix, delimiter, limit, afterGroup: marker });
  return {
    page,
    head: [
      encode.declaration,
      element('Name', call.bucketName),
      element('Prefix', encode.key(prefix)),
      element('MaxKeys', limit),
      element('Delimiter', encode.key(delimiter)),
      element('IsTruncated', page.truncated),
    ],
    tail: [
      ...page.items.map((object) => objectXml(object, encode.key, withOwner)),
      ...page.groups.map((group) => wrap('CommonPrefixes', element('Prefix', encode.key(group)))),
    ],
  };
}

function objectXml(object: ObjectRecord, key: (text: string) => string, withOwner: boolean): string {
  return wrap(
    'Contents',
    element('Key', key(object.key)) +
      element('LastModified', isoTime(object.lastModifiedMs)) +
      element('ETag', `"${object.etag}"`) +
      element('Type', object.type) +
      element('Size', object.size) +
      element('StorageClass', object.storageClass) +
      (withOwner ? wrap('Owner', element('ID', OWNER_ID) + element('DisplayName', OWNER_ID)) : ''),
  );
}

/** GET /. */
export function listObjects(call: Call): Answer {
  const type = call.request.query.get('list-type');
  if (type === '2') return listObjectsV2(call);
  if (type !== undefined && type !== '') throw new OssError('InvalidArgument', 'list-type must be 2.');
  const marker = call.request.query.get('marker') ?? '';
  const { page, head, tail } = list(call, marker, true);
  const encode = keyEncoder(call);
  const markers = [
    element('Marker', encode.key(marker)),
    ...(page.truncated ? [element('NextMarker', encode.key(page.nextMarker))] : []),
  ];
  return xmlAnswer(xmlDocument('ListBucketResult', [...head, ...markers, ...tail].join('')));
}

/** A continuation token is the base64 of the marker. */
function readToken(token: string): string {
  const marker = Buffer.from(token, 'base64').toString('utf8');
  if (marker !== '' && writeToken(marker) === token) return marker;
  throw new OssError('InvalidArgument', 'The continuation token is not valid.', {
    detail: { ArgumentName: 'continuation-token', ArgumentValue: token },
  });
}

function writeToken(marker: string): string {
  return Buffer.from(marker, 'utf8').toString('base64');
}

function listObjectsV2(call: Call): Answer {
  const { query } = call.request;
  const token = query.get('continuation-token') ?? '';
  const startAfter = query.get('start-after') ?? '';
  const marker = token === '' ? startAfter : readToken(token);
  const { page, head, tail } = list(call, marker, query.get('fetch-owner') === 'true');
  const encode = keyEncoder(call);
  const markers = [
    element('StartAfter', encode.key(startAfter)),
    ...(token === '' ? [] : [element('ContinuationToken', token)]),
    ...(page.truncated ? [element('NextContinuationToken', writeToken(page.nextMarker))] : []),
    element('KeyCount', page.items.length + page.groups.length),
  ];
  return xmlAnswer(xmlDocument('ListBucketResult', [...head, ...markers, ...tail].join('')));
}
