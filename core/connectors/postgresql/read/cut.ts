/** Where to cut a table of a PostgreSQL server: by its statistics, by a sample, along the index, or by file blocks. */
import { quoteTable } from '../../../relational/identifiers.ts';
import { CTID, compareKey, type KeyColumn, keyName, type Tuple } from '../../../relational/read/key.ts';
import { evenly, walk } from '../../../relational/read/keyset-walk.ts';
import type { CutRequest, Cuts } from '../../../relational/read/source.ts';
import type { PostgresConnection } from '../connection.ts';

/** Rows that are counted along the index at most; more would take minutes before the run even starts. */
const MAX_WALK_ROWS = 200_000_000;
/** Blocks that a sample reads, about: 64 MiB. */
const SAMPLE_BLOCKS = 8_192;
/** TABLESAMPLE came with 9.5; older relatives are asked for quantiles of all rows. */
const SAMPLES_SINCE = 90_500;
/** Values of a histogram per wanted piece that make the pieces equal enough. */
const VALUES_PER_PIECE = 2;
/** From this many on, one value more or less in a piece does not matter. */
const MANY_VALUES = 8;

/** Cut points of a part of a table. */
export async function cutTable(connection: PostgresConnection, request: CutRequest): Promise<Cuts> {
  const [first] = request.columns;
  if (isPlace(first!)) return cutBlocks(connection, request);
  if (request.columns.length > 1) return cutAlong(connection, request);
  const byStatistics = await cutByHistogram(connection, request);
  return byStatistics ?? cutBySample(connection, request);
}

const isPlace = (column: KeyColumn): boolean => column.name === CTID && column.serverType === 'tid';

/** Values of the histogram that `ANALYZE` made; not if some values are so common that they stand outside of it. */
async function cutByHistogram(
  connection: PostgresConnection,
  request: CutRequest,
): Promise<Cuts | undefined> {
  const { table, columns, pieces, where } = request;
  const [column] = columns;
  // A condition may leave rows of a few values only; statistics know nothing of it.
  if (where !== undefined) return undefined;
  // Of a table with partitions the statistics over all of them count.
  const [[bounds, complete] = []] = await connection.rows(
    `SELECT histogram_bounds::text, most_common_vals IS NULL FROM pg_stats
     WHERE schemaname = $1 AND tablename = $2 AND attname = $3 ORDER BY inherited DESC LIMIT 1`,
    [table.table.schema, table.table.name, column!.name],
  );
  if (bounds === null || bounds === undefined || complete !== 't') return undefined;
  const points = await sortedValues(connection, request, `unnest($1::text::${column!.serverType}[])`, [
    bounds,
  ]);
  const inner = points.slice(1, -1);
  if (inner.length + 1 < pieces * VALUES_PER_PIECE) return undefined;
  const ends = inner.length + 1 >= pieces * MANY_VALUES ? evenly(inner, pieces) : inGroups(inner, pieces);
  return { points: ends, ...rowsOf(table.estimatedRows) };
}

/** Groups of equally many values: rather a few pieces more than some of double size. */
function inGroups(inner: readonly Tuple[], pieces: number): readonly Tuple[] {
  const each = Math.floor((inner.length + 1) / pieces);
  return inner.filter((_, i) => (i + 1) % each === 0);
}

const rowsOf = (estimatedRows: number | undefined) => (estimatedRows === undefined ? {} : { estimatedRows });

/** Distinct values in the column's own order, inside the bounds. `source` is SQL that yields them. */
async function sortedValues(
  connection: PostgresConnection,
  { columns, lower, upper }: CutRequest,
  source: string,
  values: readonly string[],
): Promise<readonly Tuple[]> {
  const column = columns[0]!;
  const key = { ...column, name: 'v' };
  const collate = column.collation === undefined ? '' : ` COLLATE ${column.collation}`;
  const bounds = [
    ...(lower === undefined ? [] : [compareKey('postgresql', [key], '>', lower)]),
    ...(upper === undefined ? [] : [compareKey('postgresql', [key], '<', upper)]),
  ];
  // The name of the text differs from that of the value: ORDER BY would take the text otherwise.
  const rows = await connection.rows(
    `SELECT v::text AS shown FROM (SELECT u${collate} AS v FROM ${source} AS t(u)) AS s
     WHERE ${['v IS NOT NULL', ...bounds].join(' AND ')} GROUP BY v ORDER BY v`,
    values,
  );
  return rows as readonly Tuple[];
}

/** Quantiles of some blocks of the table, or of all of a small one, of a view and of what a condition leaves. */
async function cutBySample(connection: PostgresConnection, request: CutRequest): Promise<Cuts> {
  const { table, columns, pieces, where, lower, upper } = request;
  const name = keyName('postgresql', columns[0]!);
  const blocks = table.kind === 'table' ? await blocksOf(connection, request) : 0;
  const sampled = blocks > SAMPLE_BLOCKS && connection.version >= SAMPLES_SINCE;
  const part = sampled ? ` TABLESAMPLE SYSTEM (${(100 * SAMPLE_BLOCKS) / blocks}) REPEATABLE (1)` : '';
  const conditions = [
    `${name} IS NOT NULL`,
    ...(where === undefined ? [] : [`(${where})`]),
    ...(lower === undefined ? [] : [compareKey('postgresql', columns, '>', lower)]),
    ...(upper === undefined ? [] : [compareKey('postgresql', columns, '<', upper)]),
  ];
  const shares = Array.from({ length: pieces - 1 }, (_, i) => (i + 1) / pieces).join(',');
  const quantiles = `(SELECT unnest(percentile_disc(ARRAY[${shares}]::float8[]) WITHIN GROUP (ORDER BY ${name})) FROM ${quoteTable('postgresql', table.table)}${part} WHERE ${conditions.join(' AND ')})`;
  const points = await sortedValues(connection, request, quantiles, []);
  return { points, ...rowsOf(table.estimatedRows) };
}

/** Blocks of a table, its partitions included. */
async function blocksOf(connection: PostgresConnection, { table }: CutRequest): Promise<number> {
  const [[blocks] = []] = await connection.rows(
    `WITH RECURSIVE parts AS (
       SELECT $1::regclass::oid AS oid
       UNION ALL SELECT i.inhrelid FROM pg_inherits i JOIN parts p ON i.inhparent = p.oid
     )
     SELECT ceil(sum(pg_relation_size(oid)) / current_setting('block_size')::float8)::text FROM parts`,
    [quoteTable('postgresql', table.table)],
  );
  return Number(blocks ?? 0);
}

/** Along the index of several columns. */
async function cutAlong(connection: PostgresConnection, request: CutRequest): Promise<Cuts> {
  const { table, columns, pieces, where, lower, upper } = request;
  const rows = table.estimatedRows ?? (await countRows(connection, request));
  if (rows > MAX_WALK_ROWS) return { points: [], reason: `about ${rows} rows are too many to count along` };
  const names = columns.map((column) => keyName('postgresql', column));
  const fixed = [
    ...(where === undefined ? [] : [`(${where})`]),
    ...(upper === undefined ? [] : [compareKey('postgresql', columns, '<', upper)]),
  ];
  const skip = async (after: Tuple | undefined, stride: number): Promise<Tuple | undefined> => {
    const begin = after ?? lower;
    const beyond = begin === undefined ? [] : [compareKey('postgresql', columns, '>', begin)];
    const [row] = await connection.rows(
      `SELECT ${names.map((name) => `${name}::text`).join(', ')} FROM ${quoteTable('postgresql', table.table)} WHERE ${['true', ...fixed, ...beyond].join(' AND ')} ORDER BY ${names.join(', ')} LIMIT 1 OFFSET ${after ? stride - 1 : stride}`,
    );
    return row as Tuple | undefined;
  };
  const { points, rows: counted } = await walk(rows, pieces, skip);
  return { points, estimatedRows: counted };
}

async function countRows(connection: PostgresConnection, { table }: CutRequest): Promise<number> {
  const [[count] = []] = await connection.rows(
    `SELECT count(*) FROM ${quoteTable('postgresql', table.table)}`,
  );
  return Number(count);
}

/** Equal numbers of blocks of the file; rows of a table that nobody changes stay in their block. */
async function cutBlocks(connection: PostgresConnection, request: CutRequest): Promise<Cuts> {
  const { table, pieces, lower, upper } = request;
  const first = lower === undefined ? 0 : blockOf(lower[0]!) + 1;
  const beyond = upper === undefined ? await blocksOf(connection, request) : blockOf(upper[0]!);
  const inner = Array.from({ length: Math.max(0, beyond - first - 1) }, (_, i) => first + i + 1);
  const points = evenly(inner, pieces).map((block): Tuple => [`(${block},0)`]);
  return { points, ...rowsOf(table.estimatedRows) };
}

/** `(block,row)`. */
const blockOf = (place: string): number => Number(/^\((\d+),\d+\)$/.exec(place)?.[1] ?? 0);
