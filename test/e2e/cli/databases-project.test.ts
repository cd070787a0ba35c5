/** The example of databases as its page tells it: MySQL to PostgreSQL to Parquet and back, and the same rows at its end. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../../cli/main.ts';
import { startMariadb } from '../../support/servers/mariadb.ts';
import { startPostgres } from '../../support/servers/postgres.ts';
import type { TestServer } from '../../support/servers/server-process.ts';
import { CapturedIo, cli as runToEnd } from '../../unit/cli/captured-io.ts';

const ROWS = 50_000;
const SAME = `SELECT COUNT(*) AS n FROM orders a JOIN orders_restored b ON a.id = b.id AND a.customer = b.customer
  AND a.amount <=> b.amount AND a.paid = b.paid AND a.note <=> b.note AND a.fingerprint <=> b.fingerprint
  AND a.changed = b.changed`;

let folder = '';
let mariadb: TestServer;
let postgres: TestServer;
let database: Connection;
let env: Record<string, string>;
let cloud: { io: CapturedIo; ended: Promise<number> };

const variables = (prefix: string, { host, port, database, username, password }: TestServer) => ({
  [`${prefix}_HOST`]: host,
  [`${prefix}_PORT`]: String(port),
  [`${prefix}_DATABASE`]: database,
  [`${prefix}_USER`]: username,
  [`${prefix}_PASSWORD`]: password,
});
const cli = (...argv: string[]) => runToEnd(['--local', ...argv], { cwd: folder, env });

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-databases-'));
  await cp('examples/databases', folder, { recursive: true });
  [mariadb, postgres] = await Promise.all([startMariadb(), startPostgres()]);
  env = { ...variables('SHOP_MYSQL', mariadb), ...variables('SHOP_PG', postgres) };
  const { host, port, username: user, password, database: name } = mariadb;
  database = await createConnection({ host, port, user, password, database: name, multipleStatements: true });
  await database.query(await readFile(path.join(folder, 'shop.sql'), 'utf8'));
  const io = new CapturedIo({ cwd: folder, env });
  cloud = { io, ended: runCli(['cloud', 'up', '--data', 'data', '--ndjson'], io) };
  await Promise.race([io.shown('"event":"cloud"'), cloud.ended]);
});

afterAll(async () => {
  await database?.end();
  cloud?.io.signal('SIGTERM');
  await cloud?.ended;
  await mariadb?.[Symbol.asyncDispose]();
  await postgres?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe('the example of databases', () => {
  test('says where it would write, and keeps only what is secret to itself', async () => {
    const { code, out } = await cli('plan', 'mysql-to-postgresql.json', '--bizdate', '20250315');
    expect(code).toBe(0);
    expect(out).toContain(`postgresql://${postgres.host}:${postgres.port}/${postgres.database}.orders`);
    expect(out).toContain('CREATE TABLE IF NOT EXISTS "orders"');
    expect(out).not.toContain(mariadb.password);
  });

  test.each(['mysql-to-postgresql', 'postgresql-to-oss', 'oss-to-mysql'])(
    '%s runs and is verified',
    async (job) => {
      const run = await cli('run', `${job}.json`, '--bizdate', '20250315', '--json');
      expect(run.code, run.err).toBe(0);
      expect(JSON.parse(run.out)).toMatchObject({
        state: 'SUCCEEDED',
        counters: { read: ROWS, written: ROWS, dirty: 0 },
      });
      // The snapshot that all shards of one of them were read in is gone by now.
      const verified = await cli('verify', 'last');
      expect(verified.code, verified.out + verified.err).toBe(0);
      expect(verified.out).toContain('holds exactly what the source gives');
    },
  );

  test('ends with the rows that it began with', async () => {
    const [rows] = await database.query(SAME);
    expect(rows).toEqual([{ n: ROWS }]);
  });
});
