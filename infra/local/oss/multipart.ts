/** Multipart uploads: init, parts, completion, abort. Nothing is visible before completion, which is one change. */

import { randomBytes } from 'node:crypto';
import { checkOverwrite, encryptionOf, readAttributes } from './attributes.ts';
import { type Answer, bucketOf, type Call, orDiscard, receiveContent, xmlAnswer } from './call.ts';
import type { Upload } from './catalog.ts';
import { type Content, chunksSource, readSegments, readSmallBody, storeContent } from './content.ts';
import { copySource } from './copy-source.ts';
import { OssError } from './errors.ts';
import { assembleObject, type ListedPart, verifyParts } from './multipart-assembly.ts';
import { checkKey } from './object-keys.ts';
import { chooseRange } from './range.ts';
import type { ObjectRecord, PartRecord } from './records.ts';
import { header, headersOf } from './request.ts';
import { childrenOf, parseXml, requiredText } from './xml-reader.ts';
import { element, isoTime, xmlDocument } from './xml-writer.ts';

/** Part numbers are 1…10 000. */
const MAX_PART_NUMBER = 10_000;
/** EC numbers of FileAlreadyExists. */
const EXISTS_AT_INIT = '0026-00000002';
const EXISTS_AT_COMPLETE = '0042-00000214';

/** POST /key?uploads. */
export async function initiateUpload(call: Call): Promise<Answer> {
  checkKey(call.key);
  const bucket = bucketOf(call);
  checkOverwrite(headersOf(call.request), bucket.objects.get(call.key), EXISTS_AT_INIT);
  const upload = {
    ...readAttributes(headersOf(call.request), bucket.record.storageClass),
    uploadId: randomBytes(16).toString('hex').toUpperCase(),
    key: call.key,
    initiatedMs: call.state.clock.now(),
  };
  await call.state.catalog.commit({ is: 'upload', in: call.bucketName, upload });
  const url = call.request.query.get('encoding-type') === 'url';
  const body =
    (url ? element('EncodingType', 'url') : '') +
    element('Bucket', call.bucketName) +
    element('Key', url ? encodeURIComponent(call.key) : call.key) +
    element('UploadId', upload.uploadId);
  return xmlAnswer(xmlDocument('InitiateMultipartUploadResult', body), encryptionOf(upload.headers));
}

/** The upload of a call. Throws NoSuchUpload when it is unknown, finished, aborted or of another key. */
export function uploadOf(call: Call): Upload {
  const uploadId = call.request.query.get('uploadId') ?? '';
  const upload = bucketOf(call).uploads.get(uploadId);
  if (upload && upload.record.key === call.key) return upload;
  throw new OssError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { detail: { UploadId: uploadId } },
  );
}

function partNumberOf(call: Call): number {
  const text = call.request.query.get('partNumber') ?? '';
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MAX_PART_NUMBER) return number;
  throw new OssError('InvalidArgument', `Part number must be an integer between 1 and ${MAX_PART_NUMBER}.`, {
    detail: { ArgumentName: 'partNumber', ArgumentValue: text },
  });
}

/** Records received content as a part; the upload may have ended meanwhile. */
async function addPart(call: Call, content: Content): Promise<PartRecord> {
  const part: PartRecord = {
    number: partNumberOf(call),
    size: content.size,
    etag: content.md5Hex,
    crc64: String(content.crc64),
    lastModifiedMs: call.state.clock.now(),
    ...(content.blob === undefined ? {} : { blob: content.blob }),
  };
  await orDiscard(call.state, content, () => {
    const { uploadId } = uploadOf(call).record;
    return call.state.catalog.commit({ is: 'part', in: call.bucketName, uploadId, part });
  });
  return part;
}

/** PUT /key?partNumber&uploadId. */
export async function uploadPart(call: Call): Promise<Answer> {
  partNumberOf(call);
  const { record } = uploadOf(call);
  const content = await receiveContent(call);
  const part = await addPart(call, content);
  return {
    status: 200,
    headers: {
      etag: `"${part.etag}"`,
      'content-md5': content.md5,
      'x-oss-hash-crc64ecma': part.crc64,
      ...encryptionOf(record.headers),
    },
  };
}

/** PUT /key?partNumber&uploadId with x-oss-copy-source: a part from a range of an object. */
export async function uploadPartCopy(call: Call): Promise<Answer> {
  partNumberOf(call);
  uploadOf(call);
  const source = copySource(call);
  if (!source) return { status: 304 };
  const range = chooseRange(header(call.request, 'x-oss-copy-source-range'), source.size, true);
  if (range === 'unsatisfiable')
    throw new OssError('InvalidRange', 'The requested range cannot be satisfied.');
  const { start, end } = range === 'whole' ? { start: 0, end: source.size } : range;
  const part = await addPart(call, await copyRange(call, source, start, end));
  return xmlAnswer(
    xmlDocument(
      'CopyPartResult',
      element('LastModified', isoTime(part.lastModifiedMs)) + element('ETag', `"${part.etag}"`),
    ),
    { etag: `"${part.etag}"`, 'x-oss-hash-crc64ecma': part.crc64 },
  );
}

async function copyRange(call: Call, source: ObjectRecord, start: number, end: number): Promise<Content> {
  const { catalog, blobs, hashes } = call.state;
  for (const { blob } of source.segments) catalog.retain(blob);
  try {
    const chunks = readSegments(source.segments, blobs, start, end);
    return await storeContent(chunksSource(chunks), { blobs, hashes });
  } finally {
    for (const { blob } of source.segments) catalog.release(blob);
  }
}

/** POST /key?uploadId. Decided and applied in one turn: of two completions, one finds the upload gone. */
export async function completeUpload(call: Call): Promise<Answer> {
  const body = await readSmallBody(call.request.incoming);
  const upload = uploadOf(call);
  const parts = verifyParts(listedParts(call, upload, body.toString('utf8')), upload);
  const bucket = bucketOf(call);
  checkOverwrite(headersOf(call.request), bucket.objects.get(call.key), EXISTS_AT_COMPLETE);
  const object = assembleObject(upload.record, parts, call.state.clock.now());
  const { uploadId } = upload.record;
  await call.state.catalog.commit({ is: 'completed', in: call.bucketName, uploadId, object });
  const url = call.request.query.get('encoding-type') === 'url';
  const result =
    (url ? element('EncodingType', 'url') : '') +
    element(
      'Location',
      `http://${call.bucketName}.${call.state.region}.aliyuncs.com/${encodeURI(call.key)}`,
    ) +
    element('Bucket', call.bucketName) +
    element('Key', url ? encodeURIComponent(call.key) : call.key) +
    element('ETag', `"${object.etag}"`);
  return xmlAnswer(xmlDocument('CompleteMultipartUploadResult', result), {
    etag: `"${object.etag}"`,
    'x-oss-hash-crc64ecma': object.crc64,
    ...encryptionOf(object.headers),
  });
}

/** The list in the body, or with x-oss-complete-all every part there is. */
function listedParts(call: Call, upload: Upload, body: string): ListedPart[] {
  if (header(call.request, 'x-oss-complete-all') === 'yes') {
    if (body !== '') throw new OssError('InvalidArgument', 'x-oss-complete-all allows no body.');
    return [...upload.parts.values()].sort((a, b) => a.number - b.number);
  }
  return childrenOf(parseXml(body, 'CompleteMultipartUpload'), 'Part').map((part) => {
    const number = requiredText(part, 'PartNumber').trim();
    if (!/^\d{1,9}$/.test(number)) throw new OssError('MalformedXML', 'A part number is not a number.');
    return { number: Number(number), etag: requiredText(part, 'ETag').trim().replaceAll('"', '') };
  });
}

/** DELETE /key?uploadId. */
export async function abortUpload(call: Call): Promise<Answer> {
  const { uploadId } = uploadOf(call).record;
  await call.state.catalog.commit({ is: 'upload-gone', in: call.bucketName, uploadId });
  return { status: 204 };
}
