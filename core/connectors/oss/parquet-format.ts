/** What a job says about Parquet objects, and how its columns become theirs. */
import { z } from 'zod';
import { classifyCast } from '../../convert/index.ts';
import { SyncError } from '../../errors/index.ts';
import {
  CODEC_NUMBERS,
  type CodecName,
  castTarget,
  DEFAULT_PAGE_BYTES,
  DEFAULT_ROW_GROUP_BYTES,
  DEFAULT_ROW_GROUP_ROWS,
  describeParquetColumn,
  type ParquetColumn,
  parquetColumn,
  parseParquetSchema,
} from '../../formats/parquet/index.ts';
import type { Column } from '../../types/index.ts';
import type { PlanNote, TargetColumn } from '../contract.ts';

/** How Parquet objects are written. */
export interface ParquetFormat {
  readonly codec: CodecName;
  /** The columns that the job declares, in its order; absent = those that hold the source's columns. */
  readonly columns?: readonly ParquetColumn[];
  readonly rowGroupRows: number;
  readonly rowGroupBytes: number;
  readonly pageBytes: number;
}

const BYTES_PER_MB = 1024 * 1024;
const BYTES_PER_KB = 1024;
/** Upper ends of the options: a row group is held in memory, a page is compressed in one go. */
const MAX_ROW_GROUP_MB = 1024;
const MAX_ROW_GROUP_ROWS = 10_000_000;
const MAX_PAGE_KB = 16 * 1024;
const DEFAULT_CODEC: CodecName = 'snappy';

const upTo = (max: number) =>
  z.union([
    z.int().min(1).max(max),
    z
      .string()
      .regex(/^[1-9]\d{0,8}$/)
      .transform(Number)
      .refine((value) => value <= max, { message: `must be at most ${max}` }),
  ]);

/** The parameters that only Parquet has. */
export const parquetShape = {
  parquetSchema: z.string().optional(),
  rowGroupSizeInMB: upTo(MAX_ROW_GROUP_MB).optional(),
  rowGroupRows: upTo(MAX_ROW_GROUP_ROWS).optional(),
  pageSizeInKB: upTo(MAX_PAGE_KB).optional(),
};

/** Those parameters, and the ones whose meaning Parquet changes. */
export interface ParquetParameters {
  readonly parquetSchema?: string | undefined;
  readonly rowGroupSizeInMB?: number | undefined;
  readonly rowGroupRows?: number | undefined;
  readonly pageSizeInKB?: number | undefined;
  readonly compress?: string | undefined;
  readonly encoding?: string | undefined;
  readonly dateFormat?: string | undefined;
  readonly byteEncoding?: string | undefined;
  readonly header?: readonly string[] | undefined;
}

/** Reports that a parameter cannot stay as it is. */
export type Refuse = (option: keyof ParquetParameters, message: string) => void;

/** The format that the parameters ask for. Delimiters and `nullFormat` are accepted: they change nothing. */
export function toParquetFormat(raw: ParquetParameters, refuse: Refuse): ParquetFormat {
  if (raw.encoding && !/^utf-?8$/i.test(raw.encoding))
    refuse('encoding', 'text in Parquet is always UTF-8; remove it');
  if (raw.dateFormat) refuse('dateFormat', 'dates are stored as such in Parquet; remove it');
  if (raw.byteEncoding === 'base64') refuse('byteEncoding', 'bytes are stored as such in Parquet; remove it');
  if (raw.header) refuse('header', 'names come from the columns or from parquetSchema; remove it');
  const columns = raw.parquetSchema ? declaredColumns(raw.parquetSchema, refuse) : undefined;
  return {
    codec: codecOf(raw.compress, refuse),
    ...(columns && { columns }),
    rowGroupRows: raw.rowGroupRows ?? DEFAULT_ROW_GROUP_ROWS,
    rowGroupBytes: raw.rowGroupSizeInMB ? raw.rowGroupSizeInMB * BYTES_PER_MB : DEFAULT_ROW_GROUP_BYTES,
    pageBytes: raw.pageSizeInKB ? raw.pageSizeInKB * BYTES_PER_KB : DEFAULT_PAGE_BYTES,
  };
}

/** Refuses what only Parquet has. */
export function refuseParquetParameters(raw: ParquetParameters, refuse: Refuse): void {
  for (const option of Object.keys(parquetShape) as (keyof typeof parquetShape)[]) {
    if (raw[option] !== undefined) refuse(option, 'only for `"fileFormat": "parquet"`');
  }
}

function codecOf(name: string | undefined, refuse: Refuse): CodecName {
  if (!name) return DEFAULT_CODEC;
  const codec = Object.keys(CODEC_NUMBERS).find((known) => known === name.toLowerCase());
  if (codec === undefined) {
    refuse('compress', `\`${name}\` does not exist here; there are ${Object.keys(CODEC_NUMBERS).join(', ')}`);
    return DEFAULT_CODEC;
  }
  return codec as CodecName;
}

function declaredColumns(text: string, refuse: Refuse): readonly ParquetColumn[] {
  const parsed = parseParquetSchema(text);
  if ('columns' in parsed) return parsed.columns;
  for (const fault of parsed.faults) refuse('parquetSchema', fault);
  return [];
}

/**
 * The columns of the objects.
 * @throws SyncError DST-4010 that names every column which does not fit.
 */
export function objectColumns(source: readonly Column[], format: ParquetFormat): readonly ParquetColumn[] {
  const { columns: declared } = format;
  if (declared && declared.length !== source.length)
    throw misfit(`parquetSchema declares ${declared.length} columns, the reader has ${source.length}`);
  const made = source.map((column, i) => (declared ? checked(column, declared[i]!) : parquetColumn(column)));
  const faults = made.flatMap((column, i) =>
    'refused' in column ? [`${source[i]!.name}: ${column.refused}`] : [],
  );
  if (faults.length > 0) throw misfit(`${faults.join('; ')}. Declare the columns in parquetSchema`);
  const columns = made.filter((column): column is ParquetColumn => !('refused' in column));
  const doubled = columns.find(({ name }, i) => columns.findIndex((c) => c.name === name) < i);
  if (doubled) throw misfit(`two columns have the name ${doubled.name}. Name them apart in parquetSchema`);
  return columns;
}

function checked(source: Column, column: ParquetColumn): ParquetColumn | { readonly refused: string } {
  const judgement = classifyCast(source, castTarget(column));
  return judgement.class === 'impossible' ? { refused: judgement.reason } : column;
}

const misfit = (message: string): SyncError => new SyncError('DST-4010', 'config', message);

/** The type map of a plan. */
export function describeParquet(source: readonly Column[], format: ParquetFormat): readonly TargetColumn[] {
  return objectColumns(source, format).map((column, i) => {
    const { class: kind, reason } = classifyCast(source[i]!, castTarget(column));
    const described = { name: column.name, type: describeParquetColumn(column), lossy: kind === 'lossy' };
    return reason === '' ? described : { ...described, note: reason };
  });
}

/** What a plan tells about Parquet objects as a whole. */
export const parquetNotes = ({ codec }: ParquetFormat): readonly PlanNote[] => [
  { level: 'info', message: `Parquet, pages compressed with ${codec}` },
];
