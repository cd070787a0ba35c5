import type { ConnectorDef } from '../contract.ts';
import { type OssWriterConfig, ossWriterSchema } from './config.ts';
import { connectionSchema, resolveConnection } from './connection-config.ts';
import { ObjectStore } from './object-store.ts';
import { type OssReaderConfig, ossReaderSchema } from './read/config.ts';
import { OssReader } from './read/reader.ts';
import { OssWriter, requireUsableBucket } from './writer.ts';

/** Alibaba Cloud OSS. */
export const oss: ConnectorDef<OssReaderConfig, OssWriterConfig> = {
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
  reader: { schema: ossReaderSchema, open: (config, context) => new OssReader(config, context) },
  writer: {
    schema: ossWriterSchema,
    delivery: 'atomic',
    adding: (params) => ({ ...params, writeMode: 'append' }),
    open: (config, context) => new OssWriter(config, context),
  },
  async test(connection, context) {
    const resolved = resolveConnection(connection);
    const store = new ObjectStore(resolved, context);
    try {
      await requireUsableBucket(store, context);
      return `bucket ${resolved.bucket} can be reached`;
    } finally {
      store.close();
    }
  },
};
