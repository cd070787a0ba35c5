import { SyncError } from '../../errors/index.ts';
import type { ConnectorDef } from '../contract.ts';
import { type OssWriterConfig, ossWriterSchema } from './config.ts';
import type { OssConnection } from './connection.ts';
import { connectionSchema, toConnection } from './connection-config.ts';
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
    const resolved = resolve(connection);
    const store = new ObjectStore(resolved, context);
    try {
      await requireUsableBucket(store, context);
      return `bucket ${resolved.bucket} can be reached`;
    } finally {
      store.close();
    }
  },
};

/** @throws SyncError for the first fault of a connection; its values are not shown. */
function resolve(connection: Readonly<Record<string, unknown>>): OssConnection {
  const refuse = (path: readonly PropertyKey[], message: string): never => {
    throw new SyncError('DST-4004', 'config', `the data source is incomplete: ${message}`, {
      path: path.map(String).join('.'),
    });
  };
  const parsed = connectionSchema.safeParse(connection);
  if (parsed.success)
    return toConnection(parsed.data, { addIssue: ({ path, message }) => refuse(path, message) });
  const [issue] = parsed.error.issues;
  return refuse(issue?.path ?? [], issue?.message ?? 'it cannot be read');
}
