import { createTablestoreClient } from '../../tablestore/index.ts';
import type { ConnectorDef } from '../contract.ts';
import { READER_CODES } from './codes.ts';
import { type OtsReaderConfig, readerSchema } from './config.ts';
import { CONNECTION_KEYS, connectionSchema, type OtsConnection, SECRET_KEYS } from './connection.ts';
import { OtsReader } from './reader.ts';
import { OtsWriter } from './write/writer.ts';
import { type OtsWriterConfig, writerSchema } from './write/writer-config.ts';

/** Tablestore (OTS): wide column tables, read by key range and written by key. */
export const ots: ConnectorDef<OtsReaderConfig, OtsWriterConfig> = {
  type: 'ots',
  connectionKeys: CONNECTION_KEYS,
  secretKeys: SECRET_KEYS,
  reader: { schema: readerSchema, open: (config, context) => new OtsReader(config, context) },
  writer: {
    schema: writerSchema,
    delivery: 'idempotent',
    adding: (params) => params,
    open: (config, context) => new OtsWriter(config, context),
  },
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
