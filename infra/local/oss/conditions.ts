/** If-Match and its kin, for reads (plain names) and for copy sources (x-oss-copy-source-if-…). */

import { OssError } from './errors.ts';
import { header, type OssRequest } from './request.ts';

/** What conditions are tested against. */
export interface Validators {
  readonly etag: string;
  readonly lastModifiedMs: number;
}

/** HTTP dates have whole seconds. */
const SECOND_MS = 1000;

function matchesTag(list: string, etag: string): boolean {
  return list
    .split(',')
    .map((tag) => tag.trim().replace(/^"(.*)"$/, '$1'))
    .some((tag) => tag === '*' || tag.toUpperCase() === etag.toUpperCase());
}

function dateHeader(request: OssRequest, name: string): number | undefined {
  const text = header(request, name);
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function failed(condition: string): OssError {
  return new OssError(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold.',
    {
      detail: { Condition: condition },
    },
  );
}

/** Returns `not-modified` for a 304, `proceed` otherwise. Throws PreconditionFailed (412). */
export function checkConditions(
  request: OssRequest,
  object: Validators,
  prefix: '' | 'x-oss-copy-source-' = '',
): 'proceed' | 'not-modified' {
  const modified = Math.floor(object.lastModifiedMs / SECOND_MS) * SECOND_MS;
  const match = header(request, `${prefix}if-match`);
  if (match !== undefined && !matchesTag(match, object.etag)) throw failed('If-Match');
  const unmodifiedSince = dateHeader(request, `${prefix}if-unmodified-since`);
  if (unmodifiedSince !== undefined && modified > unmodifiedSince) throw failed('If-Unmodified-Since');
  const noneMatch = header(request, `${prefix}if-none-match`);
  if (noneMatch !== undefined) return matchesTag(noneMatch, object.etag) ? 'not-modified' : 'proceed';
  const modifiedSince = dateHeader(request, `${prefix}if-modified-since`);
  return modifiedSince !== undefined && modified <= modifiedSince ? 'not-modified' : 'proceed';
}
