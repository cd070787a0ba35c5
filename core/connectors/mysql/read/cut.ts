/** Where to cut a table of a MySQL server: by the optimizer's estimates, by arithmetic, or along the index. */
import { quoteTable } from '../../../relational/identifiers.ts';
import { splitIntegers } from '../../../relational/read/integer-split.ts';
import { compareKey, type KeyColumn, keyName, type Tuple } from '../../../relational/read/key.ts';
import { walk } from '../../../relational/read/keyset-walk.ts';
import type { CutRequest, Cuts } from '../../../relational/read/source.ts';
import type { MysqlConnection, TextRows } from '../connection.ts';
import { bisect, type KeyRange } from './bisection.ts';

/** Rows that are counted along the index at most; more would take minutes before the run even starts. */
const MAX_WALK_ROWS = 500_000_000;

/** Cut points of a part of a table. */
export async function cutTable(connection: MysqlConnection, request: CutRequest): Promise<Cuts> {
  const { columns, table } = request;
  const [first] = columns;
  const indexed = table.indexStarts.includes(first!.name) || table.kind === 'view';
  if (columns.length === 1 && first!.integer) return cutIntegers(connection, request, indexed);
  if (!indexed) return { points: [], reason: `no index begins with ${first!.name}` };
  return cutAlong(connection, request);
}

async function cutIntegers(
  connection: MysqlConnection,
  request: CutRequest,
  indexed: boolean,
): Promise<Cuts> {
  const { table, columns, pieces } = request;
  const name = keyName('mysql', columns[0]!);
  const [[lowest, highest] = []] = await connection.rows(
    endsQuery(name, `FROM ${quoteTable('mysql', table.table)} WHERE ${conditions(request)}`, indexed),
  );
  if (lowest == null || highest == null) return { points: [], estimatedRows: 0 };
  const [low, high] = [BigInt(lowest), BigInt(highest)];
  const inner = (points: readonly bigint[]): Tuple[] =>
    points.filter((point) => point > low && point <= high).map((point) => [String(point)]);
  if (indexed && table.kind === 'table') {
    const estimate = (ranges: readonly KeyRange[]): Promise<readonly number[]> =>
      estimatedRows(
        connection,
        request,
        ranges.map(({ from, to }) => `${name} >= ${from} AND ${name} < ${to}`),
      );
    const { points, rows } = await bisect(low, high, pieces, estimate);
    if (points.length > 0) return { points: inner(points), estimatedRows: rows };
  }
  return { points: inner(splitIntegers(low, high, pieces).slice(1, -1)) };
}

/** The server takes MIN and MAX together with a condition from all rows; the ends of an index it finds at once. */
function endsQuery(name: string, from: string, indexed: boolean): string {
  if (!indexed) return `SELECT MIN(${name}), MAX(${name}) ${from}`;
  const end = (order: string): string => `(SELECT ${name} ${from} ORDER BY ${name} ${order} LIMIT 1)`;
  return `SELECT ${end('ASC')}, ${end('DESC')}`;
}

/** Where an EXPLAIN has its estimate of rows, and its word for a condition that no row can meet. */
const IMPOSSIBLE = /impossible|no matching/i;

/** What the optimizer expects of each condition, all asked for at once. */
async function estimatedRows(
  connection: MysqlConnection,
  { columns, table }: CutRequest,
  wheres: readonly string[],
): Promise<readonly number[]> {
  const from = `SELECT ${keyName('mysql', columns[0]!)} FROM ${quoteTable('mysql', table.table)}`;
  const explained = await connection.rows(
    `EXPLAIN ${wheres.map((where) => `${from} WHERE ${where}`).join(' UNION ALL ')}`,
  );
  // The first column numbers the SELECTs; what joins their rows has no number.
  const answers = wheres.map((_, i) => explained.filter(([id]) => id === String(i + 1)));
  if (answers.every(({ length }) => length === 1)) return answers.map(([row]) => estimateIn(row!));
  const rows: number[] = [];
  for (const where of wheres) {
    const [row = []] = await connection.rows(`EXPLAIN ${from} WHERE ${where}`);
    rows.push(estimateIn(row));
  }
  return rows;
}

function estimateIn(row: TextRows[number]): number {
  if (row.some((cell) => cell !== null && IMPOSSIBLE.test(cell))) return 0;
  // The columns differ between servers; the estimate is the last whole number before the remarks.
  const numbers = row.slice(0, -1).filter((cell) => cell !== null && /^\d+$/.test(cell));
  // With partitions MySQL adds a percentage after it, which has a point.
  return Number(numbers.at(-1) ?? 0);
}

async function cutAlong(connection: MysqlConnection, request: CutRequest): Promise<Cuts> {
  const { table, columns, pieces } = request;
  const total = request.lower || request.upper ? undefined : table.estimatedRows;
  const rows = total ?? (await rowsBetween(connection, request));
  if (rows > MAX_WALK_ROWS) return { points: [], reason: `about ${rows} rows are too many to count along` };
  const names = columns.map((column) => keyName('mysql', column));
  const skip = async (after: Tuple | undefined, stride: number): Promise<Tuple | undefined> => {
    const beyond = after && [compareKey('mysql', columns, '>', after)];
    const where = [conditions(request), ...(beyond ?? [])].join(' AND ');
    const [row] = await connection.rows(
      `SELECT ${names.map((name, i) => keyText(name, columns[i]!)).join(', ')} FROM ${quoteTable('mysql', table.table)} WHERE ${where} ORDER BY ${names.join(', ')} LIMIT 1 OFFSET ${after ? stride - 1 : stride}`,
    );
    return row as Tuple | undefined;
  };
  const { points, rows: counted } = await walk(rows, pieces, skip);
  return { points, estimatedRows: counted };
}

async function rowsBetween(connection: MysqlConnection, request: CutRequest): Promise<number> {
  const [rows = 0] = await estimatedRows(connection, request, [conditions({ ...request, where: undefined })]);
  return rows;
}

const keyText = (name: string, column: KeyColumn): string =>
  column.kind === 'bytes' ? `LOWER(HEX(${name}))` : name;

/** The part of the table that is cut, without nulls. */
function conditions({
  where,
  columns,
  lower,
  upper,
}: Omit<CutRequest, 'where'> & { where?: string | undefined }): string {
  const [first] = columns;
  const parts = [
    ...(where === undefined ? [] : [`(${where})`]),
    ...(lower === undefined ? [] : [compareKey('mysql', columns, '>', lower)]),
    ...(upper === undefined ? [] : [compareKey('mysql', columns, '<', upper)]),
  ];
  return [...parts, `${keyName('mysql', first!)} IS NOT NULL`].join(' AND ');
}
