/** `CREATE TABLE` from what is known of the source columns. */
import { quoteIdentifier } from '../../../relational/identifiers.ts';
import type { TableDraft, TargetField } from '../../../relational/write/target.ts';
import type { Column, ColumnFacts } from '../../../types/index.ts';

/** Most digits that `numeric(p,s)` can name. */
const MAX_PRECISION = 1000;
/** Most characters that `varchar(n)` can name. */
const MAX_VARCHAR = 10_485_760;
const MICROS = 6;

/** A type of the server and what it holds. */
interface DraftType {
  readonly sql: string;
  readonly target: TargetField['target'];
  readonly note?: string;
}

/** The table that the columns call for; `table` is quoted. */
export function draftTable(table: string, columns: readonly Column[], names: readonly string[]): TableDraft {
  const drafts = columns.map((column, i) => ({
    column,
    name: names[i] ?? column.name,
    type: typeOf(column),
  }));
  const keyed = drafts
    .filter(({ column }) => column.facts?.keyOrdinal !== undefined)
    .sort((a, b) => a.column.facts!.keyOrdinal! - b.column.facts!.keyOrdinal!);
  const primaryKey = keyed.map(({ name }) => name);
  const isNullable = ({ column, name }: (typeof drafts)[number]): boolean =>
    column.facts?.nullable !== false && !primaryKey.includes(name);
  const lines = drafts.map(
    (draft) => `${quote(draft.name)} ${draft.type.sql}${isNullable(draft) ? '' : ' NOT NULL'}`,
  );
  if (primaryKey.length > 0) lines.push(`PRIMARY KEY (${primaryKey.map(quote).join(', ')})`);
  return {
    sql: `CREATE TABLE IF NOT EXISTS ${table} (${lines.join(', ')})`,
    table: {
      fields: drafts.map((draft) => ({
        name: draft.name,
        serverType: draft.type.sql,
        target: draft.type.target,
        nullable: isNullable(draft),
        optional: false,
        generated: false,
      })),
      primaryKey,
      uniqueKeys: primaryKey.length > 0 ? [primaryKey] : [],
    },
    notes: drafts.flatMap(({ name, type }) =>
      type.note === undefined ? [] : [`column ${name}: ${type.note}`],
    ),
  };
}

const quote = (name: string): string => quoteIdentifier('postgresql', name);

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
