/** PutObject and AppendObject. */

import { createHash } from 'node:crypto';
import { checkOverwrite, encryptionOf, readAttributes } from './attributes.ts';
import { type Answer, bucketOf, type Call, orDiscard, receiveContent } from './call.ts';
import { type Content, MAX_CONTENT_BYTES, segmentsOf } from './content.ts';
import { crc64Combine } from './crc64.ts';
import { OssError } from './errors.ts';
import { checkKey } from './object-keys.ts';
import type { ObjectRecord } from './records.ts';
import { headersOf } from './request.ts';

/** EC numbers of FileAlreadyExists by the moment it is noticed. */
const EXISTS_BEFORE_BODY = '0026-00000002';
const EXISTS_AFTER_BODY = '0026-00000201';

/** PUT /key. The object changes in one step, after the whole body has arrived. */
export async function putObject(call: Call): Promise<Answer> {
  checkKey(call.key);
  const bucket = bucketOf(call);
  checkOverwrite(headersOf(call.request), bucket.objects.get(call.key), EXISTS_BEFORE_BODY);
  const attributes = readAttributes(headersOf(call.request), bucket.record.storageClass);
  const content = await receiveContent(call);
  const object: ObjectRecord = {
    ...attributes,
    ...identity(content),
    key: call.key,
    type: 'Normal',
    lastModifiedMs: call.state.clock.now(),
  };
  await orDiscard(call.state, content, () => {
    checkOverwrite(headersOf(call.request), bucketOf(call).objects.get(call.key), EXISTS_AFTER_BODY);
    return call.state.catalog.commit({ is: 'object', in: call.bucketName, object });
  });
  return { status: 200, headers: { ...writeHeaders(object), 'content-md5': content.md5 } };
}

/** What a record takes from received content. */
export function identity(
  content: Content,
): Pick<ObjectRecord, 'size' | 'etag' | 'crc64' | 'md5' | 'segments'> {
  return {
    size: content.size,
    etag: content.md5Hex,
    crc64: String(content.crc64),
    md5: content.md5,
    segments: segmentsOf(content),
  };
}

/** Headers of the answer to a write. */
export function writeHeaders(object: ObjectRecord): Record<string, string> {
  return {
    etag: `"${object.etag}"`,
    'x-oss-hash-crc64ecma': object.crc64,
    ...encryptionOf(object.headers),
  };
}

/** POST /key?append&position=N. */
export async function appendObject(call: Call): Promise<Answer> {
  checkKey(call.key);
  const position = readPosition(call);
  const bucket = bucketOf(call);
  checkAppend(bucket.objects.get(call.key), position);
  const attributes = readAttributes(headersOf(call.request), bucket.record.storageClass);
  const content = await receiveContent(call);
  const object = await orDiscard(call.state, content, async () => {
    const existing = bucketOf(call).objects.get(call.key);
    checkAppend(existing, position);
    const grown = grow(existing, { ...attributes, key: call.key }, content, call.state.clock.now());
    await call.state.catalog.commit({ is: 'object', in: call.bucketName, object: grown });
    return grown;
  });
  return {
    status: 200,
    headers: { ...writeHeaders(object), 'x-oss-next-append-position': String(object.size) },
  };
}

function readPosition(call: Call): number {
  const text = call.request.query.get('position');
  if (text === undefined || text === '') {
    throw new OssError('MissingArgument', 'The position of the append is missing.', {
      ec: '0016-00000501',
      detail: { ArgumentName: 'position' },
    });
  }
  if (!/^\d{1,15}$/.test(text)) {
    throw new OssError('InvalidArgument', 'The position of the append is not a number.', {
      detail: { ArgumentName: 'position', ArgumentValue: text },
    });
  }
  return Number(text);
}

function checkAppend(existing: ObjectRecord | undefined, position: number): void {
  if (existing && existing.type !== 'Appendable') {
    throw new OssError('ObjectNotAppendable', 'The object is not appendable', {
      detail: { Key: existing.key },
    });
  }
  const length = existing?.size ?? 0;
  if (length === position) return;
  throw new OssError('PositionNotEqualToLength', 'Position is not equal to file length', {
    headers: {
      'x-oss-next-append-position': String(length),
      ...(existing ? { 'x-oss-hash-crc64ecma': existing.crc64 } : {}),
    },
  });
}

/** The object after an append. Attributes count for the first append only; the ETag is a chain, not an MD5 of the content. */
function grow(
  existing: ObjectRecord | undefined,
  fresh: Pick<ObjectRecord, 'key' | 'headers' | 'storageClass' | 'acl' | 'tags'>,
  content: Content,
  nowMs: number,
): ObjectRecord {
  const size = (existing?.size ?? 0) + content.size;
  if (size > MAX_CONTENT_BYTES)
    throw new OssError('EntityTooLarge', 'The appended object would be too large.');
  const chain = `${existing?.etag ?? ''}${content.md5Hex}`;
  return {
    ...(existing ?? fresh),
    type: 'Appendable',
    size,
    etag: createHash('md5').update(chain).digest('hex').toUpperCase(),
    crc64: String(crc64Combine(BigInt(existing?.crc64 ?? 0), content.crc64, content.size)),
    segments: [...(existing?.segments ?? []), ...segmentsOf(content)],
    lastModifiedMs: nowMs,
  };
}
