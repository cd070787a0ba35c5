/** From the bytes of one field to a cell of the column's type. */
import { type CellCast, type TargetType, textCast } from '../../convert/index.ts';
import type { Code } from '../../errors/index.ts';
import { type CellForm, type Column, Form, type LogicalType } from '../../types/index.ts';
import { type CivilFields, DatePattern, datePatternKeeps } from '../date-pattern.ts';
import type { FieldColumn, FieldType, TextReadFormat } from './read-format.ts';
import { decodeText, type SourceCharset } from './source-charset.ts';

/** Nanoseconds: as many digits as any text of ours has. */
const MAX_SCALE = 9;
const LONGEST_LONG: TargetType = { kind: 'decimal', scale: 0 };

const TARGETS: Readonly<Record<Exclude<FieldType, 'string' | 'bytes'>, TargetType>> = {
  long: LONGEST_LONG,
  double: { kind: 'double', bits: 64, specials: true },
  decimal: { kind: 'decimal' },
  boolean: { kind: 'bool' },
  date: { kind: 'date' },
  datetime: { kind: 'datetime', scale: MAX_SCALE, zoned: false },
  time: { kind: 'time', scale: MAX_SCALE, beyondDay: true },
};

const LOGICAL: Readonly<Record<FieldType, LogicalType>> = {
  string: 'string',
  long: 'long',
  double: 'double',
  decimal: 'decimal',
  boolean: 'bool',
  date: 'date',
  datetime: 'datetime',
  time: 'time',
  bytes: 'bytes',
};

/** How the fields of one column become cells. */
export interface FieldCast {
  readonly column: Column;
  readonly form: CellForm;
  /** In the words of the job, for dirty rows. */
  readonly targetType: string;
  /** Absent: the bytes are the cell, once they are known to be text. */
  readonly cast?: CellCast;
}

/**
 * The cast of a column. DataX's `date` is a point in time: only a format without a clock makes it a day.
 */
export function fieldCast(
  column: FieldColumn,
  name: string,
  format: TextReadFormat,
  charset: SourceCharset,
  timeZone: string,
): FieldCast {
  const type = effectiveType(column);
  const base = { column: { name, type: LOGICAL[type] }, targetType: column.format ?? column.type };
  if (type === 'string') return { ...base, form: Form.text };
  if (type === 'bytes') {
    const cast = format.byteEncoding === 'base64' ? base64Cast : rawCast;
    return { ...base, form: Form.bytes, cast };
  }
  const target = TARGETS[type];
  const cast =
    column.format === undefined
      ? textCast(target, { timeZone })
      : patternCast(new DatePattern(column.format), type, charset);
  return { ...base, form: type === 'boolean' ? Form.bool : Form.text, cast };
}

function effectiveType({ type, format }: FieldColumn): FieldType {
  if (type !== 'date') return type;
  const clock = ['hour', 'minute', 'second', 'milli'] as const;
  const isDay = format !== undefined && !clock.some((part) => datePatternKeeps(format, [part]));
  return isDay ? 'date' : 'datetime';
}

const rawCast: CellCast = (source, from, to, out) => out.setSlice(source, from, to);

const base64Cast: CellCast = (source, from, to, out): Code | undefined => {
  const text = source.toString('latin1', from, to);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) return 'CNV-3024';
  return out.setSlice(bytes, 0, bytes.length);
};

/** A date or time by a pattern, in the canonical text of row blocks. */
const patternCast =
  (pattern: DatePattern, type: FieldType, charset: SourceCharset): CellCast =>
  (source, from, to, out) => {
    const text = fieldText(charset, source.subarray(from, to));
    const fields = text === undefined ? undefined : pattern.parse(text);
    return fields ? out.setAscii(canonical(fields, type)) : 'CNV-3013';
  };

const fieldText = (charset: SourceCharset, bytes: Buffer): string | undefined =>
  charset.kind === 'other' ? decodeText(charset, bytes) : bytes.toString('utf8');

function canonical(f: CivilFields, type: FieldType): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${String(f.year).padStart(4, '0')}-${two(f.month)}-${two(f.day)}`;
  if (type === 'date') return day;
  const fraction = f.milli === 0 ? '' : `.${String(f.milli).padStart(3, '0')}`;
  const clock = `${two(f.hour)}:${two(f.minute)}:${two(f.second)}${fraction}`;
  return type === 'time' ? clock : `${day} ${clock}`;
}
