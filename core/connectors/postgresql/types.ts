/** How types of the PostgreSQL family are read here, by their names in the catalogue. */
import type { TypeReading } from '../../relational/table-description.ts';

/** A row of `pg_type` with the modifier of a column, domains already resolved. */
export interface PostgresType {
  /** `typname`, such as `int8`; arrays begin with an underscore. */
  readonly name: string;
  /** `typtype`: b base, c composite, d domain, e enum, p pseudo, r range, m multirange. */
  readonly kind: string;
  /** `atttypmod`, -1 = none. */
  readonly modifier: number;
}

/** Whole numbers and their bytes. */
const INTEGERS: Readonly<Record<string, number>> = { int2: 2, int4: 4, int8: 8 };
/** Header bytes that a modifier of variable-length types counts. */
const HEADER = 4;
/** Digits after the point of a second when a type names none. */
const MICROSECONDS = 6;

/** Types of extensions whose text is no canonical form, and what to write instead. */
const REFUSED: Readonly<Record<string, string>> = {
  geometry: 'geometry is a geometry: read ST_AsText(…) or ST_AsEWKB(…) instead',
  geography: 'geography is a geometry: read ST_AsText(…) instead',
  raster: 'raster is a geometry: read ST_AsBinary(…) instead',
  topogeometry: 'topogeometry is a geometry: read ST_AsText(…) instead',
};

/** How a type is read, or why it cannot be. */
export function readingOf({ name, kind, modifier }: PostgresType): TypeReading {
  const refusal = REFUSED[name.replace(/^_/, '')];
  if (refusal !== undefined) return refusal;
  if (kind === 'p') return `the pseudo-type ${name} has no values`;
  const width = INTEGERS[name];
  if (width !== undefined) return { type: 'long', facts: { width } };
  switch (name) {
    case 'oid':
      return { type: 'long', facts: { width: 4, unsigned: true } };
    case 'bool':
      return { type: 'bool', facts: {} };
    case 'float4':
      return { type: 'double', facts: { width: 4 } };
    case 'float8':
      return { type: 'double', facts: { width: 8 } };
    case 'numeric':
      return numeric(modifier);
    case 'money':
      return { type: 'decimal', facts: {} };
    case 'bytea':
      return { type: 'bytes', facts: {} };
    case 'date':
      return { type: 'date', facts: {} };
    case 'time':
      return { type: 'time', facts: { scale: fraction(modifier) } };
    case 'timestamp':
      return { type: 'datetime', facts: { scale: fraction(modifier) } };
    case 'timestamptz':
      return { type: 'datetime', facts: { scale: fraction(modifier), zoned: true } };
    case 'varchar':
    case 'bpchar':
      return { type: 'string', facts: modifier > HEADER ? { length: modifier - HEADER } : {} };
    default:
      // Everything else travels in the server's canonical text: json, uuid, inet, interval, arrays, ranges, enums.
      return { type: 'string', facts: {} };
  }
}

/** Modifier of numeric: precision in the upper half, scale in the lower 11 bits, signed; plus the header. */
function numeric(modifier: number): TypeReading {
  if (modifier < HEADER) return { type: 'decimal', facts: {} };
  const bits = modifier - HEADER;
  const precision = (bits >> 16) & 0xffff;
  const scale = ((bits & 0x7ff) ^ 1024) - 1024;
  // A negative scale rounds whole digits away: such values are whole numbers with more digits.
  if (scale < 0) return { type: 'decimal', facts: { precision: precision - scale, scale: 0 } };
  return { type: 'decimal', facts: { precision: Math.max(precision, scale), scale } };
}

const fraction = (modifier: number): number =>
  modifier >= 0 && modifier <= MICROSECONDS ? modifier : MICROSECONDS;
