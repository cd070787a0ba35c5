/** x-oss-copy-source and the object it names. */

import type { Call } from './call.ts';
import { checkConditions } from './conditions.ts';
import { OssError } from './errors.ts';
import { noSuchKey } from './object-keys.ts';
import type { ObjectRecord } from './records.ts';
import { header } from './request.ts';

/** Finds the source `/bucket/<encoded key>` and tests the conditions on it; nothing for a 304. */
export function copySource(call: Call): ObjectRecord | undefined {
  const text = header(call.request, 'x-oss-copy-source') ?? '';
  const [path = '', version] = text.split('?versionId=');
  const match = /^\/?([^/]+)\/(.+)$/s.exec(decodeSource(path));
  if (!match) {
    throw new OssError('InvalidArgument', 'x-oss-copy-source must be /bucket/key.', {
      detail: { ArgumentName: 'x-oss-copy-source', ArgumentValue: text.slice(0, 1024) },
    });
  }
  if (version !== undefined && version !== 'null') {
    throw new OssError('NoSuchVersion', 'The specified version does not exist.');
  }
  const [, bucketName, key] = match;
  const object = call.state.catalog.bucket(bucketName!).objects.get(key!);
  if (!object) throw noSuchKey(key!);
  return checkConditions(call.request, object, 'x-oss-copy-source-') === 'not-modified' ? undefined : object;
}

function decodeSource(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new OssError('InvalidArgument', 'x-oss-copy-source is not percent-encoded UTF-8.');
  }
}
