import { RelationalReader } from '../../../relational/read/relational-reader.ts';
import { tableReaderConfig } from '../../../relational/read-back/table-reader.ts';
import { withoutPreparation } from '../../../relational/write/parameters.ts';
import { RelationalWriter } from '../../../relational/write/relational-writer.ts';
import type { ConnectorDef } from '../../contract.ts';
import { openReadSession } from '../read/session.ts';
import { type PostgresWriterConfig, postgresWriterSchema } from './config.ts';
import { PostgresTarget } from './target.ts';

/** The writer of PostgreSQL tables. */
export const postgresWriter: NonNullable<ConnectorDef<never, PostgresWriterConfig>['writer']> = {
  schema: postgresWriterSchema,
  delivery: 'exactly-once',
  adding: withoutPreparation,
  open: (config, context) =>
    new RelationalWriter(
      new PostgresTarget(config, context),
      config,
      context,
      (names) =>
        new RelationalReader(
          tableReaderConfig('postgresql', config.connection, config.table, names),
          context,
          (connection) => openReadSession(connection, context),
        ),
    ),
};
