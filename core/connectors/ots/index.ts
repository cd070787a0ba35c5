import { createTablestoreClient } from '../../tablestore/index.ts';
import type { ConnectorDef } from '../contract.ts';
import { READER_CODES } from './codes.ts';
import { type OtsReaderConfig, readerSchema } from './config.ts';
import { CONNECTION_KEYS, connectionSchema, type OtsConnection, SECRET_KEYS } from './connection.ts';
import { OtsReader } from './reader.ts';

/** Tablestore (OTS): key ranges of wide column tables. */
export const ots: ConnectorDef<OtsReaderConfig> = {
  type: 'ots',
  connectionKeys: CONNECTION_KEYS,
  secretKeys: SECRET_KEYS,
  reader: { schema: readerSchema, open: (config, context) => new OtsReader(config, context) },
  connection: connectionSchema,
  test: async (connection, context) => {
    const { instanceName, ...rest } = connection as unknown as OtsConnection;
    const client = createTablestoreClient({ ...rest, instanceName, codes: READER_CODES }, context);
    try {
      const tables = await client.listTable({ signal: context.signal });
      return `instance ${instanceName} answers; it has ${tables.length} tables`;
    } finally {
      client.close();
    }
  },
};
