/** Shards, keys, faults and forms of parameters of the MySQL reader on a real server. */
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../../core/connectors/contract.ts';
import { testContext } from '../../support/servers/connector-context.ts';
import { startMariadb } from '../../support/servers/mariadb.ts';
import {
  openReader,
  readAll,
  readerConfig,
  readShard,
  rowTexts,
} from '../../support/servers/relational-reading.ts';
import type { TestServer } from '../../support/servers/server-process.ts';

let server: TestServer;
let admin: Connection;
beforeAll(async () => {
  server = await startMariadb();
  const { host, port, username: user, password, database } = server;
  admin = await createConnection({ host, port, user, password, database, charset: 'utf8mb4' });
});
afterAll(async () => {
  await admin?.end();
  await server?.[Symbol.asyncDispose]();
});

const ids = (rows: (string | null)[][]): string[] => rows.map(([id]) => String(id)).sort();
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i + 1)).sort();
const messages = (plan: { notes: readonly { message: string }[] }): string =>
  plan.notes.map(({ message }) => message).join('\n');

/** Rows and index entries that the server has read for anybody. */
async function rowsTouched(): Promise<number> {
  const [counters] = await admin.query(`SHOW GLOBAL STATUS LIKE 'Handler_read%'`);
  return (counters as { Value: string }[]).reduce((sum, { Value }) => sum + Number(Value), 0);
}

describe('shards of MySQL', () => {
  it('are of equal size although the key is skewed, found without reading the table', async () => {
    await admin.query(
      `CREATE TABLE skewed (id BIGINT PRIMARY KEY, v CHAR(20)) AS
       SELECT IF(seq <= 90000, seq, IF(seq <= 99000, 50000000 + 7 * seq, 60000000 + seq * 99991)) AS id, 'x' AS v FROM seq_1_to_100000`,
    );
    await admin.query('ANALYZE TABLE skewed');
    const params = { table: 'skewed', column: ['id'], splitPk: 'id', splitFactor: 1 };
    const reader = openReader('mysql', server, params);
    await reader.columns();
    const before = await rowsTouched();
    await reader.plan(8);
    expect((await rowsTouched()) - before).toBeLessThan(100);
    await reader.close();
    const { perShard, rows } = await readAll('mysql', server, params, 8);
    expect(perShard).toHaveLength(8);
    expect(new Set(rows.map(([id]) => id)).size).toBe(100_000);
    expect(Math.max(...perShard) / (rows.length / perShard.length)).toBeLessThanOrEqual(1.1);
  });

  it('read each row once by texts that DataX reads twice: mixed case in a collation that ignores it', async () => {
    await admin.query('CREATE TABLE mixed (k VARCHAR(40) PRIMARY KEY) COLLATE utf8mb4_general_ci');
    await admin.query(
      `INSERT INTO mixed SELECT CONCAT(IF(seq % 2, CHAR(97 + seq % 26), CHAR(65 + seq % 26)), LPAD(seq, 5, '0')) FROM seq_1_to_5000`,
    );
    const { rows, perShard } = await readAll(
      'mysql',
      server,
      { table: 'mixed', column: ['k'], splitPk: 'k' },
      5,
    );
    expect(perShard.length).toBeGreaterThan(10);
    expect(rows).toHaveLength(5000);
    expect(new Set(rows.map(([k]) => k)).size).toBe(5000);
  });

  it('cover unsigned 64-bit extremes, and rows that arrive outside of the planned range', async () => {
    await admin.query('CREATE TABLE extremes (id BIGINT UNSIGNED PRIMARY KEY)');
    await admin.query('INSERT INTO extremes VALUES (5), (9223372036854775808), (18446744073709551614)');
    const reader = openReader('mysql', server, { table: 'extremes', column: ['id'] });
    const { shards } = await reader.plan(3);
    await admin.query('INSERT INTO extremes VALUES (0), (18446744073709551615)');
    const rows: (string | null)[][] = [];
    for (const shard of shards) rows.push(...(await readShard(reader, shard)).rows);
    await reader.close();
    expect(shards.length).toBeGreaterThan(1);
    expect(rows.map(([id]) => id)).toEqual([
      '0',
      '5',
      '9223372036854775808',
      '18446744073709551614',
      '18446744073709551615',
    ]);
  });

  it('have one of their own for rows where the split column is null', async () => {
    await admin.query('CREATE TABLE nullable (id INT PRIMARY KEY, s INT NULL, KEY (s))');
    await admin.query('INSERT INTO nullable SELECT seq, IF(seq % 4 = 0, NULL, seq % 100) FROM seq_1_to_2000');
    const { plan, rows, perShard } = await readAll(
      'mysql',
      server,
      { table: 'nullable', column: ['id'], splitPk: 's' },
      4,
    );
    expect(ids(rows)).toEqual(numbers(2000));
    expect(perShard.at(-1)).toBe(500);
    expect(plan.shards.length).toBeGreaterThan(4);
  });

  it.each([
    ['an empty table', ''],
    ['nothing but nulls', 'INSERT INTO hollow SELECT seq, NULL FROM seq_1_to_10'],
  ])('are one for %s', async (_what, fill) => {
    await admin.query('CREATE OR REPLACE TABLE hollow (id INT PRIMARY KEY, s INT NULL, KEY (s))');
    if (fill) await admin.query(fill);
    const { plan, rows } = await readAll(
      'mysql',
      server,
      { table: 'hollow', column: ['id'], splitPk: 's' },
      4,
    );
    expect(plan.shards).toHaveLength(1);
    expect(rows).toHaveLength(fill ? 10 : 0);
  });

  it('are cut at the points that the job gives, if the server finds them in order', async () => {
    await admin.query('CREATE TABLE pointed (k VARCHAR(9) COLLATE utf8mb4_general_ci PRIMARY KEY)');
    await admin.query(`INSERT INTO pointed VALUES ('a'), ('B'), ('c'), ('D'), ("it's")`);
    const params = { table: 'pointed', column: ['k'], splitPk: 'k' };
    const { perShard, rows } = await readAll('mysql', server, { ...params, splitPoints: ['b', 'D'] });
    expect(perShard).toEqual([1, 2, 2]);
    expect(rows).toHaveLength(5);
    for (const splitPoints of [
      ['b', 'B'],
      ['D', 'b'],
      ['é', 'e'],
    ]) {
      await expect(readAll('mysql', server, { ...params, splitPoints })).rejects.toMatchObject({
        code: 'SRC-2025',
      });
    }
  });

  it('are one, with a warning, for a column that cannot be compared exactly', async () => {
    await admin.query('CREATE TABLE floating (id INT PRIMARY KEY, f FLOAT)');
    await admin.query('INSERT INTO floating SELECT seq, seq / 3 FROM seq_1_to_100');
    const { plan, rows } = await readAll(
      'mysql',
      server,
      { table: 'floating', column: ['id'], splitPk: 'f' },
      4,
    );
    expect(plan.shards).toHaveLength(1);
    expect(messages(plan)).toContain('cannot be cut by f, a float');
    expect(ids(rows)).toEqual(numbers(100));
  });
});

describe('tables, columns and queries of MySQL', () => {
  it('reads tables without any key in one go, and says so', async () => {
    await admin.query('CREATE TABLE keyless (a INT, b VARCHAR(9) UNIQUE)');
    await admin.query(`INSERT INTO keyless SELECT seq, NULL FROM seq_1_to_6000`);
    const reader = openReader('mysql', server, { table: 'keyless', column: ['a'] });
    const plan = await reader.plan(4);
    const { rows, batches } = await readShard(reader, plan.shards[0]!);
    await reader.close();
    expect(plan.shards).toHaveLength(1);
    expect(messages(plan)).toContain('start over after a fault');
    expect(batches.map(({ cursor }) => cursor)).toEqual([undefined, undefined]);
    expect(batches[1]!.keyOf(0)).toBe('row 5001 of keyless');
    expect(ids(rows)).toEqual(numbers(6000));
  });

  it('resumes by a unique key where there is no primary one', async () => {
    await admin.query('CREATE TABLE uniquely (a INT, u BINARY(4) NOT NULL UNIQUE)');
    await admin.query(`INSERT INTO uniquely SELECT seq, UNHEX(LPAD(HEX(seq), 8, '0')) FROM seq_1_to_6000`);
    const reader = openReader('mysql', server, { table: 'uniquely', column: ['a'] });
    const [shard] = (await reader.plan(1)).shards;
    const { batches } = await readShard(reader, shard!);
    const rest = await readShard(reader, shard!, batches[0]!.cursor);
    await reader.close();
    expect(batches[0]!.keyOf(0)).toBe('u=00000001');
    expect(rest.rows.map(([a]) => a)).toEqual(Array.from({ length: 1000 }, (_, i) => String(5001 + i)));
  });

  it('takes names in any case and quotes, constants and functions', async () => {
    await admin.query('CREATE TABLE `od``d` (id INT PRIMARY KEY, `Sel ect` VARCHAR(9))');
    await admin.query("INSERT INTO `od``d` VALUES (1, 'x'), (2, NULL)");
    const column = [
      'ID',
      '`sel ect`',
      "'a''b,;(--'",
      '1.50',
      'null',
      'concat(id, "-", `Sel ect`)',
      'id + 1 AS next',
    ];
    const { plan, rows } = await readAll('mysql', server, { table: '`od``d`', column });
    expect(plan.columns.map(({ name, type }) => `${name}:${type}`).slice(0, 2)).toEqual([
      'id:long',
      'Sel ect:string',
    ]);
    expect(plan.columns.at(-1)).toMatchObject({ name: 'next', type: 'long' });
    expect(rows).toEqual([
      ['1', 'x', "a'b,;(--", '1.50', null, '1-x', '2'],
      ['2', null, "a'b,;(--", '1.50', null, null, '3'],
    ]);
  });

  it('applies the condition to each range as a whole', async () => {
    await admin.query('CREATE TABLE conditioned (id INT PRIMARY KEY, a INT)');
    await admin.query('INSERT INTO conditioned SELECT seq, seq % 3 FROM seq_1_to_900');
    const params = { table: 'conditioned', column: ['id'], where: 'a = 1 or a = 2 ;' };
    const { rows, perShard } = await readAll('mysql', server, params, 3);
    expect(perShard.length).toBeGreaterThan(1);
    expect(rows).toHaveLength(600);
  });

  it('reads each query as a shard of its own, with equal column names', async () => {
    const querySql = ['select 1 as a, 2 as a', 'select seq, seq * 2 from seq_1_to_2;'];
    const params = {
      querySql: [querySql[0], 'select seq as a, seq * 2 as a from seq_1_to_2;'],
      splitPk: 'a',
      where: 'x',
    };
    const { plan, rows } = await readAll('mysql', server, params, 5);
    expect(plan.shards).toHaveLength(2);
    expect(messages(plan)).toContain('splitPk has no effect beside querySql');
    expect(rows).toEqual([
      ['1', '2'],
      ['1', '2'],
      ['2', '4'],
    ]);
  });

  it('reads tables of several connections, the factor applied once for each', async () => {
    for (const i of [1, 2, 3]) {
      await admin.query(`CREATE DATABASE shop_${i}`);
      await admin.query(
        `CREATE TABLE shop_${i}.orders (id INT PRIMARY KEY) AS SELECT seq + 10000 * ${i} AS id FROM seq_1_to_2000`,
      );
    }
    const { host, port } = server;
    const connection = [1, 2, 3].map((i) => ({
      jdbcUrl: [`jdbc:mysql://${host}:${port}/shop_${i}?useUnicode=true`],
      table: ['orders'],
    }));
    const params = {
      connection,
      column: ['id'],
      splitPk: 'id',
      host: undefined,
      port: undefined,
      database: undefined,
    };
    const { perShard, rows } = await readAll('mysql', server, params, 6);
    expect(perShard).toHaveLength(30);
    expect(new Set(rows.map(([id]) => id)).size).toBe(6000);
  });

  it.each([
    ['a column that is not there', { table: 'conditioned', column: ['id', 'nope'] }, 'SRC-2020'],
    ['a table that is not there', { table: 'nope', column: ['*'] }, 'SRC-2020'],
    ['tables with other columns', { table: 'conditioned,keyless', column: ['*'] }, 'SRC-2020'],
    [
      'a split column that is not there',
      { table: 'conditioned', column: ['id'], splitPk: 'nope' },
      'SRC-2020',
    ],
    [
      'an expression that the server refuses',
      { table: 'conditioned', column: ['nofunction(1)'] },
      'SRC-2004',
    ],
  ])('refuses %s before anything is read', async (_what, params, code) => {
    await expect(readAll('mysql', server, params, 2)).rejects.toMatchObject({ code, kind: 'config' });
  });
});

describe('faults while reading MySQL', () => {
  /** Kills the sessions of the reader. */
  const killReaders = async (): Promise<number> => {
    const [rows] = await admin.query(
      "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND user = 'root'",
    );
    const found = rows as { id: number }[];
    // One that ended by itself meanwhile is as good as killed.
    for (const { id } of found) await admin.query(`KILL ${id}`).catch(() => undefined);
    return found.length;
  };

  it('goes on after the last row when its connection is killed', async () => {
    await admin.query(
      'CREATE TABLE killed (id INT PRIMARY KEY, filler VARCHAR(2000)) AS SELECT seq AS id, REPEAT(MD5(seq), 50) AS filler FROM seq_1_to_20000',
    );
    const params = { table: 'killed', column: ['id', 'filler'], retryPauseInMillisecond: 1 };
    const reader = openReader('mysql', server, params);
    const [shard] = (await reader.plan(1)).shards;
    const rows: (string | null)[][] = [];
    let kills = 0;
    let batches = 0;
    for await (const { block } of reader.read(shard!, undefined)) {
      rows.push(...rowTexts(block));
      if (batches++ % 10 === 1 && kills < 3) kills += await killReaders();
    }
    await reader.close();
    expect(kills).toBeGreaterThanOrEqual(3);
    expect(rows.map(([id]) => id)).toEqual(Array.from({ length: 20_000 }, (_, i) => String(i + 1)));
  });

  it('gives up on a table without a key once rows were handed on', async () => {
    await admin.query('CREATE TABLE lost AS SELECT id, filler FROM killed');
    const reader = openReader('mysql', server, { table: 'lost', column: ['*'], retryPauseInMillisecond: 1 });
    const [shard] = (await reader.plan(1)).shards;
    const readOn = async (): Promise<void> => {
      for await (const _batch of reader.read(shard!, undefined)) await killReaders();
    };
    await expect(readOn()).rejects.toMatchObject({ code: 'SRC-2001', kind: 'transient' });
    await reader.close();
  });

  it('refuses a shard whose table changed since it was planned', async () => {
    await admin.query('CREATE TABLE changing (id INT PRIMARY KEY, a INT)');
    const reader = openReader('mysql', server, { table: 'changing', column: ['*'] });
    const [shard] = (await reader.plan(1)).shards;
    await reader.close();
    await admin.query('ALTER TABLE changing ADD COLUMN b INT');
    const later = openReader('mysql', server, { table: 'changing', column: ['*'] });
    await expect(readShard(later, shard!)).rejects.toMatchObject({ code: 'SRC-2023', kind: 'config' });
    await later.close();
  });

  it('ends a read that the server ends for its time', async () => {
    const params = { querySql: 'SELECT SLEEP(60) FROM seq_1_to_100', statementTimeoutInMillisecond: 200 };
    await expect(readAll('mysql', server, params)).rejects.toMatchObject({
      code: 'SRC-2022',
      kind: 'config',
    });
  });

  it('gives up on a server that says nothing', async () => {
    const params = { querySql: 'SELECT SLEEP(60)', socketTimeoutInMillisecond: 300, maxRetryTime: 0 };
    await expect(readAll('mysql', server, params)).rejects.toMatchObject({
      code: 'SRC-2001',
      kind: 'transient',
    });
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const context = testContext({ signal: stop.signal });
    const reader = openReader('mysql', server, { querySql: 'SELECT SLEEP(61)' }, context);
    const [shard] = (await reader.plan(1)).shards;
    const read = readShard(reader, shard!);
    await expect
      .poll(async () => {
        const [rows] = await admin.query(
          "SELECT id FROM information_schema.processlist WHERE info = 'SELECT SLEEP(61)'",
        );
        return (rows as unknown[]).length;
      })
      .toBe(1);
    stop.abort();
    await expect(read).rejects.toMatchObject({ code: 'SRC-2001' });
    await reader.close();
  });

  it('cannot write, whatever a query says', async () => {
    await admin.query('CREATE TABLE precious (id INT PRIMARY KEY)');
    await admin.query('CREATE FUNCTION wipe() RETURNS INT BEGIN DELETE FROM precious; RETURN 1; END');
    await admin.query('INSERT INTO precious VALUES (1)');
    await expect(readAll('mysql', server, { querySql: 'SELECT wipe()' })).rejects.toMatchObject({
      code: 'SRC-2004',
    });
    const [rows] = await admin.query('SELECT * FROM precious');
    expect(rows).toHaveLength(1);
  });

  it('sees one snapshot per shard', async () => {
    await admin.query(
      'CREATE TABLE moving (id INT PRIMARY KEY, v INT) AS SELECT seq AS id, 0 AS v FROM seq_1_to_12000',
    );
    const reader = openReader('mysql', server, { table: 'moving', column: ['v'] });
    const [shard] = (await reader.plan(1)).shards;
    const batches: Batch[] = [];
    for await (const batch of reader.read(shard!, undefined)) {
      if (batches.length === 0) await admin.query('UPDATE moving SET v = 1');
      batches.push(batch);
    }
    await reader.close();
    const values = new Set(batches.flatMap(({ block }) => rowTexts(block).map(([v]) => v)));
    expect([...values]).toEqual(['0']);
  });

  it('reads over TLS', async () => {
    const params = {
      querySql:
        "SELECT seq, (SELECT variable_value <> '' FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher') FROM seq_1_to_6000",
      tls: { ca: server.ca },
    };
    const { rows } = await readAll('mysql', server, params);
    expect(rows).toHaveLength(6000);
    expect(rows.at(-1)).toEqual(['6000', '1']);
    expect(readerConfig('mysql', server, params).places[0]?.connection.tls).toMatchObject({
      rejectUnauthorized: true,
    });
  });
});
