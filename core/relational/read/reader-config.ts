/** Parameters of the readers as job files write them, and what they become. */
import { z } from 'zod';
import {
  type ConnectionFields,
  connectionFields,
  type DatabaseConnection,
  normalizeConnection,
} from '../connection-config.ts';
import type { Dialect } from '../dialect.ts';
import { flag, textList, wholeNumber } from '../scalar-schema.ts';
import { pieceFault, trimmedCondition } from '../sql-text.ts';
import { expandTables } from '../table-patterns.ts';

/** One database and what is read of it: tables, or queries. */
export interface ReadPlace {
  readonly connection: DatabaseConnection;
  readonly tables: readonly string[];
  readonly queries: readonly string[];
}

/** Parsed parameters of a reader. */
export interface RelationalReaderConfig {
  readonly dialect: Dialect;
  readonly places: readonly ReadPlace[];
  /** Entries of `column`; empty in query mode. */
  readonly columns: readonly string[];
  readonly where?: string;
  readonly splitPk?: string;
  readonly splitPoints: readonly string[];
  /** Shards of a single table per wanted one. */
  readonly splitFactor: number;
  /** Tries after the first, for connecting and for going on after a lost connection. */
  readonly maxRetries: number;
  readonly retryPauseMs: number;
  /** All shards of a connection read one snapshot of the database. */
  readonly consistentSnapshot: boolean;
  /** Parameters that a query makes meaningless, for the notes of a plan. */
  readonly ignored: readonly string[];
}

const DEFAULT_SPLIT_FACTOR = 5;
const MAX_SPLIT_FACTOR = 100;
const DEFAULT_RETRIES = 3;
const MAX_RETRIES = 100;
const DEFAULT_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;

const unused = (why: string) => z.unknown().optional().describe(`Accepted without effect: ${why}`);

/** A parameter that belongs to something this reader does not do; blank is as good as absent. */
const refused = (why: string) =>
  z
    .unknown()
    .optional()
    .refine((value) => value === undefined || isBlank(value), { error: why })
    .describe(why);

const isBlank = (value: unknown): boolean =>
  value === '' || (Array.isArray(value) && value.every((item) => item === ''));

const off = (what: string) => flag.refine((on) => !on, { error: `${what} is not available` }).optional();

const utf8 = z
  .string()
  .regex(/^utf-?8(mb4)?$/i, 'only utf-8: the server converts all text')
  .or(z.literal(''))
  .optional();

const place = z.strictObject({
  ...connectionFields,
  table: textList.optional(),
  querySql: textList.optional(),
  datasource: refused('a data source belongs to the step; give host and database here'),
});

const fields = z.strictObject({
  ...connectionFields,
  connection: z
    .array(place)
    .min(1, 'must not be empty')
    .optional()
    .describe('Several databases with tables of one shape: {"jdbcUrl" or "host" …, "table" or "querySql"}.'),
  table: textList.optional().describe('Tables of one shape; t[00-03] stands for four.'),
  column: z
    .array(z.string({ error: 'must be a name or an expression as text' }))
    .optional()
    .describe('Names, or ["*"], or expressions of the database: now(), \'text\', 1.'),
  where: z.string().optional().describe('Condition on the rows.'),
  querySql: textList.optional().describe('Queries instead of tables; each is one shard.'),
  splitPk: z.string().trim().optional().describe('Column to cut at; absent = the primary key.'),
  splitPoints: z
    .array(z.string())
    .optional()
    .describe('Values of splitPk to cut at, strictly increasing; absent = found by the database.'),
  splitFactor: wholeNumber(1, MAX_SPLIT_FACTOR).default(DEFAULT_SPLIT_FACTOR),
  maxRetryTime: wholeNumber(0, MAX_RETRIES).default(DEFAULT_RETRIES).describe('Tries after the first.'),
  retryPauseInMillisecond: wholeNumber(1, MAX_PAUSE_MS)
    .default(DEFAULT_PAUSE_MS)
    .describe('First pause; doubles up to 30 s.'),
  consistentSnapshot: flag
    .default(false)
    .describe('PostgreSQL: all shards see the rows as they were when the run was planned.'),
  encoding: utf8,
  mandatoryEncoding: utf8,
  fetchSize: unused('rows are streamed.'),
  envType: unused('there is one environment.'),
  checkSlave: off('waiting for replication'),
  useSpecialSecret: off('useSpecialSecret'),
  dryRun: off('dryRun; use millrace plan'),
  session: refused('session is not available: sessions are set up by the reader'),
  preSql: refused('preSql belongs to writers'),
  postSql: refused('postSql belongs to writers'),
  hint: refused('hint is not available'),
});

type Raw = z.output<typeof fields>;
type Tell = (path: readonly (string | number)[], message: string) => void;

/** Parameters of a reader of the dialect. */
export const readerSchema = (dialect: Dialect) =>
  fields.transform((raw, context): RelationalReaderConfig => {
    const told = new Set<string>();
    const tell: Tell = (path, message) => {
      // What all entries of a list lack is one fault.
      const fault = JSON.stringify([path, message]);
      if (told.has(fault)) return;
      told.add(fault);
      context.issues.push({ code: 'custom', input: raw, message, path: [...path] });
    };
    const config = toConfig(raw, dialect, tell);
    return told.size === 0 ? config : z.NEVER;
  });

function toConfig(raw: Raw, dialect: Dialect, tell: Tell): RelationalReaderConfig {
  const places = placesOf(raw, dialect, tell);
  const asksQueries = places.some(({ queries }) => queries.length > 0);
  if (asksQueries && places.some(({ tables }) => tables.length > 0)) {
    tell(['querySql'], 'tables and queries cannot be read by one step');
  }
  const where = trimmedCondition(raw.where);
  checkPieces(raw, where, dialect, asksQueries, tell);
  if (raw.consistentSnapshot && dialect === 'mysql')
    tell(['consistentSnapshot'], 'MySQL cannot share a snapshot between connections');
  if (raw.splitPoints && raw.splitPoints.length > 0 && !raw.splitPk) tell(['splitPoints'], 'needs splitPk');
  const given = { where, splitPk: raw.splitPk || undefined };
  const ignored = asksQueries ? Object.keys(given).filter((key) => given[key as keyof typeof given]) : [];
  return {
    dialect,
    places,
    columns: asksQueries ? [] : (raw.column ?? []).map((entry) => entry.trim()),
    ...(where !== undefined && !asksQueries && { where }),
    ...(raw.splitPk && !asksQueries && { splitPk: raw.splitPk }),
    splitPoints: raw.splitPoints ?? [],
    splitFactor: raw.splitFactor,
    maxRetries: raw.maxRetryTime,
    retryPauseMs: raw.retryPauseInMillisecond,
    consistentSnapshot: raw.consistentSnapshot,
    ignored,
  };
}

function checkPieces(
  raw: Raw,
  where: string | undefined,
  dialect: Dialect,
  asksQueries: boolean,
  tell: Tell,
): void {
  if (asksQueries) return;
  const fault = where === undefined ? undefined : pieceFault(dialect, where, 'condition');
  if (fault !== undefined) tell(['where'], `where ${fault}`);
  const entries = raw.column ?? [];
  if (entries.length === 0) tell(['column'], 'needs at least one column, or ["*"]');
  for (const [i, entry] of entries.entries()) {
    if (entry.trim() === '*') {
      if (entries.length > 1) tell(['column', i], '* stands alone or not at all');
      continue;
    }
    const wrong = pieceFault(dialect, entry, 'expression');
    if (wrong !== undefined) tell(['column', i], `a column ${wrong}`);
  }
}

function placesOf(raw: Raw, dialect: Dialect, tell: Tell): readonly ReadPlace[] {
  if (raw.connection === undefined) return [placeOf(raw, [], dialect, tell)];
  for (const key of ['table', 'querySql'] as const) {
    if (raw[key] !== undefined) tell([key], 'belongs into the entries of connection');
  }
  const shared = connectionOf(raw);
  return raw.connection.map((entry, i) => {
    const { table, querySql, ...own } = entry;
    // A host of the step, or of its data source, gives way to an address of the entry.
    const inherited = own.jdbcUrl || own.host ? withoutAddress(shared) : shared;
    const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
    return placeOf({ ...inherited, ...given, table, querySql }, ['connection', i], dialect, tell);
  });
}

const ADDRESS_KEYS: readonly string[] = ['host', 'port', 'jdbcUrl', 'database'];

const connectionOf = (raw: Raw): ConnectionFields =>
  Object.fromEntries(
    Object.keys(connectionFields).map((key) => [key, raw[key as keyof ConnectionFields]]),
  ) as ConnectionFields;

const withoutAddress = (raw: ConnectionFields): ConnectionFields =>
  Object.fromEntries(Object.entries(raw).filter(([key]) => !ADDRESS_KEYS.includes(key))) as ConnectionFields;

type PlaceFields = ConnectionFields & {
  readonly table?: readonly string[] | undefined;
  readonly querySql?: readonly string[] | undefined;
};

function placeOf(
  raw: PlaceFields,
  path: readonly (string | number)[],
  dialect: Dialect,
  tell: Tell,
): ReadPlace {
  const normal = normalizeConnection(raw, dialect);
  const faults = Array.isArray(normal) ? normal : [];
  for (const fault of faults)
    tell(path.length > 0 && isShared(fault.path) ? [fault.path] : [...path, fault.path], fault.message);
  const queries = (raw.querySql ?? [])
    .map((sql) =>
      sql
        .trim()
        .replace(/[;；]$/, '')
        .trim(),
    )
    .filter((sql) => sql !== '');
  for (const [i, sql] of queries.entries()) {
    const fault = pieceFault(dialect, sql, 'query');
    if (fault !== undefined) tell([...path, 'querySql', i], `the query ${fault}`);
  }
  const tables = tablesOf(raw, queries, path, tell);
  return { connection: normal as DatabaseConnection, tables, queries };
}

/** Credentials are given once, for all entries. */
const isShared = (key: string): boolean => key === 'username' || key === 'password';

function tablesOf(
  raw: PlaceFields,
  queries: readonly string[],
  path: readonly (string | number)[],
  tell: Tell,
): readonly string[] {
  // As in DataX a query wins over tables beside it.
  if (queries.length > 0) return [];
  if (raw.table === undefined) {
    tell([...path, 'table'], 'is required, or querySql');
    return [];
  }
  const tables = expandTables(raw.table);
  if (typeof tables !== 'string') return tables;
  tell([...path, 'table'], tables);
  return [];
}
