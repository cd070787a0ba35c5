/** Sub-resources of an object: ?acl, ?tagging, ?symlink. */

import { checkOverwrite, readAttributes, readObjectAcl } from './attributes.ts';
import { type Answer, bucketOf, type Call, OWNER_ID, xmlAnswer, xmlBody } from './call.ts';
import { OssError } from './errors.ts';
import { checkKey } from './object-keys.ts';
import { objectOf } from './object-read.ts';
import type { ObjectRecord } from './records.ts';
import { header, headersOf } from './request.ts';
import { OBJECT_TAG_LIMITS, parseTagXml, tagXml } from './tags.ts';
import { element, wrap, xmlDocument } from './xml-writer.ts';

function replace(call: Call, object: ObjectRecord): Promise<void> {
  return call.state.catalog.commit({ is: 'object', in: call.bucketName, object });
}

/** PUT /key?acl. */
export async function putObjectAcl(call: Call): Promise<Answer> {
  const acl = readObjectAcl(header(call.request, 'x-oss-object-acl'));
  await replace(call, { ...objectOf(call), acl });
  return { status: 200 };
}

/** GET /key?acl. */
export function getObjectAcl(call: Call): Answer {
  const { acl } = objectOf(call);
  return xmlAnswer(aclXml(acl));
}

/** The body of both ACL answers, of buckets and objects. */
export function aclXml(acl: string): string {
  const owner = wrap('Owner', element('ID', OWNER_ID) + element('DisplayName', OWNER_ID));
  return xmlDocument('AccessControlPolicy', owner + wrap('AccessControlList', element('Grant', acl)));
}

/** PUT /key?tagging. */
export async function putObjectTagging(call: Call): Promise<Answer> {
  objectOf(call);
  const tags = parseTagXml(await xmlBody(call, 'Tagging'), OBJECT_TAG_LIMITS);
  await replace(call, { ...objectOf(call), tags });
  return { status: 200 };
}

/** GET /key?tagging. */
export function getObjectTagging(call: Call): Answer {
  return xmlAnswer(tagXml(objectOf(call).tags));
}

/** DELETE /key?tagging. */
export async function deleteObjectTagging(call: Call): Promise<Answer> {
  await replace(call, { ...objectOf(call), tags: [] });
  return { status: 204 };
}

/** PUT /key?symlink: the target need not exist. */
export async function putSymlink(call: Call): Promise<Answer> {
  checkKey(call.key);
  const encoded = header(call.request, 'x-oss-symlink-target');
  if (encoded === undefined) {
    throw new OssError('MissingArgument', 'x-oss-symlink-target is missing.', {
      detail: { ArgumentName: 'x-oss-symlink-target' },
    });
  }
  const symlinkTarget = decodeTarget(encoded);
  checkKey(symlinkTarget);
  const bucket = bucketOf(call);
  checkOverwrite(headersOf(call.request), bucket.objects.get(call.key), '0026-00000002');
  const object: ObjectRecord = {
    ...readAttributes(headersOf(call.request), bucket.record.storageClass),
    key: call.key,
    type: 'Symlink',
    size: 0,
    etag: 'D41D8CD98F00B204E9800998ECF8427E',
    crc64: '0',
    lastModifiedMs: call.state.clock.now(),
    segments: [],
    symlinkTarget,
  };
  await replace(call, object);
  return { status: 200, headers: { etag: `"${object.etag}"` } };
}

function decodeTarget(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new OssError('InvalidArgument', 'x-oss-symlink-target is not percent-encoded UTF-8.');
  }
}

/** GET /key?symlink. */
export function getSymlink(call: Call): Answer {
  const object = objectOf(call);
  if (object.symlinkTarget === undefined) {
    throw new OssError('NotSymlink', 'The object is not a symlink.', { detail: { Key: object.key } });
  }
  return {
    status: 200,
    headers: {
      'x-oss-symlink-target': encodeURIComponent(object.symlinkTarget),
      'last-modified': new Date(object.lastModifiedMs).toUTCString(),
      etag: `"${object.etag}"`,
    },
  };
}
