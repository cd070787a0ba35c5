import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { JobModel, JsonObject } from '../core/job/model.ts';
import { type CloudAddress, CloudChild } from '../test/support/cloud-child.ts';
import { bucketClient, dataKeys } from '../test/support/export-check.ts';
import { startMariadb } from '../test/support/servers/mariadb.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import type { ServerAddress } from '../test/support/servers/server-process.ts';
import { type Measured, type SubjectProcess, subjectProcess } from './child.ts';
import type { BenchOptions } from './options.ts';
import { LineSum } from './relational/line-sum.ts';
import { type ShellTime, shell } from './relational/shell.ts';
import {
  COLUMNS,
  createTables,
  createTarget,
  mariadbRows,
  psqlCopyIn,
  psqlCopyOut,
  tableSum,
} from './relational/table.ts';
import { atLeast, below, type Figure, spread } from './report.ts';

/** What the subjects are given. */
export interface RelationalInput {
  readonly address: CloudAddress;
  readonly mariadb: ServerAddress;
  readonly prefix: string;
  readonly job: JobModel;
}

const DEFAULT_ROWS = 1_000_000;
/** Times the speed of mysql2's objects with csv-stringify. */
const MIN_TIMES_OBJECTS = 3;
/** Times the wall time of psql, which only throws the text away. */
const MAX_TIMES_PSQL = 1.3;
const MAX_WORKER_MIB = 200;

/** Both databases, the cloud in a process of its own, and the subjects. */
interface Ground {
  readonly address: CloudAddress;
  readonly mariadb: ServerAddress;
  readonly postgres: ServerAddress;
  readonly ours: SubjectProcess;
  readonly objects: SubjectProcess;
}

/** Measured times of one path: theirs and ours, in turns. */
interface Path {
  readonly theirs: ShellTime[];
  readonly ours: Measured[];
}

/**
 * Tables of 16 columns, warm in the memory of their servers, each path beside its peer in turns. Outputs are compared with
 * those of the peers before figures count.
 */
export async function benchRelational(options: BenchOptions): Promise<readonly Figure[]> {
  const rows = options.rows ?? DEFAULT_ROWS;
  await using mariadb = await startMariadb({ args: ['--innodb-buffer-pool-size=1G'] });
  await using postgres = await startPostgres({ settings: ['shared_buffers=512MB', 'max_wal_size=4GB'] });
  const cloud = await CloudChild.start();
  const ours = await subjectProcess('millrace-job.ts');
  const objects = await subjectProcess('object-stream.ts');
  try {
    await createTables(mariadb, postgres, rows);
    return await measure({ address: cloud.address, mariadb, postgres, ours, objects }, rows, options.pairs);
  } finally {
    await Promise.all([ours.close(), objects.close()]);
    await cloud.close();
  }
}

async function measure(ground: Ground, rows: number, pairs: number): Promise<readonly Figure[]> {
  const csv = newPath();
  const client: ShellTime[] = [];
  const copied = newPath();
  const tables = newPath();
  for (let i = 0; i < pairs; i++) {
    csv.theirs.push(await ground.objects.run(input(ground, `objects-${i}`)));
    csv.ours.push(await ground.ours.run(toCsv(ground, 'mysql', `mysql-${i}/part`)));
    client.push(await inShell(ground, `${mariadbRows(ground.mariadb)} > /dev/null`));
    copied.ours.push(await ground.ours.run(toCsv(ground, 'postgresql', `postgresql-${i}/part`)));
    copied.theirs.push(await inShell(ground, `${psqlCopyOut(ground.postgres)} > /dev/null`));
    tables.theirs.push(await piped(ground));
    tables.ours.push(await toTable(ground));
  }
  await checkOutputs(ground);
  return [...csvFigures(rows, csv, client), ...copyFigures(rows, copied), ...tableFigures(rows, tables)];
}

const newPath = (): Path => ({ theirs: [], ours: [] });

const inShell = ({ mariadb, postgres }: Ground, command: string): Promise<ShellTime> =>
  shell(command, [mariadb, postgres]);

/** MariaDB's client into psql: what one would type. */
async function piped(ground: Ground): Promise<ShellTime> {
  await createTarget(ground.postgres, 'piped');
  return inShell(ground, `${mariadbRows(ground.mariadb)} | ${psqlCopyIn(ground.postgres, 'piped')}`);
}

async function toTable(ground: Ground): Promise<Measured> {
  await createTarget(ground.postgres, 'copied');
  const writer = { type: 'postgresql', params: { ...login(ground.postgres), table: 'copied' } };
  return ground.ours.run(input(ground, '', job(ground.mariadb, 'mysql', writer)));
}

function toCsv(ground: Ground, type: 'mysql' | 'postgresql', object: string): RelationalInput {
  const params = { datasource: 'target', object, writeMode: 'truncate', fileFormat: 'csv' };
  const server = type === 'mysql' ? ground.mariadb : ground.postgres;
  return input(ground, object, job(server, type, { type: 'oss', params }));
}

const input = ({ address, mariadb }: Ground, prefix: string, given?: JobModel): RelationalInput =>
  ({ address, mariadb, prefix, ...(given && { job: given }) }) as RelationalInput;

const login = ({ host, port, username, password, database }: ServerAddress): JsonObject => ({
  host,
  port,
  username,
  password,
  database,
  column: [...COLUMNS],
});

/** One channel, one shard: a single connection on each side, as the peers have. */
const job = (
  server: ServerAddress,
  type: string,
  writer: { readonly type: string; readonly params: JsonObject },
): JobModel => ({
  dialect: 'v2',
  reader: { type, params: { ...login(server), table: 'lineitem', splitFactor: 1 }, path: 'reader' },
  writer: { ...writer, path: 'writer' },
  setting: {
    errorLimit: { kind: 'records', limit: 0 },
    speed: { concurrent: 1 },
    timeZone: 'Asia/Shanghai',
  },
});

async function checkOutputs(ground: Ground): Promise<void> {
  const peer = await objectSum(ground.address, 'objects-0/');
  (await objectSum(ground.address, 'mysql-0/part')).expectEqual(peer, 'the CSV of MariaDB');
  const copy = await copySum(ground);
  (await objectSum(ground.address, 'postgresql-0/part')).expectEqual(copy, 'the CSV of PostgreSQL');
  const [wanted, found] = await Promise.all(
    ['lineitem', 'copied'].map((table) => tableSum(ground.postgres, table)),
  );
  if (String(wanted) !== String(found)) throw new Error(`the table is not exact: ${found}; wanted ${wanted}`);
}

async function objectSum(address: CloudAddress, prefix: string): Promise<LineSum> {
  const client = bucketClient({ ...address, endpoint: address.oss, bucket: 'exports' });
  const sum = new LineSum();
  for (const key of await dataKeys(client, prefix)) {
    const { stream } = await client.getStream(key);
    stream.setEncoding('utf8');
    for await (const piece of stream) sum.add(piece as string);
  }
  return sum;
}

async function copySum(ground: Ground): Promise<LineSum> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'millrace-bench-'));
  const file = path.join(folder, 'copy.csv');
  const sum = new LineSum();
  try {
    await inShell(ground, `${psqlCopyOut(ground.postgres)} > ${file}`);
    for await (const piece of createReadStream(file, 'utf8')) sum.add(piece as string);
  } finally {
    await rm(folder, { recursive: true });
  }
  return sum;
}

const wall = ({ wallMs }: ShellTime): number => wallMs;
const cpu = ({ cpuMs }: ShellTime): number => cpuMs;
const times = (of: (one: ShellTime) => number, above: readonly ShellTime[], under: readonly ShellTime[]) =>
  above.map((one, i) => of(one) / of(under[i]!));
const rate = (rows: number, all: readonly ShellTime[]) =>
  spread(all.map(({ wallMs }) => (rows / wallMs) * 1000));
const memory = (name: string, all: readonly Measured[]): Figure =>
  below(
    name,
    'MiB',
    all.map(({ peakMiB }) => peakMiB),
    MAX_WORKER_MIB,
  );

const csvFigures = (rows: number, { theirs, ours }: Path, client: readonly ShellTime[]): Figure[] => [
  { name: 'MariaDB to CSV, mysql2 and csv-stringify', unit: 'rows/s', ...rate(rows, theirs) },
  { name: 'MariaDB to CSV, mariadb client to nowhere', unit: 'rows/s', ...rate(rows, client) },
  { name: 'MariaDB to CSV, Millrace', unit: 'rows/s', ...rate(rows, ours) },
  atLeast('times faster than mysql2', '×', times(wall, theirs, ours), MIN_TIMES_OBJECTS),
  { name: 'times less processor time than mysql2', unit: '×', ...spread(times(cpu, theirs, ours)) },
  { name: 'times the wall time of the client', unit: '×', ...spread(times(wall, ours, client)) },
  { name: 'times the processor time of the client', unit: '×', ...spread(times(cpu, ours, client)) },
  memory('peak memory, MariaDB to CSV', ours),
];

const copyFigures = (rows: number, { theirs, ours }: Path): Figure[] => [
  { name: 'PostgreSQL to CSV, psql to nowhere', unit: 'rows/s', ...rate(rows, theirs) },
  { name: 'PostgreSQL to CSV, Millrace', unit: 'rows/s', ...rate(rows, ours) },
  below('times the wall time of psql', '×', times(wall, ours, theirs), MAX_TIMES_PSQL),
  { name: 'times the processor time of psql', unit: '×', ...spread(times(cpu, ours, theirs)) },
  memory('peak memory, PostgreSQL to CSV', ours),
];

const tableFigures = (rows: number, { theirs, ours }: Path): Figure[] => [
  { name: 'MariaDB to PostgreSQL, mariadb | psql', unit: 'rows/s', ...rate(rows, theirs) },
  { name: 'MariaDB to PostgreSQL, Millrace', unit: 'rows/s', ...rate(rows, ours) },
  { name: 'times the wall time of the pipe', unit: '×', ...spread(times(wall, ours, theirs)) },
  { name: 'times the processor time of the pipe', unit: '×', ...spread(times(cpu, ours, theirs)) },
  memory('peak memory, MariaDB to PostgreSQL', ours),
];
