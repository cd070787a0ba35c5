/** Tables of one database into the other, beside the loaders of the target. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BenchOptions } from '../options.ts';
import { hasPeer } from '../programs.ts';
import type { Figure } from '../report.ts';
import { type CommandTime, runCommand } from './command.ts';
import { foreignFigure, memoryFigure, ofPath, ourFigures, peerFigures, ratioFigures } from './figures.ts';
import type { Ground, Measured } from './ground.ts';
import { jobOf, tableSide } from './job.ts';
import { expectEqual } from './row-sum.ts';
import {
  emptyInMariadb,
  emptyInPostgres,
  inPostgres,
  loadData,
  mariadbSum,
  postgresSum,
  psqlCopyIn,
  psqlToText,
} from './table.ts';
import type { JobTime } from './worker.ts';

const MAX_TIMES_PGLOADER = 0.3;
const MAX_TIMES_COPY = 1.25;
const MAX_TIMES_LOAD_DATA = 1.5;
/** Shards that move at the same time where the bar is judged; the same is measured with one. */
const CHANNELS = 2;

const LOADED_SCHEMA = 'loaded';
const COPIED = 'copied';
const WRITTEN = 'written';

/** MariaDB to PostgreSQL, a target without any index. */
export async function benchMariadbToPostgres(
  ground: Ground,
  rows: number,
  pairs: number,
  options: BenchOptions,
): Promise<readonly Figure[]> {
  const file = await ground.textFile(rows);
  const postgres = await ground.postgres();
  const hasLoader = hasPeer(
    'pgloader',
    'the comparison of mariadb-postgresql with pgloader',
    options.leaveOut,
  );
  const loader: Measured[] = [];
  const copy: Measured[] = [];
  const [single, double]: [Measured<JobTime>[], Measured<JobTime>[]] = [[], []];
  for (let pair = 0; pair < pairs; pair++) {
    await emptyInPostgres(postgres, COPIED);
    copy.push(await ground.measure(() => psqlCopyIn(postgres, COPIED, file)));
    const wanted = await postgresSum(postgres, COPIED);
    single.push(await toPostgres(ground, rows, 1));
    expectEqual('the table written by one channel', await postgresSum(postgres, WRITTEN), wanted);
    if (hasLoader) loader.push(await byPgloader(ground, rows, wanted));
    double.push(await toPostgres(ground, rows, CHANNELS));
    expectEqual('the table written by two channels', await postgresSum(postgres, WRITTEN), wanted);
  }
  const times = [...loader, ...copy, ...single, ...double];
  const figures = [
    ...(hasLoader ? peerFigures('pgloader', rows, loader) : []),
    ...peerFigures('psql \\copy of a ready file', rows, copy),
    ...ourFigures('Millrace, 1 channel', rows, single),
    ...ourFigures('Millrace, 2 channels', rows, double),
    foreignFigure(times),
    ...(hasLoader ? ratioFigures('pgloader', double, loader, { wall: MAX_TIMES_PGLOADER }) : []),
    ...ratioFigures('psql \\copy', double, copy, { wall: MAX_TIMES_COPY }),
    ...ratioFigures('psql \\copy, one channel', single, copy),
    memoryFigure('one channel', single),
    memoryFigure('two channels', double),
  ];
  return ofPath('mariadb-postgresql', figures, times);
}

/** Runs our side once, into an empty table. */
export async function toPostgres(ground: Ground, rows: number, channels: number): Promise<Measured<JobTime>> {
  const postgres = await ground.postgres();
  await emptyInPostgres(postgres, WRITTEN);
  const source = tableSide('mysql', await ground.mariadb(), await ground.mariadbTable(rows));
  return ground.play(jobOf(source, tableSide('postgresql', postgres, WRITTEN), channels), rows);
}

/** pgloader names the target after the source, so it has a schema of its own. */
async function byPgloader(ground: Ground, rows: number, wanted: string): Promise<Measured> {
  const [mariadb, postgres] = [await ground.mariadb(), await ground.postgres()];
  const table = await ground.mariadbTable(rows);
  const target = `${LOADED_SCHEMA}.${table}`;
  await inPostgres(postgres, `CREATE SCHEMA IF NOT EXISTS ${LOADED_SCHEMA}`);
  await emptyInPostgres(postgres, target);
  const url = (scheme: string, { username, password, host, port, database }: typeof mariadb): string =>
    `${scheme}://${username}:${password}@${host}:${port}/${database}`;
  const folder = await ground.emptyFolder('pgloader');
  const script = path.join(folder, 'job.load');
  await writeFile(
    script,
    `LOAD DATABASE FROM ${url('mysql', mariadb)} INTO ${url('postgresql', postgres)}
     WITH data only, workers = 2, concurrency = 1
     INCLUDING ONLY TABLE NAMES MATCHING '${table}'
     ALTER SCHEMA '${mariadb.database}' RENAME TO '${LOADED_SCHEMA}';\n`,
  );
  const load = (): Promise<CommandTime> =>
    runCommand(`pgloader --root-dir ${folder} ${script} > ${folder}/log`);
  const time = await ground.measure(load);
  expectEqual('the table of pgloader', wanted, await postgresSum(postgres, target));
  return time;
}

/** PostgreSQL to MariaDB, a target with its primary key. */
export async function benchPostgresToMariadb(
  ground: Ground,
  rows: number,
  pairs: number,
): Promise<readonly Figure[]> {
  const [mariadb, postgres] = [await ground.mariadb(), await ground.postgres()];
  const file = path.join(ground.folder, 'ready.txt');
  await psqlToText(postgres, await ground.postgresTable(rows), file);
  const load: Measured[] = [];
  const [single, double]: [Measured<JobTime>[], Measured<JobTime>[]] = [[], []];
  for (let pair = 0; pair < pairs; pair++) {
    await emptyInMariadb(mariadb, COPIED);
    load.push(await ground.measure(() => loadData(mariadb, COPIED, file)));
    const wanted = await mariadbSum(mariadb, COPIED);
    single.push(await toMariadb(ground, rows, 1));
    expectEqual('the table written by one channel', await mariadbSum(mariadb, WRITTEN), wanted);
    double.push(await toMariadb(ground, rows, CHANNELS));
    expectEqual('the table written by two channels', await mariadbSum(mariadb, WRITTEN), wanted);
  }
  const times = [...load, ...single, ...double];
  const figures = [
    ...peerFigures('LOAD DATA LOCAL INFILE of a ready file', rows, load),
    ...ourFigures('Millrace, 1 channel', rows, single),
    ...ourFigures('Millrace, 2 channels', rows, double),
    foreignFigure(times),
    ...ratioFigures('LOAD DATA', double, load, { wall: MAX_TIMES_LOAD_DATA }),
    ...ratioFigures('LOAD DATA, one channel', single, load),
    memoryFigure('one channel', single),
    memoryFigure('two channels', double),
  ];
  return ofPath('postgresql-mariadb', figures, times);
}

/** Runs our side once, into an empty table. */
export async function toMariadb(ground: Ground, rows: number, channels: number): Promise<Measured<JobTime>> {
  const mariadb = await ground.mariadb();
  await emptyInMariadb(mariadb, WRITTEN);
  const source = tableSide('postgresql', await ground.postgres(), await ground.postgresTable(rows));
  return ground.play(jobOf(source, tableSide('mysql', mariadb, WRITTEN), channels), rows);
}
