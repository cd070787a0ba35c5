/** Cases 65 to 71, and 80: rows into databases (docs/conformance-cases.md). */
import { type Connection, createConnection } from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EngineHarness } from '../support/engine-harness.ts';
import type { MemorySystems } from '../support/memory-systems.ts';
import { startMariadb } from '../support/servers/mariadb.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import type { TestServer } from '../support/servers/server-process.ts';
import { dataxJob, faultsOf, loadText, runText, type Step, succeed, v2Job } from './jobs.ts';
import { standingStill } from './standing-still.ts';

let server: TestServer;
let client: Connection;
beforeAll(async () => {
  server = await startMariadb();
  const { host, port, username: user, password, database } = server;
  client = await createConnection({ host, port, user, password, database });
});
afterAll(async () => {
  await client?.end();
  await server?.[Symbol.asyncDispose]();
});

const execute = async (...statements: string[]): Promise<void> => {
  for (const statement of statements) await client.query(statement);
};

/** Rows of a query, every value as the server's text. */
async function texts(sql: string): Promise<(string | null)[][]> {
  const typeCast = (field: { string(): string | null }): string | null => field.string();
  const [rows] = await client.query({ sql, rowsAsArray: true, typeCast });
  return rows as unknown as (string | null)[][];
}

/** A step of the server. */
const step = (params: object, { host, port, username, password, database } = server): Step => [
  'mysql',
  { host, port, username, password, database, ...params },
];

/** A job from a query to the table `t`. */
const jobInto = (params: object, querySql: string, errorLimit: object = { record: 0 }): string =>
  v2Job(step({ querySql }), step({ table: 't', column: ['*'], ...params }), { errorLimit });

const THREE = "SELECT 1, 'one' UNION ALL SELECT 2, 'two' UNION ALL SELECT 3, 'three'";
const column = ['id', 'a'];

describe('modes', () => {
  beforeEach(() =>
    execute(
      'DROP TABLE IF EXISTS t, log',
      "CREATE TABLE t (id BIGINT PRIMARY KEY, a VARCHAR(20), b VARCHAR(20) DEFAULT 'default')",
      "INSERT INTO t VALUES (2, 'old', 'kept')",
      'CREATE TABLE log (word VARCHAR(20))',
    ),
  );

  it('case 65: a doubled key makes its row dirty and no other; beyond the limit the run fails', async () => {
    const params = { column, batchSize: 3 };
    const { counters, dirty } = await succeed(jobInto(params, THREE, { record: 1 }));
    expect([counters.written, counters.dirty, dirty.length]).toEqual([2, 1, 1]);
    expect(await texts('SELECT id, a FROM t')).toEqual([
      ['1', 'one'],
      ['2', 'old'],
      ['3', 'three'],
    ]);
    await execute('DELETE FROM t WHERE id <> 2');
    const failed = await runText(jobInto(params, THREE, { record: 0 }));
    expect([failed.run.state, failed.run.failure?.code]).toEqual(['FAILED', 'RUN-5001']);
    expect(await texts('SELECT id FROM t')).toEqual([['1'], ['2'], ['3']]);
  });

  it('case 66: ignoring keeps the old row, update sets what is listed, replace resets what is not', async () => {
    const leftBy = async (writeMode: string): Promise<unknown> => {
      await execute("REPLACE INTO t VALUES (2, 'old', 'kept')");
      const { counters } = await succeed(jobInto({ column, writeMode }, THREE));
      expect(counters.dirty).toBe(0);
      return (await texts('SELECT a, b FROM t WHERE id = 2'))[0];
    };
    expect(await leftBy('insert ignore')).toEqual(['old', 'kept']);
    expect(await leftBy('update')).toEqual(['two', 'kept']);
    expect(await leftBy('replace')).toEqual(['two', 'default']);
    const [fault] = await faultsOf(jobInto({ column, writeMode: 'upsert' }, THREE));
    expect(fault).toMatchObject({
      path: 'steps[1].parameter.writeMode',
      message: expect.stringContaining('upsert'),
    });
  });

  // The writer of DataX refuses the key whatever it says, although DataWorks writes it.
  it('case 67: a DataX job may say that PostgreSQL is to insert', async () => {
    await using postgres = await startPostgres();
    const { host, port, username, password, database } = postgres;
    const client = new pg.Client({ host, port, user: username, password, database });
    await client.connect();
    await client.query('CREATE TABLE t (id int)');
    const jdbcUrl = `jdbc:postgresql://${host}:${port}/${database}`;
    const target = { username, password, connection: [{ jdbcUrl, table: ['t'] }], column: ['id'] };
    const source: Step = ['stream', { column: [{ value: '7', type: 'long' }], sliceRecordCount: 2 }];
    await succeed(dataxJob(source, ['postgresql', { ...target, writeMode: 'insert' }]));
    const { rows } = await client.query('SELECT id FROM t');
    await client.end();
    expect(rows).toEqual([{ id: 7 }, { id: 7 }]);
  });

  it('case 68: other counts of columns, or a column twice, fail the job before any row is dirty', async () => {
    for (const params of [{ column }, { column: ['ID', 'id', 'a'] }]) {
      const { run, dirty } = await runText(jobInto(params, "SELECT 7, 'x', 'y'", { record: 100 }));
      expect([run.state, run.plan, dirty]).toEqual(['FAILED', undefined, []]);
      expect(run.failure?.code).toMatch(/^DST-/);
    }
    expect(await texts('SELECT id FROM t')).toEqual([['2']]);
  });

  // DataX pairs several target tables with tasks, if their numbers happen to be equal. Shards here have no such number:
  // more than one target is refused before anything is done.
  it('case 69: preSql is executed once for all shards, blank ones are skipped, several tables are refused', async () => {
    await execute('CREATE OR REPLACE TABLE source (id BIGINT PRIMARY KEY, s BIGINT NOT NULL)');
    await execute('INSERT INTO source SELECT seq, seq FROM seq_1_to_1000');
    const reader = step({ table: 'source', column: ['id'], splitPk: 's', splitFactor: 1 });
    const preSql = ['truncate table @table', '', "insert into log values ('before')"];
    const target = { table: 't', column: ['id'], preSql };
    const setting = { speed: { concurrent: 4 } };
    const { run, counters } = await succeed(v2Job(reader, step(target), setting));
    expect([run.plan?.shardCount, counters.written]).toEqual([4, 1000]);
    expect(await texts('SELECT word FROM log')).toEqual([['before']]);
    expect(await texts('SELECT COUNT(*) FROM t')).toEqual([['1000']]);
    const [fault] = await faultsOf(v2Job(reader, step({ ...target, table: ['t', 't2'] }), setting));
    expect(fault?.path).toBe('steps[1].parameter.table');
  });

  it('case 70: postSql is executed when the run succeeded, and not when too many rows are dirty', async () => {
    const params = { column, postSql: ["insert into log values ('after')"] };
    expect((await runText(jobInto(params, THREE))).run.state).toBe('FAILED');
    expect(await texts('SELECT word FROM log')).toEqual([]);
    await execute('DELETE FROM t');
    await succeed(jobInto(params, THREE));
    expect(await texts('SELECT word FROM log')).toEqual([['after']]);
  });

  it('case 71: an empty text is null in a column of numbers, and itself in one of texts', async () => {
    await execute('CREATE OR REPLACE TABLE n (i INT, v VARCHAR(5))');
    await succeed(jobInto({ table: 'n' }, "SELECT '', ''"));
    expect(await texts('SELECT * FROM n')).toEqual([[null, '']]);
    const kept = await runText(jobInto({ table: 'n', emptyAsNull: false }, "SELECT '', ''"));
    expect(kept.dirty).toHaveLength(1);
  });
});

describe('a worker that vanishes', () => {
  const ROWS = 30_000;

  // DataX begins a run again from its start, and has no counts per range to find out what is missing.
  it('case 80: the resumed run writes each row once, and the counts of its ranges add up', async () => {
    await execute(
      'CREATE OR REPLACE TABLE source (id BIGINT PRIMARY KEY, a VARCHAR(20))',
      `INSERT INTO source SELECT seq, LEFT(MD5(seq), 20) FROM seq_1_to_${ROWS}`,
      'CREATE OR REPLACE TABLE t (id BIGINT, a VARCHAR(20))',
    );
    const reader = step({ table: 'source', column, splitPk: 'id', splitFactor: 1 });
    const { job } = await loadText(v2Job(reader, step({ table: 't', column }), { speed: { concurrent: 2 } }));
    const { systems, vanished, letGo } = standingStill();
    const engine = new EngineHarness(systems as MemorySystems);
    await engine.start(job, { checkpointBytes: 1 });
    const workers: Promise<unknown>[] = [];
    while (engine.queue.length > 0) {
      workers.push(engine.deliver().catch(() => undefined));
      await Promise.race([workers.at(-1), vanished]);
    }
    const run = await engine.settle();
    letGo();
    await Promise.all(workers);
    expect(run).toMatchObject({ state: 'SUCCEEDED', receipt: { counters: { read: ROWS, written: ROWS } } });
    expect(await texts('SELECT COUNT(*), COUNT(DISTINCT id), SUM(id) FROM t')).toEqual([
      [String(ROWS), String(ROWS), String((ROWS * (ROWS + 1)) / 2)],
    ]);
    const shards = await engine.deps.state.listShards(engine.ref, run.plan!.planId);
    expect(shards.length).toBeGreaterThan(1);
    expect(shards.some(({ value }) => value.epoch > 1)).toBe(true);
    expect(shards.reduce((sum, { value }) => sum + value.counters.read, 0)).toBe(ROWS);
  });
});
