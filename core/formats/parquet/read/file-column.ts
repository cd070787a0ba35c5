import type { LogicalType as CellType, Column, ColumnFacts } from '../../../types/index.ts';
import { ConvertedType, LogicalType, UNIT_NUMBERS } from '../annotation-numbers.ts';
import { describeParquetColumn, type PhysicalType, type TimeUnit, UNIT_DIGITS } from '../parquet-column.ts';
import type { SchemaField, StoredType, Struct } from './file-metadata.ts';

/** What the stored values of a column mean. */
export type Meaning =
  | { readonly kind: 'integer'; readonly signed: boolean }
  | { readonly kind: 'decimal'; readonly scale: number }
  | { readonly kind: 'time'; readonly unit: TimeUnit }
  | { readonly kind: 'timestamp'; readonly unit: TimeUnit; readonly utc: boolean }
  /** Nanoseconds of the day and a Julian day, in UTC. */
  | { readonly kind: 'int96' }
  | { readonly kind: 'bool' | 'double' | 'date' | 'string' | 'uuid' | 'bytes' };

/** A column of a file that is read. */
export interface FileColumn {
  readonly name: string;
  /** Ordinal among the leaves of the schema: that of its chunk in each row group. */
  readonly leaf: number;
  readonly type: StoredType;
  /** Bytes of a FIXED_LEN_BYTE_ARRAY. */
  readonly length: number;
  readonly required: boolean;
  readonly meaning: Meaning;
  /** As a column of row blocks. */
  readonly column: Column;
  /** The type in words. */
  readonly described: string;
}

/** A column of a file that cannot be read, and why. */
export interface RefusedColumn {
  readonly name: string;
  readonly refused: string;
}

const UNITS = Object.keys(UNIT_NUMBERS) as readonly TimeUnit[];
/** Bits of the integers that INT_8 to INT_64 and UINT_8 to UINT_64 stand for. */
const BITS = [8, 16, 32, 64];

/** The columns at the top of a schema, in order. */
export function fileColumns(schema: readonly SchemaField[]): readonly (FileColumn | RefusedColumn)[] {
  const columns: (FileColumn | RefusedColumn)[] = [];
  let leaf = 0;
  for (let i = 1; i < schema.length; i++) {
    const field = schema[i]!;
    if (field.type !== undefined && field.childCount === 0) {
      columns.push(columnOf(field, leaf++));
      continue;
    }
    columns.push({ name: field.name, refused: groupWord(field) });
    for (let open = field.childCount; open > 0 && i + 1 < schema.length; open--) {
      const child = schema[++i]!;
      open += child.childCount;
      if (child.type !== undefined) leaf++;
    }
  }
  return columns;
}

function groupWord({ convertedType, logical }: SchemaField): string {
  if (convertedType === ConvertedType.list || logical?.[0] === LogicalType.list) return 'it is a list';
  const isMap = convertedType === ConvertedType.map || convertedType === ConvertedType.mapKeyValue;
  return isMap || logical?.[0] === LogicalType.map ? 'it is a map' : 'it is a struct';
}

function columnOf(field: SchemaField, leaf: number): FileColumn | RefusedColumn {
  const { name, type, repetition, length } = field;
  if (repetition === 'REPEATED') return { name, refused: 'it is a list' };
  const meaning = meaningOf(field);
  if (typeof meaning === 'string') return { name, refused: meaning };
  if (type === 'FIXED_LEN_BYTE_ARRAY' && length < 1) return { name, refused: 'its length is missing' };
  const required = repetition === 'REQUIRED';
  const [logical, facts] = logicalOf(field, meaning);
  const column: Column = { name, type: logical, facts: { ...facts, nullable: !required } };
  return { name, leaf, type: type!, length, required, meaning, column, described: describe(field, meaning) };
}

/** What the values mean; a text says why they cannot be read. The newer annotation wins. */
function meaningOf(field: SchemaField): Meaning | string {
  const annotated = field.logical ? fromLogical(field, ...field.logical) : fromConverted(field);
  return annotated ?? plainMeaning(field.type!);
}

function fromLogical(field: SchemaField, number: number, content: Struct): Meaning | string | undefined {
  switch (number) {
    case LogicalType.string:
    case LogicalType.enum:
    case LogicalType.json:
      return textMeaning(field);
    case LogicalType.decimal:
      return decimalMeaning(field, Number(content.field_1 ?? 0), Number(content.field_2 ?? 0));
    case LogicalType.date:
      return wants(field, 'INT32') ?? { kind: 'date' };
    case LogicalType.time:
    case LogicalType.timestamp:
      return momentMeaning(field, number === LogicalType.time, content);
    case LogicalType.integer:
      return integerMeaning(field, content.field_2 === true);
    case LogicalType.unknown:
    case LogicalType.bson:
      return undefined;
    case LogicalType.uuid:
      return field.length === 16 && field.type === 'FIXED_LEN_BYTE_ARRAY'
        ? { kind: 'uuid' }
        : 'a UUID has 16 bytes';
    default:
      return `its logical type ${number} is not supported`;
  }
}

function fromConverted(field: SchemaField): Meaning | string | undefined {
  const { convertedType: converted } = field;
  if (converted === undefined || converted === ConvertedType.bson) return undefined;
  if (
    converted === ConvertedType.utf8 ||
    converted === ConvertedType.enum ||
    converted === ConvertedType.json
  )
    return textMeaning(field);
  if (converted === ConvertedType.decimal) return decimalMeaning(field, field.scale, field.precision);
  if (converted === ConvertedType.date) return wants(field, 'INT32') ?? { kind: 'date' };
  if (converted === ConvertedType.timeMillis || converted === ConvertedType.timeMicros) {
    const isMillis = converted === ConvertedType.timeMillis;
    return (
      wants(field, isMillis ? 'INT32' : 'INT64') ?? { kind: 'time', unit: isMillis ? 'MILLIS' : 'MICROS' }
    );
  }
  if (converted === ConvertedType.timestampMillis || converted === ConvertedType.timestampMicros) {
    const unit = converted === ConvertedType.timestampMillis ? 'MILLIS' : 'MICROS';
    return wants(field, 'INT64') ?? { kind: 'timestamp', unit, utc: true };
  }
  if (converted >= ConvertedType.uint8 && converted <= ConvertedType.int64)
    return integerMeaning(field, converted >= ConvertedType.int8);
  return converted === ConvertedType.interval
    ? 'it is an interval'
    : `its converted type ${converted} is not supported`;
}

function plainMeaning(type: StoredType): Meaning {
  switch (type) {
    case 'BOOLEAN':
      return { kind: 'bool' };
    case 'INT32':
    case 'INT64':
      return { kind: 'integer', signed: true };
    case 'INT96':
      return { kind: 'int96' };
    case 'FLOAT':
    case 'DOUBLE':
      return { kind: 'double' };
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      return { kind: 'bytes' };
    default:
      return type satisfies never;
  }
}

const wants = ({ type }: SchemaField, ...types: readonly StoredType[]): string | undefined =>
  types.includes(type!) ? undefined : `its annotation does not go with ${type}`;

const textMeaning = (field: SchemaField): Meaning | string =>
  wants(field, 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY') ?? { kind: 'string' };

const integerMeaning = (field: SchemaField, signed: boolean): Meaning | string =>
  wants(field, 'INT32', 'INT64') ?? { kind: 'integer', signed };

function decimalMeaning(field: SchemaField, scale: number, precision: number): Meaning | string {
  if (!(precision >= 1 && scale >= 0 && scale <= precision))
    return `decimal(${precision},${scale}) does not exist`;
  return wants(field, 'INT32', 'INT64', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY') ?? { kind: 'decimal', scale };
}

function momentMeaning(field: SchemaField, isTime: boolean, content: Struct): Meaning | string {
  const [unitKey = ''] = Object.keys((content.field_2 ?? {}) as Struct);
  const unit = UNITS.find((name) => unitKey === `field_${UNIT_NUMBERS[name]}`);
  if (!unit) return 'its unit is unknown';
  const misfit = wants(field, isTime && unit === 'MILLIS' ? 'INT32' : 'INT64');
  if (misfit !== undefined) return misfit;
  return isTime ? { kind: 'time', unit } : { kind: 'timestamp', unit, utc: content.field_1 === true };
}

function logicalOf(field: SchemaField, meaning: Meaning): [CellType, ColumnFacts] {
  switch (meaning.kind) {
    case 'integer':
      return ['long', { width: integerBits(field) / 8, unsigned: !meaning.signed }];
    case 'decimal':
      return ['decimal', { precision: precisionOf(field), scale: meaning.scale }];
    case 'double':
      return ['double', { width: field.type === 'FLOAT' ? 4 : 8 }];
    case 'time':
      return ['time', { scale: UNIT_DIGITS[meaning.unit] }];
    case 'timestamp':
      return ['datetime', { scale: UNIT_DIGITS[meaning.unit], zoned: meaning.utc }];
    case 'int96':
      return ['datetime', { scale: 9, zoned: true }];
    case 'uuid':
      return ['string', { length: 36 }];
    case 'bytes':
      return ['bytes', field.length > 0 ? { length: field.length } : {}];
    case 'bool':
    case 'date':
    case 'string':
      return [meaning.kind, {}];
    default:
      return meaning satisfies never;
  }
}

const precisionOf = ({ logical, precision }: SchemaField): number =>
  logical ? Number(logical[1].field_2) : precision;

function integerBits({ logical, convertedType, type }: SchemaField): number {
  const own = type === 'INT32' ? 32 : 64;
  const stated = logical
    ? Number(logical[1].field_1 ?? own)
    : BITS[((convertedType ?? ConvertedType.int64) - ConvertedType.uint8) % BITS.length]!;
  return Math.min(own, stated);
}

function describe(field: SchemaField, meaning: Meaning): string {
  const { type, length } = field;
  if (type === 'INT96' || type === 'FLOAT') return type;
  const base = {
    name: field.name,
    physical: type as PhysicalType,
    required: false,
    ...(length > 0 && { length }),
  };
  switch (meaning.kind) {
    case 'integer': {
      const bits = integerBits(field) as 8 | 16 | 32 | 64;
      const isPlain = meaning.signed && bits === (type === 'INT32' ? 32 : 64);
      return describeParquetColumn({
        ...base,
        annotation: isPlain ? { kind: 'none' } : { kind: 'integer', bits, signed: meaning.signed },
      });
    }
    case 'decimal':
      return describeParquetColumn({
        ...base,
        annotation: { kind: 'decimal', precision: precisionOf(field), scale: meaning.scale },
      });
    case 'time':
    case 'timestamp':
    case 'date':
    case 'string':
      return describeParquetColumn({ ...base, annotation: meaning as { readonly kind: 'date' } });
    case 'uuid':
      return `${describeParquetColumn({ ...base, annotation: { kind: 'none' } })} uuid`;
    default:
      return describeParquetColumn({ ...base, annotation: { kind: 'none' } });
  }
}
