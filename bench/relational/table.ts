/** The table of the relational bench: 16 columns like TPC-H's `lineitem`, the same rows in both databases. */
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import type { ServerAddress } from '../../test/support/servers/server-process.ts';
import { shell } from './shell.ts';

/** Columns in job order. */
export const COLUMNS = [
  'id',
  'orderkey',
  'partkey',
  'suppkey',
  'linenumber',
  'quantity',
  'extendedprice',
  'discount',
  'tax',
  'returnflag',
  'linestatus',
  'shipdate',
  'committed',
  'receipt',
  'shipmode',
  'remark',
] as const;

/** Types that both databases know under one name. */
const TYPES = `id bigint PRIMARY KEY, orderkey bigint, partkey int, suppkey int, linenumber int,
  quantity decimal(15,2), extendedprice decimal(15,2), discount decimal(15,2), tax decimal(15,2), returnflag char(1),
  linestatus char(1), shipdate date, committed date, receipt date, shipmode varchar(10), remark varchar(60)`;

/** Creates the table in PostgreSQL, empty; without its key where rows only arrive. */
export async function createTarget(postgres: ServerAddress, table: string): Promise<void> {
  await inPostgres(postgres, `DROP TABLE IF EXISTS ${table}`);
  await inPostgres(postgres, `CREATE TABLE ${table} (${TYPES.replace(' PRIMARY KEY', '')})`);
}

/** Fills MariaDB by its sequence engine, and PostgreSQL from there. */
export async function createTables(
  mariadb: ServerAddress,
  postgres: ServerAddress,
  rows: number,
): Promise<void> {
  const { host, port, username: user, password, database } = mariadb;
  const connection = await createConnection({ host, port, user, password, database });
  await connection.query(`CREATE TABLE lineitem (${TYPES}) CHARACTER SET utf8mb4`);
  await connection.query(`INSERT INTO lineitem SELECT seq, seq DIV 4 * 8 + 1, seq * 7919 % 200000 + 1,
    seq * 104729 % 10000 + 1, seq % 4 + 1, seq % 50 + 1, (seq * 7919 % 9000000 + 90000) / 100, seq % 11 / 100,
    seq % 9 / 100, ELT(seq % 3 + 1, 'A', 'N', 'R'), ELT(seq % 2 + 1, 'O', 'F'),
    DATE_ADD('1992-01-02', INTERVAL seq * 31 % 2500 DAY), DATE_ADD('1992-01-31', INTERVAL seq * 37 % 2460 DAY),
    DATE_ADD('1992-01-03', INTERVAL seq * 41 % 2550 DAY), ELT(seq % 7 + 1, 'AIR', 'FOB', 'MAIL', 'RAIL', 'REG AIR',
    'SHIP', 'TRUCK'), CONCAT(IF(seq % 20 = 0, 'bold, "final" ', 'carefully '), SUBSTRING(MD5(seq), 1, 10 + seq % 20))
    FROM seq_1_to_${rows}`);
  await connection.query('ANALYZE TABLE lineitem');
  await connection.end();
  await inPostgres(postgres, `CREATE TABLE lineitem (${TYPES})`);
  await shell(`${mariadbRows(mariadb)} | ${psqlCopyIn(postgres, 'lineitem')}`, [mariadb, postgres]);
  await inPostgres(postgres, 'VACUUM ANALYZE lineitem');
}

/** Rows of the table as the MariaDB client writes them: tabs between, one line each. */
export const mariadbRows = ({ host, port, username, database }: ServerAddress): string =>
  `mariadb -h ${host} -P ${port} -u ${username} --batch --quick --skip-column-names --default-character-set=utf8mb4 \
    -e 'SELECT ${COLUMNS} FROM lineitem' ${database}`;

const psql = ({ host, port, username, database }: ServerAddress, command: string): string =>
  `psql -q -h ${host} -p ${port} -U ${username} -d ${database} -v ON_ERROR_STOP=1 -c "${command}"`;

/** Takes such lines. */
export const psqlCopyIn = (postgres: ServerAddress, table: string): string =>
  psql(postgres, `COPY ${table} FROM STDIN`);

/** Writes the table as CSV. */
export const psqlCopyOut = (postgres: ServerAddress): string =>
  psql(postgres, `COPY (SELECT ${COLUMNS} FROM lineitem) TO STDOUT (FORMAT csv)`);

/** One statement; its first row as texts. */
export async function inPostgres(postgres: ServerAddress, text: string): Promise<readonly string[]> {
  const { host, port, username: user, password, database } = postgres;
  const client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  try {
    const { rows } = await client.query({ text, rowMode: 'array' });
    return ((rows as unknown[][])[0] ?? []).map(String);
  } finally {
    await client.end();
  }
}

/** Rows and an order-free checksum of a table in PostgreSQL. */
export const tableSum = (postgres: ServerAddress, table: string): Promise<readonly string[]> =>
  inPostgres(postgres, `SELECT count(*), sum(hashtextextended(t::text, 0)) FROM ${table} t`);
