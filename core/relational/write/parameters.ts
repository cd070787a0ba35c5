/** Parameters that the relational writers share, as DataX and DataWorks name them. */
import { z } from 'zod';
import type { JsonObject } from '../../job/model.ts';
import { CONNECTION_KEYS, type ConnectionFields, connectionFields } from '../connection-config.ts';
import { flag, textList, wholeNumber } from '../scalar-schema.ts';
import type { ConflictRule } from './target.ts';

/** DataX's bound on the bytes of a batch. */
export const DEFAULT_BATCH_BYTES = 32 * 1024 * 1024;
const MAX_BATCH_ROWS = 1_000_000;
const MIN_BATCH_BYTES = 1024;
const MAX_BATCH_BYTES = 1024 * 1024 * 1024;

/** Parameters of a writer after reading, without those of one database. */
export interface WriteParameters {
  /** One name per source column, or `['*']`. */
  readonly column: readonly string[];
  readonly rule: ConflictRule;
  readonly preSql: readonly string[];
  readonly postSql: readonly string[];
  readonly emptyAsNull: boolean;
  readonly allowLossy: boolean;
  readonly createTable: boolean;
  /** Absent = kept where a repeated block would be repeated in the target. */
  readonly ledger: boolean | undefined;
  /** Names of `updateColumn`; absent = every written column outside the key. */
  readonly updateColumn: readonly string[] | undefined;
}

const filled = z.string().trim().min(1, 'must not be empty');
const names = z.array(filled).min(1, 'must name at least one column');

/** One entry of DataX's list of connections. */
const connectionEntry = z.strictObject({
  jdbcUrl: textList.optional(),
  table: textList.optional(),
});

/** Fields that both writers accept, the connection included; to be spread into a strict object. */
export const writerFields = {
  ...connectionFields,
  connection: z
    .array(connectionEntry)
    .optional()
    .describe('DataX: one entry with jdbcUrl and table, in place of the two beside it.'),
  table: textList.optional().describe('The target table; `schema.table` where it is elsewhere.'),
  column: names.describe('Target columns in the order of the source columns, or ["*"].'),
  writeMode: z.string().optional(),
  preSql: textList.optional().describe('Executed once before the first row; @table is the target.'),
  postSql: textList.optional().describe('Executed once after the last row; @table is the target.'),
  session: textList.optional().describe('Executed on every connection before it is used.'),
  batchSize: wholeNumber(1, MAX_BATCH_ROWS, ' of rows').optional(),
  batchByteSize: wholeNumber(MIN_BATCH_BYTES, MAX_BATCH_BYTES, ' of bytes').optional(),
  emptyAsNull: flag.optional().describe('Empty text is null in columns that hold no text; default true.'),
  allowLossy: flag.optional().describe('Allows conversions that lose something; default false.'),
  createTable: flag.optional().describe('Creates the table from the source columns if it is not there.'),
  ledger: flag.optional().describe('Exactly once by a ledger in the target; see docs.'),
  updateColumn: names.optional().describe('Columns that an update sets; default all outside the key.'),
};

const fieldsSchema = z.strictObject(writerFields);

/** Parsed fields of a writer. */
export type WriterFields = z.output<typeof fieldsSchema>;

/** Where a fault of the parameters is told. */
export type Tell = (path: string, message: string) => void;

/** The fields of the connection and the one table, whichever way they were given. */
export function placeOf(
  raw: WriterFields,
  tell: Tell,
): { readonly connection: ConnectionFields; readonly table: string } {
  const entry = raw.connection?.[0];
  if (raw.connection !== undefined && raw.connection.length !== 1)
    tell('connection', 'must have exactly one entry: a job writes to one database');
  if (entry?.jdbcUrl !== undefined && raw.jdbcUrl !== undefined)
    tell('jdbcUrl', 'is in connection already; give one of the two');
  if (entry?.table !== undefined && raw.table !== undefined)
    tell('table', 'is in connection already; give one of the two');
  const tables = entry?.table ?? raw.table ?? [];
  if (tables.length === 0) tell('table', 'is required');
  if (tables.length > 1) tell('table', 'must be one table: a job writes to one; make a job for each');
  const jdbcUrl = entry?.jdbcUrl ?? raw.jdbcUrl;
  const connection = Object.fromEntries(CONNECTION_KEYS.map((key) => [key, raw[key]]));
  return {
    connection: { ...connection, ...(jdbcUrl !== undefined && { jdbcUrl }) } as ConnectionFields,
    table: tables[0] ?? '',
  };
}

/** The shared parameters; the rule comes from the words of one database's `writeMode`. */
export const writeParameters = (raw: WriterFields, rule: ConflictRule): WriteParameters => ({
  column: raw.column,
  rule,
  preSql: raw.preSql ?? [],
  postSql: raw.postSql ?? [],
  emptyAsNull: raw.emptyAsNull ?? true,
  allowLossy: raw.allowLossy ?? false,
  createTable: raw.createTable ?? false,
  ledger: raw.ledger,
  updateColumn: raw.updateColumn,
});

/** Looks a write mode up, whatever its case and blanks. */
export function modeOf<T>(
  text: string | undefined,
  modes: Readonly<Record<string, T>>,
  fallback: T,
  tell: Tell,
): T {
  if (text === undefined || text.trim() === '') return fallback;
  const key = text.trim().toLowerCase().replace(/\s+/g, ' ');
  if (Object.hasOwn(modes, key)) return modes[key]!;
  tell('writeMode', `\`${text}\` does not exist here; there are ${Object.keys(modes).join(', ')}`);
  return fallback;
}

/** The job's parameters for rows that come beside those of an earlier run: what emptied the table is not done again. */
export const withoutPreparation = (params: JsonObject): JsonObject => ({ ...params, preSql: [] });
