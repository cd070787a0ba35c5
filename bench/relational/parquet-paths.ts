/**
 * MariaDB into Parquet by the whole pipeline, beside two writers that already have the rows in memory, as values of their
 * own kind: only their encoding and their file are measured, of our side everything from the start of the process.
 */
import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type Measured as ChildTime, type SubjectProcess, subjectProcess } from '../child.ts';
import { atLeast, atMost, type Figure, plain } from '../report.ts';
import type { ParquetInput } from '../subjects/lines.ts';
import type { CommandTime } from './command.ts';
import { duckFileBytes, parquetSum, textSum } from './duck.ts';
import { foreignFigure, memoryFigure, ofPath, ourFigures, peerFigures } from './figures.ts';
import type { Ground, Measured } from './ground.ts';
import { jobOf, objectSide, tableSide } from './job.ts';
import { expectEqual } from './row-sum.ts';
import type { JobTime } from './worker.ts';

export type Codec = ParquetInput['codec'];

const MIN_TIMES_HYPARQUET = 2;
const MIN_TIMES_DUCKDB = 1;
const MAX_TIMES_SIZE = 1.1;
/** Rows that the peers have in memory at most. */
const MAX_PEER_ROWS = 1_000_000;
const MIB = 1024 * 1024;

/** Both peers and the product in turns, the values of every file compared with the table. */
export async function benchParquet(
  codec: Codec,
  ground: Ground,
  rows: number,
  pairs: number,
): Promise<readonly Figure[]> {
  const peerRows = Math.min(rows, MAX_PEER_ROWS);
  const textFile = await ground.textFile(rows);
  const wanted = await textSum(textFile, rows);
  const peerWanted = await textSum(textFile, peerRows);
  const folder = await ground.emptyFolder('parquet');
  const input: ParquetInput = { textFile, rows: peerRows, codec, target: path.join(folder, 'peer.parquet') };
  const bytes = await duckFileBytes(textFile, rows, codec, path.join(folder, 'duck.parquet'));
  const [hyparquet, duckdb] = [
    await subjectProcess('hyparquet-file.ts'),
    await subjectProcess('duckdb-file.ts'),
  ];
  const [hyparquetTimes, duckdbTimes]: [Measured[], Measured[]] = [[], []];
  const ours: Measured<ParquetTime>[] = [];
  try {
    for (let pair = 0; pair < pairs; pair++) {
      hyparquetTimes.push(await byPeer(ground, hyparquet, input, peerWanted));
      ours.push(await exportParquet(ground, codec, rows, wanted));
      duckdbTimes.push(await byPeer(ground, duckdb, input, peerWanted));
    }
  } finally {
    await Promise.all([hyparquet.close(), duckdb.close(), rm(folder, { recursive: true })]);
  }
  const times = [...hyparquetTimes, ...duckdbTimes, ...ours];
  const faster = (theirs: readonly Measured[]): number[] =>
    ours.map(({ wallMs }, i) => rows / wallMs / (peerRows / theirs[i]!.wallMs));
  const figures = [
    ...peerFigures('hyparquet-writer, rows in memory', peerRows, hyparquetTimes),
    ...peerFigures('DuckDB appender, rows in memory', peerRows, duckdbTimes),
    ...ourFigures('Millrace from MariaDB', rows, ours),
    foreignFigure(times),
    plain('file of DuckDB', 'MiB', [bytes / MIB]),
    plain(
      'files of Millrace',
      'MiB',
      ours.map((one) => one.fileBytes / MIB),
    ),
    atLeast('rows/s, times hyparquet-writer', '×', faster(hyparquetTimes), MIN_TIMES_HYPARQUET),
    atLeast("rows/s, times DuckDB's appender", '×', faster(duckdbTimes), MIN_TIMES_DUCKDB),
    atMost(
      'size, times the file of DuckDB',
      '×',
      ours.map((one) => one.fileBytes / bytes),
      MAX_TIMES_SIZE,
    ),
    memoryFigure('Millrace', ours),
  ];
  return ofPath(`mariadb-parquet-${codec}`, figures, times);
}

async function byPeer(
  ground: Ground,
  subject: SubjectProcess,
  input: ParquetInput,
  wanted: string,
): Promise<Measured> {
  // The share of others is measured over the whole process, which also prepares the values.
  let inside: ChildTime | undefined;
  const whole = await ground.measure(async (): Promise<CommandTime> => {
    inside = await subject.run(input);
    return { wallMs: inside.wallMs, cpuMs: inside.wholeCpuMs, peakMiB: inside.peakMiB };
  });
  expectEqual('the file of a peer', wanted, await parquetSum([input.target]));
  await rm(input.target);
  return { ...whole, cpuMs: inside?.cpuMs ?? Number.NaN };
}

interface ParquetTime extends JobTime {
  readonly fileBytes: number;
}

/** Runs our side once; the values of its objects are compared, if told with what. */
export async function exportParquet(
  ground: Ground,
  codec: Codec,
  rows: number,
  wanted?: string,
): Promise<Measured<ParquetTime>> {
  const { endpoint, objects } = await ground.oss();
  const source = tableSide('mysql', await ground.mariadb(), await ground.mariadbTable(rows));
  const target = objectSide(endpoint, 'out/part', {
    fileFormat: 'parquet',
    compress: codec,
    suffix: '.parquet',
  });
  const time = await ground.play(jobOf(source, target, 1), rows);
  const folder = await ground.emptyFolder('parquet-of-ours');
  const files: string[] = [];
  for (const key of objects.keys('out/part')) {
    files.push(path.join(folder, `${files.length}.parquet`));
    await objects.saveAs(key, files.at(-1)!);
  }
  for (const key of objects.keys('')) await objects.remove(key);
  if (wanted !== undefined) expectEqual('the Parquet of MariaDB', await parquetSum(files), wanted);
  const fileBytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  await rm(folder, { recursive: true });
  return { ...time, fileBytes };
}
