/** Which types of the server the columns of a source call for. */
import { quoteIdentifier } from '../../../relational/identifiers.ts';
import type { DraftDialect, DraftType } from '../../../relational/write/draft.ts';
import type { Column, ColumnFacts } from '../../../types/index.ts';

/** Digits of DECIMAL in all, and after the point. */
const MAX_PRECISION = 65;
const MAX_SCALE = 30;
const MICROS = 6;
/** Longest VARCHAR or VARBINARY that is drafted: a row holds 65,535 bytes of them together, four per character. */
const MAX_VARCHAR = 500;
/** Length of key columns whose source names none: an index holds 3,072 bytes. */
const KEY_LENGTH = 255;

/** How tables are drafted. Text compares by its bytes, as keys of most sources do. */
export const DRAFT_DIALECT: DraftDialect = {
  quote: (name) => quoteIdentifier('mysql', name),
  typeOf,
  nullable: ' NULL',
  options: ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
};

function typeOf({ type, facts = {} }: Column): DraftType {
  const isKey = facts.keyOrdinal !== undefined;
  switch (type) {
    case 'long':
      return integerType(facts);
    case 'double':
      return facts.width === 4
        ? { sql: 'float', target: { kind: 'double', bits: 32 } }
        : { sql: 'double', target: { kind: 'double', bits: 64 } };
    case 'decimal':
      return decimalType(facts);
    case 'string':
      return textType(facts, isKey);
    case 'bool':
      return { sql: 'tinyint(1)', target: { kind: 'long', bits: 8, unsigned: false } };
    case 'bytes':
      return bytesType(facts, isKey);
    case 'date':
      return { sql: 'date', target: { kind: 'date' } };
    case 'time':
    case 'datetime':
      return momentType(type, facts);
    default:
      return { ...textType(facts, isKey), note: 'values of any type are stored as text' };
  }
}

const INTEGERS = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint'] as const;
const INTEGER_BITS = [8, 16, 24, 32, 64] as const;

function integerType({ width = 8, unsigned = false }: ColumnFacts): DraftType {
  const i = width >= 5 ? 4 : Math.max(0, width - 1);
  return {
    sql: `${INTEGERS[i]!}${unsigned ? ' unsigned' : ''}`,
    target: { kind: 'long', bits: INTEGER_BITS[i]!, unsigned },
  };
}

function decimalType({ precision, scale = 0 }: ColumnFacts): DraftType {
  const known = precision !== undefined && precision <= MAX_PRECISION && scale <= MAX_SCALE;
  const [digits, fraction] = known ? [precision, scale] : [MAX_PRECISION, MAX_SCALE];
  return {
    sql: `decimal(${digits},${fraction})`,
    target: { kind: 'decimal', precision: digits, scale: fraction },
    ...(!known && { note: `the source has no bound on digits; what does not fit decimal(65,30) is dirty` }),
  };
}

function textType({ length }: ColumnFacts, isKey: boolean): DraftType {
  if (length !== undefined && length >= 1 && length <= MAX_VARCHAR)
    return { sql: `varchar(${length})`, target: { kind: 'string', maxChars: length } };
  if (!isKey) return { sql: 'longtext', target: { kind: 'string' } };
  const note = `the length of the key is not known; longer values than ${KEY_LENGTH} characters are dirty`;
  return { sql: `varchar(${KEY_LENGTH})`, target: { kind: 'string', maxChars: KEY_LENGTH }, note };
}

function bytesType({ length }: ColumnFacts, isKey: boolean): DraftType {
  if (length !== undefined && length >= 1 && length <= MAX_VARCHAR)
    return { sql: `varbinary(${length})`, target: { kind: 'bytes', maxBytes: length } };
  if (!isKey) return { sql: 'longblob', target: { kind: 'bytes' } };
  const note = `the length of the key is not known; longer values than ${KEY_LENGTH} bytes are dirty`;
  return { sql: `varbinary(${KEY_LENGTH})`, target: { kind: 'bytes', maxBytes: KEY_LENGTH }, note };
}

/** Instants are stored as wall-clock time: TIMESTAMP holds the years 1970 to 2038 only. */
function momentType(kind: 'time' | 'datetime', { scale = MICROS, zoned = false }: ColumnFacts): DraftType {
  const digits = Math.min(scale, MICROS);
  const notes = [
    ...(scale > MICROS ? [`${MICROS} of ${scale} digits of the second are kept`] : []),
    ...(zoned ? ["instants are stored as the wall-clock time of the job's zone"] : []),
  ];
  const note = notes.length > 0 ? { note: notes.join('; ') } : {};
  if (kind === 'time')
    return { sql: `time(${digits})`, target: { kind, scale: digits, beyondDay: true }, ...note };
  return { sql: `datetime(${digits})`, target: { kind, scale: digits, zoned: false }, ...note };
}
