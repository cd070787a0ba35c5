import { z } from 'zod';
import { type DatabaseConnection, normalizeConnection } from '../../../relational/connection-config.ts';
import { flag } from '../../../relational/scalar-schema.ts';
import {
  DEFAULT_BATCH_BYTES,
  modeOf,
  placeOf,
  type WriteParameters,
  writeParameters,
  writerFields,
} from '../../../relational/write/parameters.ts';
import type { ConflictRule } from '../../../relational/write/target.ts';

/** Resolved parameters of the writer. */
export interface MysqlWriterConfig extends WriteParameters {
  readonly connection: DatabaseConnection;
  /** As the job names it. */
  readonly table: string;
  readonly session: readonly string[];
  /** Absent = as many as suit the statement. */
  readonly batchSize: number | undefined;
  readonly batchByteSize: number;
  /** Plain inserts go by LOAD DATA LOCAL while the server takes them without any warning. */
  readonly loadData: boolean;
}

/** Words of `writeMode`: those of DataX and DataWorks. */
const MODES: Readonly<Record<string, ConflictRule>> = {
  insert: 'fail',
  'insert into': 'fail',
  'insert ignore': 'keep',
  'insert ignore into': 'keep',
  replace: 'replace',
  'replace into': 'replace',
  update: 'update',
  'on duplicate key update': 'update',
};

const parameters = z.strictObject({
  ...writerFields,
  loadData: flag
    .optional()
    .describe('LOAD DATA LOCAL for plain inserts where it can be exact; default true.'),
});

/** Parameters of the writer as job files write them. */
export const mysqlWriterSchema = parameters.transform((raw, context): MysqlWriterConfig => {
  const tell = (path: string, message: string): void =>
    void context.addIssue({ code: 'custom', path: [path], message: `${path}: ${message}` });
  const place = placeOf(raw, tell);
  const connection = normalizeConnection(place.connection, 'mysql');
  if (Array.isArray(connection)) for (const { path, message } of connection) tell(path, message);
  const rule = modeOf(raw.writeMode, MODES, 'fail', tell);
  return {
    ...writeParameters(raw, rule),
    connection: connection as DatabaseConnection,
    table: place.table,
    session: raw.session ?? [],
    batchSize: raw.batchSize,
    batchByteSize: raw.batchByteSize ?? DEFAULT_BATCH_BYTES,
    loadData: raw.loadData ?? true,
  };
});
