import { RelationalReader } from '../../../relational/read/relational-reader.ts';
import { tableReaderConfig } from '../../../relational/read-back/table-reader.ts';
import { withoutPreparation } from '../../../relational/write/parameters.ts';
import { RelationalWriter } from '../../../relational/write/relational-writer.ts';
import type { ConnectorDef } from '../../contract.ts';
import { openReadSession } from '../read/session.ts';
import { type MysqlWriterConfig, mysqlWriterSchema } from './config.ts';
import { MysqlTarget } from './target.ts';

/** The writer of MySQL and MariaDB tables. */
export const mysqlWriter: NonNullable<ConnectorDef<never, MysqlWriterConfig>['writer']> = {
  schema: mysqlWriterSchema,
  delivery: 'exactly-once',
  adding: withoutPreparation,
  open: (config, context) =>
    new RelationalWriter(
      new MysqlTarget(config, context),
      config,
      context,
      (names) =>
        new RelationalReader(
          tableReaderConfig('mysql', config.connection, config.table, names),
          context,
          (connection) => openReadSession(connection, context),
        ),
    ),
};
