import { SyncError } from '../../errors/index.ts';
import type { ConnectorDef } from '../contract.ts';
import { type OssWriterConfig, ossWriterSchema } from './config.ts';
import { connectionSchema, toConnection } from './connection-config.ts';
import { ObjectStore } from './object-store.ts';
import { OssWriter, requireUsableBucket } from './writer.ts';

/** Alibaba Cloud OSS. */
export const oss: ConnectorDef<never, OssWriterConfig> = {
  type: 'oss',
  connectionKeys: [
    'endpoint',
    'region',
    'bucket',
    'accessId',
    'accessKey',
    'accessKeyId',
    'accessKeySecret',
    'securityToken',
    'cname',
  ],
  secretKeys: ['accessKey', 'accessKeySecret', 'securityToken'],
  connection: connectionSchema,
  writer: {
    schema: ossWriterSchema,
    delivery: 'atomic',
    open: (config, context) => new OssWriter(config, context),
  },
  async test(connection, context) {
    const raw = connectionSchema.parse(connection);
    const resolved = toConnection(raw, {
      addIssue: ({ message }) => {
        throw new SyncError('DST-4004', 'config', message);
      },
    });
    const store = new ObjectStore(resolved, context);
    try {
      await requireUsableBucket(store, context);
      return `bucket ${resolved.bucket} can be reached`;
    } finally {
      store.close();
    }
  },
};
