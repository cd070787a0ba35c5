/** Parameters of the writer as job files write them, and what they become. */
import { z } from 'zod';
import { connectionFields, normalizeConnection, type OtsConnection } from '../connection.ts';
import { wholeNumber } from '../number-schema.ts';
import { flag, normalMode, off, refused, unused } from '../parameter-forms.ts';
import { type NamedAttribute, type NamedKey, namedAttribute, namedKey } from './column-names.ts';
import {
  MAX_ATTRIBUTE_VALUE_BYTES,
  MAX_ATTRIBUTES,
  MAX_BATCH_BYTES,
  MAX_BATCH_ROWS,
  MAX_KEY_COLUMNS,
  MAX_KEY_VALUE_BYTES,
} from './limits.ts';

/** What happens to a row: it is replaced, merged into, or removed. */
export type WriteOperation = 'put' | 'update' | 'delete';

/** Parsed parameters of the writer. */
export interface OtsWriterConfig {
  readonly connection: OtsConnection;
  readonly table: string;
  /** In the order of the source columns. */
  readonly key: readonly NamedKey[];
  /** In the order of the source columns after those of the key. */
  readonly attributes: readonly NamedAttribute[];
  readonly operation: WriteOperation;
  /** Version of every cell in ms since 1970; absent = the service's time. */
  readonly version?: bigint;
  readonly batchRows: number;
  readonly batchBytes: number;
  /** Batches in flight. */
  readonly concurrency: number;
  readonly maxKeyBytes: number;
  readonly maxAttributeBytes: number;
  readonly allowLossy: boolean;
  /** Tries after the first. */
  readonly maxRetries: number;
  /** First pause between tries; doubles up to 30 s. */
  readonly retryPauseMs: number;
}

const DEFAULT_BATCH_ROWS = 100;
const DEFAULT_BATCH_BYTES = 1024 * 1024;
const DEFAULT_CONCURRENCY = 5;
const MAX_CONCURRENCY = 64;
const OPERATIONS: Readonly<Record<string, WriteOperation>> = {
  putrow: 'put',
  updaterow: 'update',
  deleterow: 'delete',
};

const modeError = 'must be PutRow, UpdateRow or DeleteRow';
const versionError = 'must be a whole number of milliseconds since 1970, or -1 for the time of the service';

const writeMode = z
  .string({ error: modeError })
  .trim()
  .toLowerCase()
  .refine((word) => Object.hasOwn(OPERATIONS, word), { error: modeError })
  .transform((word) => OPERATIONS[word]!)
  .describe('PutRow replaces rows, UpdateRow merges into them, DeleteRow removes them.');

const fields = z.strictObject({
  ...connectionFields,
  table: z.string().trim().min(1, 'is required').describe('Table to write to.'),
  primaryKey: z
    .array(namedKey)
    .min(1, 'needs at least one column')
    .max(MAX_KEY_COLUMNS, `a table has at most ${MAX_KEY_COLUMNS} key columns`)
    .describe('Key columns, in the order of the first source columns.'),
  column: z
    .array(namedAttribute)
    .max(MAX_ATTRIBUTES, `a write has at most ${MAX_ATTRIBUTES} attributes`)
    .describe('Attributes, in the order of the source columns after the key.'),
  writeMode,
  mode: normalMode.describe('Only normal: one value per attribute.'),
  defaultTimestampInMillisecond: z
    .int({ error: versionError })
    .min(-1, versionError)
    .default(-1)
    .describe('Version of every value; -1 = the time of the service.'),
  requestTotalSizeLimitation: wholeNumber(1, MAX_BATCH_BYTES, ' of bytes')
    .default(DEFAULT_BATCH_BYTES)
    .describe('Names and values of one request; a larger row goes alone.'),
  primaryKeyColumnSizeLimitation: wholeNumber(1, MAX_KEY_VALUE_BYTES, ' of bytes')
    .default(MAX_KEY_VALUE_BYTES)
    .describe('Rows with a longer key value are dirty.'),
  attributeColumnSizeLimitation: wholeNumber(1, MAX_ATTRIBUTE_VALUE_BYTES, ' of bytes')
    .default(MAX_ATTRIBUTE_VALUE_BYTES)
    .describe('Rows with a longer attribute are dirty.'),
  attributeColumnMaxCount: wholeNumber(1, MAX_ATTRIBUTES)
    .default(MAX_ATTRIBUTES)
    .describe('Attributes that the job may name.'),
  batchWriteCount: wholeNumber(1, MAX_BATCH_ROWS, ' of rows')
    .default(DEFAULT_BATCH_ROWS)
    .describe('Rows of one request.'),
  concurrencyWrite: wholeNumber(1, MAX_CONCURRENCY)
    .default(DEFAULT_CONCURRENCY)
    .describe('Requests in flight per shard.'),
  allowLossy: flag.default(false).describe('Allows conversions that lose something.'),
  maxRetryTime: wholeNumber(0, 1000).default(18).describe('Tries after the first, per request.'),
  retrySleepInMillisecond: wholeNumber(1, 30_000).default(100).describe('First pause; doubles up to 30 s.'),
  newVersion: flag.optional().describe('Accepted without effect: there is one client.'),
  enableAutoIncrement: off(
    'writing tables whose service numbers the rows (every repeated try would add rows)',
  ),
  isTimeseriesTable: off('writing time series tables'),
  timeunit: refused('belongs to time series tables, which are not available yet'),
  columnNamePrefixFilter: refused('belongs to mode multiVersion, which is not available yet'),
  ioThreadCount: unused('requests are not bound to threads.'),
});

type Fields = z.output<typeof fields>;

/** Parameters of `otswriter`. */
export const writerSchema = fields.transform((raw, context): OtsWriterConfig => {
  const connection = normalizeConnection(raw);
  const faults = columnFaults(raw);
  if (Array.isArray(connection))
    faults.push(...connection.map(({ path, message }) => [path, message] as const));
  for (const [path, message] of faults) {
    context.issues.push({ code: 'custom', input: raw, message, path: path.split('.') });
  }
  if (faults.length > 0 || Array.isArray(connection)) return z.NEVER;
  const version = raw.defaultTimestampInMillisecond;
  return {
    connection,
    table: raw.table,
    key: raw.primaryKey,
    attributes: raw.column,
    operation: raw.writeMode,
    ...(version > 0 && { version: BigInt(version) }),
    batchRows: raw.batchWriteCount,
    batchBytes: raw.requestTotalSizeLimitation,
    concurrency: raw.concurrencyWrite,
    maxKeyBytes: raw.primaryKeyColumnSizeLimitation,
    maxAttributeBytes: raw.attributeColumnSizeLimitation,
    allowLossy: raw.allowLossy,
    maxRetries: raw.maxRetryTime,
    retryPauseMs: raw.retrySleepInMillisecond,
  };
});

type Fault = readonly [path: string, message: string];

function columnFaults({ primaryKey, column, writeMode, attributeColumnMaxCount: most }: Fields): Fault[] {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  const see = (path: string, name: string): void => {
    if (seen.has(name)) faults.push([path, `\`${name}\` stands twice among primaryKey and column`]);
    seen.add(name);
  };
  primaryKey.forEach(({ name }, i) => {
    see(`primaryKey.${i}`, name);
  });
  column.forEach(({ name }, i) => {
    see(`column.${i}`, name);
  });
  if (column.length > most) faults.push(['column', `attributeColumnMaxCount allows ${most}`]);
  if (writeMode === 'update' && column.length === 0) {
    faults.push(['column', 'UpdateRow needs at least one attribute']);
  }
  if (writeMode === 'delete' && column.length > 0) {
    faults.push(['column', 'DeleteRow takes the key alone: must be empty']);
  }
  return faults;
}
