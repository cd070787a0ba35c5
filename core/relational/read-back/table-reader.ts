import type { DatabaseConnection } from '../connection-config.ts';
import type { Dialect } from '../dialect.ts';
import { quoteIdentifier } from '../identifiers.ts';
import type { RelationalReaderConfig } from '../read/reader-config.ts';

/** Tries after the first, for connecting and for going on after a lost connection. */
const RETRIES = 3;
const RETRY_PAUSE_MS = 500;

/** The parameters of a reader of a writer's own table. */
export const tableReaderConfig = (
  dialect: Dialect,
  connection: DatabaseConnection,
  table: string,
  names: readonly string[],
): RelationalReaderConfig => ({
  dialect,
  places: [{ connection, tables: [table], queries: [] }],
  columns: names.map((name) => quoteIdentifier(dialect, name)),
  splitPoints: [],
  splitFactor: 1,
  maxRetries: RETRIES,
  retryPauseMs: RETRY_PAUSE_MS,
  ignored: [],
  consistentSnapshot: false,
});
