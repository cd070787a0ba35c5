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
import type { MysqlWriterConfig } from './write/config.ts';
import { mysqlWriter } from './write/index.ts';

/** MySQL, MariaDB, PolarDB for MySQL, DRDS. */
export const mysql: ConnectorDef<RelationalReaderConfig, MysqlWriterConfig> = {
  type: 'mysql',
  connectionKeys: CONNECTION_KEYS,
  secretKeys: SECRET_KEYS,
  connection: connectionSchema('mysql'),
  reader: {
    schema: readerSchema('mysql'),
    open: (config, context) =>
      new RelationalReader(config, context, (connection) => openReadSession(connection, context)),
  },
  writer: mysqlWriter,
  test: async (connection, context) => {
    const config = connection as unknown as DatabaseConnection;
    const open = await openConnection(config, context, { side: 'source' });
    try {
      const [[database] = []] = await open.rows('SELECT DATABASE()');
      return `database ${database} of ${open.version} answers`;
    } finally {
      await open.close();
    }
  },
};
