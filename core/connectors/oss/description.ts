import { datePatternKeeps } from '../../formats/index.ts';
import type { Column } from '../../types/index.ts';
import type { PlanNote, TargetColumn } from '../contract.ts';
import type { OssWriterConfig } from './config.ts';
import { parquetNotes } from './parquet-format.ts';

const DAY = ['year', 'month', 'day'] as const;
const CLOCK = ['hour', 'minute', 'second'] as const;

/** How a column is stored, for the type map of a plan. */
export function describeColumn(column: Column, { format }: OssWriterConfig): TargetColumn {
  const text = { name: column.name, type: 'text', lossy: false };
  if (column.type === 'bytes' || column.type === 'any') {
    if (format.byteEncoding === 'base64')
      return column.type === 'any' ? text : { ...text, type: 'base64 text' };
    return { ...text, note: 'bytes that are not UTF-8 text are refused; byteEncoding base64 takes all' };
  }
  const loss = format.dateFormat === undefined ? undefined : lossOf(column, format.dateFormat);
  return loss === undefined ? text : { ...text, lossy: true, note: loss };
}

/** What a date pattern loses of a column, in words. */
function lossOf(column: Column, pattern: string): string | undefined {
  switch (column.type) {
    case 'date':
      return datePatternKeeps(pattern, DAY) ? undefined : `dateFormat ${pattern} leaves out parts of a date`;
    case 'time':
    case 'datetime':
      if (!datePatternKeeps(pattern, column.type === 'time' ? CLOCK : [...DAY, ...CLOCK])) {
        return `dateFormat ${pattern} leaves out parts of a ${column.type}`;
      }
      return datePatternKeeps(pattern, ['milli'])
        ? `dateFormat ${pattern} cuts digits beyond milliseconds`
        : `dateFormat ${pattern} cuts fractions of seconds`;
    default:
      return undefined;
  }
}

/** What a plan tells about the output as a whole. */
export function writerNotes(columns: readonly Column[], config: OssWriterConfig): readonly PlanNote[] {
  const { writeMode, object, parquet } = config;
  const notes = [...(parquet ? parquetNotes(parquet) : textNotes(columns, config))];
  if (writeMode === 'truncate') {
    notes.push({
      level: 'info',
      message: `after the commit every older object whose name begins with \`${object}\` is deleted`,
    });
  }
  return notes;
}

function textNotes(columns: readonly Column[], { format }: OssWriterConfig): readonly PlanNote[] {
  const notes: PlanNote[] = [];
  const note = (level: PlanNote['level'], message: string): number => notes.push({ level, message });
  if (format.fileFormat === 'text') {
    note(
      'info',
      'fileFormat text escapes nothing: a value that holds a delimiter cannot be told apart; csv quotes it',
    );
  }
  if (format.header && format.header.length !== columns.length) {
    note('warning', `the header has ${format.header.length} names for ${columns.length} columns`);
  }
  if (columns.length === 1 && format.nullFormat === '') {
    note('warning', 'a null in a single column becomes an empty line, which many readers skip');
  }
  return notes;
}
