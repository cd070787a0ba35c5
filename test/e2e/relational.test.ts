/** MariaDB to PostgreSQL through the deployed functions, workers killed on the way: plain inserts without any key. */
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobModel, StepModel } from '../../core/job/model.ts';
import { exportCloud } from '../support/export-cloud.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { startMariadb } from '../support/servers/mariadb.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import type { TestServer } from '../support/servers/server-process.ts';

const ROWS = 200_000;
const CHANNELS = 4;
const SHARDS = 8;
const KILLS = 3;
/** Decides whom to kill and when; in the name of the test, to be given again. */
const SEED = Number(process.env.MILLRACE_E2E_SEED ?? Date.now() % 1_000_000);
const COLUMNS = ['id', 'big', 'price', 'word', 'raw', 'at'];

const env = exportCloud(0);
let mariadb: TestServer;
let postgres: TestServer;

beforeAll(async () => {
  [mariadb, postgres] = await Promise.all([startMariadb(), startPostgres()]);
  await inMariadb(
    `CREATE TABLE source (id BIGINT PRIMARY KEY, big BIGINT UNSIGNED, price DECIMAL(20,4), word VARCHAR(80), raw BLOB,
      at DATETIME(6)) CHARACTER SET utf8mb4`,
    `INSERT INTO source SELECT seq * 3, 18446744073709551615 - seq, seq / 16, IF(seq % 9 = 0, NULL,
      CONCAT('row ', seq, ' "q", 😀', CHAR(10))), UNHEX(MD5(seq)),
      DATE_ADD('2020-01-01', INTERVAL seq * 1000001 MICROSECOND) FROM seq_1_to_${ROWS}`,
    'ANALYZE TABLE source',
  );
  await inPostgres(`CREATE TABLE target (id BIGINT, big NUMERIC(20), price NUMERIC(20,4), word TEXT, raw BYTEA,
    at TIMESTAMP)`);
});

afterAll(async () => {
  await mariadb?.[Symbol.asyncDispose]();
  await postgres?.[Symbol.asyncDispose]();
});

/** Runs statements and returns the first row of the last, as text. */
async function inMariadb(...statements: string[]): Promise<readonly string[]> {
  const { host, port, username: user, password, database } = mariadb;
  const connection = await createConnection({ host, port, user, password, database, charset: 'utf8mb4' });
  const answers: unknown[] = [];
  for (const sql of statements) answers.push((await connection.query({ sql, rowsAsArray: true }))[0]);
  await connection.end();
  return ((answers.at(-1) as unknown[][])[0] ?? []).map(String);
}

async function inPostgres(text: string): Promise<readonly string[]> {
  const { host, port, username: user, password, database } = postgres;
  const client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  const { rows } = await client.query({ text, rowMode: 'array' });
  await client.end();
  return ((rows as unknown[][])[0] ?? []).map(String);
}

/** Rows, different keys, and a checksum of all values whatever their order. */
const sourceSum = () =>
  inMariadb(`SELECT COUNT(*), COUNT(DISTINCT id), CAST(SUM(CAST(CONV(SUBSTRING(MD5(CONCAT_WS('|', id, big, price,
    COALESCE(word, '~'), LOWER(HEX(raw)), at)), 1, 8), 16, 10) AS UNSIGNED)) AS CHAR) FROM source`);
const targetSum = () =>
  inPostgres(`SELECT count(*), count(DISTINCT id), sum(('x' || substr(md5(concat_ws('|', id, big, price,
    coalesce(word, '~'), encode(raw, 'hex'), to_char(at, 'YYYY-MM-DD HH24:MI:SS.US'))), 1, 8))::bit(32)::bigint)
    FROM target`);

function step(type: string, server: TestServer, path: string, more: object): StepModel {
  const { host, port, username, password, database } = server;
  return { type, path, params: { host, port, username, password, database, column: COLUMNS, ...more } };
}

const job = (): JobModel => ({
  dialect: 'v2',
  reader: step('mysql', mariadb, 'steps[0].parameter', { table: 'source', splitFactor: SHARDS / CHANNELS }),
  writer: step('postgresql', postgres, 'steps[1].parameter', { table: 'target' }),
  setting: {
    errorLimit: { kind: 'records', limit: 0 },
    // Slow enough that there is always somebody to kill.
    speed: { concurrent: CHANNELS, recordsPerSecond: ROWS / 8 },
    timeZone: 'Asia/Shanghai',
  },
});

describe(`${ROWS} rows by ${SHARDS} shards`, () => {
  it(`are there once each although workers are killed ${KILLS} times (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    let kills = 0;
    await env.deployment.start('copied', job());
    const run = await env.deployment.watch('copied', undefined, async ({ state }) => {
      if (state !== 'RUNNING' || kills === KILLS || random() > 0.1) return;
      if (await env.cloud.killBusy('worker', random)) kills++;
    });
    expect(run.failure).toBeUndefined();
    expect(kills).toBe(KILLS);
    expect(run.plan).toMatchObject({ shardCount: SHARDS, channels: CHANNELS });
    expect(run.receipt?.counters).toMatchObject({ read: ROWS, written: ROWS, dirty: 0 });
    const wanted = await sourceSum();
    expect(wanted.slice(0, 2)).toEqual([String(ROWS), String(ROWS)]);
    expect(await targetSum()).toEqual(wanted);
  });
});
