/** Uploads parts of 8 MiB, several at once, with the vendor's client. */
import { randomFillSync } from 'node:crypto';
import { bucketClient } from '../../test/support/export-check.ts';
import { serveSubject } from '../child.ts';
import type { CloudInput } from '../cloud.ts';

const PART_BYTES = 8 * 1024 * 1024;
const PARTS = 96;
const AT_ONCE = 4;

serveSubject<CloudInput>(async ({ address }) => {
  const oss = bucketClient({ ...address, endpoint: address.oss, bucket: 'exports' });
  const body = randomFillSync(Buffer.alloc(PART_BYTES));
  const key = `parts-${process.pid}`;
  const { uploadId } = await oss.initMultipartUpload(key);
  return async () => {
    let next = 1;
    const send = async (): Promise<void> => {
      while (next <= PARTS) await oss.uploadPart(key, uploadId, next++, body, 0, PART_BYTES);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, send));
    return { rows: 0, bytes: PARTS * PART_BYTES };
  };
});
