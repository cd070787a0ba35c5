/** The disposable servers that the tests of relational systems run on. */
import { existsSync } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { startMariadb } from '../../support/servers/mariadb.ts';
import { startPostgres } from '../../support/servers/postgres.ts';
import type { ServerAddress } from '../../support/servers/server-process.ts';

const mysqlVersion = async (address: ServerAddress, ssl?: { ca: string }): Promise<unknown> => {
  const { username: user, host, port, password, database } = address;
  const connection = await createConnection({ user, host, port, password, database, ...(ssl && { ssl }) });
  const [rows] = await connection.query('SELECT VERSION() v, (SELECT @@ssl_cert) c');
  await connection.end();
  return (rows as { v: string }[])[0]?.v;
};

const postgresVersion = async (address: ServerAddress, ssl?: { ca: string }): Promise<unknown> => {
  const { username: user, host, port, password, database } = address;
  const client = new pg.Client({ user, host, port, password, database, ...(ssl && { ssl }) });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
  await client.end();
  return rows[0]?.server_version;
};

describe.each([
  ['MariaDB', startMariadb, mysqlVersion],
  ['PostgreSQL', startPostgres, postgresVersion],
] as const)('test server %s', (_name, start, version) => {
  it('serves clients with and without TLS, comes back after a crash, and leaves nothing behind', async () => {
    let folder: string;
    {
      await using server = await start();
      folder = server.folder;
      const found = await version(server);
      expect(found).toMatch(/^\d+\./);
      expect(await version(server, { ca: server.ca })).toBe(found);
      await server.kill();
      await expect(version(server)).rejects.toThrow();
      await server.start();
      expect(await version(server)).toBe(found);
    }
    expect(existsSync(folder)).toBe(false);
  });
});
