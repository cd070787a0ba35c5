import type { TextReadFormat } from './read-format.ts';
import type { BinderRules } from './record-binder.ts';
import { ESCAPED, RecordScanner, type ScanRules, unescapeField } from './record-scanner.ts';
import { decodeText, delimiterBytes, type SourceCharset, sourceCharset } from './source-charset.ts';

const BACKSLASH = 0x5c;
/** Below this byte no encoding has later bytes of characters. */
const FIRST_LATER_BYTE = 0x30;
/** Line ends that can be found from any byte on, in any encoding that is scanned as bytes. */
const CUT_LINES = ['\n', '\r\n', '\r'];

/** A format in terms of bytes. */
export interface LineSyntax {
  readonly charset: SourceCharset;
  readonly rules: ScanRules;
  /** The line end that separates records wherever it stands; absent = objects cannot be cut. */
  readonly cutLine: Buffer | undefined;
  /** Given if a later byte of a character may look like a delimiter. */
  readonly widthOf: SourceCharset['widthOf'];
  /** The byte that comments begin with, or -1. */
  readonly comment: number;
  /** Scans a line without any quotes. */
  readonly lineScanner: RecordScanner;
  readonly skipEmptyLines: boolean;
  readonly binding: Omit<BinderRules, 'columns' | 'width'>;
  /** A field of the scanner's record as text, for headers. */
  readonly fieldText: (window: Buffer, scanner: RecordScanner, field: number) => string;
}

/** The bytes that a format means. */
export function lineSyntax(format: TextReadFormat): LineSyntax {
  const charset = sourceCharset(format.encoding);
  const bytesOf = (text: string): Buffer => delimiterBytes(charset, text) ?? Buffer.from(text, 'utf8');
  const csv = format.fileFormat === 'csv';
  const quote = csv ? format.quote?.charCodeAt(0) : undefined;
  const backslash = csv && format.escape === 'backslash';
  const line = format.lineDelimiter === undefined ? {} : { lineEnd: bytesOf(format.lineDelimiter) };
  const rules: ScanRules = {
    delimiter: bytesOf(format.fieldDelimiter),
    ...line,
    ...(quote !== undefined && { quote }),
    backslash,
    multiLine: format.multiLineCells,
  };
  const comment = format.comment?.charCodeAt(0) ?? -1;
  const escapeByte = backslash ? BACKSLASH : (quote ?? BACKSLASH);
  const structural = [
    ...rules.delimiter,
    ...(rules.lineEnd ?? []),
    quote ?? 0,
    comment,
    backslash ? BACKSLASH : 0,
  ];
  const nullText = format.nullFormat === undefined ? undefined : bytesOf(format.nullFormat);
  return {
    charset,
    rules,
    cutLine: cutLine(format, charset, quote !== undefined, backslash),
    widthOf: structural.some((byte) => byte >= FIRST_LATER_BYTE) ? charset.widthOf : undefined,
    comment,
    lineScanner: new RecordScanner({
      delimiter: Buffer.from('\n'),
      ...line,
      backslash: false,
      multiLine: true,
    }),
    skipEmptyLines: format.skipEmptyLines,
    binding: { charset, nullText, trim: format.trimWhitespace, escapeByte },
    fieldText: (window, scanner, field) => fieldText(window, scanner, field, charset, escapeByte),
  };
}

function cutLine(
  format: TextReadFormat,
  charset: SourceCharset,
  quoted: boolean,
  backslash: boolean,
): Buffer | undefined {
  const line = format.lineDelimiter ?? '\n';
  const wholeLines = !backslash && (!quoted || !format.multiLineCells);
  const bytes = format.compress === 'none' && !charset.kind.startsWith('utf16');
  return wholeLines && bytes && CUT_LINES.includes(line) ? Buffer.from(line, 'latin1') : undefined;
}

function fieldText(
  window: Buffer,
  scanner: RecordScanner,
  field: number,
  charset: SourceCharset,
  escapeByte: number,
): string {
  const copy = Buffer.from(window.subarray(scanner.starts[field], scanner.ends[field]));
  const escaped = (scanner.flags[field]! & ESCAPED) !== 0;
  const bytes = copy.subarray(0, escaped ? unescapeField(copy, 0, copy.length, escapeByte) : copy.length);
  return (charset.kind === 'other' ? decodeText(charset, bytes) : undefined) ?? bytes.toString('utf8');
}
