/** Parameters of the reader as job files write them, and what they become. */
import { z } from 'zod';
import { type OtsColumn, otsColumn } from './column-schema.ts';
import { connectionFields, normalizeConnection, type OtsConnection } from './connection.ts';
import { keyBound } from './key-schema.ts';
import { wholeNumber } from './number-schema.ts';
import { flag, normalMode, off, refused, unused } from './parameter-forms.ts';
import type { RangeConfig } from './range.ts';

/** Parsed parameters of the reader. */
export interface OtsReaderConfig {
  readonly connection: OtsConnection;
  readonly table: string;
  readonly columns: readonly OtsColumn[];
  readonly range: RangeConfig;
  /** Whether rows come too that have none of the configured attributes. */
  readonly includeEmptyRows: boolean;
  /** Tries after the first. */
  readonly maxRetries: number;
  /** First pause between tries; doubles up to 30 s. */
  readonly retryPauseMs: number;
}

const range = z
  .strictObject({
    begin: z
      .array(keyBound)
      .default([])
      .describe('First key, or the beginning of one; absent = the first row.'),
    end: z
      .array(keyBound)
      .default([])
      .describe('Key to stop at; before begin in key order = read backwards.'),
    split: z
      .array(keyBound)
      .default([])
      .describe('Values of the first key column to cut the range at; absent = by stored size.'),
  })
  .describe('The key range to read, [begin, end). Absent = the whole table.');

const fields = z.strictObject({
  ...connectionFields,
  table: z.string().trim().min(1, 'is required').describe('Table to read.'),
  column: z
    .array(otsColumn)
    .min(1, 'needs at least one column')
    .describe('What each row becomes: {"name"} of key columns and attributes, {"type", "value"} constants.'),
  range: range.prefault({}),
  mode: normalMode.describe('Only normal: the newest version of each attribute.'),
  includeEmptyRows: flag
    .default(true)
    .describe('false leaves out rows that have none of the configured attributes.'),
  maxRetryTime: wholeNumber(0, 1000).default(18).describe('Tries after the first, per request.'),
  retryPauseInMillisecond: wholeNumber(1, 30_000).default(100).describe('First pause; doubles up to 30 s.'),
  newVersion: flag.optional().describe('Accepted without effect: there is one client.'),
  isTimeseriesTable: off('reading time series tables'),
  measurementName: refused('belongs to time series tables, which are not available yet'),
  metaMode: z
    .union([z.literal(''), z.literal('false'), z.literal(false)], { error: 'metaMode is not available yet' })
    .optional()
    .describe('Only false: listing tables instead of rows is not available.'),
  timeRange: refused('belongs to mode multiVersion, which is not available yet'),
  maxVersion: refused('belongs to mode multiVersion, which is not available yet'),
  ioThreadCount: unused('requests are not bound to threads.'),
  maxConnectionCount: unused('a shard uses two connections.'),
});

/** Parameters of `otsreader`. */
export const readerSchema = fields.transform((raw, context): OtsReaderConfig => {
  const connection = normalizeConnection(raw);
  if (Array.isArray(connection)) {
    for (const { path, message } of connection) {
      context.issues.push({ code: 'custom', input: raw, message, path: [path] });
    }
    return z.NEVER;
  }
  return {
    connection,
    table: raw.table,
    columns: raw.column,
    range: raw.range,
    includeEmptyRows: raw.includeEmptyRows,
    maxRetries: raw.maxRetryTime,
    retryPauseMs: raw.retryPauseInMillisecond,
  };
});
