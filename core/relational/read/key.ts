/** Keys that order rows: their columns, values as the server writes them, and the SQL that compares with them. */
import { AssertionError } from '../../errors/index.ts';
import type { Dialect } from '../dialect.ts';
import { quoteIdentifier } from '../identifiers.ts';
import { quoteBytes, quoteNumber, quoteText } from '../literals.ts';
import type { TableColumn, TableDescription } from '../table-description.ts';

/**
 * How values of a key column become SQL again. number: digits · text: any text, in the column's own collation ·
 * moment: dates and times · bytes: hexadecimal text · cast: text with the column's type behind it (PostgreSQL).
 */
export type KeyKind = 'number' | 'text' | 'moment' | 'bytes' | 'cast';

/** A column that a read is ordered or cut by. */
export interface KeyColumn {
  readonly name: string;
  readonly kind: KeyKind;
  /** Whole numbers can be cut by arithmetic. */
  readonly integer: boolean;
  readonly nullable: boolean;
  /** The server's type, for casts. */
  readonly serverType: string;
  readonly collation?: string;
  readonly charset?: string;
}

/** Values of the first columns of a key, as text. */
export type Tuple = readonly string[];

/** What PostgreSQL calls the place of a row in its file. */
export const CTID = 'ctid';

const MYSQL_KINDS: Readonly<Partial<Record<TableColumn['type'], KeyKind>>> = {
  long: 'number',
  decimal: 'number',
  string: 'text',
  date: 'moment',
  time: 'moment',
  datetime: 'moment',
  bytes: 'bytes',
};

/** MySQL orders these otherwise than it compares them with texts, or a text does not name one value (a doubled hour). */
const MYSQL_UNFIT = /^(enum|set|json|bit|float|double|timestamp|xmltype)$/;
/** PostgreSQL has no order for these; the text of money depends on the country. */
const POSTGRES_UNFIT =
  /^(json|xml|point|line|lseg|box|path|polygon|circle|xid|cid|money|refcursor|txid_snapshot)$/;

/** A column as a key, or `undefined` if its values cannot be compared exactly. */
export function keyColumn(dialect: Dialect, column: TableColumn): KeyColumn | undefined {
  const kind = dialect === 'mysql' ? MYSQL_KINDS[column.type] : 'cast';
  const unfit = dialect === 'mysql' ? MYSQL_UNFIT : POSTGRES_UNFIT;
  if (kind === undefined || unfit.test(column.typeName)) return undefined;
  return {
    name: column.name,
    kind,
    integer: column.type === 'long',
    nullable: column.facts.nullable !== false,
    serverType: column.serverType,
    ...(column.collation !== undefined && { collation: column.collation }),
    ...(column.charset !== undefined && { charset: column.charset }),
  };
}

/** Columns by name as keys; `undefined` if one cannot be. */
export function keyColumns(
  dialect: Dialect,
  table: TableDescription,
  names: readonly string[],
): readonly KeyColumn[] | undefined {
  const columns = names.map((name) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    return column && !table.refusals.has(name) ? keyColumn(dialect, column) : undefined;
  });
  return columns.includes(undefined) ? undefined : (columns as KeyColumn[]);
}

/** A value of a key column as SQL. */
export function keyLiteral(dialect: Dialect, column: KeyColumn, value: string): string {
  switch (column.kind) {
    case 'number':
      return quoteNumber(value);
    case 'text':
      return quoteText(dialect, value);
    case 'moment':
      if (!/^-?[\d:. -]+$/.test(value)) throw new AssertionError('a moment for SQL is none');
      return `'${value}'`;
    case 'bytes':
      return quoteBytes(dialect, Buffer.from(value, 'hex'));
    case 'cast':
      return `${quoteText(dialect, value)}::${column.serverType}`;
    default:
      return column.kind satisfies never;
  }
}

/** Pairs of neighbours that one statement compares. */
const PAIRS_AT_ONCE = 200;

/** SELECTs of one truth value each: all true = each tuple is strictly less than the next, as the columns compare. */
export function orderChecks(
  dialect: Dialect,
  columns: readonly KeyColumn[],
  tuples: readonly Tuple[],
): readonly string[] {
  const values = tuples.map((tuple) => tuple.map((value, i) => collatedLiteral(dialect, columns[i]!, value)));
  // A single tuple is compared with itself: it has to be something that the columns can hold.
  const pairs =
    values.length === 1
      ? values[0]!.map((value) => `(${value} = ${value})`)
      : values.slice(1).map((tuple, i) => lessThan(values[i]!, tuple));
  const starts = Array.from({ length: Math.ceil(pairs.length / PAIRS_AT_ONCE) }, (_, i) => i * PAIRS_AT_ONCE);
  return starts.map((start) => `SELECT ${pairs.slice(start, start + PAIRS_AT_ONCE).join(' AND ')}`);
}

function lessThan([a, ...restA]: readonly string[], [b, ...restB]: readonly string[]): string {
  if (restA.length === 0) return `(${a} < ${b})`;
  return `(${a} < ${b} OR (${a} = ${b} AND ${lessThan(restA, restB)}))`;
}

/** A value in the column's own collation, to be compared with another value instead of with the column. */
function collatedLiteral(dialect: Dialect, column: KeyColumn, value: string): string {
  const literal = keyLiteral(dialect, column, value);
  if (column.collation === undefined) return typedMoment(dialect, column, literal);
  const converted =
    dialect === 'mysql' && column.charset !== undefined
      ? `CONVERT(${literal} USING ${column.charset})`
      : literal;
  return `(${converted}) COLLATE ${column.collation}`;
}

/** MySQL compares moments as what they are only if one side is one. */
function typedMoment(dialect: Dialect, { kind, serverType }: KeyColumn, literal: string): string {
  if (dialect !== 'mysql' || kind !== 'moment') return literal;
  return `CAST(${literal} AS ${serverType})`;
}

/** A key column as SQL. */
export const keyName = (dialect: Dialect, column: KeyColumn): string =>
  column.name === CTID && column.serverType === 'tid' ? CTID : quoteIdentifier(dialect, column.name);

/** How the columns of a row compare with a tuple. */
export type Comparison = '>' | '>=' | '<';

/**
 * Compares the first columns with the tuple, in key order. MySQL uses no index for `(a, b) > (x, y)`, so there it is
 * `a >= x AND (a > x OR (a = x AND b > y))`.
 */
export function compareKey(
  dialect: Dialect,
  columns: readonly KeyColumn[],
  comparison: Comparison,
  tuple: Tuple,
): string {
  const names = tuple.map((_, i) => keyName(dialect, columns[i]!));
  const values = tuple.map((value, i) => keyLiteral(dialect, columns[i]!, value));
  if (tuple.length === 0 || tuple.length > columns.length)
    throw new AssertionError('a key has other columns');
  if (tuple.length === 1) return `${names[0]} ${comparison} ${values[0]}`;
  if (dialect === 'postgresql') return `(${names.join(', ')}) ${comparison} (${values.join(', ')})`;
  const loose = comparison === '<' ? '<=' : '>=';
  return `${names[0]} ${loose} ${values[0]} AND ${nested(names, values, comparison)}`;
}

function nested(names: readonly string[], values: readonly string[], comparison: Comparison): string {
  const [name, ...names2] = names;
  const [value, ...values2] = values;
  if (names2.length === 0) return `${name} ${comparison} ${value}`;
  const strict = comparison === '<' ? '<' : '>';
  return `(${name} ${strict} ${value} OR (${name} = ${value} AND ${nested(names2, values2, comparison)}))`;
}
