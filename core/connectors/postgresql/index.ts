import {
  CONNECTION_KEYS,
  connectionSchema,
  type DatabaseConnection,
  SECRET_KEYS,
} from '../../relational/connection-config.ts';
import { type RelationalReaderConfig, readerSchema } from '../../relational/read/reader-config.ts';
import { RelationalReader } from '../../relational/read/relational-reader.ts';
import type { ConnectorDef } from '../contract.ts';
import { openConnection } from './connection.ts';
import { openReadSession } from './read/session.ts';
import type { PostgresWriterConfig } from './write/config.ts';
import { postgresWriter } from './write/index.ts';

/** PostgreSQL, AnalyticDB for PostgreSQL, Hologres. */
export const postgresql: ConnectorDef<RelationalReaderConfig, PostgresWriterConfig> = {
  type: 'postgresql',
  connectionKeys: CONNECTION_KEYS,
  secretKeys: SECRET_KEYS,
  connection: connectionSchema('postgresql'),
  reader: {
    schema: readerSchema('postgresql'),
    open: (config, context) =>
      new RelationalReader(config, context, (connection) => openReadSession(connection, context)),
  },
  writer: postgresWriter,
  test: async (connection, context) => {
    const config = connection as unknown as DatabaseConnection;
    const open = await openConnection(config, context, { side: 'source' });
    try {
      const [[database, version] = []] = await open.rows('SELECT current_database(), version()');
      return `database ${database} of ${version?.split(' on ')[0]} answers`;
    } finally {
      await open.close();
    }
  },
};
