import type { TargetType } from '../../convert/target-type.ts';
import type { Column } from '../../types/index.ts';

/** How values lie in a file. The order is that of Parquet's type codes; INT96 and FLOAT are only read. */
export const PHYSICAL_TYPES = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
] as const;

/** A physical type that is written. */
export type PhysicalType = Exclude<(typeof PHYSICAL_TYPES)[number], 'INT96' | 'FLOAT'>;

/** What the values mean. */
export type Annotation =
  | { readonly kind: 'none' }
  | { readonly kind: 'string' }
  | { readonly kind: 'json' }
  | { readonly kind: 'integer'; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'date' }
  | { readonly kind: 'time'; readonly unit: TimeUnit }
  /** `utc`: an instant; otherwise a wall-clock reading. */
  | { readonly kind: 'timestamp'; readonly unit: TimeUnit; readonly utc: boolean };

/** What a time or timestamp counts. */
export type TimeUnit = 'MILLIS' | 'MICROS' | 'NANOS';

/** Fraction digits of the units. */
export const UNIT_DIGITS: Readonly<Record<TimeUnit, 3 | 6 | 9>> = { MILLIS: 3, MICROS: 6, NANOS: 9 };

/** A column of a file that is written. */
export interface ParquetColumn {
  readonly name: string;
  readonly physical: PhysicalType;
  /** Bytes of a FIXED_LEN_BYTE_ARRAY. */
  readonly length?: number;
  readonly annotation: Annotation;
  /** Without nulls. */
  readonly required: boolean;
}

/** Digits of a decimal that other programs read: 16 bytes. */
export const MAX_PRECISION = 38;
/** Digits that fit INT32 and INT64. */
const INT32_DIGITS = 9;
const INT64_DIGITS = 18;

/** Bytes of the smallest two's complement integer that holds every number of so many digits. */
export function decimalBytes(precision: number): number {
  const limit = 10n ** BigInt(precision) - 1n;
  let bytes = 1;
  while (limit > (1n << BigInt(8 * bytes - 1)) - 1n) bytes++;
  return bytes;
}

/** The column that holds every value of a source column, or why there is none. */
export function parquetColumn(column: Column): ParquetColumn | { readonly refused: string } {
  const { name, type, facts = {} } = column;
  const of = (physical: PhysicalType, annotation: Annotation = { kind: 'none' }): ParquetColumn => ({
    name,
    physical,
    annotation,
    required: false,
  });
  switch (type) {
    case 'long':
      return longColumn(column, of);
    case 'double':
      return of('DOUBLE');
    case 'decimal':
      return decimalColumn(column, of);
    case 'string':
      return of('BYTE_ARRAY', { kind: 'string' });
    case 'bytes':
      return of('BYTE_ARRAY');
    case 'bool':
      return of('BOOLEAN');
    case 'date':
      return of('INT32', { kind: 'date' });
    case 'time':
      return of('INT64', { kind: 'time', unit: unitOf(facts.scale) });
    case 'datetime':
      return of('INT64', { kind: 'timestamp', unit: unitOf(facts.scale), utc: facts.zoned ?? false });
    case 'any':
      return { refused: 'its cells have no common type' };
    default:
      return type satisfies never;
  }
}

type MakeColumn = (physical: PhysicalType, annotation?: Annotation) => ParquetColumn;

function longColumn({ facts = {} }: Column, of: MakeColumn): ParquetColumn {
  const { unsigned = false, width = 8 } = facts;
  if (width < 4 || (width === 4 && !unsigned)) return of('INT32');
  return width >= 8 && unsigned ? of('INT64', { kind: 'integer', bits: 64, signed: false }) : of('INT64');
}

function decimalColumn({ facts = {} }: Column, of: MakeColumn): ParquetColumn | { readonly refused: string } {
  const { precision, scale = 0 } = facts;
  if (precision === undefined) return { refused: 'the source does not bound its digits' };
  return decimalOf(precision, scale, of);
}

/** A decimal column in its usual physical type. */
function decimalOf(
  precision: number,
  scale: number,
  of: MakeColumn,
): ParquetColumn | { readonly refused: string } {
  if (precision > MAX_PRECISION)
    return {
      refused: `it has ${precision} digits; decimals of more than ${MAX_PRECISION} are not read elsewhere`,
    };
  if (precision < 1 || scale < 0 || scale > precision)
    return { refused: `decimal(${precision},${scale}) does not exist` };
  const annotation: Annotation = { kind: 'decimal', precision, scale };
  if (precision <= INT32_DIGITS) return of('INT32', annotation);
  if (precision <= INT64_DIGITS) return of('INT64', annotation);
  return { ...of('FIXED_LEN_BYTE_ARRAY', annotation), length: decimalBytes(precision) };
}

/** Nanoseconds if the source has them. */
const unitOf = (scale: number | undefined): TimeUnit => ((scale ?? 6) > 6 ? 'NANOS' : 'MICROS');

/** What values of other types are cast to before they are written. */
export function castTarget({ physical, annotation }: ParquetColumn): TargetType {
  switch (annotation.kind) {
    case 'string':
      return { kind: 'string' };
    case 'json':
      return { kind: 'json' };
    case 'integer':
      return { kind: 'long', bits: annotation.bits, unsigned: !annotation.signed };
    case 'decimal':
      return { kind: 'decimal', precision: annotation.precision, scale: annotation.scale };
    case 'date':
      return { kind: 'date' };
    case 'time':
      return { kind: 'time', scale: UNIT_DIGITS[annotation.unit] };
    case 'timestamp':
      return { kind: 'datetime', scale: UNIT_DIGITS[annotation.unit], zoned: annotation.utc };
    case 'none':
      return plainTarget(physical);
    default:
      return annotation satisfies never;
  }
}

function plainTarget(physical: PhysicalType): TargetType {
  switch (physical) {
    case 'BOOLEAN':
      return { kind: 'bool' };
    case 'INT32':
      return { kind: 'long', bits: 32, unsigned: false };
    case 'INT64':
      return { kind: 'long', bits: 64, unsigned: false };
    case 'DOUBLE':
      return { kind: 'double', bits: 64, specials: true };
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      return { kind: 'bytes' };
    default:
      return physical satisfies never;
  }
}

/** The type in words, for type maps: `INT64 timestamp(MICROS)`. */
export function describeParquetColumn({ physical, annotation, length }: ParquetColumn): string {
  const base = length === undefined ? physical : `${physical}(${length})`;
  switch (annotation.kind) {
    case 'none':
      return base;
    case 'integer':
      return `${base} ${annotation.signed ? 'int' : 'uint'}${annotation.bits}`;
    case 'decimal':
      return `${base} decimal(${annotation.precision},${annotation.scale})`;
    case 'time':
      return `${base} time(${annotation.unit})`;
    case 'timestamp':
      return `${base} timestamp(${annotation.unit}${annotation.utc ? ', UTC' : ''})`;
    default:
      return `${base} ${annotation.kind}`;
  }
}
