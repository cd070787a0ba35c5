import { readFile, writeFile } from 'node:fs/promises';
import { createConnection } from 'mysql2/promise';
import { findProgram, ServerFolder, ServerProcess, type TestServer } from './server-process.ts';

const PASSWORD = 'mill-race';
const DATABASE = 'millrace';

/** Options of a server that a test wants otherwise, for example `--local-infile=0`. */
export interface MariadbOptions {
  readonly args?: readonly string[];
}

/** A MariaDB server on a free port of this machine, with TLS, without any durability. */
export async function startMariadb(options: MariadbOptions = {}): Promise<TestServer> {
  const folder = await ServerFolder.create('mariadb');
  try {
    return await startIn(folder, options);
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

async function startIn(folder: ServerFolder, { args = [] }: MariadbOptions): Promise<TestServer> {
  const command = await findProgram('MariaDB', ['/usr/sbin/mariadbd', 'mariadbd'], 'mariadb-server');
  const init = INIT_STATEMENTS.map((statement) => `${statement};\n`).join('');
  await Promise.all([install(folder), folder.makeCertificate(), writeFile(initFile(folder), init)]);
  const login = { host: '127.0.0.1', user: 'root', password: PASSWORD };
  const server = new ServerProcess(folder, {
    name: 'MariaDB',
    command,
    args: (port) => [...serverArgs(folder, port), ...args],
    probe: async (port) => (await createConnection({ ...login, port })).end(),
    stopSignal: 'SIGTERM',
  });
  await server.startOnFreePort();
  const ca = await readFile(folder.join('server.crt'), 'utf8');
  return {
    host: login.host,
    port: server.port,
    username: login.user,
    password: PASSWORD,
    database: DATABASE,
    ca,
    folder: folder.path,
    pid: () => server.pid,
    log: () => server.log,
    kill: () => server.kill(),
    start: () => server.start(),
    [Symbol.asyncDispose]: async () => {
      await server.kill();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function install(folder: ServerFolder): Promise<void> {
  await folder.run('mariadb-install-db', [
    '--no-defaults',
    `--datadir=${folder.join('data')}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--skip-name-resolve',
    '--innodb-log-file-size=4M',
    '--innodb-flush-log-at-trx-commit=0',
  ]);
}

const serverArgs = (folder: ServerFolder, port: number): string[] => [
  '--no-defaults',
  `--datadir=${folder.join('data')}`,
  `--socket=${folder.join('socket')}`,
  `--pid-file=${folder.join('pid')}`,
  `--init-file=${initFile(folder)}`,
  `--port=${port}`,
  '--bind-address=127.0.0.1',
  '--skip-name-resolve',
  '--character-set-server=utf8mb4',
  '--innodb-buffer-pool-size=64M',
  '--innodb-log-file-size=48M',
  '--innodb-flush-log-at-trx-commit=0',
  '--innodb-doublewrite=0',
  '--innodb-fast-shutdown=2',
  '--max-allowed-packet=64M',
  '--local-infile=1',
  `--ssl-cert=${folder.join('server.crt')}`,
  `--ssl-key=${folder.join('server.key')}`,
];

const initFile = (folder: ServerFolder): string => folder.join('init.sql');

/** What the first start runs before it serves anybody: a password, and the database of the tests. */
const INIT_STATEMENTS = [
  `ALTER USER root@localhost IDENTIFIED BY '${PASSWORD}'`,
  `CREATE OR REPLACE USER root@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'`,
  `GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION`,
  `CREATE DATABASE IF NOT EXISTS ${DATABASE} CHARACTER SET utf8mb4`,
];
