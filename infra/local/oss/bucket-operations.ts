/** Operations on buckets: create, delete, describe, ACL, tags; and the list of all buckets. */

import { readBucketAcl, readStorageClass } from './attributes.ts';
import { type Answer, bucketOf, type Call, OWNER_ID, xmlAnswer, xmlBody } from './call.ts';
import type { Bucket } from './catalog.ts';
import { readSmallBody } from './content.ts';
import { OssError } from './errors.ts';
import { aclXml } from './object-attributes.ts';
import { checkBucketName } from './object-keys.ts';
import type { BucketRecord } from './records.ts';
import { header, queryInteger } from './request.ts';
import { BUCKET_TAG_LIMITS, parseTagXml, tagXml } from './tags.ts';
import { parseXml, textOf } from './xml-reader.ts';
import { element, isoTime, wrap, xmlDocument } from './xml-writer.ts';

const MAX_BUCKETS = 100;
const OWNER = wrap('Owner', element('ID', OWNER_ID) + element('DisplayName', OWNER_ID));

/** A bucket with the defaults of the vendor. */
export function newBucket(name: string, nowMs: number): BucketRecord {
  return { name, createdMs: nowMs, storageClass: 'Standard', redundancy: 'LRS', acl: 'private', tags: [] };
}

function save(call: Call, bucket: BucketRecord): Promise<void> {
  return call.state.catalog.commit({ is: 'bucket', bucket });
}

/** PUT /bucket. The owner may repeat it, also to change the ACL; the storage class is fixed at creation. */
export async function putBucket(call: Call): Promise<Answer> {
  checkBucketName(call.bucketName);
  const body = (await readSmallBody(call.request.incoming)).toString('utf8');
  const config = body === '' ? undefined : parseXml(body, 'CreateBucketConfiguration');
  const aclText = header(call.request, 'x-oss-acl');
  const existing = call.state.catalog.buckets.get(call.bucketName)?.record;
  const fresh = newBucket(call.bucketName, call.state.clock.now());
  const storageClass = readStorageClass(
    config && textOf(config, 'StorageClass'),
    existing?.storageClass ?? fresh.storageClass,
  );
  if (existing && existing.storageClass !== storageClass) {
    throw new OssError('BucketAlreadyExists', 'The bucket exists with another storage class.');
  }
  await save(call, {
    ...(existing ?? fresh),
    storageClass,
    redundancy: (config && textOf(config, 'DataRedundancyType')) ?? existing?.redundancy ?? fresh.redundancy,
    ...(aclText === undefined ? {} : { acl: readBucketAcl(aclText) }),
  });
  return { status: 200, headers: { location: `/${call.bucketName}` } };
}

/** DELETE /bucket: it must hold neither objects nor unfinished uploads. */
export async function deleteBucket(call: Call): Promise<Answer> {
  const bucket = bucketOf(call);
  if (bucket.objects.size > 0 || bucket.uploads.size > 0) {
    throw new OssError('BucketNotEmpty', 'The bucket has objects. Please delete them first.', {
      detail: { BucketName: call.bucketName },
    });
  }
  await call.state.catalog.commit({ is: 'bucket-gone', name: call.bucketName });
  return { status: 204 };
}

/** HEAD /bucket. */
export function headBucket(call: Call): Answer {
  bucketOf(call);
  return { status: 200, headers: { 'x-oss-bucket-region': call.state.region } };
}

/** Elements that a listing and the description of a bucket share. */
function bucketXml({ record }: Bucket, region: string): string {
  return (
    element('CreationDate', isoTime(record.createdMs)) +
    element('ExtranetEndpoint', `${region}.aliyuncs.com`) +
    element('IntranetEndpoint', `${region}-internal.aliyuncs.com`) +
    element('Location', region) +
    element('Name', record.name) +
    element('Region', region.replace(/^oss-/, '')) +
    element('StorageClass', record.storageClass)
  );
}

/** GET /bucket?bucketInfo. */
export function getBucketInfo(call: Call): Answer {
  const bucket = bucketOf(call);
  const inner =
    bucketXml(bucket, call.state.region) +
    element('DataRedundancyType', bucket.record.redundancy) +
    OWNER +
    wrap('AccessControlList', element('Grant', bucket.record.acl));
  return xmlAnswer(xmlDocument('BucketInfo', wrap('Bucket', inner)));
}

/** GET /bucket?location. */
export function getBucketLocation(call: Call): Answer {
  bucketOf(call);
  return xmlAnswer(
    `<?xml version="1.0" encoding="UTF-8"?>\n${element('LocationConstraint', call.state.region)}`,
  );
}

/** GET /bucket?stat. */
export function getBucketStat(call: Call): Answer {
  const { objects, uploads } = bucketOf(call);
  let bytes = 0;
  for (const { size } of objects) bytes += size;
  return xmlAnswer(
    xmlDocument(
      'BucketStat',
      element('Storage', bytes) +
        element('ObjectCount', objects.size) +
        element('MultipartUploadCount', uploads.size) +
        element('LastModifiedTime', Math.floor(call.state.clock.now() / 1000)),
    ),
  );
}

/** PUT /bucket?acl creates the bucket when it is missing. */
export async function putBucketAcl(call: Call): Promise<Answer> {
  checkBucketName(call.bucketName);
  const acl = readBucketAcl(header(call.request, 'x-oss-acl') ?? '');
  const existing = call.state.catalog.buckets.get(call.bucketName)?.record;
  await save(call, { ...(existing ?? newBucket(call.bucketName, call.state.clock.now())), acl });
  return { status: 200, headers: { location: `/${call.bucketName}` } };
}

/** GET /bucket?acl. */
export function getBucketAcl(call: Call): Answer {
  return xmlAnswer(aclXml(bucketOf(call).record.acl));
}

/** PUT /bucket?tagging. */
export async function putBucketTagging(call: Call): Promise<Answer> {
  bucketOf(call);
  const tags = parseTagXml(await xmlBody(call, 'Tagging'), BUCKET_TAG_LIMITS);
  await save(call, { ...bucketOf(call).record, tags });
  return { status: 200 };
}

/** GET /bucket?tagging. */
export function getBucketTagging(call: Call): Answer {
  return xmlAnswer(tagXml(bucketOf(call).record.tags));
}

/** DELETE /bucket?tagging. */
export async function deleteBucketTagging(call: Call): Promise<Answer> {
  await save(call, { ...bucketOf(call).record, tags: [] });
  return { status: 204 };
}

/** GET /bucket?versioning: never enabled, so the configuration is empty. */
export function getBucketVersioning(call: Call): Answer {
  bucketOf(call);
  return xmlAnswer(xmlDocument('VersioningConfiguration', ''));
}

/** GET /: buckets by prefix, marker and tags (`tagging="k":"v","k2":"v2"`). */
export function listBuckets(call: Call): Answer {
  const { query } = call.request;
  const limit = queryInteger(call.request, 'max-keys', { min: 1, max: 1000, otherwise: MAX_BUCKETS });
  const prefix = query.get('prefix') ?? '';
  const marker = query.get('marker') ?? '';
  const wanted = readTagFilter(query.get('tagging') ?? '');
  const found = [...call.state.catalog.buckets].filter(
    ({ record }) =>
      record.name.startsWith(prefix) &&
      record.name > marker &&
      wanted.every(([key, value]) => record.tags.some((tag) => tag.key === key && tag.value === value)),
  );
  const page = found.slice(0, limit);
  const truncated = found.length > page.length;
  const body = [
    OWNER,
    element('Prefix', prefix),
    element('Marker', marker),
    element('MaxKeys', limit),
    element('IsTruncated', truncated),
    ...(truncated ? [element('NextMarker', page.at(-1)!.record.name)] : []),
    wrap(
      'Buckets',
      page.map((bucket) => listedBucket(bucket, call.state.region, wanted.length > 0)).join(''),
    ),
  ];
  return xmlAnswer(xmlDocument('ListAllMyBucketsResult', body.join('')));
}

function listedBucket(bucket: Bucket, region: string, withTags: boolean): string {
  const tags = bucket.record.tags.map((tag) =>
    wrap('Tag', element('Key', tag.key) + element('Value', tag.value)),
  );
  return wrap(
    'Bucket',
    bucketXml(bucket, region) + (withTags ? wrap('Tagging', wrap('TagSet', tags.join(''))) : ''),
  );
}

function readTagFilter(text: string): (readonly [string, string])[] {
  if (text === '') return [];
  const pairs = [...text.matchAll(/"([^"]*)":"([^"]*)"(?:,|$)/g)];
  if (pairs.map(([whole]) => whole).join('') === text) return pairs.map(([, key, value]) => [key!, value!]);
  throw new OssError('InvalidArgument', 'tagging must be "key":"value" pairs.');
}
