/** Tables into CSV, beside the client of their database. */
import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { BenchOptions } from '../options.ts';
import { hasPeer } from '../programs.ts';
import type { Figure } from '../report.ts';
import { type CommandTime, runCommand } from './command.ts';
import { foreignFigure, memoryFigure, ofPath, ourFigures, peerFigures, ratioFigures } from './figures.ts';
import type { Ground, Measured } from './ground.ts';
import { jobOf, objectSide, type Side, tableSide } from './job.ts';
import { expectEqual, type Notation, rowSum } from './row-sum.ts';
import { mariadbToFile, psqlToCsv } from './table.ts';
import type { JobTime } from './worker.ts';

/** A way to export beside a peer, and what our side must reach. */
interface CsvPath {
  readonly name: string;
  readonly channels: number;
  readonly bars: { readonly wall: number; readonly cpu?: number };
  source(ground: Ground, rows: number): Promise<Side>;
  readonly peer: Peer;
}

/** A program that writes the table into a folder. */
interface Peer {
  readonly name: string;
  /** What its files hold. */
  readonly notation: Notation;
  /** Whether it is there, or could be installed. */
  readonly isPresent?: (options: BenchOptions) => boolean;
  run(ground: Ground, rows: number, folder: string): Promise<CommandTime>;
}

const mariadbSource = async (ground: Ground, rows: number): Promise<Side> =>
  tableSide('mysql', await ground.mariadb(), await ground.mariadbTable(rows));
const postgresSource = async (ground: Ground, rows: number): Promise<Side> =>
  tableSide('postgresql', await ground.postgres(), await ground.postgresTable(rows));

const mariadbClient: Peer = {
  name: 'mariadb --batch --quick',
  notation: 'tsv',
  run: async (ground, rows, folder) =>
    mariadbToFile(await ground.mariadb(), await ground.mariadbTable(rows), path.join(folder, 'all.tsv')),
};

/** Chunks of the mydumper runs: 500,000 rows of 3,000,000. */
const MYDUMPER_CHUNKS = 6;

const mydumper: Peer = {
  name: 'mydumper, 2 threads',
  notation: 'sql',
  isPresent: ({ leaveOut }) => hasPeer('mydumper', 'mariadb-csv-2', leaveOut),
  run: async (ground, rows, folder) => {
    const { host, port, username, password, database } = await ground.mariadb();
    const login = `-h ${host} -P ${port} -u ${username} -p ${password} -B ${database}`;
    const what = `-T ${await ground.mariadbTable(rows)} -t 2 -r ${Math.ceil(rows / MYDUMPER_CHUNKS)} -m -v 1`;
    return runCommand(`mydumper ${login} ${what} -o ${folder} > /dev/null`);
  },
};

const psqlCopy: Peer = {
  name: 'psql \\copy csv',
  notation: 'csv',
  run: async (ground, rows, folder) =>
    psqlToCsv(await ground.postgres(), await ground.postgresTable(rows), path.join(folder, 'all.csv')),
};

/** The exports of the table of bars, by name. */
export const CSV_PATHS: readonly CsvPath[] = [
  {
    name: 'mariadb-csv',
    channels: 1,
    bars: { wall: 1, cpu: 0.6 },
    source: mariadbSource,
    peer: mariadbClient,
  },
  { name: 'mariadb-csv-2', channels: 2, bars: { wall: 1.15 }, source: mariadbSource, peer: mydumper },
  { name: 'postgresql-csv', channels: 1, bars: { wall: 1.1 }, source: postgresSource, peer: psqlCopy },
  { name: 'postgresql-csv-2', channels: 2, bars: { wall: 0.7 }, source: postgresSource, peer: psqlCopy },
];

/** Measures a path: peer and product in turns, the output of each pair compared before its times count. */
export async function benchCsv(
  csv: CsvPath,
  ground: Ground,
  rows: number,
  pairs: number,
  options: BenchOptions,
): Promise<readonly Figure[]> {
  if (csv.peer.isPresent?.(options) === false) return [];
  const theirs: Measured[] = [];
  const ours: Measured<JobTime>[] = [];
  await csv.source(ground, rows);
  for (let pair = 0; pair < pairs; pair++) {
    const folder = await ground.emptyFolder('peer');
    theirs.push(await ground.measure(() => csv.peer.run(ground, rows, folder)));
    const wanted = rowSum(csv.peer.notation, filesOf(folder));
    ours.push(await exportCsv(ground, csv, rows, await wanted));
    await rm(folder, { recursive: true });
  }
  const figures = [
    ...peerFigures(csv.peer.name, rows, theirs),
    ...ourFigures('Millrace', rows, ours),
    foreignFigure([...theirs, ...ours]),
    ...ratioFigures('the peer', ours, theirs, csv.bars),
    memoryFigure('Millrace', ours),
  ];
  return ofPath(csv.name, figures, [...theirs, ...ours]);
}

/** Runs our side once; the rows of its objects are compared, if told with what. */
export async function exportCsv(
  ground: Ground,
  { name, source, channels }: Pick<CsvPath, 'name' | 'source' | 'channels'>,
  rows: number,
  wanted?: string,
): Promise<Measured<JobTime>> {
  const { endpoint, objects } = await ground.oss();
  const target = objectSide(endpoint, 'out/part', { fileFormat: 'csv' });
  const time = await ground.play(jobOf(await source(ground, rows), target, channels), rows);
  if (wanted !== undefined) {
    const pieces = piecesOf(objects.keys('out/part'), (key) => objects.read(key));
    expectEqual(name, await rowSum('csv', pieces), wanted);
  }
  for (const key of objects.keys('')) await objects.remove(key);
  return time;
}

async function* filesOf(folder: string): AsyncGenerator<Buffer> {
  const names = (await readdir(folder)).sort();
  yield* piecesOf(names, (name) => createReadStream(path.join(folder, name)));
}

async function* piecesOf(
  names: readonly string[],
  read: (name: string) => AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  for (const name of names) yield* read(name);
}
