/** Shards, keys, faults and forms of parameters of the PostgreSQL reader on a real server. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../../core/connectors/contract.ts';
import { testContext } from '../../support/servers/connector-context.ts';
import { startPostgres } from '../../support/servers/postgres.ts';
import { openReader, readAll, readShard, rowTexts } from '../../support/servers/relational-reading.ts';
import type { TestServer } from '../../support/servers/server-process.ts';

let server: TestServer;
let admin: pg.Client;
beforeAll(async () => {
  server = await startPostgres();
  const { host, port, username: user, password, database } = server;
  admin = new pg.Client({ host, port, user, password, database });
  await admin.connect();
});
afterAll(async () => {
  await admin?.end();
  await server?.[Symbol.asyncDispose]();
});

const ids = (rows: (string | null)[][]): string[] => rows.map(([id]) => String(id)).sort();
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i + 1)).sort();
const messages = (plan: { notes: readonly { message: string }[] }): string =>
  plan.notes.map(({ message }) => message).join('\n');

describe('shards of PostgreSQL', () => {
  it('are of about equal size although the key is skewed, found without reading the table', async () => {
    await admin.query(
      `CREATE TABLE skewed AS SELECT CASE WHEN i <= 90000 THEN i WHEN i <= 99000 THEN 50000000 + 7 * i ELSE 60000000 + i * 99991::bigint END AS id
       FROM generate_series(1, 100000) i`,
    );
    await admin.query('ALTER TABLE skewed ADD PRIMARY KEY (id)');
    await admin.query('ALTER TABLE skewed ALTER id SET STATISTICS 1000');
    await admin.query('ANALYZE skewed');
    const params = { table: 'skewed', column: ['id'], splitPk: 'id', splitFactor: 1 };
    const { perShard, rows } = await readAll('postgresql', server, params, 8);
    expect(perShard.length).toBeGreaterThanOrEqual(8);
    expect(new Set(rows.map(([id]) => id)).size).toBe(100_000);
    expect(Math.max(...perShard) / (rows.length / perShard.length)).toBeLessThanOrEqual(1.1);
  });

  it('are of equal size by the place in the file, and say what that means', async () => {
    const params = { table: 'skewed', column: ['id'], splitPk: 'ctid', splitFactor: 1 };
    const { plan, perShard, rows } = await readAll('postgresql', server, params, 8);
    expect(new Set(rows.map(([id]) => id)).size).toBe(100_000);
    expect(Math.max(...perShard) / (rows.length / perShard.length)).toBeLessThanOrEqual(1.1);
    expect(messages(plan)).toContain('may be missed or read twice');
  });

  it('keep the order of the file although an index would find the rows', async () => {
    await admin.query(
      'CREATE TABLE filed AS SELECT (i * 7919) % 20011 AS id, i % 2 AS odd FROM generate_series(1, 20010) i',
    );
    await admin.query('CREATE UNIQUE INDEX ON filed (id)');
    await admin.query('ANALYZE filed');
    const reader = openReader('postgresql', server, {
      table: 'filed',
      column: ['id'],
      splitPk: 'ctid',
      where: 'id < 15000',
    });
    const [shard] = (await reader.plan(1)).shards;
    const { batches, rows } = await readShard(reader, shard!);
    const rest = await readShard(reader, shard!, batches[1]!.cursor);
    await reader.close();
    expect(new Set(rows.map(([id]) => id)).size).toBe(15_000 - 1);
    expect(rest.rows).toEqual(rows.slice(10_000));
  });

  it('cover extremes, NaN at the end, and rows that arrive outside of the planned range', async () => {
    await admin.query('CREATE TABLE extremes (id numeric PRIMARY KEY)');
    await admin.query(`INSERT INTO extremes SELECT i FROM generate_series(1, 10) i`);
    const reader = openReader('postgresql', server, { table: 'extremes', column: ['id'] });
    const { shards } = await reader.plan(3);
    await admin.query(`INSERT INTO extremes VALUES ('-1e30'), ('NaN'), (${'9'.repeat(60)})`);
    const rows: (string | null)[][] = [];
    for (const shard of shards) rows.push(...(await readShard(reader, shard)).rows);
    await reader.close();
    expect(shards.length).toBeGreaterThan(1);
    expect(rows).toHaveLength(13);
    expect(rows[0]).toEqual([`-1${'0'.repeat(30)}`]);
    expect(rows.at(-1)).toEqual(['NaN']);
  });

  it('have one of their own for rows where the split column is null', async () => {
    await admin.query(
      'CREATE TABLE nullable AS SELECT i AS id, CASE WHEN i % 4 = 0 THEN NULL ELSE i % 100 END AS s FROM generate_series(1, 2000) i',
    );
    await admin.query('ALTER TABLE nullable ADD PRIMARY KEY (id)');
    const { perShard, rows } = await readAll(
      'postgresql',
      server,
      { table: 'nullable', column: ['id'], splitPk: 's' },
      4,
    );
    expect(ids(rows)).toEqual(numbers(2000));
    expect(perShard.at(-1)).toBe(500);
  });

  it.each([
    ['an empty table', 'SELECT 1 WHERE false'],
    ['nothing but nulls', 'INSERT INTO hollow SELECT i, NULL FROM generate_series(1, 10) i'],
  ])('are one for %s', async (_what, fill) => {
    await admin.query('DROP TABLE IF EXISTS hollow');
    await admin.query('CREATE TABLE hollow (id int PRIMARY KEY, s int)');
    await admin.query(fill);
    const { plan, rows } = await readAll(
      'postgresql',
      server,
      { table: 'hollow', column: ['id'], splitPk: 's' },
      4,
    );
    expect(plan.shards).toHaveLength(1);
    expect(rows).toHaveLength(fill.startsWith('INSERT') ? 10 : 0);
  });

  it('are cut at texts with quotes and backslashes', async () => {
    await admin.query('CREATE TABLE quoted (k text PRIMARY KEY)');
    await admin.query(
      `INSERT INTO quoted SELECT E'a''\\\\' || lpad(i::text, 4, '0') FROM generate_series(1, 1000) i`,
    );
    const { perShard, rows } = await readAll(
      'postgresql',
      server,
      { table: 'quoted', column: ['k'], splitPk: 'k' },
      4,
    );
    expect(perShard.length).toBeGreaterThan(4);
    expect(new Set(rows.map(([k]) => k)).size).toBe(1000);
  });

  it('are cut at the points that the job gives, if the server finds them in order', async () => {
    await admin.query('CREATE TABLE pointed (d date PRIMARY KEY)');
    await admin.query(`INSERT INTO pointed SELECT DATE '2024-01-01' + i FROM generate_series(0, 30) i`);
    const params = { table: 'pointed', column: ['d'], splitPk: 'd' };
    const { perShard } = await readAll('postgresql', server, {
      ...params,
      splitPoints: ['2024-01-02', '2024-01-11'],
    });
    expect(perShard).toEqual([1, 9, 21]);
    for (const splitPoints of [['2024-01-11', '2024-01-02'], ['2024-13-45']]) {
      await expect(readAll('postgresql', server, { ...params, splitPoints })).rejects.toMatchObject({
        code: 'SRC-2025',
      });
    }
  });

  it('are one, with a warning, for a type without an order', async () => {
    await admin.query('CREATE TABLE shapeless (id int PRIMARY KEY, p point)');
    await admin.query('INSERT INTO shapeless SELECT i, point(i, i) FROM generate_series(1, 10) i');
    const { plan } = await readAll(
      'postgresql',
      server,
      { table: 'shapeless', column: ['id'], splitPk: 'p' },
      4,
    );
    expect(plan.shards).toHaveLength(1);
    expect(messages(plan)).toContain('cannot be cut by p, a point');
  });
});

describe('tables, columns and queries of PostgreSQL', () => {
  it('reads partitioned tables, views and materialized views', async () => {
    await admin.query('CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id)');
    await admin.query('CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (500)');
    await admin.query('CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (500) TO (2000)');
    await admin.query('INSERT INTO parted SELECT i FROM generate_series(1, 1000) i');
    await admin.query('CREATE VIEW seen AS SELECT id FROM parted');
    await admin.query('CREATE MATERIALIZED VIEW kept AS SELECT id FROM parted');
    for (const analyzed of [false, true]) {
      if (analyzed) await admin.query('ANALYZE parted');
      for (const table of ['parted', 'seen', 'kept']) {
        const { rows, perShard } = await readAll(
          'postgresql',
          server,
          { table, column: ['id'], splitPk: 'id' },
          3,
        );
        expect(ids(rows), table).toEqual(numbers(1000));
        expect(perShard.length).toBeGreaterThanOrEqual(15);
      }
    }
    for (const table of ['parted', 'seen']) {
      const params = { table, column: ['id'], splitPk: 'ctid' };
      await expect(readAll('postgresql', server, params, 3)).rejects.toMatchObject({ code: 'SRC-2020' });
    }
  });

  it('trusts no key that rows of heirs may repeat', async () => {
    await admin.query('CREATE TABLE elder (id int PRIMARY KEY)');
    await admin.query('CREATE TABLE heir () INHERITS (elder)');
    for (const table of ['elder', 'heir'])
      await admin.query(`INSERT INTO ${table} SELECT generate_series(1, 6000)`);
    const reader = openReader('postgresql', server, { table: 'elder', column: ['id'] });
    const [shard] = (await reader.plan(1)).shards;
    const { rows, batches } = await readShard(reader, shard!);
    await reader.close();
    expect(rows).toHaveLength(12_000);
    expect(batches.every(({ cursor }) => cursor === undefined)).toBe(true);
  });

  it('reads tables without any key in one go, and says so', async () => {
    await admin.query('CREATE TABLE keyless AS SELECT i AS a FROM generate_series(1, 6000) i');
    const reader = openReader('postgresql', server, { table: 'keyless', column: ['a'] });
    const plan = await reader.plan(4);
    const { rows, batches } = await readShard(reader, plan.shards[0]!);
    await reader.close();
    expect(plan.shards).toHaveLength(1);
    expect(messages(plan)).toContain('start over after a fault');
    expect(batches.map(({ cursor }) => cursor)).toEqual([undefined, undefined]);
    expect(ids(rows)).toEqual(numbers(6000));
  });

  it('takes quoted names, constants and functions', async () => {
    await admin.query('CREATE SCHEMA "Od""d"');
    await admin.query('CREATE TABLE "Od""d"."Ta ble" (id int PRIMARY KEY, "Sel ect" text)');
    await admin.query(`INSERT INTO "Od""d"."Ta ble" VALUES (1, 'x'), (2, NULL)`);
    const column = [
      'ID',
      '"Sel ect"',
      `'a''b,;(--'`,
      '1.50',
      'null',
      `concat(id, $$-;$$, "Sel ect")`,
      'id + 1 AS next',
      `E'\\'('`,
    ];
    const { plan, rows } = await readAll('postgresql', server, { table: '"Od""d"."Ta ble"', column });
    expect(plan.columns.map(({ type }) => type)).toEqual([
      'long',
      'string',
      'string',
      'decimal',
      'string',
      'string',
      'long',
      'string',
    ]);
    expect(plan.columns.map(({ name }) => name)).toEqual([
      'id',
      'Sel ect',
      'column_3',
      'column_4',
      'column_5',
      'concat',
      'next',
      'column_8',
    ]);
    expect(rows).toEqual([
      ['1', 'x', "a'b,;(--", '1.50', null, '1-;x', '2', "'("],
      ['2', null, "a'b,;(--", '1.50', null, '2-;', '3', "'("],
    ]);
  });

  it('reads queries, one shard each', async () => {
    const params = { querySql: ['with x as (select 1 as a) select a, a from x', 'select 2, 3;'] };
    const reader = openReader('postgresql', server, {
      querySql: [params.querySql[0], 'select 2 as a, 3 as a;'],
    });
    const { shards } = await reader.plan(5);
    const rows: (string | null)[][] = [];
    for (const shard of shards) rows.push(...(await readShard(reader, shard)).rows);
    await reader.close();
    expect(rows).toEqual([
      ['1', '1'],
      ['2', '3'],
    ]);
  });

  it.each([
    ['a column that is not there', { table: 'keyless', column: ['a', 'nope'] }, 'SRC-2020'],
    ['a table that is not there', { table: 'nope', column: ['*'] }, 'SRC-2020'],
    ['an expression that the server refuses', { table: 'keyless', column: ['nofunction(1)'] }, 'SRC-2004'],
  ])('refuses %s before anything is read', async (_what, params, code) => {
    await expect(readAll('postgresql', server, params, 2)).rejects.toMatchObject({ code, kind: 'config' });
  });
});

describe('faults while reading PostgreSQL', () => {
  const killReaders = async (): Promise<number> => {
    const { rowCount } = await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace'`,
    );
    return rowCount ?? 0;
  };

  it('goes on after the last row when its connection is killed', async () => {
    await admin.query(
      'CREATE TABLE killed AS SELECT i AS id, repeat(md5(i::text), 50) AS filler FROM generate_series(1, 20000) i',
    );
    await admin.query('ALTER TABLE killed ADD PRIMARY KEY (id)');
    const params = { table: 'killed', column: ['id', 'filler'], retryPauseInMillisecond: 1 };
    const reader = openReader('postgresql', server, params);
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

  it('says what the server says in the middle of a result', async () => {
    const params = { querySql: 'SELECT 1 / (9000 - i) FROM generate_series(1, 10000) i' };
    const fault = await readAll('postgresql', server, params).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'SRC-2004', kind: 'config', detail: { sqlState: '22012' } });
  });

  it('refuses a shard whose table changed since it was planned', async () => {
    await admin.query('CREATE TABLE changing (id int PRIMARY KEY, a int)');
    const reader = openReader('postgresql', server, { table: 'changing', column: ['*'] });
    const [shard] = (await reader.plan(1)).shards;
    await reader.close();
    await admin.query('ALTER TABLE changing ALTER a TYPE bigint');
    const later = openReader('postgresql', server, { table: 'changing', column: ['*'] });
    await expect(readShard(later, shard!)).rejects.toMatchObject({ code: 'SRC-2023', kind: 'config' });
    await later.close();
  });

  it('ends a read that the server ends for its time, and one that says nothing', async () => {
    const querySql = 'SELECT pg_sleep(60)::text';
    const ended = { querySql, statementTimeoutInMillisecond: 200 };
    await expect(readAll('postgresql', server, ended)).rejects.toMatchObject({
      code: 'SRC-2022',
      kind: 'config',
    });
    const silent = { querySql, socketTimeoutInMillisecond: 300, maxRetryTime: 0 };
    await expect(readAll('postgresql', server, silent)).rejects.toMatchObject({
      code: 'SRC-2001',
      kind: 'transient',
    });
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const reader = openReader(
      'postgresql',
      server,
      { querySql: 'SELECT pg_sleep(61)::text' },
      testContext({ signal: stop.signal }),
    );
    const [shard] = (await reader.plan(1)).shards;
    const read = readShard(reader, shard!);
    await expect
      .poll(
        async () =>
          (
            await admin.query(
              `SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY%pg_sleep(61)%'`,
            )
          ).rowCount,
      )
      .toBe(1);
    stop.abort();
    await expect(read).rejects.toMatchObject({ code: 'SRC-2001' });
    await reader.close();
  });

  it('cannot write, whatever a query says', async () => {
    await admin.query('CREATE TABLE precious AS SELECT 1 AS id');
    await admin.query(`CREATE FUNCTION wipe() RETURNS int LANGUAGE sql AS 'DELETE FROM precious; SELECT 1'`);
    await expect(readAll('postgresql', server, { querySql: 'SELECT wipe()' })).rejects.toMatchObject({
      code: 'SRC-2004',
    });
    expect((await admin.query('SELECT * FROM precious')).rowCount).toBe(1);
  });

  it('sees one snapshot per shard', async () => {
    await admin.query('CREATE TABLE moving AS SELECT i AS id, 0 AS v FROM generate_series(1, 12000) i');
    await admin.query('ALTER TABLE moving ADD PRIMARY KEY (id)');
    const reader = openReader('postgresql', server, { table: 'moving', column: ['v'] });
    const [shard] = (await reader.plan(1)).shards;
    const batches: Batch[] = [];
    for await (const batch of reader.read(shard!, undefined)) {
      if (batches.length === 0) await admin.query('UPDATE moving SET v = 1');
      batches.push(batch);
    }
    await reader.close();
    expect([...new Set(batches.flatMap(({ block }) => rowTexts(block).map(([v]) => v)))]).toEqual(['0']);
  });

  it('reads over TLS', async () => {
    const querySql =
      'SELECT i, ssl FROM generate_series(1, 6000) i, pg_stat_ssl WHERE pid = pg_backend_pid()';
    const { rows } = await readAll('postgresql', server, { querySql, tls: { ca: server.ca } });
    expect(rows).toHaveLength(6000);
    expect(rows.at(-1)).toEqual(['6000', 'true']);
  });
});
