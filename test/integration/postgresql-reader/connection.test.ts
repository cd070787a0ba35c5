import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeTable } from '../../../core/connectors/postgresql/catalog.ts';
import { openConnection } from '../../../core/connectors/postgresql/connection.ts';
import { postgresql } from '../../../core/connectors/postgresql/index.ts';
import { SyncError } from '../../../core/errors/index.ts';
import type { DatabaseConnection } from '../../../core/relational/connection-config.ts';
import { testContext } from '../../support/servers/connector-context.ts';
import { startPostgres } from '../../support/servers/postgres.ts';
import type { TestServer } from '../../support/servers/server-process.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.[Symbol.asyncDispose]());

const connectionOf = (over: Record<string, unknown> = {}): DatabaseConnection => {
  const { host, port, username, password, database } = server;
  const fields = { host, port, username, password, database, ...over };
  return postgresql.connection!.parse(fields) as unknown as DatabaseConnection;
};
const open = (over: Record<string, unknown> = {}, side: 'source' | 'target' = 'target') =>
  openConnection(connectionOf(over), testContext(), { side });
const faultOf = (promise: Promise<unknown>): Promise<SyncError> =>
  promise.then(
    () => expect.unreachable('there should be a fault'),
    (error: unknown) => error as SyncError,
  );

describe('connections of PostgreSQL', () => {
  it('tells where it is connected to', async () => {
    const text = await postgresql.test!({ ...connectionOf() }, testContext());
    expect(text).toMatch(/^database millrace of PostgreSQL \d+/);
  });

  it('has a neutral session in the zone of the job, read only for a source', async () => {
    const connection = await open({}, 'source');
    const [row] = await connection.rows(
      `SELECT current_setting('TimeZone'), current_setting('DateStyle'), 0.1::float4, NULL, true, '\\x00ff'::bytea`,
    );
    expect(row).toEqual(['Asia/Shanghai', 'ISO, YMD', '0.1', null, 't', '\\x00ff']);
    const fault = await faultOf(connection.rows('CREATE TABLE written (a int)'));
    expect(fault).toMatchObject({ code: 'SRC-2004' });
    await connection.close();
  });

  it.each([true, false])('encrypts and checks the certificate if it must (trusted: %s)', async (trusted) => {
    const tls = trusted ? { ca: server.ca } : true;
    if (!trusted) {
      const fault = await faultOf(open({ tls }, 'source'));
      expect(fault).toMatchObject({ code: 'SRC-2002', kind: 'auth' });
      return;
    }
    const connection = await open({ tls });
    expect(await connection.rows('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).toEqual([
      ['t'],
    ]);
    await connection.close();
  });

  it('uses the first address of a list that answers', async () => {
    const { username, password } = server;
    const urls = [
      'jdbc:postgresql://127.0.0.1:1/millrace',
      `jdbc:postgresql://127.0.0.1:${server.port}/millrace`,
    ];
    const config = postgresql.connection!.parse({ jdbcUrl: urls, username, password });
    const connection = await openConnection(config as never, testContext(), { side: 'source' });
    expect(await connection.rows('SELECT 1')).toEqual([['1']]);
    await connection.close();
  });

  it.each([
    ['a wrong password', { password: 'wrong' }, 'SRC-2002', 'auth'],
    ['a database that is not there', { database: 'nowhere' }, 'SRC-2004', 'config'],
    ['a port that nobody listens on', { port: 1 }, 'SRC-2001', 'transient'],
  ])('classifies %s', async (_what, over, code, kind) => {
    const fault = await faultOf(open(over, 'source'));
    expect(fault).toBeInstanceOf(SyncError);
    expect(fault).toMatchObject({ code, kind });
    expect(fault.message).not.toContain('wrong');
  });

  it('ends a statement that takes too long', async () => {
    const connection = await open({ statementTimeoutInMillisecond: 50 }, 'source');
    const fault = await faultOf(connection.rows('SELECT pg_sleep(60)'));
    expect(fault).toMatchObject({ code: 'SRC-2022', kind: 'config' });
    await connection.close();
  });

  it('runs one statement at most', async () => {
    const connection = await open();
    const fault = await faultOf(connection.rows('SELECT 1; SELECT 2'));
    expect(fault).toMatchObject({ code: 'DST-4004', kind: 'config' });
    await connection.close();
  });
});

describe('catalogue of PostgreSQL', () => {
  it('describes columns, keys and types', async () => {
    const connection = await open();
    await connection.rows('CREATE DOMAIN amount AS numeric(12,2)');
    await connection.rows(
      `CREATE TABLE catalogued (
        b int NOT NULL, a bigint GENERATED ALWAYS AS IDENTITY, c varchar(20) COLLATE "C" NOT NULL, d numeric,
        e timestamp(3), f timestamptz, g bool, h bit(9), i uuid, j int GENERATED ALWAYS AS (b + 1) STORED,
        k char(3) NOT NULL DEFAULT 'x', l bytea, m amount, n int[], o numeric(3,-2), p time(0), q serial, r float4,
        PRIMARY KEY (a, b), UNIQUE (c), UNIQUE (d))`,
    );
    await connection.rows('CREATE UNIQUE INDEX partial ON catalogued (i) WHERE g');
    const table = await describeTable(connection, { name: 'catalogued' });
    await connection.close();
    expect(table).toMatchObject({
      table: { schema: 'public', name: 'catalogued' },
      kind: 'table',
      engine: 'heap',
      primaryKey: ['a', 'b'],
      uniqueKeys: [
        { name: 'catalogued_c_key', columns: ['c'], nullable: false },
        { name: 'catalogued_d_key', columns: ['d'], nullable: true },
      ],
    });
    const facts = Object.fromEntries(table.columns.map((c) => [c.name, { type: c.type, ...c.facts }]));
    expect(facts).toMatchObject({
      a: { type: 'long', width: 8, nullable: false, keyOrdinal: 1 },
      c: { type: 'string', length: 20, nullable: false },
      d: { type: 'decimal', nullable: true },
      e: { type: 'datetime', scale: 3 },
      f: { type: 'datetime', scale: 6, zoned: true },
      g: { type: 'bool' },
      h: { type: 'string' },
      i: { type: 'string' },
      l: { type: 'bytes' },
      m: { type: 'decimal', precision: 12, scale: 2 },
      n: { type: 'string' },
      o: { type: 'decimal', precision: 5, scale: 0 },
      p: { type: 'time', scale: 0 },
      r: { type: 'double', width: 4 },
    });
    expect(facts.d).not.toHaveProperty('precision');
    const byName = new Map(table.columns.map((column) => [column.name, column]));
    expect(byName.get('a')).toMatchObject({ autoIncrement: true, generated: false, typeName: 'int8' });
    expect(byName.get('j')).toMatchObject({ generated: true });
    expect(byName.get('k')).toMatchObject({ hasDefault: true, serverType: 'character(3)' });
    expect(byName.get('q')).toMatchObject({ autoIncrement: true });
    expect(byName.get('n')).toMatchObject({ typeName: 'int4[]' });
    expect(byName.get('c')).toMatchObject({ collation: '"pg_catalog"."C"' });
  });

  it('refuses a table that is not there', async () => {
    const connection = await open();
    const fault = await faultOf(describeTable(connection, { schema: 'x', name: 'nothing' }));
    await connection.close();
    expect(fault).toMatchObject({ code: 'DST-4004', kind: 'config' });
  });
});
