import { readFile, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { findProgram, ServerFolder, ServerProcess, type TestServer } from './server-process.ts';

const USER = 'millrace';
const PASSWORD = 'mill-race';
const DATABASE = 'millrace';
/** Debian keeps the programs of each major version in a folder of their own. */
const VERSIONS = [19, 18, 17, 16, 15, 14];

/** Settings of a server that a test wants otherwise, for example `max_connections=4`. */
export interface PostgresOptions {
  readonly settings?: readonly string[];
}

/** A PostgreSQL server on a free port of this machine, with TLS, without any durability. */
export async function startPostgres(options: PostgresOptions = {}): Promise<TestServer> {
  const folder = await ServerFolder.create('postgres');
  try {
    return await startIn(folder, options);
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

async function startIn(folder: ServerFolder, { settings = [] }: PostgresOptions): Promise<TestServer> {
  const command = await findProgram(
    'PostgreSQL',
    VERSIONS.map((version) => `/usr/lib/postgresql/${version}/bin/postgres`),
    'postgresql',
  );
  await writeFile(folder.join('password'), PASSWORD, { mode: 0o644 });
  await Promise.all([install(folder, command), folder.makeCertificate()]);
  const login = { host: '127.0.0.1', user: USER, password: PASSWORD };
  const server = new ServerProcess(folder, {
    name: 'PostgreSQL',
    command,
    args: (port) => ['-D', folder.join('data'), ...serverSettings(folder, port, settings)],
    probe: async (port) => ensureDatabase({ ...login, port }),
    stopSignal: 'SIGINT',
  });
  await server.startOnFreePort();
  const ca = await readFile(folder.join('server.crt'), 'utf8');
  return {
    host: login.host,
    port: server.port,
    username: USER,
    password: PASSWORD,
    database: DATABASE,
    ca,
    folder: folder.path,
    pid: () => server.pid,
    log: () => server.log,
    kill: () => server.kill(),
    start: () => server.start(),
    [Symbol.asyncDispose]: async () => {
      await server.end('SIGQUIT');
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function install(folder: ServerFolder, postgres: string): Promise<void> {
  await folder.run(postgres.replace(/postgres$/, 'initdb'), [
    ...['-D', folder.join('data')],
    ...['-U', USER],
    ...['-A', 'scram-sha-256', `--pwfile=${folder.join('password')}`],
    ...['-E', 'UTF8', '--locale=C.UTF-8', '--no-sync', '--no-instructions'],
  ]);
}

const serverSettings = (folder: ServerFolder, port: number, more: readonly string[]): string[] =>
  [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder.path}`,
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'autovacuum=off',
    'max_connections=60',
    'shared_buffers=64MB',
    'ssl=on',
    `ssl_cert_file=${folder.join('server.crt')}`,
    `ssl_key_file=${folder.join('server.key')}`,
    ...more,
  ].flatMap((setting) => ['-c', setting]);

/** Resolves once the server answers and has the database of the tests. */
async function ensureDatabase(login: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ ...login, database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}
