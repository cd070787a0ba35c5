import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeTable } from '../../../core/connectors/mysql/catalog.ts';
import { openConnection } from '../../../core/connectors/mysql/connection.ts';
import { mysql } from '../../../core/connectors/mysql/index.ts';
import { SyncError } from '../../../core/errors/index.ts';
import type { DatabaseConnection } from '../../../core/relational/connection-config.ts';
import { testContext } from '../../support/servers/connector-context.ts';
import { startMariadb } from '../../support/servers/mariadb.ts';
import type { TestServer } from '../../support/servers/server-process.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.[Symbol.asyncDispose]());

const connectionOf = (over: Record<string, unknown> = {}): DatabaseConnection => {
  const { host, port, username, password, database } = server;
  const fields = { host, port, username, password, database, ...over };
  return mysql.connection!.parse(fields) as unknown as DatabaseConnection;
};
const open = (over: Record<string, unknown> = {}) =>
  openConnection(connectionOf(over), testContext(), { side: 'source' });
const faultOf = (promise: Promise<unknown>): Promise<SyncError> =>
  promise.then(
    () => expect.unreachable('there should be a fault'),
    (error: unknown) => error as SyncError,
  );

describe('connections of MySQL', () => {
  it('tells where it is connected to', async () => {
    const text = await mysql.test!({ ...connectionOf() }, testContext());
    expect(text).toMatch(/^database millrace of 1\d\.\d+\.\d+-MariaDB/);
  });

  it('has a neutral session that knows its distance from UTC when the server has no zones', async () => {
    const connection = await open();
    const [row] = await connection.rows('SELECT @@sql_mode, @@time_zone, @@character_set_client, NULL, 1.50');
    expect(row).toEqual(['', '+08:00', 'utf8mb4', null, '1.50']);
    expect(connection.fixedOffsetSeconds).toBe(8 * 3600);
    await connection.close();
  });

  it.each([true, false])('encrypts and checks the certificate if it must (trusted: %s)', async (trusted) => {
    const tls = trusted ? { ca: server.ca } : true;
    if (!trusted) {
      const fault = await faultOf(open({ tls }));
      expect(fault).toMatchObject({ code: 'SRC-2002', kind: 'auth' });
      return;
    }
    const connection = await open({ tls });
    const [row] = await connection.rows(`SHOW STATUS LIKE 'Ssl_cipher'`);
    expect(row?.[1]).not.toBe('');
    await connection.close();
  });

  it('accepts any certificate when told to', async () => {
    const connection = await open({ tls: { rejectUnauthorized: false } });
    const [row] = await connection.rows(`SHOW STATUS LIKE 'Ssl_cipher'`);
    expect(row?.[1]).not.toBe('');
    await connection.close();
  });

  it('uses the first address of a list that answers', async () => {
    const { username, password } = server;
    const urls = ['jdbc:mysql://127.0.0.1:1/millrace', `jdbc:mysql://127.0.0.1:${server.port}/millrace`];
    const config = mysql.connection!.parse({ jdbcUrl: urls, username, password });
    const connection = await openConnection(config as never, testContext(), { side: 'source' });
    expect(await connection.rows('SELECT 1')).toEqual([['1']]);
    await connection.close();
  });

  it.each([
    ['a wrong password', { password: 'wrong' }, 'SRC-2002', 'auth'],
    ['a database that is not there', { database: 'nowhere' }, 'SRC-2004', 'config'],
    ['a port that nobody listens on', { port: 1 }, 'SRC-2001', 'transient'],
  ])('classifies %s', async (_what, over, code, kind) => {
    const fault = await faultOf(open(over));
    expect(fault).toBeInstanceOf(SyncError);
    expect(fault).toMatchObject({ code, kind });
    expect(fault.message).not.toContain('wrong');
  });

  it('ends a statement that takes too long', async () => {
    const connection = await open({ statementTimeoutInMillisecond: 50 });
    const fault = await faultOf(connection.rows('SELECT SLEEP(60)'));
    expect(fault).toMatchObject({ code: 'SRC-2022', kind: 'config' });
    await connection.close();
  });
});

describe('catalogue of MySQL', () => {
  it('describes columns, keys and types', async () => {
    const connection = await open();
    await connection.rows(
      `CREATE TABLE catalogued (
        b INT UNSIGNED NOT NULL, a BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, c VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
        d DECIMAL(65,30), e DATETIME(6), f TIMESTAMP NULL, g BIT(1), h BIT(9), i GEOMETRY, j INT AS (b + 1) STORED,
        k CHAR(3) NOT NULL DEFAULT 'x', l VARBINARY(7), m YEAR, n FLOAT,
        PRIMARY KEY (a, b), UNIQUE KEY u1 (c), UNIQUE KEY u2 (d), UNIQUE KEY u3 (k(2)))`,
    );
    const table = await describeTable(connection, { name: 'catalogued' });
    await connection.close();
    expect(table).toMatchObject({
      table: { schema: 'millrace', name: 'catalogued' },
      kind: 'table',
      engine: 'InnoDB',
      primaryKey: ['a', 'b'],
      uniqueKeys: [
        { name: 'u1', columns: ['c'], nullable: false },
        { name: 'u2', columns: ['d'], nullable: true },
      ],
    });
    expect(table.refusals.get('i')).toMatch(/^geometry is a geometry/);
    const facts = Object.fromEntries(table.columns.map((c) => [c.name, { type: c.type, ...c.facts }]));
    expect(facts).toMatchObject({
      a: { type: 'long', width: 8, unsigned: true, nullable: false, keyOrdinal: 1 },
      b: { type: 'long', width: 4, unsigned: true, nullable: false, keyOrdinal: 2 },
      c: { type: 'string', length: 20, nullable: false },
      d: { type: 'decimal', precision: 65, scale: 30, nullable: true },
      e: { type: 'datetime', scale: 6 },
      f: { type: 'datetime', scale: 0, zoned: true },
      g: { type: 'bool' },
      h: { type: 'bytes', length: 2 },
      l: { type: 'bytes', length: 7 },
      m: { type: 'long', unsigned: true },
      n: { type: 'double', width: 4 },
    });
    const byName = new Map(table.columns.map((column) => [column.name, column]));
    expect(byName.get('a')).toMatchObject({ autoIncrement: true, generated: false, typeName: 'bigint' });
    expect(byName.get('j')).toMatchObject({ generated: true });
    expect(byName.get('k')).toMatchObject({ hasDefault: true });
    expect(byName.get('c')).toMatchObject({ collation: 'utf8mb4_bin', charset: 'utf8mb4' });
  });

  it('refuses a table that is not there', async () => {
    const connection = await open();
    const fault = await faultOf(describeTable(connection, { name: 'nothing' }));
    await connection.close();
    expect(fault).toMatchObject({ code: 'SRC-2020', kind: 'config' });
  });
});
