/** What the catalogue of a MySQL server says of a table. */
import type { TableName } from '../../relational/identifiers.ts';
import { quoteText } from '../../relational/literals.ts';
import { SIDE_CODES } from '../../relational/side-codes.ts';
import {
  noSuchTable,
  orderedKeys,
  type TableColumn,
  type TableDescription,
  type UniqueKey,
} from '../../relational/table-description.ts';
import type { ColumnFacts, LogicalType } from '../../types/index.ts';
import type { MysqlConnection, TextRows } from './connection.ts';
import { type MysqlType, readingOf } from './types.ts';

/** A table, its columns and keys. Throws if there is no such table. */
export async function describeTable(
  connection: MysqlConnection,
  table: TableName,
): Promise<TableDescription> {
  const schema = table.schema === undefined ? 'DATABASE()' : quoteText('mysql', table.schema);
  const where = `table_schema = ${schema} AND table_name = ${quoteText('mysql', table.name)}`;
  const [head] = await connection.rows(
    `SELECT table_schema, table_type, engine, table_rows, data_length FROM information_schema.tables WHERE ${where}`,
  );
  if (!head) throw noSuchTable(table, SIDE_CODES[connection.side].noTable);
  const [foundSchema, kind, engine, rows, bytes] = head;
  const keys = await keysOf(connection, where);
  const primaryKey = keys.find(({ name }) => name === 'PRIMARY')?.columns ?? [];
  const { columns, refusals } = await columnsOf(connection, where, primaryKey);
  const nullable = new Set(columns.filter(({ facts }) => facts.nullable).map(({ name }) => name));
  const uniqueKeys = keys
    .filter(({ name }) => name !== 'PRIMARY')
    .map((key): UniqueKey => ({ ...key, nullable: key.columns.some((name) => nullable.has(name)) }));
  return {
    table: { schema: foundSchema ?? '', name: table.name },
    kind: /view/i.test(kind ?? '') ? 'view' : 'table',
    columns,
    primaryKey,
    uniqueKeys: orderedKeys(uniqueKeys),
    indexStarts: await indexStartsOf(connection, where),
    hasHeirs: false,
    hasPlaces: false,
    engine: engine ?? '',
    ...(rows !== null && rows !== undefined && { estimatedRows: Number(rows) }),
    ...(bytes !== null && bytes !== undefined && { estimatedBytes: Number(bytes) }),
    refusals,
  };
}

/** Unique keys over whole columns: keys over beginnings of columns or over expressions identify nothing here. */
async function keysOf(
  connection: MysqlConnection,
  where: string,
): Promise<readonly { readonly name: string; readonly columns: readonly string[] }[]> {
  const rows = await connection.rows(
    `SELECT index_name, column_name, sub_part FROM information_schema.statistics WHERE ${where} AND non_unique = 0 ORDER BY index_name, seq_in_index`,
  );
  const parts = new Map<string, (string | undefined)[]>();
  for (const [index, column, prefix] of rows) {
    const whole = column !== null && prefix === null ? column : undefined;
    parts.set(index!, [...(parts.get(index!) ?? []), whole]);
  }
  return [...parts]
    .filter(([, columns]) => !columns.includes(undefined))
    .map(([name, columns]) => ({ name, columns: columns as string[] }));
}

async function indexStartsOf(connection: MysqlConnection, where: string): Promise<readonly string[]> {
  const rows = await connection.rows(
    `SELECT DISTINCT column_name FROM information_schema.statistics WHERE ${where} AND seq_in_index = 1 AND sub_part IS NULL AND column_name IS NOT NULL AND index_type = 'BTREE' ORDER BY column_name`,
  );
  return rows.map(([name]) => name!);
}

const COLUMN_FIELDS = [
  'column_name',
  'data_type',
  'column_type',
  'character_maximum_length',
  'numeric_precision',
  'numeric_scale',
  'datetime_precision',
  'is_nullable',
  'collation_name',
  'character_set_name',
  'extra',
  'column_default IS NOT NULL',
];

async function columnsOf(
  connection: MysqlConnection,
  where: string,
  primaryKey: readonly string[],
): Promise<{ columns: readonly TableColumn[]; refusals: ReadonlyMap<string, string> }> {
  const rows = await connection.rows(
    `SELECT ${COLUMN_FIELDS.join(', ')} FROM information_schema.columns WHERE ${where} ORDER BY ordinal_position`,
  );
  const refusals = new Map<string, string>();
  const columns = rows.map((row) => columnOf(row, primaryKey, refusals));
  return { columns, refusals };
}

function columnOf(
  row: TextRows[number],
  primaryKey: readonly string[],
  refusals: Map<string, string>,
): TableColumn {
  const [name, , , , , , , nullable, collation, charset, extra, hasDefault] = row as readonly string[];
  const type = typeOf(row);
  const reading = readingOf(type);
  if (typeof reading === 'string') refusals.set(name!, reading);
  const known: { type: LogicalType; facts: ColumnFacts } =
    typeof reading === 'string' ? { type: 'bytes', facts: {} } : reading;
  const ordinal = primaryKey.indexOf(name!) + 1;
  return {
    name: name!,
    type: known.type,
    facts: {
      ...known.facts,
      nullable: nullable === 'YES',
      ...(ordinal > 0 && { keyOrdinal: ordinal }),
    },
    serverType: type.full,
    typeName: type.name,
    ...(collation && { collation }),
    ...(charset && { charset }),
    generated: /(VIRTUAL|STORED|PERSISTENT) GENERATED|^(VIRTUAL|STORED|PERSISTENT)$/i.test(extra ?? ''),
    autoIncrement: /auto_increment/i.test(extra ?? ''),
    hasDefault: hasDefault === '1',
  };
}

function typeOf(row: TextRows[number]): MysqlType {
  const [, name, full, length, precision, scale, fraction] = row;
  const number = (text: string | null | undefined) =>
    text === null || text === undefined ? undefined : Number(text);
  const values = {
    length: number(length),
    precision: number(precision),
    scale: number(scale),
    fraction: number(fraction),
  };
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return { name: name!.toLowerCase(), full: full!, ...Object.fromEntries(given) };
}
