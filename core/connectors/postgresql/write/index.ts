import { withoutPreparation } from '../../../relational/write/parameters.ts';
import { RelationalWriter } from '../../../relational/write/relational-writer.ts';
import type { ConnectorDef } from '../../contract.ts';
import { type PostgresWriterConfig, postgresWriterSchema } from './config.ts';
import { PostgresTarget } from './target.ts';

/** The writer of PostgreSQL tables. */
export const postgresWriter: NonNullable<ConnectorDef<never, PostgresWriterConfig>['writer']> = {
  schema: postgresWriterSchema,
  delivery: 'exactly-once',
  adding: withoutPreparation,
  open: (config, context) => new RelationalWriter(new PostgresTarget(config, context), config, context),
};
