import { z } from 'zod';
import type { ColumnChoice } from '../../../formats/parquet/index.ts';
import { DEFAULT_MAX_EXPANSION } from '../../../formats/read/limits.ts';
import {
  FIELD_TYPES,
  type FieldColumn,
  type FieldType,
  readFormatFaults,
  type TextReadFormat,
} from '../../../formats/read/read-format.ts';
import type { OssConnection } from '../connection.ts';
import { connectionShape, toConnection } from '../connection-config.ts';

/** How the objects are read. */
export type SourceFormat =
  | { readonly kind: 'text'; readonly text: TextReadFormat }
  | { readonly kind: 'parquet'; readonly columns: readonly ColumnChoice[] | undefined };

/** Resolved parameters of the reader. */
export interface OssReaderConfig {
  readonly connection: OssConnection;
  /** Names of objects, or patterns with `*` and `?`. */
  readonly objects: readonly string[];
  /** Whether a run without any object succeeds. */
  readonly successOnNoObject: boolean;
  /** Whether large objects are cut into several shards where the format allows it. */
  readonly cutsObjects: boolean;
  readonly format: SourceFormat;
}

const flag = z.union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })]);
const count = (most: number) => {
  const digits = z.string().regex(/^\d{1,9}$/);
  return z.union([z.int(), digits.transform(Number)]).pipe(z.int().min(0).max(most));
};
const scalar = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);

const ALIASES: Readonly<Record<string, FieldType>> = {
  bool: 'boolean',
  int: 'long',
  bigint: 'long',
  float: 'double',
  timestamp: 'datetime',
};

const fieldType = z.string().transform((name, context): FieldType => {
  const lower = name.toLowerCase();
  const type = FIELD_TYPES.find((known) => known === lower) ?? ALIASES[lower];
  if (type) return type;
  context.addIssue(`type \`${name}\` does not exist here; there are ${FIELD_TYPES.join(', ')}`);
  return z.NEVER;
});

const column = z.strictObject({
  index: count(4095).optional(),
  name: z.string().min(1).optional(),
  value: scalar.optional(),
  type: fieldType.optional(),
  format: z.string().min(1).optional(),
});

const csvOptions = z
  .strictObject({
    textQualifier: z.string().optional(),
    useTextQualifier: flag.optional(),
    escapeMode: z.union([z.literal(1), z.literal(2), z.literal('1'), z.literal('2')]).optional(),
    skipEmptyRecords: flag.optional(),
    trimWhitespace: flag.optional(),
    comment: z.string().optional(),
    useComments: flag.optional(),
    safetySwitch: flag.optional(),
    multiLineCells: flag.optional(),
  })
  .describe('How csv is quoted.');

const fileFormat = z.string().transform((name, context): 'csv' | 'text' | 'parquet' => {
  const lower = name.toLowerCase();
  if (lower === 'csv' || lower === 'parquet') return lower;
  if (lower === 'text' || lower === 'txt' || lower === '') return 'text';
  context.addIssue(`fileFormat \`${name}\` does not exist here; there are csv, text and parquet`);
  return z.NEVER;
});

const compress = z.string().transform((name, context): 'none' | 'gzip' | 'zstd' => {
  const lower = name.toLowerCase();
  if (lower === '' || lower === 'none') return 'none';
  if (lower === 'gzip' || lower === 'zstd') return lower;
  context.addIssue(`compress \`${name}\` does not exist here; there are gzip and zstd`);
  return z.NEVER;
});

const parameters = z.strictObject({
  ...connectionShape,
  object: z.union([
    z
      .string()
      .min(1)
      .transform((one) => [one]),
    z.array(z.string().min(1)).min(1),
  ]),
  column: z.union([
    z.tuple([z.literal('*')]),
    z.literal('*'),
    z.array(z.union([column, z.string().min(1)])).min(1),
  ]),
  fileFormat: fileFormat.optional(),
  fieldDelimiter: z.string().optional(),
  lineDelimiter: z.string().optional(),
  encoding: z.string().optional(),
  nullFormat: z.string().optional(),
  compress: compress.optional(),
  skipHeader: flag.optional(),
  byteEncoding: z.enum(['base64', 'text', '']).optional(),
  csvReaderConfig: csvOptions.optional(),
  successOnNoObject: flag.optional(),
  enableInnerSplit: flag.optional(),
  maxExpansion: count(1_000_000).optional(),
});

type Raw = z.output<typeof parameters>;
type Issues = (path: readonly (string | number)[], message: string) => void;

/** Parameters of the reader as job files write them. */
export const ossReaderSchema = parameters.transform((raw, context): OssReaderConfig => {
  const issue: Issues = (path, message) => context.addIssue({ code: 'custom', path: [...path], message });
  const parquet = raw.fileFormat === 'parquet';
  const format: SourceFormat = parquet
    ? { kind: 'parquet', columns: parquetColumns(raw, issue) }
    : { kind: 'text', text: textFormat(raw, issue) };
  return {
    connection: toConnection(raw, context),
    objects: raw.object,
    successOnNoObject: raw.successOnNoObject ?? false,
    cutsObjects: raw.enableInnerSplit ?? true,
    format,
  };
});

const isAll = (columns: Raw['column']): boolean => columns === '*' || columns[0] === '*';

const entries = ({ column: columns }: Raw): readonly (z.output<typeof column> | string)[] =>
  columns === '*' ? [] : columns;

function parquetColumns(raw: Raw, issue: Issues): readonly ColumnChoice[] | undefined {
  const foreign = [
    'fieldDelimiter',
    'lineDelimiter',
    'encoding',
    'nullFormat',
    'compress',
    'skipHeader',
    'byteEncoding',
    'csvReaderConfig',
  ] as const;
  for (const option of foreign) {
    const value = raw[option];
    if (value !== undefined && value !== '' && value !== 'none' && value !== false) {
      issue([option], `${option}: Parquet files do not have it; remove it`);
    }
  }
  if (isAll(raw.column)) return undefined;
  return entries(raw).map((entry, i): ColumnChoice => {
    if (typeof entry === 'string') return { name: entry };
    if (entry.value !== undefined || entry.format !== undefined) {
      issue(['column', i], 'a column of a Parquet file has a name or an index, and no value or format');
    }
    if (entry.index !== undefined) return { index: entry.index };
    if (entry.name === undefined) issue(['column', i], 'needs a name or an index');
    return { name: entry.name ?? '' };
  });
}

function textFormat(raw: Raw, issue: Issues): TextReadFormat {
  const csv = raw.csvReaderConfig ?? {};
  const fileFormat = raw.fileFormat === 'csv' ? 'csv' : 'text';
  if (fileFormat === 'text' && raw.csvReaderConfig) onlyForCsv(raw.csvReaderConfig, issue);
  const columns = isAll(raw.column)
    ? undefined
    : entries(raw).map((entry, i) => fieldColumn(entry, i, issue));
  const quote = csv.useTextQualifier === false ? undefined : csv.textQualifier || '"';
  const format: TextReadFormat = {
    fileFormat,
    fieldDelimiter: raw.fieldDelimiter ?? ',',
    ...(raw.lineDelimiter && { lineDelimiter: raw.lineDelimiter }),
    encoding: raw.encoding || 'UTF-8',
    ...(raw.nullFormat !== undefined && { nullFormat: raw.nullFormat }),
    compress: raw.compress ?? 'none',
    skipHeader: raw.skipHeader ?? false,
    columns,
    ...(fileFormat === 'csv' && quote !== undefined && { quote }),
    escape: String(csv.escapeMode ?? 1) === '2' ? 'backslash' : 'doubled',
    multiLineCells: csv.multiLineCells ?? true,
    trimWhitespace: csv.trimWhitespace ?? false,
    skipEmptyLines: csv.skipEmptyRecords ?? !isLineAValue(fileFormat, columns),
    ...(csv.useComments !== false && csv.comment && { comment: csv.comment }),
    byteEncoding: raw.byteEncoding || 'text',
    maxExpansion: raw.maxExpansion ?? DEFAULT_MAX_EXPANSION,
  };
  for (const { option, message } of readFormatFaults(format)) {
    issue(pathOf(option), `${option}: ${message}`);
  }
  return format;
}

/** `column.0` as a path: digits are the position in a list. */
const pathOf = (option: string): readonly (string | number)[] =>
  option.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));

/** In a text file of one column an empty line is a value; with more columns it can be none. */
function isLineAValue(fileFormat: 'csv' | 'text', columns: readonly FieldColumn[] | undefined): boolean {
  if (fileFormat === 'csv' || columns === undefined) return false;
  return columns.every(({ index, value }) => value !== undefined || index === 0);
}

function onlyForCsv(given: z.output<typeof csvOptions>, issue: Issues): void {
  const allowed = ['skipEmptyRecords', 'trimWhitespace', 'comment', 'useComments', 'safetySwitch'];
  for (const [option, value] of Object.entries(given)) {
    if (value === undefined || allowed.includes(option)) continue;
    issue(['csvReaderConfig', option], `${option}: fileFormat text has no quotes; use csv or remove it`);
  }
}

function fieldColumn(entry: z.output<typeof column> | string, position: number, issue: Issues): FieldColumn {
  if (typeof entry === 'string') {
    if (entry === '*') issue(['column', position], '`*` stands alone');
    return { name: entry, type: 'string' };
  }
  return { ...entry, type: entry.type ?? 'string' };
}
