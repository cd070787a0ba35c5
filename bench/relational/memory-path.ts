/** The peak of our process for every path, for a table and for one four times as large: it must not depend on the rows. */
import { atMost, type Figure, neverAbove } from '../report.ts';
import { CSV_PATHS, exportCsv } from './csv-paths.ts';
import { MAX_WORKER_MIB } from './figures.ts';
import type { Ground } from './ground.ts';
import { exportParquet } from './parquet-paths.ts';
import { toMariadb, toPostgres } from './table-paths.ts';
import type { JobTime } from './worker.ts';

/** 12,000,000 rows beside 3,000,000. */
export const LARGER = 4;
/** The peak of the larger table, times that of the smaller one. */
const MAX_GROWTH = 1.1;
/** The collector's timing moves a peak by some percent; the larger of the runs counts. */
const RUNS = 2;

type Play = (ground: Ground, rows: number) => Promise<JobTime>;

const WAYS: Readonly<Record<string, Play>> = {
  ...Object.fromEntries(
    CSV_PATHS.map((csv): [string, Play] => [csv.name, (ground, rows) => exportCsv(ground, csv, rows)]),
  ),
  'mariadb-postgresql': (ground, rows) => toPostgres(ground, rows, 2),
  'postgresql-mariadb': (ground, rows) => toMariadb(ground, rows, 2),
  'mariadb-parquet-zstd': (ground, rows) => exportParquet(ground, 'zstd', rows),
  'mariadb-parquet-snappy': (ground, rows) => exportParquet(ground, 'snappy', rows),
};

/** Every path at both sizes. */
export async function benchMemory(ground: Ground, rows: number): Promise<readonly Figure[]> {
  const sizes = [rows, rows * LARGER] as const;
  const peaks = new Map<string, number[][]>();
  for (const size of sizes) {
    for (const [name, play] of Object.entries(WAYS)) {
      const found: number[] = [];
      for (let run = 0; run < RUNS; run++) found.push((await play(ground, size)).peakMiB);
      peaks.set(name, [...(peaks.get(name) ?? []), found]);
    }
  }
  return [...peaks].flatMap(([name, [small = [], large = []]]) => figuresOf(name, sizes, small, large));
}

function figuresOf(
  name: string,
  [fewer, more]: readonly [number, number],
  small: readonly number[],
  large: readonly number[],
): Figure[] {
  const rows = (count: number): string => `${count.toLocaleString('en-US')} rows`;
  const figures = [
    neverAbove(`${name}: ${rows(fewer)}`, 'MiB', small, MAX_WORKER_MIB),
    neverAbove(`${name}: ${rows(more)}`, 'MiB', large, MAX_WORKER_MIB),
    atMost('  times the smaller table', '×', [Math.max(...large) / Math.max(...small)], MAX_GROWTH),
  ];
  return figures.map((figure) => ({ ...figure, path: 'memory' }));
}
