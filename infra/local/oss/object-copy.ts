/** CopyObject: the copy shares the stored content, only its attributes are its own. */

import { checkOverwrite, encryptionOf, readAttributes } from './attributes.ts';
import { type Answer, bucketOf, type Call, xmlAnswer } from './call.ts';
import { copySource } from './copy-source.ts';
import { OssError } from './errors.ts';
import { checkKey } from './object-keys.ts';
import type { ObjectAttributes, ObjectRecord } from './records.ts';
import { header, headersOf } from './request.ts';
import { element, isoTime, xmlDocument } from './xml-writer.ts';

/** Whether a directive asks to replace instead of copy. Throws InvalidArgument. */
function replaces(call: Call, name: string): boolean {
  const directive = (header(call.request, name) ?? 'COPY').toUpperCase();
  if (directive === 'COPY' || directive === 'REPLACE') return directive === 'REPLACE';
  throw new OssError('InvalidArgument', `${name} must be COPY or REPLACE.`, {
    detail: { ArgumentName: name, ArgumentValue: directive },
  });
}

/** Headers and tags follow their directives; ACL and storage class never come from the source. */
function attributesOfCopy(call: Call, source: ObjectRecord, fallbackClass: string): ObjectAttributes {
  const sent = readAttributes(headersOf(call.request), fallbackClass);
  const headers = replaces(call, 'x-oss-metadata-directive')
    ? sent.headers
    : { ...source.headers, ...encryptionOf(sent.headers) };
  const tags = replaces(call, 'x-oss-tagging-directive') ? sent.tags : source.tags;
  return { ...sent, headers, tags };
}

/** PUT /key with x-oss-copy-source. */
export async function copyObject(call: Call): Promise<Answer> {
  checkKey(call.key);
  const bucket = bucketOf(call);
  const source = copySource(call);
  if (!source) return { status: 304 };
  checkOverwrite(headersOf(call.request), bucket.objects.get(call.key), '0026-00000002');
  const object: ObjectRecord = {
    ...source,
    ...attributesOfCopy(call, source, bucket.record.storageClass),
    key: call.key,
    type: source.type === 'Appendable' ? 'Normal' : source.type,
    lastModifiedMs: call.state.clock.now(),
  };
  await call.state.catalog.commit({ is: 'object', in: call.bucketName, object });
  const lastModified = isoTime(object.lastModifiedMs);
  return xmlAnswer(
    xmlDocument(
      'CopyObjectResult',
      element('ETag', `"${object.etag}"`) + element('LastModified', lastModified),
    ),
    { etag: `"${object.etag}"`, 'x-oss-hash-crc64ecma': object.crc64, ...encryptionOf(object.headers) },
  );
}
