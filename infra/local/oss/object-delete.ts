/** DeleteObject and DeleteMultipleObjects: deleting what does not exist succeeds. */

import { createHash } from 'node:crypto';
import { type Answer, bucketOf, type Call, xmlAnswer } from './call.ts';
import { readSmallBody } from './content.ts';
import { OssError } from './errors.ts';
import { checkKey } from './object-keys.ts';
import { checkVersion } from './object-read.ts';
import { header } from './request.ts';
import { childrenOf, parseXml, requiredText, textOf } from './xml-reader.ts';
import { element, wrap, xmlDocument } from './xml-writer.ts';

/** Most keys of one multi-delete. */
const MAX_KEYS = 1000;

/** DELETE /key. */
export async function deleteObject(call: Call): Promise<Answer> {
  checkKey(call.key);
  checkVersion(call.request.query.get('versionId'));
  await remove(call, call.key);
  return { status: 204 };
}

async function remove(call: Call, key: string): Promise<void> {
  if (!bucketOf(call).objects.get(key)) return;
  await call.state.catalog.commit({ is: 'object-gone', in: call.bucketName, key });
}

/** POST /?delete. The digest of the list is compulsory. */
export async function deleteObjects(call: Call): Promise<Answer> {
  bucketOf(call);
  const root = parseXml(await verifiedBody(call), 'Delete');
  const quiet = textOf(root, 'Quiet') === 'true';
  const objects = childrenOf(root, 'Object');
  for (const object of objects) checkVersion(textOf(object, 'VersionId'));
  const keys = objects.map((object) => requiredText(object, 'Key'));
  if (keys.length === 0 || keys.length > MAX_KEYS) {
    throw new OssError('MalformedXML', `A multi-delete takes 1 to ${MAX_KEYS} keys.`);
  }
  for (const key of keys) checkKey(key);
  await Promise.all(keys.map((key) => remove(call, key)));
  const url = call.request.query.get('encoding-type') === 'url';
  const deleted = keys.map((key) => wrap('Deleted', element('Key', url ? encodeURIComponent(key) : key)));
  const body = (url ? element('EncodingType', 'url') : '') + deleted.join('');
  return xmlAnswer(xmlDocument('DeleteResult', quiet ? '' : body));
}

async function verifiedBody(call: Call): Promise<string> {
  const sent = header(call.request, 'content-md5');
  if (sent === undefined) {
    throw new OssError('MissingArgument', 'Missing Some Required Arguments.', {
      detail: { ArgumentName: 'Content-MD5' },
    });
  }
  const bytes = await readSmallBody(call.request.incoming);
  if (createHash('md5').update(bytes).digest('base64') !== sent) {
    throw new OssError('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  }
  return bytes.toString('utf8');
}
