/** Cases 26 to 40: how the input is cut (docs/conformance-cases.md). */
import { type Connection, createConnection } from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitIntegers } from '../../core/relational/read/integer-split.ts';
import { expandTables } from '../../core/relational/table-patterns.ts';
import { startBucket } from '../integration/oss-reader/source-bucket.ts';
import { startMariadb } from '../support/servers/mariadb.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import { readAll } from '../support/servers/relational-reading.ts';
import type { TestServer } from '../support/servers/server-process.ts';
import { ANY_WRITER, faultsOf, succeed, v2Job } from './jobs.ts';

const points = (low: bigint, high: bigint, parts: number): number[] =>
  splitIntegers(low, high, parts).map(Number);

describe('cut points of whole numbers', () => {
  it('case 27: widths differ by one, the wider ranges first', () => {
    expect(points(0n, 9n, 4)).toEqual([0, 3, 5, 7, 9]);
  });

  it('case 28: a single value is one range', () => {
    expect(points(5n, 5n, 4)).toEqual([5, 5]);
  });

  it('case 29: there are no more ranges than steps between the ends', () => {
    expect(points(1n, 3n, 10)).toEqual([1, 2, 3]);
  });

  it('case 30: ranges go through zero', () => {
    expect(points(-5n, 5n, 4)).toEqual([-5, -2, 1, 3, 5]);
  });

  it('case 31: no digit is lost up to the end of unsigned 64 bits', () => {
    expect(splitIntegers(0n, 2n ** 64n - 1n, 3).map(String)).toEqual([
      '0',
      '6148914691236517205',
      '12297829382473034410',
      '18446744073709551615',
    ]);
  });
});

describe('shards of tables', () => {
  let server: TestServer;
  let admin: Connection;
  beforeAll(async () => {
    server = await startMariadb();
    const { host, port, username: user, password, database } = server;
    admin = await createConnection({ host, port, user, password, database });
  });
  afterAll(async () => {
    await admin?.end();
    await server?.[Symbol.asyncDispose]();
  });

  /** Makes a table with a key, and a column `s` without an index, so that its cut points are those of arithmetic. */
  const fill = async (name: string, values: string): Promise<void> => {
    await admin.query(`CREATE OR REPLACE TABLE ${name} (id INT AUTO_INCREMENT PRIMARY KEY, s BIGINT NULL)`);
    if (values) await admin.query(`INSERT INTO ${name} (s) ${values}`);
  };
  const read = (table: string, want: number, more: object = {}) =>
    readAll('mysql', server, { table, column: ['s'], splitPk: 's', ...more }, want);

  // DataX bounds the first range by the least and the last by the greatest value. Here they are open: a row that comes
  // from outside while the run lasts belongs somewhere.
  it('case 26: 1 to 10 in three ranges, and one more for nulls', async () => {
    expect(points(1n, 10n, 3)).toEqual([1, 4, 7, 10]);
    await fill('ten', 'SELECT seq FROM seq_1_to_10 UNION ALL SELECT NULL');
    const { rows, perShard } = await read('ten', 3, { splitFactor: 1 });
    expect(perShard).toEqual([3, 3, 4, 1]);
    expect(rows.map(([s]) => s)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', null]);
  });

  it('case 32: a table without rows is one shard, and the run succeeds with nothing', async () => {
    await fill('empty', '');
    expect((await read('empty', 4)).perShard).toEqual([0]);
    const { host, port, username, password, database } = server;
    const connection = { host, port, username, password, database };
    const params = { ...connection, table: 'empty', column: ['s'], splitPk: 's' };
    const { run, counters } = await succeed(
      v2Job(['mysql', params], ANY_WRITER, { speed: { concurrent: 4 } }),
    );
    expect([run.plan?.shardCount, counters.read]).toEqual([1, 0]);
  });

  it('case 33: a table whose split column is always null is one shard with all rows', async () => {
    await fill('nulls', 'SELECT NULL FROM seq_1_to_7');
    expect((await read('nulls', 4)).perShard).toEqual([7]);
  });

  it('case 34: two channels make ten ranges and one for nulls of a table, one channel makes one', async () => {
    await fill('thousand', 'SELECT IF(seq % 10 = 0, NULL, seq) FROM seq_1_to_1000');
    const two = await read('thousand', 2, { splitFactor: 5 });
    expect([two.perShard.length, two.perShard.at(-1), two.rows.length]).toEqual([11, 100, 1000]);
    expect((await read('thousand', 1, { splitFactor: 5 })).perShard).toEqual([1000]);
  });

  // DataX keeps multiplying: 10, 50 and 250 ranges, and with more connections it runs out of memory.
  it('case 35: each of three connections gets the same number of ranges', async () => {
    for (const i of [1, 2, 3]) {
      await admin.query(`CREATE DATABASE shop_${i}`);
      await admin.query(`CREATE TABLE shop_${i}.t (s BIGINT NOT NULL) AS SELECT seq AS s FROM seq_1_to_1000`);
    }
    const { host, port } = server;
    const connection = [1, 2, 3].map((i) => ({
      jdbcUrl: [`jdbc:mysql://${host}:${port}/shop_${i}`],
      table: ['t'],
    }));
    const nowhere = { table: undefined, host: undefined, port: undefined, database: undefined };
    const { plan, rows } = await read('t', 6, { ...nowhere, connection });
    const perConnection = [0, 1, 2].map(
      (i) => plan.shards.filter(({ range }) => JSON.parse(range).connection === i).length,
    );
    expect([perConnection, rows.length]).toEqual([[10, 10, 10], 3000]);
  });

  // DataX refuses such a column; DataWorks ignores it. Whoever reads the plan is told here. A date that begins an index
  // can be cut, since the server itself says where.
  it('case 36: a column of floats makes one shard and a warning; dates are cut along their index', async () => {
    await admin.query('CREATE TABLE other (id INT PRIMARY KEY, f FLOAT, d DATETIME, KEY (d))');
    await admin.query(
      'INSERT INTO other SELECT seq, seq / 3, TIMESTAMPADD(MINUTE, seq, "2024-01-01") FROM seq_1_to_2000',
    );
    const floats = await read('other', 4, { column: ['id'], splitPk: 'f' });
    expect(floats.perShard).toEqual([2000]);
    expect(floats.plan.notes).toContainEqual(
      expect.objectContaining({ level: 'warning', message: expect.stringContaining('by f, a float') }),
    );
    const dates = await read('other', 4, { column: ['id'], splitPk: 'd' });
    expect(dates.perShard.length).toBeGreaterThan(1);
    expect(new Set(dates.rows.map(([id]) => id)).size).toBe(dates.rows.length);
    expect(dates.rows).toHaveLength(2000);
  });

  // DataX computes boundaries from character codes while the server compares by its collation: neighbouring ranges
  // overlap, 6,885 and 10,000 rows come out of 5,000. On PostgreSQL it also puts keys into the statement unescaped.
  it('case 37: keys of text are read once each, in any collation and with quotes in them', async () => {
    const keys = {
      hex: 'SELECT MD5(seq) FROM seq_1_to_5000',
      mixed:
        "SELECT CONCAT(IF(seq % 2, CHAR(97 + seq % 26), CHAR(65 + seq % 26)), LPAD(seq, 5, '0')) FROM seq_1_to_5000",
    };
    for (const [name, select] of Object.entries(keys)) {
      await admin.query(`CREATE TABLE ${name} (k VARCHAR(40) PRIMARY KEY) COLLATE utf8mb4_general_ci`);
      await admin.query(`INSERT INTO ${name} ${select}`);
      for (const want of [2, 5]) {
        const { rows, perShard } = await read(name, want, { column: ['k'], splitPk: 'k' });
        expect(perShard.length, name).toBeGreaterThan(want);
        expect([rows.length, new Set(rows.map(([k]) => k)).size]).toEqual([5000, 5000]);
      }
    }
    await using postgres = await startPostgres();
    const { host, port, username: user, password, database } = postgres;
    const client = new pg.Client({ host, port, user, password, database });
    await client.connect();
    await client.query('CREATE TABLE quoted (k text PRIMARY KEY)');
    await client.query(`INSERT INTO quoted SELECT i || E'''\\\\' || i FROM generate_series(1, 5000) i`);
    await client.query('ANALYZE quoted');
    await client.end();
    const params = { table: 'quoted', column: ['k'], splitPk: 'k' };
    const { rows, perShard } = await readAll('postgresql', postgres, params, 2);
    expect(perShard.length).toBeGreaterThan(2);
    expect(new Set(rows.map(([k]) => k))).toEqual(
      new Set(Array.from({ length: 5000 }, (_, i) => `${i + 1}'\\${i + 1}`)),
    );
    expect(rows).toHaveLength(5000);
  });
});

describe('lists', () => {
  it('case 38: patterns of tables keep their zeros and may go backwards', () => {
    expect(expandTables(['t[00-03]'])).toEqual(['t00', 't01', 't02', 't03']);
    expect(expandTables(['t[3-0]'])).toEqual(['t0', 't1', 't2', 't3']);
    expect(expandTables(['a,b[1-2]'])).toEqual(['a', 'b1', 'b2']);
  });

  // MaxCompute cannot be read here, so there are no ranges of its rows.
  it('case 39: a reader of MaxCompute is refused by its name', async () => {
    for (const plugin of ['odps', 'odpsreader']) {
      const faults = await faultsOf(v2Job([plugin, { project: 'p', table: 't', column: ['*'] }], ANY_WRITER));
      expect(faults).toEqual([
        expect.objectContaining({
          code: 'JOB-1012',
          path: 'steps[0].stepType',
          message: expect.stringContaining('odps'),
        }),
      ]);
    }
  });

  // DataX packs 10 objects into 4 tasks of 3, 3, 2 and 2 before it knows how long each takes. Here each object is a
  // shard, and channels take them one by one.
  it('case 40: objects are not packed: channels are as many as wanted, but no more than objects', async () => {
    await using bucket = await startBucket();
    for (let i = 0; i < 10; i++) await bucket.put(`ten/${i}.csv`, `${i}\n`);
    for (let i = 0; i < 3; i++) await bucket.put(`three/${i}.csv`, `${i}\n`);
    const planned = async (object: string, concurrent: number): Promise<unknown[]> => {
      const source = ['oss', { ...bucket.params, object }] as const;
      const { run, counters } = await succeed(v2Job(source, ANY_WRITER, { speed: { concurrent } }));
      return [run.plan?.shardCount, run.plan?.channels, counters.read];
    };
    expect(await planned('ten/*', 4)).toEqual([10, 4, 10]);
    expect(await planned('three/*', 8)).toEqual([3, 3, 3]);
  });
});
