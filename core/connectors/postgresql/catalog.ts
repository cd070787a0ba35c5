/** What the catalogue of a PostgreSQL server says of a table. */
import { quoteIdentifier, type TableName } from '../../relational/identifiers.ts';
import { SIDE_CODES } from '../../relational/side-codes.ts';
import {
  noSuchTable,
  orderedKeys,
  type TableColumn,
  type TableDescription,
  type UniqueKey,
} from '../../relational/table-description.ts';
import type { ColumnFacts, LogicalType } from '../../types/index.ts';
import type { PostgresConnection, TextRows } from './connection.ts';
import { readingOf } from './types.ts';

/** A table, its columns and keys. Throws if there is no such table. */
export async function describeTable(
  connection: PostgresConnection,
  table: TableName,
): Promise<TableDescription> {
  const head = await headOf(connection, table);
  if (!head) throw noSuchTable(table, SIDE_CODES[connection.side].noTable);
  const [oid, schema, kind, engine, rows, bytes, hasChildren] = head;
  const keys = await keysOf(connection, oid!);
  const primaryKey = keys.find(({ primary }) => primary)?.columns ?? [];
  const { columns, refusals } = await columnsOf(connection, oid!, primaryKey);
  return {
    table: { schema: schema!, name: table.name },
    kind: kind === 'v' ? 'view' : 'table',
    columns,
    primaryKey,
    uniqueKeys: orderedKeys(
      keys.filter(({ primary }) => !primary).map(({ primary: _primary, ...key }): UniqueKey => key),
    ),
    indexStarts: await indexStartsOf(connection, oid!),
    hasHeirs: kind !== 'p' && hasChildren === 't',
    hasPlaces:
      connection.version >= PLACES_SINCE && /^[rm]$/.test(kind!) && engine === 'heap' && hasChildren === 'f',
    engine: engine ?? '',
    // -1 and 0 pages without rows = never analyzed.
    ...(Number(rows) > 0 && { estimatedRows: Math.round(Number(rows)) }),
    ...(Number(bytes) > 0 && { estimatedBytes: Number(bytes) }),
    refusals,
  };
}

/** r table, p partitioned, m materialized view, f foreign table, v view. */
const READABLE = `c.relkind IN ('r', 'p', 'm', 'f', 'v')`;

async function headOf(
  connection: PostgresConnection,
  table: TableName,
): Promise<TextRows[number] | undefined> {
  const visible = table.schema === undefined ? 'pg_table_is_visible(c.oid)' : 'n.nspname = $2';
  const values = table.schema === undefined ? [table.name] : [table.name, table.schema];
  const [head] = await connection.rows(
    `SELECT c.oid::text, n.nspname, c.relkind, a.amname, c.reltuples::text,
       CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid)::text END, c.relhassubclass
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am a ON a.oid = c.relam
     WHERE c.relname = $1 AND ${visible} AND ${READABLE}`,
    values,
  );
  return head;
}

interface KeyOf extends UniqueKey {
  readonly primary: boolean;
}

/** Unique keys over whole columns, without condition, checked at once. */
async function keysOf(connection: PostgresConnection, oid: string): Promise<readonly KeyOf[]> {
  const rows = await connection.rows(
    `SELECT ic.relname, i.indisprimary, a.attname, a.attnotnull
     FROM pg_index i
     JOIN pg_class ic ON ic.oid = i.indexrelid
     CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
     WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indimmediate
       AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= ${keyWidth(connection)}
     ORDER BY ic.relname, k.place`,
    [oid],
  );
  const keys = new Map<string, { primary: boolean; columns: string[]; nullable: boolean }>();
  for (const [name, primary, column, notNull] of rows) {
    const key = keys.get(name!) ?? { primary: primary === 't', columns: [], nullable: false };
    key.columns.push(column!);
    key.nullable ||= notNull !== 't';
    keys.set(name!, key);
  }
  return [...keys].map(([name, key]) => ({ name, ...key }));
}

async function indexStartsOf(connection: PostgresConnection, oid: string): Promise<readonly string[]> {
  const rows = await connection.rows(
    `SELECT DISTINCT a.attname
     FROM pg_index i
     JOIN pg_class ic ON ic.oid = i.indexrelid
     JOIN pg_am m ON m.oid = ic.relam
     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
     WHERE i.indrelid = $1::oid AND i.indisvalid AND i.indpred IS NULL AND m.amname = 'btree'
     ORDER BY a.attname`,
    [oid],
  );
  return rows.map(([name]) => name!);
}

/** Indexes may carry columns that are not part of the key; the count of those that are is newer than 9.4. */
const keyWidth = (connection: PostgresConnection): string =>
  connection.version >= 110_000 ? 'i.indnkeyatts' : 'i.indnatts';

/** Ranges of places are found without reading the whole file since 14; relatives without that spread rows over servers. */
const PLACES_SINCE = 140_000;
const GENERATED_SINCE = 120_000;
const IDENTITY_SINCE = 100_000;

async function columnsOf(
  connection: PostgresConnection,
  oid: string,
  primaryKey: readonly string[],
): Promise<{ columns: readonly TableColumn[]; refusals: ReadonlyMap<string, string> }> {
  const generated = connection.version >= GENERATED_SINCE ? `a.attgenerated <> ''` : 'false';
  const identity = connection.version >= IDENTITY_SINCE ? `a.attidentity <> ''` : 'false';
  const rows = await connection.rows(
    `WITH RECURSIVE base AS (
       SELECT a.attnum, a.atttypid AS typid, a.atttypmod AS typmod
       FROM pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
       UNION ALL
       SELECT b.attnum, t.typbasetype, t.typtypmod
       FROM base b JOIN pg_type t ON t.oid = b.typid WHERE t.typtype = 'd'
     )
     SELECT a.attname, t.typname, t.typtype, b.typmod::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       cn.nspname, co.collname, ${generated}, ${identity} OR coalesce(pg_get_expr(d.adbin, d.adrelid), '') LIKE 'nextval(%',
       d.adbin IS NOT NULL
     FROM pg_attribute a
     JOIN base b ON b.attnum = a.attnum
     JOIN pg_type t ON t.oid = b.typid AND t.typtype <> 'd'
     LEFT JOIN pg_collation co ON co.oid = a.attcollation
     LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY a.attnum`,
    [oid],
  );
  const refusals = new Map<string, string>();
  return { columns: rows.map((row) => columnOf(row, primaryKey, refusals)), refusals };
}

function columnOf(
  row: TextRows[number],
  primaryKey: readonly string[],
  refusals: Map<string, string>,
): TableColumn {
  const [name, typeName, kind, modifier, serverType, notNull, collationSchema, collation, ...flags] = row;
  const [generated, autoIncrement, hasDefault] = flags;
  const reading = readingOf({ name: typeName!, kind: kind!, modifier: Number(modifier) });
  if (typeof reading === 'string') refusals.set(name!, reading);
  const known: { type: LogicalType; facts: ColumnFacts } =
    typeof reading === 'string' ? { type: 'string', facts: {} } : reading;
  const ordinal = primaryKey.indexOf(name!) + 1;
  return {
    name: name!,
    type: known.type,
    facts: { ...known.facts, nullable: notNull !== 't', ...(ordinal > 0 && { keyOrdinal: ordinal }) },
    serverType: serverType!,
    typeName: typeName!.replace(/^_(.*)$/, '$1[]'),
    ...(collation && { collation: qualified(collationSchema!, collation) }),
    generated: generated === 't',
    autoIncrement: autoIncrement === 't',
    hasDefault: hasDefault === 't',
  };
}

const qualified = (schema: string, name: string): string =>
  `${quoteIdentifier('postgresql', schema)}.${quoteIdentifier('postgresql', name)}`;
