/** The table of the relational bench: 16 columns like TPC-H's `lineitem`, the same rows in both databases. */
import { type Connection, createConnection } from 'mysql2/promise';
import pg from 'pg';
import type { ServerAddress } from '../../test/support/servers/server-process.ts';
import { type CommandTime, quoted, runCommand } from './command.ts';

/** Columns in job order. */
export const COLUMNS = [
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
  'commitdate',
  'receiptdate',
  'shipinstruct',
  'shipmode',
  'remark',
] as const;

/** Types that both databases know under one name. */
const TYPES = `orderkey bigint NOT NULL, partkey int NOT NULL, suppkey int NOT NULL, linenumber int NOT NULL,
  quantity decimal(15,2) NOT NULL, extendedprice decimal(15,2) NOT NULL, discount decimal(15,2) NOT NULL,
  tax decimal(15,2) NOT NULL, returnflag char(1) NOT NULL, linestatus char(1) NOT NULL, shipdate date NOT NULL,
  commitdate date NOT NULL, receiptdate date NOT NULL, shipinstruct char(25) NOT NULL, shipmode char(10) NOT NULL,
  remark varchar(44) NOT NULL`;
const KEYED_TYPES = `${TYPES}, PRIMARY KEY (orderkey)`;

const WORDS = `'furiously', 'quickly', 'ironic', 'pending', 'special', 'regular', 'deposits', 'packages', 'accounts',
  'requests', 'sleep', 'haggle', 'among', 'across', 'the', 'bold', 'silent', 'theodolites', 'even', 'express'`;
const WORD_COUNT = 20;

/** The n-th word of a row, out of digits of its hash. */
const word = (n: number): string => `ELT(hash DIV ${WORD_COUNT ** n} % ${WORD_COUNT} + 1, ${WORDS})`;

/** A row by its number; one remark in 20 holds a comma, one in 200 quotes. */
const rowsSelect = (
  from: number,
  to: number,
): string => `SELECT seq, hash % 200000 + 1, hash DIV 7 % 10000 + 1,
  seq % 7 + 1, hash DIV 11 % 50 + 1, (hash % 9000000 + 90000) / 100, hash DIV 13 % 11 / 100, hash DIV 17 % 9 / 100,
  ELT(hash % 3 + 1, 'A', 'N', 'R'), ELT(hash DIV 3 % 2 + 1, 'O', 'F'), DATE_ADD('1992-01-02', INTERVAL hash % 2500 DAY),
  DATE_ADD('1992-01-31', INTERVAL hash DIV 5 % 2460 DAY), DATE_ADD('1992-01-03', INTERVAL hash DIV 9 % 2550 DAY),
  ELT(hash DIV 19 % 4 + 1, 'DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'),
  ELT(hash DIV 23 % 7 + 1, 'REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'),
  LEFT(CONCAT(IF(seq % 200 = 0, 'the "final" ', ''), ${word(0)}, IF(seq % 20 = 0, ', ', ' '), ${word(1)}, ' ', ${word(2)},
    ' ', ${word(3)}), 18 + hash DIV 29 % 27)
  FROM (SELECT seq, CRC32(seq) AS hash FROM seq_${from}_to_${to}) numbers`;

const LOADERS = 2;

/** Fills a table of MariaDB with rows 1 to `rows` by its sequence engine. */
export async function createSource(mariadb: ServerAddress, table: string, rows: number): Promise<void> {
  await inMariadb(mariadb, `CREATE TABLE ${table} (${KEYED_TYPES}) CHARACTER SET utf8mb4`);
  const pieces = Array.from({ length: LOADERS }, (_, i) => [
    Math.floor((rows * i) / LOADERS) + 1,
    Math.floor((rows * (i + 1)) / LOADERS),
  ]);
  await Promise.all(
    pieces.map(([from = 1, to = rows]) =>
      inMariadb(
        mariadb,
        'SET unique_checks = 0',
        `INSERT INTO ${table} (${COLUMNS}) ${rowsSelect(from, to)}`,
      ),
    ),
  );
  await inMariadb(mariadb, `ANALYZE TABLE ${table}`, `SELECT sum(length(remark)) FROM ${table}`);
}

/** Creates a table in PostgreSQL and fills it with lines of a file. */
export async function createCopy(postgres: ServerAddress, table: string, file: string): Promise<void> {
  await inPostgres(postgres, `CREATE TABLE ${table} (${KEYED_TYPES})`);
  await psqlCopyIn(postgres, table, file);
  await inPostgres(postgres, `VACUUM ANALYZE ${table}`);
}

/** An empty table in PostgreSQL without any index. */
export async function emptyInPostgres(postgres: ServerAddress, table: string): Promise<void> {
  await inPostgres(postgres, `DROP TABLE IF EXISTS ${table}`);
  await inPostgres(postgres, `CREATE TABLE ${table} (${TYPES})`);
}

/** An empty table in MariaDB with its primary key. */
export async function emptyInMariadb(mariadb: ServerAddress, table: string): Promise<void> {
  await inMariadb(
    mariadb,
    `DROP TABLE IF EXISTS ${table}`,
    `CREATE TABLE ${table} (${KEYED_TYPES}) CHARACTER SET utf8mb4`,
  );
}

const mariadbClient = ({ host, port, username, database }: ServerAddress, options: string, sql: string) =>
  `mariadb -h ${host} -P ${port} -u ${username} ${options} --default-character-set=utf8mb4 -e ${quoted(sql)} ${database}`;

/** The rows of the table as the MariaDB client writes them into a file: tabs between, one line each. */
export const mariadbToFile = (mariadb: ServerAddress, table: string, file: string): Promise<CommandTime> =>
  runCommand(
    `${mariadbClient(mariadb, '--batch --quick --skip-column-names', `SELECT ${COLUMNS} FROM ${table}`)} > ${file}`,
    { MYSQL_PWD: mariadb.password },
  );

/** LOAD DATA LOCAL INFILE of such a file. */
export const loadData = (mariadb: ServerAddress, table: string, file: string): Promise<CommandTime> =>
  runCommand(
    mariadbClient(
      mariadb,
      '--local-infile=1',
      `LOAD DATA LOCAL INFILE '${file}' INTO TABLE ${table} CHARACTER SET utf8mb4 (${COLUMNS})`,
    ),
    { MYSQL_PWD: mariadb.password },
  );

const psql = ({ host, port, username, database, password }: ServerAddress, command: string) =>
  runCommand(
    `psql -q -X -h ${host} -p ${port} -U ${username} -d ${database} -v ON_ERROR_STOP=1 -c ${quoted(command)}`,
    { PGPASSWORD: password },
  );

/** `\copy` of lines as the MariaDB client writes them; the same as COPY text as long as there are no nulls. */
export const psqlCopyIn = (postgres: ServerAddress, table: string, file: string): Promise<CommandTime> =>
  psql(postgres, `\\copy ${table} (${COLUMNS}) FROM '${file}'`);

/** `\copy … csv` into a file. */
export const psqlToCsv = (postgres: ServerAddress, table: string, file: string): Promise<CommandTime> =>
  psql(postgres, `\\copy (SELECT ${COLUMNS} FROM ${table}) TO '${file}' CSV`);

/** `\copy` into a file of text that LOAD DATA takes as it is. */
export const psqlToText = (postgres: ServerAddress, table: string, file: string): Promise<CommandTime> =>
  psql(postgres, `\\copy (SELECT ${COLUMNS} FROM ${table}) TO '${file}'`);

/** Statements in one session; the first row of the last as texts. */
export async function inMariadb(
  mariadb: ServerAddress,
  ...statements: readonly string[]
): Promise<readonly string[]> {
  const { host, port, username: user, password, database } = mariadb;
  const connection: Connection = await createConnection({ host, port, user, password, database });
  try {
    let found: unknown;
    for (const sql of statements) [found] = await connection.query({ sql, rowsAsArray: true });
    return Array.isArray(found) ? ((found as unknown[][])[0] ?? []).map(String) : [];
  } finally {
    await connection.end();
  }
}

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
export const postgresSum = async (postgres: ServerAddress, table: string): Promise<string> =>
  String(await inPostgres(postgres, `SELECT count(*), sum(hashtextextended(t::text, 0)) FROM ${table} t`));

/** Rows and an order-free checksum of a table in MariaDB. */
export const mariadbSum = async (mariadb: ServerAddress, table: string): Promise<string> =>
  String(
    await inMariadb(
      mariadb,
      `SELECT count(*), sum(CAST(CONV(LEFT(MD5(CONCAT_WS('\\t', ${COLUMNS})), 14), 16, 10) AS UNSIGNED)) FROM ${table}`,
    ),
  );
