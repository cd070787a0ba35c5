/** Tables of real servers, copied in both directions and then changed behind the back of the run. */
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../core/job/model.ts';
import type { RunRow } from '../../../core/run/index.ts';
import type { VerifyReport } from '../../../core/verify/model.ts';
import { type OssTarget, startOssTarget } from '../../contract/writers/oss-target.ts';
import { startMariadb } from '../../support/servers/mariadb.ts';
import { startPostgres } from '../../support/servers/postgres.ts';
import type { TestServer } from '../../support/servers/server-process.ts';
import { connectionOf, RelationalRuns, type Side } from './relational-systems.ts';

const ROWS = 3_000;

let mariadb: TestServer;
let postgres: TestServer;
let bucket: OssTarget;
/** A run from MariaDB to PostgreSQL. */
let copied: RunRow;
const runs = new RelationalRuns();

async function inMariadb(...statements: string[]): Promise<void> {
  const { host, port, username: user, password, database } = mariadb;
  const connection = await createConnection({ host, port, user, password, database });
  await connection.query("SET SESSION sql_mode = 'STRICT_ALL_TABLES'");
  for (const statement of statements) await connection.query(statement);
  await connection.end();
}

async function inPostgres(...statements: string[]): Promise<void> {
  const { host, port, username: user, password, database } = postgres;
  const client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

const mysqlTable = (table: string, more: object = {}): Side => ({
  type: 'mysql',
  params: { ...connectionOf(mariadb), table, column: ['*'], ...more },
});
const postgresTable = (table: string, more: object = {}): Side => ({
  type: 'postgresql',
  params: { ...connectionOf(postgres), table, column: ['*'], ...more },
});

const TYPES_IN_MARIADB = `
  id BIGINT UNSIGNED PRIMARY KEY, tiny TINYINT, amount DECIMAL(30,10), ratio DOUBLE, single FLOAT, flag BOOLEAN,
  word VARCHAR(100), padded CHAR(10), body TEXT, raw VARBINARY(50), born DATE, at DATETIME(6), seen TIMESTAMP(3) NULL,
  clock TIME(2), kind ENUM('red','Green'), doc JSON`;
/** The same with room for what PostgreSQL answers: all digits of a second, and its padding. */
const FINE_TYPES_IN_MARIADB = TYPES_IN_MARIADB.replace('TIMESTAMP(3)', 'TIMESTAMP(6)')
  .replace('TIME(2)', 'TIME(6)')
  .replace('CHAR(10)', 'CHAR(12)');
const TYPES_IN_POSTGRES = `
  id NUMERIC(20) PRIMARY KEY, tiny SMALLINT, amount NUMERIC, ratio DOUBLE PRECISION, single REAL, flag SMALLINT,
  word VARCHAR(100), padded CHAR(12), body TEXT, raw BYTEA, born DATE, at TIMESTAMP, seen TIMESTAMPTZ,
  clock TIME, kind TEXT, doc JSONB`;

/** Rows with every type, nulls, and values that servers write in more than one way. */
const FILL = `
  INSERT INTO source SELECT
    IF(n.seq = 7, 18446744073709551615, n.seq), n.seq % 100, n.seq / 8, n.seq / 3, n.seq / 4, n.seq % 2,
    IF(n.seq % 10 = 0, NULL, CONCAT('word ', n.seq, ' "quoted", 文 😀')), CONCAT('p', n.seq % 7), REPEAT('x', n.seq % 50),
    IF(n.seq % 9 = 0, NULL, UNHEX(LPAD(HEX(n.seq), 8, '0'))), DATE_ADD('2000-01-01', INTERVAL n.seq DAY),
    DATE_ADD('2020-01-01 00:00:00', INTERVAL n.seq * 1000100 MICROSECOND), DATE_ADD('2021-06-01', INTERVAL n.seq HOUR),
    SEC_TO_TIME(n.seq % 86400), IF(n.seq % 2, 'red', 'Green'), CONCAT('{"b": ', n.seq / 10, ', "a": [1.50, null]}')
  FROM seq_1_to_${ROWS} n`;

beforeAll(async () => {
  [mariadb, postgres, bucket] = await Promise.all([startMariadb(), startPostgres(), startOssTarget()]);
  await inMariadb(`CREATE TABLE source (${TYPES_IN_MARIADB})`, FILL);
  await inPostgres(`CREATE TABLE copied (${TYPES_IN_POSTGRES})`);
  copied = await runs.run(mysqlTable('source'), postgresTable('copied'));
});

afterAll(async () => {
  await bucket?.close();
  await mariadb?.[Symbol.asyncDispose]();
  await postgres?.[Symbol.asyncDispose]();
});

const clean = (report: VerifyReport) => ({
  verdict: report.verdict,
  problems: report.problems,
  differences: report.units.flatMap((unit) => unit.differences).slice(0, 3),
});
const SAME = { verdict: 'same', problems: [], differences: [] };

const named = (report: VerifyReport) =>
  report.units
    .flatMap((unit) => unit.differences)
    .map(({ kind, row }) => `${kind} ${String(row[0])}`)
    .sort();

describe('a table that was copied', () => {
  test('from MariaDB to PostgreSQL is the same, in every type', async () => {
    expect(copied.receipt?.counters).toMatchObject({ read: ROWS, written: ROWS });
    const report = await runs.verify(copied);
    expect(clean(report)).toEqual(SAME);
    expect(report.unchecked).toEqual([]);
    expect(report.units).toMatchObject([{ expectedRows: ROWS, targetRows: ROWS }]);
  });

  test('from PostgreSQL back to MariaDB is the same, in every type', async () => {
    await inMariadb(`CREATE TABLE back (${FINE_TYPES_IN_MARIADB})`);
    const run = await runs.run(postgresTable('copied', { splitPk: 'id' }), mysqlTable('back'));
    expect(clean(await runs.verify(run))).toEqual(SAME);
  });

  test('within MariaDB is the same, in every type', async () => {
    await inMariadb(`CREATE TABLE twin (${TYPES_IN_MARIADB})`);
    const run = await runs.run(mysqlTable('source'), mysqlTable('twin'));
    expect(clean(await runs.verify(run))).toEqual(SAME);
  });
});

describe('objects made of a table', () => {
  const objects = (object: string, more: object): Side => ({
    type: 'oss',
    params: { ...(bucket.params as JsonObject), object, ...more },
  });

  test.each<[string, object]>([
    ['csv', { fileFormat: 'csv', byteEncoding: 'base64' }],
    ['csv.gz', { fileFormat: 'csv', byteEncoding: 'base64', compress: 'gzip', header: ['some', 'names'] }],
    ['parquet', { fileFormat: 'parquet', compress: 'zstd' }],
  ])('are the same, in every type: %s', async (name, format) => {
    const run = await runs.run(mysqlTable('source'), objects(`typed-${name}/part`, format));
    const report = await runs.verify(run);
    expect(clean(report)).toEqual(SAME);
    expect(report.units.reduce((sum, unit) => sum + unit.targetRows, 0)).toBe(ROWS);
  });

  test('and a table made of objects', async () => {
    const format = { fileFormat: 'csv', nullFormat: '\\N' };
    const column = ['id', 'amount', 'word', 'born', 'at'];
    await runs.run(mysqlTable('source', { column }), objects('between/part', format));
    await inPostgres(
      'CREATE TABLE landed (id NUMERIC(20) PRIMARY KEY, amount NUMERIC, word TEXT, born DATE, at TIMESTAMP)',
    );
    const { writeMode: _mode, ...read } = objects('between/*', format).params;
    const types = ['decimal', 'decimal', 'string', 'string', 'string'];
    const source: Side = {
      type: 'oss',
      params: { ...read, object: ['between/*'], column: types.map((type, index) => ({ index, type })) },
    };
    const run = await runs.run(source, postgresTable('landed'));
    expect(run.receipt?.counters).toMatchObject({ read: ROWS, written: ROWS });
    expect(clean(await runs.verify(run))).toEqual(SAME);
    await inPostgres("UPDATE landed SET word = 'other' WHERE id = 30");
    expect(named(await runs.verify(run))).toEqual(['different 30']);
  });
});

describe('a table that somebody changed', () => {
  test('one row altered, one removed, one added, in PostgreSQL', async () => {
    await inPostgres(`CREATE TABLE spoilt (${TYPES_IN_POSTGRES})`);
    const run = await runs.run(mysqlTable('source'), postgresTable('spoilt'));
    await inPostgres(
      'UPDATE spoilt SET amount = amount + 0.0000000001 WHERE id = 1000',
      'DELETE FROM spoilt WHERE id = 2000',
      'INSERT INTO spoilt (id) VALUES (999999)',
    );
    const report = await runs.verify(run);
    expect(report.verdict).toBe('different');
    expect(named(report)).toEqual(['different 1000', 'extra 999999', 'missing 2000']);
    const altered = report.units[0]?.differences.find(({ kind }) => kind === 'different');
    expect(altered).toMatchObject({
      cells: [{ column: 'amount', expected: '125', found: '125.0000000001' }],
    });
  });

  test('one row altered, one removed, one added, in MariaDB', async () => {
    await inMariadb(`CREATE TABLE spoilt (${FINE_TYPES_IN_MARIADB})`);
    const run = await runs.run(postgresTable('copied'), mysqlTable('spoilt'));
    await inMariadb(
      "UPDATE spoilt SET word = CONCAT(word, ' ') WHERE id = 1001",
      'DELETE FROM spoilt WHERE id = 18446744073709551615',
      'INSERT INTO spoilt (id) VALUES (999999)',
    );
    expect(named(await runs.verify(run))).toEqual([
      'different 1001',
      'extra 999999',
      'missing 18446744073709551615',
    ]);
  });

  test('that held rows before is told apart only when that is allowed', async () => {
    await inPostgres(
      `CREATE TABLE shared (${TYPES_IN_POSTGRES})`,
      'INSERT INTO shared (id) SELECT 1000000 + n FROM generate_series(1, 5000) n',
    );
    const run = await runs.run(mysqlTable('source'), postgresTable('shared'));
    expect((await runs.verify(run)).verdict).toBe('different');
    expect(clean(await runs.verify(run, { allowExtra: true }))).toEqual(SAME);
    await inPostgres("UPDATE shared SET kind = 'red ' WHERE id = 5");
    expect(named(await runs.verify(run, { allowExtra: true }))).toEqual(['missing 5']);
  });
});

describe('rows that only the database refused', () => {
  test('are no false alarm', async () => {
    await inPostgres(`CREATE TABLE checked (${TYPES_IN_POSTGRES}, CHECK (tiny <> 42))`);
    const run = await runs.run(mysqlTable('source'), postgresTable('checked'), 100);
    expect(run.receipt?.counters.dirty).toBe(30);
    const report = await runs.verify(run);
    expect(clean(report)).toEqual(SAME);
    expect(report.units).toMatchObject([{ expectedRows: ROWS - 30, targetRows: ROWS - 30 }]);
  });
});

describe('columns that the database writes its own way', () => {
  test('are named and not compared, but for null', async () => {
    await inPostgres('CREATE TABLE own (id BIGINT PRIMARY KEY, span INTERVAL, list INT[])');
    await inMariadb(
      'CREATE TABLE words (id BIGINT PRIMARY KEY, span VARCHAR(50), list VARCHAR(50))',
      "INSERT INTO words VALUES (1, '90 minutes', '{1, 2}'), (2, NULL, NULL)",
    );
    const run = await runs.run(mysqlTable('words'), postgresTable('own'));
    const report = await runs.verify(run);
    expect(clean(report)).toEqual(SAME);
    expect(report.unchecked).toEqual(['span', 'list']);
    await inPostgres('UPDATE own SET span = NULL WHERE id = 1');
    expect(named(await runs.verify(run))).toEqual(['different 1']);
  });
});
