/** ListParts and ListMultipartUploads. */

import { compareUtf8 } from './byte-order.ts';
import { type Answer, bucketOf, type Call, OWNER_ID, xmlAnswer } from './call.ts';
import type { Upload } from './catalog.ts';
import { pageOf } from './listing.ts';
import { keyEncoder } from './listing-answers.ts';
import { uploadOf } from './multipart.ts';
import { queryInteger } from './request.ts';
import { element, isoTime, wrap, xmlDocument } from './xml-writer.ts';

const MAX_PAGE = 1000;

/** GET /key?uploadId. */
export function listParts(call: Call): Answer {
  const { record, parts } = uploadOf(call);
  const limit = queryInteger(call.request, 'max-parts', { min: 1, max: MAX_PAGE, otherwise: MAX_PAGE });
  const marker = queryInteger(call.request, 'part-number-marker', { min: 0, max: 10_000, otherwise: 0 });
  const rest = [...parts.values()]
    .filter(({ number }) => number > marker)
    .sort((a, b) => a.number - b.number);
  const page = rest.slice(0, limit);
  const encode = keyEncoder(call);
  const body = [
    encode.declaration,
    element('Bucket', call.bucketName),
    element('Key', encode.key(record.key)),
    element('UploadId', record.uploadId),
    element('StorageClass', record.storageClass),
    element('PartNumberMarker', marker),
    ...(page.length > 0 ? [element('NextPartNumberMarker', page.at(-1)!.number)] : []),
    element('MaxParts', limit),
    element('IsTruncated', rest.length > page.length),
    ...page.map((part) =>
      wrap(
        'Part',
        element('PartNumber', part.number) +
          element('LastModified', isoTime(part.lastModifiedMs)) +
          element('ETag', `"${part.etag}"`) +
          element('HashCrc64ecma', part.crc64) +
          element('Size', part.size),
      ),
    ),
  ];
  return xmlAnswer(xmlDocument('ListPartsResult', body.join('')));
}

/** Uploads after the markers by key and upload id; an upload-id-marker without a key-marker is ignored. */
function uploadsAfter(call: Call): Upload[] {
  const { query } = call.request;
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = keyMarker === '' ? '' : (query.get('upload-id-marker') ?? '');
  return [...bucketOf(call).uploads.values()]
    .filter(({ record }) => {
      if (keyMarker === '') return true;
      const order = compareUtf8(record.key, keyMarker);
      return order > 0 || (order === 0 && idMarker !== '' && record.uploadId > idMarker);
    })
    .sort(({ record: a }, { record: b }) => compareUtf8(a.key, b.key) || compareUtf8(a.uploadId, b.uploadId));
}

function uploadXml({ record }: Upload, key: (text: string) => string): string {
  return wrap(
    'Upload',
    element('Key', key(record.key)) +
      element('UploadId', record.uploadId) +
      element('StorageClass', record.storageClass) +
      element('Initiated', isoTime(record.initiatedMs)) +
      wrap('Owner', element('ID', OWNER_ID) + element('DisplayName', OWNER_ID)),
  );
}

/** GET /?uploads. */
export function listUploads(call: Call): Answer {
  const { query } = call.request;
  const limit = queryInteger(call.request, 'max-uploads', { min: 1, max: MAX_PAGE, otherwise: MAX_PAGE });
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const entries = uploadsAfter(call).map((upload) => [upload.record.key, upload] as const);
  const keyMarker = query.get('key-marker') ?? '';
  const page = pageOf(entries, { prefix, delimiter, limit, afterGroup: keyMarker });
  const encode = keyEncoder(call);
  const last = page.items.at(-1)?.record;
  const lastId = last !== undefined && page.nextMarker === last.key ? last.uploadId : '';
  const body = [
    encode.declaration,
    element('Bucket', call.bucketName),
    element('KeyMarker', encode.key(keyMarker)),
    element('UploadIdMarker', query.get('upload-id-marker') ?? ''),
    element('NextKeyMarker', page.truncated ? encode.key(page.nextMarker) : ''),
    element('NextUploadIdMarker', page.truncated ? lastId : ''),
    element('Delimiter', encode.key(delimiter)),
    element('Prefix', encode.key(prefix)),
    element('MaxUploads', limit),
    element('IsTruncated', page.truncated),
    ...page.items.map((upload) => uploadXml(upload, encode.key)),
    ...page.groups.map((group) => wrap('CommonPrefixes', element('Prefix', encode.key(group)))),
  ];
  return xmlAnswer(xmlDocument('ListMultipartUploadsResult', body.join('')));
}
