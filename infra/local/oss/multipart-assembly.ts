/** Turning parts into an object: the rules for the list of a completion, and the sums of the whole from those of its parts. */

import { createHash } from 'node:crypto';
import type { Upload } from './catalog.ts';
import { crc64Combine } from './crc64.ts';
import { OssError } from './errors.ts';
import type { ObjectRecord, PartRecord, UploadRecord } from './records.ts';

/** Smallest part but the last, bytes. */
export const MIN_PART_BYTES = 100 * 1024;
/** Most parts of an object. */
const MAX_PARTS = 10_000;

/** A part as a completion names it. */
export interface ListedPart {
  readonly number: number;
  readonly etag: string;
}

/** The parts of a list. Throws MalformedXML, InvalidPartOrder, InvalidPart or EntityTooSmall. */
export function verifyParts(listed: readonly ListedPart[], upload: Upload): PartRecord[] {
  if (listed.length === 0 || listed.length > MAX_PARTS) {
    throw new OssError('MalformedXML', `A completion lists 1 to ${MAX_PARTS} parts.`);
  }
  const disorder = listed.find((part, i) => i > 0 && part.number <= listed[i - 1]!.number);
  if (disorder) {
    throw new OssError(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts list must be specified in order by part number.',
      { detail: { PartNumber: String(disorder.number) } },
    );
  }
  const parts = listed.map((part) => matchPart(part, upload));
  const small = parts.slice(0, -1).find(({ size }) => size < MIN_PART_BYTES);
  if (small) {
    throw new OssError('EntityTooSmall', 'Your proposed upload smaller than the minimum allowed size.', {
      detail: {
        PartNumber: String(small.number),
        ETag: small.etag,
        MinSizeAllowed: String(MIN_PART_BYTES),
        ProposedSize: String(small.size),
      },
    });
  }
  return parts;
}

function matchPart(listed: ListedPart, upload: Upload): PartRecord {
  const part = upload.parts.get(listed.number);
  if (part && part.etag === listed.etag.toUpperCase()) return part;
  throw new OssError(
    'InvalidPart',
    "One or more of the specified parts could not be found or the specified entity tag might not have matched the part's entity tag.",
    { detail: { PartNumber: String(listed.number), ETag: listed.etag.slice(0, 64) } },
  );
}

/** The object made of parts. Its ETag is not a digest of the content; its CRC-64 is combined, nothing is read. */
export function assembleObject(
  upload: UploadRecord,
  parts: readonly PartRecord[],
  nowMs: number,
): ObjectRecord {
  const tags = createHash('md5');
  let crc = 0n;
  let size = 0;
  for (const part of parts) {
    tags.update(Buffer.from(part.etag, 'hex'));
    crc = crc64Combine(crc, BigInt(part.crc64), part.size);
    size += part.size;
  }
  return {
    key: upload.key,
    headers: upload.headers,
    storageClass: upload.storageClass,
    acl: upload.acl,
    tags: upload.tags,
    type: 'Multipart',
    size,
    etag: `${tags.digest('hex').toUpperCase()}-${parts.length}`,
    crc64: String(crc),
    lastModifiedMs: nowMs,
    segments: parts.flatMap(({ blob, size: partSize }) =>
      blob === undefined ? [] : [{ blob, size: partSize }],
    ),
  };
}
