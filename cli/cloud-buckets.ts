import OSS from 'ali-oss';
import type { CloudFile } from './cloud-file.ts';

/** Creates the buckets that are missing in the local cloud; those that exist are left as they are. */
export async function ensureBuckets(
  cloud: Pick<CloudFile, 'endpoints' | 'accessKeyId' | 'accessKeySecret'>,
  buckets: readonly string[],
): Promise<void> {
  const client = new OSS({
    endpoint: cloud.endpoints.oss,
    accessKeyId: cloud.accessKeyId,
    accessKeySecret: cloud.accessKeySecret,
  });
  for (const bucket of buckets) await client.putBucket(bucket);
}
