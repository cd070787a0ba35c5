import type { BenchOptions } from './options.ts';
import { requireServers } from './programs.ts';
import { benchCsv, CSV_PATHS } from './relational/csv-paths.ts';
import { Ground } from './relational/ground.ts';
import { benchMemory, LARGER } from './relational/memory-path.ts';
import { benchParquet } from './relational/parquet-paths.ts';
import { benchSplit } from './relational/split-path.ts';
import { benchMariadbToPostgres, benchPostgresToMariadb } from './relational/table-paths.ts';
import type { Figure } from './report.ts';

const DEFAULT_ROWS = 3_000_000;
const DEFAULT_PAIRS = 5;

/** Measures one path on the common ground. */
type PathBench = (
  ground: Ground,
  rows: number,
  pairs: number,
  options: BenchOptions,
) => Promise<readonly Figure[]>;

/** All paths, in the order in which they are measured. */
const PATHS: Readonly<Record<string, PathBench>> = {
  ...Object.fromEntries(
    CSV_PATHS.map((csv): [string, PathBench] => [
      csv.name,
      (ground, rows, pairs, options) => benchCsv(csv, ground, rows, pairs, options),
    ]),
  ),
  'mariadb-postgresql': benchMariadbToPostgres,
  'postgresql-mariadb': benchPostgresToMariadb,
  'mariadb-parquet-zstd': (ground, rows, pairs) => benchParquet('zstd', ground, rows, pairs),
  'mariadb-parquet-snappy': (ground, rows, pairs) => benchParquet('snappy', ground, rows, pairs),
  'skewed-split': benchSplit,
  memory: benchMemory,
};

/** Names that `--only` and the command line know. */
export const RELATIONAL_PATHS: readonly string[] = Object.keys(PATHS);

/**
 * Tables of 16 columns, warm in the memory of their servers, each path beside its peer in turns. Outputs are compared with
 * those of the peers before figures count.
 */
export async function benchRelational(options: BenchOptions): Promise<readonly Figure[]> {
  const rows = options.rows ?? DEFAULT_ROWS;
  const pairs = options.pairs ?? DEFAULT_PAIRS;
  requireServers();
  const names = options.only ?? RELATIONAL_PATHS;
  const largest = names.includes('memory') ? rows * LARGER : rows;
  await using ground = await Ground.create({ largest, profile: options.profile });
  const figures: Figure[] = [];
  for (const name of names) {
    console.error(`measuring ${name} …`);
    figures.push(...(await PATHS[name]!(ground, rows, pairs, options)));
  }
  return figures;
}
