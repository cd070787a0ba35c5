/**
 * The schema of a file as jobs write it (`parquetSchema`), in the notation of Parquet's own tools:
 *
 *     message NAME {
 *       (required | optional) TYPE COLUMN [(ANNOTATION)];
 *       …
 *     }
 *
 * TYPE is boolean, int32, int64, double, binary or fixed_len_byte_array(N); ANNOTATION is UTF8, STRING, JSON, ENUM,
 * DECIMAL(precision,scale), DATE, INT_8 to INT_64, UINT_8 to UINT_64, TIME_MILLIS, TIME_MICROS, TIMESTAMP_MILLIS,
 * TIMESTAMP_MICROS, TIME(unit,utc), TIMESTAMP(unit,utc) or INTEGER(bits,signed). One column per column of the job,
 * in its order.
 */
import {
  type Annotation,
  decimalBytes,
  MAX_PRECISION,
  type ParquetColumn,
  type PhysicalType,
  type TimeUnit,
} from './parquet-column.ts';

/** Characters of a schema at most. */
const MAX_SCHEMA_LENGTH = 1_000_000;

const MESSAGE = /^\s*message\s+([^\s{]*)\s*\{([\s\S]*)\}\s*;?\s*$/;
const FIELD =
  /^(required|optional)\s+([a-z0-9_]+)\s*(?:\(\s*(\d{1,4})\s*\))?\s+([^\s;()]+)\s*(?:\(\s*([A-Za-z0-9_]+)\s*(?:\(\s*([^()]*?)\s*\))?\s*\))?$/i;

const PHYSICAL: Readonly<Record<string, PhysicalType>> = {
  boolean: 'BOOLEAN',
  int32: 'INT32',
  int64: 'INT64',
  double: 'DOUBLE',
  binary: 'BYTE_ARRAY',
  byte_array: 'BYTE_ARRAY',
  fixed_len_byte_array: 'FIXED_LEN_BYTE_ARRAY',
};

/** What to write instead of types that would change values. */
const INSTEAD: Readonly<Record<string, string>> = {
  int96: 'int96 is deprecated and has no range check elsewhere; use int64 with TIMESTAMP(NANOS,true)',
  float: 'float rounds; use double',
  group: 'lists, maps and structs are not written; use binary with UTF8 or JSON',
};

/** The columns of a schema, or what is wrong with it. */
export function parseParquetSchema(
  text: string,
): { readonly columns: readonly ParquetColumn[] } | { readonly faults: readonly string[] } {
  if (text.length > MAX_SCHEMA_LENGTH) return { faults: ['it is too long'] };
  const message = MESSAGE.exec(text);
  if (!message) return { faults: ['it must read `message NAME { … }`'] };
  const fields = message[2]!.split(';').map((field) => field.trim().replace(/\s+/g, ' '));
  if (fields.at(-1) !== '') return { faults: ['every column must end with a semicolon'] };
  const parsed = fields.slice(0, -1).map(parseField);
  const faults = parsed.filter((field) => typeof field === 'string');
  const columns = parsed.filter((field) => typeof field !== 'string');
  const doubled = columns.find(({ name }, i) => columns.findIndex((c) => c.name === name) < i);
  if (doubled) faults.push(`column ${doubled.name} is there twice`);
  if (columns.length === 0 && faults.length === 0) faults.push('it has no columns');
  return faults.length > 0 ? { faults } : { columns };
}

function parseField(field: string): ParquetColumn | string {
  const refused = Object.entries(INSTEAD).find(([word]) => new RegExp(`^\\w+ ${word}\\b`, 'i').test(field));
  if (refused) return `\`${field.slice(0, 80)}\`: ${refused[1]}`;
  const match = FIELD.exec(field);
  if (!match)
    return `\`${field.slice(0, 80)}\` is no column; write \`optional int64 id\` or \`required binary name (UTF8)\``;
  const [, repetition = '', type = '', length, name = '', word = '', args = ''] = match;
  const physical = PHYSICAL[type.toLowerCase()];
  if (!physical)
    return `column ${name}: there is no type ${type}; there are ${Object.keys(PHYSICAL).join(', ')}`;
  const isFixed = physical === 'FIXED_LEN_BYTE_ARRAY';
  if (isFixed !== (length !== undefined) || length === '0')
    return `column ${name}: only fixed_len_byte_array has a length, and it needs one`;
  const annotation = word === '' ? ({ kind: 'none' } as const) : parseAnnotation(word, args);
  if (!annotation) return `column ${name}: there is no annotation ${word}${args === '' ? '' : `(${args})`}`;
  const column = {
    name,
    physical,
    ...(isFixed && { length: Number(length) }),
    annotation,
    required: repetition.toLowerCase() === 'required',
  };
  const misfit = misfitOf(column);
  return misfit === undefined ? column : `column ${name}: ${misfit}`;
}

function parseAnnotation(word: string, args: string): Annotation | undefined {
  const name = word.toUpperCase();
  const integer = /^(U?)INT_(8|16|32|64)$/.exec(name);
  if (integer && args === '') return integerOf(Number(integer[2]), integer[1] === '');
  const legacy = /^(TIME|TIMESTAMP)_(MILLIS|MICROS)$/.exec(name);
  if (legacy && args === '') return momentOf(legacy[1]!, legacy[2] as TimeUnit, true);
  const [first = '', second = ''] = args.toUpperCase().split(/\s*,\s*/);
  if (name === 'DECIMAL' && /^\d{1,3}$/.test(first) && /^\d{0,3}$/.test(second))
    return { kind: 'decimal', precision: Number(first), scale: Number(second) };
  if (name === 'INTEGER' && /^(8|16|32|64)$/.test(first)) return integerOf(Number(first), second === 'TRUE');
  if (
    (name === 'TIME' || name === 'TIMESTAMP') &&
    /^(MILLIS|MICROS|NANOS)$/.test(first) &&
    /^(TRUE|FALSE)$/.test(second)
  )
    return momentOf(name, first as TimeUnit, second === 'TRUE');
  if (args !== '') return undefined;
  if (name === 'UTF8' || name === 'STRING' || name === 'ENUM') return { kind: 'string' };
  if (name === 'JSON') return { kind: 'json' };
  return name === 'DATE' ? { kind: 'date' } : undefined;
}

const integerOf = (bits: number, signed: boolean): Annotation => ({
  kind: 'integer',
  bits: bits as 8 | 16 | 32 | 64,
  signed,
});

const momentOf = (name: string, unit: TimeUnit, utc: boolean): Annotation =>
  name === 'TIME' ? { kind: 'time', unit } : { kind: 'timestamp', unit, utc };

/** Why an annotation does not go with its type. */
function misfitOf({ physical, annotation, length }: ParquetColumn): string | undefined {
  const needs = (...types: readonly PhysicalType[]): string | undefined =>
    types.includes(physical) ? undefined : `${annotation.kind} needs ${types.join(' or ')}`;
  switch (annotation.kind) {
    case 'none':
      return undefined;
    case 'string':
    case 'json':
      return needs('BYTE_ARRAY');
    case 'integer':
      return needs(annotation.bits === 64 ? 'INT64' : 'INT32');
    case 'date':
      return needs('INT32');
    case 'time':
      return needs(annotation.unit === 'MILLIS' ? 'INT32' : 'INT64');
    case 'timestamp':
      return needs('INT64');
    case 'decimal':
      return decimalMisfit(physical, annotation.precision, annotation.scale, length);
    default:
      return annotation satisfies never;
  }
}

function decimalMisfit(
  physical: PhysicalType,
  precision: number,
  scale: number,
  length: number | undefined,
): string | undefined {
  if (precision < 1 || precision > MAX_PRECISION || scale > precision)
    return `decimal(${precision},${scale}) does not exist; up to ${MAX_PRECISION} digits are written`;
  const bytes = decimalBytes(precision);
  if (physical === 'INT32' || physical === 'INT64')
    return bytes <= (physical === 'INT32' ? 4 : 8)
      ? undefined
      : `${physical} is too small for ${precision} digits`;
  if (physical !== 'FIXED_LEN_BYTE_ARRAY') return 'decimal needs INT32, INT64 or FIXED_LEN_BYTE_ARRAY';
  return length !== undefined && bytes <= length && length <= 16
    ? undefined
    : `${precision} digits need a length of ${bytes} to 16`;
}
