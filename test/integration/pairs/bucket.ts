import type { JsonObject } from '../../../core/job/index.ts';
import { BUCKET, KEY_ID, KEY_SECRET, type OssTarget } from '../../contract/writers/oss-target.ts';

/** How the bucket is reached, as a step of a job says it. */
export const connectionOf = ({ endpoint }: OssTarget): JsonObject => ({
  endpoint,
  bucket: BUCKET,
  accessId: KEY_ID,
  accessKey: KEY_SECRET,
});

/** Names of the objects of a target, without what the writer keeps for itself. */
export const dataKeys = async (bucket: OssTarget, table: string): Promise<string[]> =>
  (await bucket.keys(`${table}/part`)).filter((key) => !key.includes('_millrace/'));
