import { z } from 'zod';
import { type DatabaseConnection, normalizeConnection } from '../../../relational/connection-config.ts';
import type { BatchLimits } from '../../../relational/write/encoded-rows.ts';
import {
  DEFAULT_BATCH_BYTES,
  modeOf,
  placeOf,
  type WriteParameters,
  writeParameters,
  writerFields,
} from '../../../relational/write/parameters.ts';
import type { ConflictRule } from '../../../relational/write/target.ts';

/** Rows of one COPY unless the job says otherwise: a whole block. */
const DEFAULT_BATCH_ROWS = 1_000_000;

/** Resolved parameters of the writer. */
export interface PostgresWriterConfig extends WriteParameters {
  readonly connection: DatabaseConnection;
  /** As the job names it. */
  readonly table: string;
  readonly session: readonly string[];
  readonly limits: BatchLimits;
  /** Columns whose unique key tells rows apart; absent = the primary key. */
  readonly conflictTarget: readonly string[] | undefined;
}

/** Words of `writeMode`: those of DataX and DataWorks, and of the SQL behind them. */
const MODES: Readonly<Record<string, ConflictRule>> = {
  insert: 'fail',
  'insert into': 'fail',
  copy: 'fail',
  'insert ignore': 'keep',
  ignore: 'keep',
  update: 'update',
  upsert: 'update',
  replace: 'replace',
};

const parameters = z.strictObject({
  ...writerFields,
  conflictTarget: z
    .array(z.string().trim().min(1))
    .min(1)
    .optional()
    .describe('Columns of the unique key that tells whether a row exists; default the primary key.'),
});

/** Parameters of the writer as job files write them. */
export const postgresWriterSchema = parameters.transform((raw, context): PostgresWriterConfig => {
  const tell = (path: string, message: string): void =>
    void context.addIssue({ code: 'custom', path: [path], message: `${path}: ${message}` });
  const place = placeOf(raw, tell);
  const connection = normalizeConnection(place.connection, 'postgresql');
  if (Array.isArray(connection)) for (const { path, message } of connection) tell(path, message);
  const rule = modeOf(raw.writeMode, MODES, 'fail', tell);
  if (rule === 'fail' && raw.conflictTarget !== undefined)
    tell('conflictTarget', 'belongs to a writeMode that looks at rows that exist');
  return {
    ...writeParameters(raw, rule),
    connection: connection as DatabaseConnection,
    table: place.table,
    session: raw.session ?? [],
    limits: { rows: raw.batchSize ?? DEFAULT_BATCH_ROWS, bytes: raw.batchByteSize ?? DEFAULT_BATCH_BYTES },
    conflictTarget: raw.conflictTarget,
  };
});
