import { CHARSET_NAMES, findCharset, transcode } from './charset.ts';
import { datePatternFault } from './date-pattern.ts';

/** How rows are written as text. Defaults are DataX's. */
export interface TextFormat {
  /** csv quotes what needs it; text joins the values and escapes nothing. */
  readonly fileFormat: 'csv' | 'text';
  /** csv: exactly one character. */
  readonly fieldDelimiter: string;
  readonly lineDelimiter: string;
  readonly encoding: string;
  /** What stands for null. */
  readonly nullFormat: string;
  /** Pattern for date, time and datetime columns; without it their full text. */
  readonly dateFormat?: string;
  /** `text` writes bytes as they are if they are valid UTF-8. */
  readonly byteEncoding: 'text' | 'base64';
  /** Names at the top of each file. */
  readonly header?: readonly string[];
}

/** The format of a job that says nothing. */
export const DEFAULT_TEXT_FORMAT: TextFormat = {
  fileFormat: 'text',
  fieldDelimiter: ',',
  lineDelimiter: '\n',
  encoding: 'UTF-8',
  nullFormat: 'null',
  byteEncoding: 'text',
};

/** One thing wrong with a format. */
export interface FormatFault {
  readonly option: keyof TextFormat;
  readonly message: string;
}

/** Everything wrong with a format; empty if it can be used. */
export function formatFaults(format: TextFormat): readonly FormatFault[] {
  const faults: FormatFault[] = [];
  const refuse = (option: keyof TextFormat, message: string): number => faults.push({ option, message });
  if (!findCharset(format.encoding)) {
    refuse('encoding', `\`${format.encoding}\` is not a known encoding; known are ${CHARSET_NAMES}`);
  } else if (format.header && format.header.length > 0 && findCharset(format.encoding) !== 'utf8') {
    const unwritable = format.header.filter((name) => !canWrite(name, format.encoding));
    if (unwritable.length > 0) refuse('header', `a name does not exist in ${format.encoding}`);
  }
  const dateFault = format.dateFormat === undefined ? undefined : datePatternFault(format.dateFormat);
  if (dateFault) refuse('dateFormat', `the pattern ${dateFault}`);
  if (format.fieldDelimiter === '') refuse('fieldDelimiter', 'must not be empty');
  if (format.lineDelimiter === '') refuse('lineDelimiter', 'must not be empty');
  if (format.fileFormat === 'csv') refuseAmbiguousCsv(format, refuse);
  return faults;
}

function refuseAmbiguousCsv(
  format: TextFormat,
  refuse: (option: keyof TextFormat, message: string) => number,
): void {
  const { fieldDelimiter, lineDelimiter } = format;
  if ([...fieldDelimiter].length > 1) refuse('fieldDelimiter', 'csv needs exactly one character');
  else if (/["\r\n]/.test(fieldDelimiter)) refuse('fieldDelimiter', 'must not be a quote or a line end');
  if (lineDelimiter.includes('"')) refuse('lineDelimiter', 'must not hold a quote');
  if (fieldDelimiter !== '' && lineDelimiter.includes(fieldDelimiter)) {
    refuse('lineDelimiter', 'must not hold the field delimiter');
  }
  if (format.nullFormat !== '' && needsQuotes(format.nullFormat, format)) {
    refuse('nullFormat', 'must not hold a quote, a delimiter or a line end');
  }
}

const needsQuotes = (text: string, format: TextFormat): boolean =>
  text.startsWith('#') ||
  ['"', '\r', '\n', format.fieldDelimiter, ...format.lineDelimiter].some((c) => c !== '' && text.includes(c));

const canWrite = (text: string, encoding: string): boolean => {
  const charset = findCharset(encoding);
  return charset !== undefined && transcode(text, charset) !== undefined;
};
