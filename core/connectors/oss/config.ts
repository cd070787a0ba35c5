import { z } from 'zod';
import { DEFAULT_TEXT_FORMAT, formatFaults, type TextFormat } from '../../formats/index.ts';
import { objectKeyFault } from '../../security/object-key.ts';
import type { OssConnection } from './connection.ts';
import { connectionShape, toConnection } from './connection-config.ts';
import { CONTROL_FOLDER } from './object-name.ts';
import {
  type ParquetFormat,
  parquetShape,
  refuseParquetParameters,
  toParquetFormat,
} from './parquet-format.ts';

/** DataX's default: 10,000 parts of 10 MB. */
const DEFAULT_MAX_FILE_SIZE_MB = 100_000;
/** What a name adds to `object` at most, apart from the suffix: `__`, 32 digits, `_` and a roll number. */
const LONGEST_NAME_TAIL = `__${'f'.repeat(32)}_9999999`;

/** What existing files under the prefix mean. */
export type WriteMode = 'truncate' | 'append' | 'nonConflict';

/** Resolved parameters of the writer. */
export interface OssWriterConfig {
  readonly connection: OssConnection;
  /** Prefix of all output names. */
  readonly object: string;
  /** End of all output names, with its dot. */
  readonly suffix: string;
  readonly writeMode: WriteMode;
  readonly format: TextFormat;
  readonly gzip: boolean;
  /** Set for Parquet objects, which have no text format. */
  readonly parquet?: ParquetFormat;
  /** Size at which an object is ended and the next begun, MiB. */
  readonly maxFileSizeMb: number;
  readonly generateEmptyFile: boolean;
  /** Headers of every output object. */
  readonly objectHeaders: Readonly<Record<string, string>>;
}

const flag = z.union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })]);
const count = z.union([
  z.int().positive(),
  z
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .transform(Number),
]);

/** A parameter of DataX that this writer does not have: accepted while it changes nothing. */
const without = (message: string, ...harmless: readonly unknown[]) =>
  z
    .unknown()
    .optional()
    .refine((value) => value === undefined || harmless.includes(JSON.stringify(value)), { message });

const fileFormat = z.string().transform((name, context): 'csv' | 'text' | 'parquet' => {
  if (name === 'csv' || name === 'parquet') return name;
  if (name === 'text' || name === 'txt') return 'text';
  context.addIssue(`fileFormat \`${name}\` does not exist here; there are csv, text and parquet`);
  return z.NEVER;
});

const parameters = z.strictObject({
  ...connectionShape,
  object: z.string().min(1),
  writeMode: z.enum(['truncate', 'append', 'nonConflict']),
  fileFormat: fileFormat.optional(),
  fieldDelimiter: z.string().optional(),
  lineDelimiter: z.string().optional(),
  encoding: z.string().optional(),
  nullFormat: z.string().optional(),
  dateFormat: z.string().optional(),
  byteEncoding: z.enum(['base64', 'text', '']).optional(),
  header: z.array(z.string()).optional(),
  compress: z.string().optional(),
  ...parquetShape,
  maxFileSize: count.optional(),
  suffix: z.string().optional(),
  generateEmptyFile: flag.optional(),
  encrypt: flag.optional(),
  writeSingleObject: without(
    'writeSingleObject: one object cannot be written by many workers exactly once; remove it',
    'false',
    '"false"',
  ),
  partition: without('partition: trailing columns in names are not supported; remove it', '[]'),
  blockSizeInMB: without('blockSizeInMB: the part size is chosen by itself; remove it', '10', '"10"'),
  csvWriterConfig: without(
    'csvWriterConfig: quoting follows RFC 4180; remove it, and use fieldDelimiter and lineDelimiter',
    '{}',
  ),
  syncMode: without('syncMode: only rows are copied; remove it', '"copy"', '""'),
});

/** Parameters of the writer as job files write them. */
export const ossWriterSchema = parameters.transform((raw, context): OssWriterConfig => {
  const refuse = (option: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [option], message: `${option}: ${message}` });
  const isParquet = raw.fileFormat === 'parquet';
  const format = isParquet ? DEFAULT_TEXT_FORMAT : toFormat(raw);
  for (const { option, message } of formatFaults(format)) refuse(option, message);
  if (!isParquet) refuseParquetParameters(raw, refuse);
  const object = raw.object.normalize('NFC');
  const suffix = dotted(raw.suffix ?? '').normalize('NFC');
  const nameFault = outputNameFault(object, suffix);
  if (nameFault)
    context.addIssue({ code: 'custom', path: ['object'], message: `object: the name ${nameFault}` });
  return {
    connection: toConnection(raw, context),
    object,
    suffix,
    writeMode: raw.writeMode,
    format,
    gzip: isParquet ? false : isGzip(raw.compress, refuse),
    ...(isParquet && { parquet: toParquetFormat(raw, refuse) }),
    maxFileSizeMb: raw.maxFileSize ?? DEFAULT_MAX_FILE_SIZE_MB,
    generateEmptyFile: raw.generateEmptyFile ?? true,
    objectHeaders: raw.encrypt ? { 'x-oss-server-side-encryption': 'AES256' } : {},
  };
});

/** Empty texts are how the job editor leaves a field blank; for nullFormat an empty text has a meaning. */
function toFormat(raw: z.output<typeof parameters>): TextFormat {
  return {
    fileFormat: raw.fileFormat === 'csv' ? 'csv' : 'text',
    fieldDelimiter: raw.fieldDelimiter ?? DEFAULT_TEXT_FORMAT.fieldDelimiter,
    lineDelimiter: raw.lineDelimiter ?? DEFAULT_TEXT_FORMAT.lineDelimiter,
    encoding: raw.encoding || DEFAULT_TEXT_FORMAT.encoding,
    nullFormat: raw.nullFormat ?? DEFAULT_TEXT_FORMAT.nullFormat,
    byteEncoding: raw.byteEncoding || DEFAULT_TEXT_FORMAT.byteEncoding,
    ...(raw.dateFormat && { dateFormat: raw.dateFormat }),
    ...(raw.header && { header: raw.header }),
  };
}

function isGzip(name: string | undefined, refuse: (option: string, message: string) => void): boolean {
  if (!name) return false;
  if (name.toLowerCase() === 'gzip') return true;
  refuse('compress', `\`${name}\` does not exist here; there is gzip`);
  return false;
}

const dotted = (suffix: string): string => (suffix === '' || suffix.startsWith('.') ? suffix : `.${suffix}`);

function outputNameFault(object: string, suffix: string): string | undefined {
  if (suffix.includes('/')) return 'has a slash in its suffix';
  if (object.split('/').includes(CONTROL_FOLDER)) return `lies in ${CONTROL_FOLDER}, which is reserved`;
  return objectKeyFault(object + LONGEST_NAME_TAIL + suffix);
}
