import {
  CONNECTION_KEYS,
  connectionSchema,
  type DatabaseConnection,
  SECRET_KEYS,
} from '../../relational/connection-config.ts';
import type { ConnectorDef } from '../contract.ts';
import { openConnection } from './connection.ts';
import type { MysqlWriterConfig } from './write/config.ts';
import { mysqlWriter } from './write/index.ts';

/** MySQL, MariaDB, PolarDB for MySQL, DRDS. */
export const mysql: ConnectorDef<never, MysqlWriterConfig> = {
  type: 'mysql',
  connectionKeys: CONNECTION_KEYS,
  secretKeys: SECRET_KEYS,
  connection: connectionSchema('mysql'),
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
