import type { DataSources } from '../../core/job/index.ts';
import type { JobModel } from '../../core/job/model.ts';
import { systemClock } from '../../core/ports/system.ts';
import { stateCodes } from '../../core/stores/index.ts';
import { createTablestoreClient } from '../../core/tablestore/index.ts';
import type { CloudAddress } from './cloud-child.ts';
import { BUCKETS, COLUMNS, NULL_TEXT } from './dataset.ts';

/** Name of the Tablestore instance, as tests and benches know it. */
export const INSTANCE = 'local';

/** Creates the table of the data set. */
export async function createSource(address: CloudAddress, table: string): Promise<void> {
  const { ots, accessKeyId, accessKeySecret } = address;
  const where = { endpoint: ots, instanceName: INSTANCE, accessKeyId, accessKeySecret };
  const client = createTablestoreClient({ ...where, codes: stateCodes }, { clock: systemClock });
  const key = [
    { name: 'bucket', type: 'STRING' as const },
    { name: 'id', type: 'INTEGER' as const },
  ];
  await client.createTable({ table, key });
  client.close();
}

/** The data sources `source` and `target`, with the secret as given. */
export const inlineDataSources = (address: CloudAddress, secret = address.accessKeySecret): DataSources => ({
  source: {
    type: 'ots',
    endpoint: address.ots,
    instanceName: INSTANCE,
    accessId: address.accessKeyId,
    accessKey: secret,
  },
  target: {
    type: 'oss',
    endpoint: address.oss.replace('127.0.0.1', 'localhost'),
    bucket: 'exports',
    accessId: address.accessKeyId,
    accessKey: secret,
  },
});

/** Split points between the values of the first key column: one shard each. */
const BUCKET_SPLIT = Array.from({ length: BUCKETS - 1 }, (_, i) => ({
  type: 'STRING',
  value: `b${String(i + 1).padStart(2, '0')}`,
}));

/** Sixteen shards by the first key column; everything must come out as it went in. */
export function exportJob(
  object: string,
  speed: JobModel['setting']['speed'],
  split: readonly { type: string; value: string }[] = BUCKET_SPLIT,
): JobModel {
  return {
    dialect: 'v2',
    reader: {
      type: 'ots',
      path: 'steps[0].parameter',
      params: {
        datasource: 'source',
        table: 'everything',
        column: COLUMNS.map((name) => ({ name })),
        range: { begin: [{ type: 'INF_MIN' }], end: [{ type: 'INF_MAX' }], split },
      },
    },
    writer: {
      type: 'oss',
      path: 'steps[1].parameter',
      params: {
        datasource: 'target',
        object,
        writeMode: 'truncate',
        fileFormat: 'csv',
        nullFormat: NULL_TEXT,
        byteEncoding: 'base64',
        suffix: 'csv',
      },
    },
    setting: { errorLimit: { kind: 'records', limit: 0 }, speed, timeZone: 'Asia/Shanghai' },
  };
}
