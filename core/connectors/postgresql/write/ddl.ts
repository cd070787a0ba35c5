/** Which types of the server the columns of a source call for. */
import { quoteIdentifier } from '../../../relational/identifiers.ts';
import type { DraftDialect, DraftType } from '../../../relational/write/draft.ts';
import type { Column, ColumnFacts } from '../../../types/index.ts';

/** Most digits that `numeric(p,s)` can name. */
const MAX_PRECISION = 1000;
/** Most characters that `varchar(n)` can name. */
const MAX_VARCHAR = 10_485_760;
const MICROS = 6;

/** How tables are drafted. */
export const DRAFT_DIALECT: DraftDialect = {
  quote: (name) => quoteIdentifier('postgresql', name),
  typeOf,
  nullable: '',
  options: '',
};

function typeOf({ type, facts = {} }: Column): DraftType {
  switch (type) {
    case 'long':
      return integerType(facts);
    case 'double':
      return facts.width === 4
        ? { sql: 'real', target: { kind: 'double', bits: 32, specials: true } }
        : { sql: 'double precision', target: { kind: 'double', bits: 64, specials: true } };
    case 'decimal':
      return decimalType(facts);
    case 'string':
      return textType(facts);
    case 'bool':
      return { sql: 'boolean', target: { kind: 'bool' } };
    case 'bytes':
      return { sql: 'bytea', target: { kind: 'bytes' } };
    case 'date':
      return { sql: 'date', target: { kind: 'date', wide: true } };
    case 'time':
    case 'datetime':
      return momentType(type, facts);
    default:
      return { ...textType({}), note: 'values of any type are stored as text' };
  }
}

function integerType({ width = 8, unsigned = false }: ColumnFacts): DraftType {
  const bytes = unsigned ? width + 1 : width;
  if (bytes > 8) return { sql: 'numeric(20)', target: { kind: 'decimal', precision: 20, scale: 0 } };
  const [sql, bits] =
    bytes <= 2
      ? (['smallint', 16] as const)
      : bytes <= 4
        ? (['integer', 32] as const)
        : (['bigint', 64] as const);
  return { sql, target: { kind: 'long', bits, unsigned: false } };
}

function decimalType({ precision, scale = 0 }: ColumnFacts): DraftType {
  if (precision === undefined || precision > MAX_PRECISION)
    return { sql: 'numeric', target: { kind: 'decimal', specials: true } };
  return {
    sql: `numeric(${precision},${scale})`,
    target: { kind: 'decimal', precision, scale, specials: true },
  };
}

function textType({ length }: ColumnFacts): DraftType {
  if (length === undefined || length < 1 || length > MAX_VARCHAR)
    return { sql: 'text', target: { kind: 'string', refusesNul: true } };
  return { sql: `varchar(${length})`, target: { kind: 'string', refusesNul: true, maxChars: length } };
}

function momentType(kind: 'time' | 'datetime', { scale = MICROS, zoned = false }: ColumnFacts): DraftType {
  const digits = Math.min(scale, MICROS);
  const note = scale > MICROS ? { note: `${MICROS} of ${scale} digits of the second are kept` } : {};
  if (kind === 'time') return { sql: `time(${digits})`, target: { kind, scale: digits }, ...note };
  const sql = zoned ? `timestamptz(${digits})` : `timestamp(${digits})`;
  return { sql, target: { kind, scale: digits, zoned, wide: true }, ...note };
}
