/** `CREATE TABLE` from what is known of the source columns; types and quotes are those of the database. */
import type { Column } from '../../types/index.ts';
import type { TableDraft, TargetField } from './target.ts';

/** A type of the server and what it holds. */
export interface DraftType {
  readonly sql: string;
  readonly target: TargetField['target'];
  /** What a person should know: a type that was guessed. */
  readonly note?: string;
}

/** What differs between the databases. */
export interface DraftDialect {
  quote(name: string): string;
  typeOf(column: Column): DraftType;
  /** The word for a column that takes nulls, with a blank before it; empty where that needs none. */
  readonly nullable: string;
  /** What stands behind the columns, with a blank before it. */
  readonly options: string;
}

/** The table that the columns call for, under these names; `table` is quoted. */
export function draftTable(
  table: string,
  columns: readonly Column[],
  names: readonly string[],
  dialect: DraftDialect,
): TableDraft {
  const primaryKey = keyOf(columns, names);
  const notes: string[] = [];
  const fields = columns.map((column, i): TargetField => {
    const name = names[i] ?? column.name;
    const { sql: serverType, target, note } = dialect.typeOf(column);
    if (note !== undefined) notes.push(`column ${name}: ${note}`);
    const nullable = column.facts?.nullable !== false && !primaryKey.includes(name);
    return { name, serverType, target, nullable, optional: false, generated: false };
  });
  return {
    sql: `CREATE TABLE IF NOT EXISTS ${table} (${linesOf(fields, primaryKey, dialect).join(', ')})${dialect.options}`,
    table: { fields, primaryKey, uniqueKeys: primaryKey.length > 0 ? [primaryKey] : [] },
    notes,
  };
}

/** Names of the key columns, in the order of the key. */
function keyOf(columns: readonly Column[], names: readonly string[]): readonly string[] {
  return columns
    .map(({ name, facts }, i) => ({ name: names[i] ?? name, ordinal: facts?.keyOrdinal }))
    .filter((one): one is { name: string; ordinal: number } => one.ordinal !== undefined)
    .sort((a, b) => a.ordinal - b.ordinal)
    .map(({ name }) => name);
}

function linesOf(
  fields: readonly TargetField[],
  primaryKey: readonly string[],
  { quote, nullable }: DraftDialect,
): string[] {
  const lines = fields.map(
    (field) => `${quote(field.name)} ${field.serverType}${field.nullable ? nullable : ' NOT NULL'}`,
  );
  if (primaryKey.length > 0) lines.push(`PRIMARY KEY (${primaryKey.map(quote).join(', ')})`);
  return lines;
}
