import { CHARSET_NAMES, findCharset } from '../charset.ts';
import { datePatternFault } from '../date-pattern.ts';
import { delimiterBytes, sourceCharset } from './source-charset.ts';

/** Types that a column of a text file may be given. */
export const FIELD_TYPES = [
  'string',
  'long',
  'double',
  'decimal',
  'boolean',
  'date',
  'datetime',
  'time',
  'bytes',
] as const;
/** One of `FIELD_TYPES`. */
export type FieldType = (typeof FIELD_TYPES)[number];

/** A column as the job asks for it: a field by position or by name in the header, or a constant. */
export interface FieldColumn {
  readonly index?: number | undefined;
  readonly name?: string | undefined;
  readonly value?: string | undefined;
  readonly type: FieldType;
  /** Pattern of a date or time in the file; without it the forms of ISO 8601. */
  readonly format?: string | undefined;
}

/** How a text file is read. */
export interface TextReadFormat {
  /** csv knows quotes; text cuts at the delimiters and knows nothing else. */
  readonly fileFormat: 'csv' | 'text';
  /** csv: exactly one character. */
  readonly fieldDelimiter: string;
  /** Absent = `\n` with or without `\r` before it. */
  readonly lineDelimiter?: string;
  readonly encoding: string;
  /** Unquoted text that stands for null; absent = none does. */
  readonly nullFormat?: string;
  readonly compress: 'none' | 'gzip' | 'zstd';
  /** Whether the first record of each object holds names. */
  readonly skipHeader: boolean;
  /** `undefined` = all fields, as text. */
  readonly columns: readonly FieldColumn[] | undefined;
  /** csv: the quote; absent = none. */
  readonly quote?: string;
  /** csv: how a quote inside quotes is written. */
  readonly escape: 'doubled' | 'backslash';
  /** csv: whether a quoted field may hold line ends; without them objects can be cut inside. */
  readonly multiLineCells: boolean;
  /** Whether blanks around unquoted fields go. */
  readonly trimWhitespace: boolean;
  /** Whether lines without any byte are no records. */
  readonly skipEmptyLines: boolean;
  /** Lines that begin with this character are no records. */
  readonly comment?: string;
  readonly byteEncoding: 'text' | 'base64';
  /** How many times its compressed size an object may become. */
  readonly maxExpansion: number;
}

/** One thing wrong with a format. */
export interface ReadFormatFault {
  readonly option: string;
  readonly message: string;
}

type Refuse = (option: string, message: string) => unknown;

/** Everything wrong with a format; empty if it can be used. */
export function readFormatFaults(format: TextReadFormat): readonly ReadFormatFault[] {
  const faults: ReadFormatFault[] = [];
  const refuse: Refuse = (option, message) => faults.push({ option, message });
  if (!findCharset(format.encoding)) {
    refuse('encoding', `\`${format.encoding}\` is not a known encoding; known are ${CHARSET_NAMES}`);
    return faults;
  }
  refuseDelimiters(format, refuse);
  if (format.fileFormat === 'csv') refuseAmbiguousCsv(format, refuse);
  for (const [i, column] of (format.columns ?? []).entries()) {
    const fault = columnFault(column, format);
    if (fault !== undefined) refuse(`column.${i}`, fault);
  }
  return faults;
}

function refuseDelimiters(format: TextReadFormat, refuse: Refuse): void {
  const charset = sourceCharset(format.encoding);
  const { fieldDelimiter, lineDelimiter, comment } = format;
  if (fieldDelimiter === '') refuse('fieldDelimiter', 'must not be empty');
  else if (!delimiterBytes(charset, fieldDelimiter))
    refuse('fieldDelimiter', `does not exist in ${format.encoding}`);
  if (lineDelimiter === '') refuse('lineDelimiter', 'must not be empty');
  else if (lineDelimiter !== undefined && !delimiterBytes(charset, lineDelimiter)) {
    refuse('lineDelimiter', `does not exist in ${format.encoding}`);
  }
  const line = lineDelimiter ?? '\n';
  if (
    fieldDelimiter !== '' &&
    line !== '' &&
    (line.includes(fieldDelimiter) || fieldDelimiter.includes(line))
  ) {
    refuse('fieldDelimiter', 'and the line end must not hold each other');
  }
  if (comment !== undefined && !/^[\x21-\x7e]$/.test(comment)) {
    refuse('comment', 'must be one printable ASCII character');
  }
}

function refuseAmbiguousCsv(format: TextReadFormat, refuse: Refuse): void {
  const { fieldDelimiter, lineDelimiter, quote } = format;
  if ([...fieldDelimiter].length > 1) refuse('fieldDelimiter', 'csv needs exactly one character');
  if (/[\r\n]/.test(fieldDelimiter)) refuse('fieldDelimiter', 'must not be a line end');
  if (quote === undefined) return;
  if (!/^[\x21-\x7e]$/.test(quote)) refuse('quote', 'must be one printable ASCII character');
  if (fieldDelimiter === quote) refuse('fieldDelimiter', 'must not be the quote');
  if (lineDelimiter?.includes(quote)) refuse('lineDelimiter', 'must not hold the quote');
}

function columnFault(column: FieldColumn, { skipHeader }: TextReadFormat): string | undefined {
  const { index, name, value, type, format } = column;
  if (value !== undefined && index !== undefined) return 'has both index and value; give one';
  if (value === undefined && index === undefined && name === undefined) return 'needs index, name or value';
  if (value === undefined && index === undefined && !skipHeader)
    return 'has a name only: that needs skipHeader';
  if (format === undefined) return undefined;
  if (type !== 'date' && type !== 'datetime' && type !== 'time')
    return 'has a format, which is for dates only';
  const fault = datePatternFault(format);
  return fault === undefined ? undefined : `has a format that ${fault}`;
}
