/**
 * A skewed whole-number key cut into 8 shards: how even they are, and what the server read for it. Nine tenths of the keys
 * are dense, nine hundredths are 7 apart near 50 million, and one hundredth is spread up to 10^10.
 */
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import type { Reader, Shard } from '../../core/connectors/contract.ts';
import { openReader } from '../../test/support/servers/relational-reading.ts';
import type { ServerAddress } from '../../test/support/servers/server-process.ts';
import { atMost, type Figure, plain } from '../report.ts';
import type { Ground } from './ground.ts';
import { inMariadb, inPostgres } from './table.ts';

const SHARDS = 8;
const MAX_IMBALANCE = 1.1;
/** Planning that reads more of the table than this is taken for a scan. */
const MAX_READ_SHARE = 0.01;
const TABLE = 'skewed';

/** The three stretches of keys out of a row's number. */
const keySql = (rows: number): string => {
  const dense = Math.floor(rows * 0.9);
  const apart = Math.floor(rows * 0.99);
  const spread = Math.floor(10_000_000_000 / Math.max(1, rows - apart)) - 10_000;
  return `CASE WHEN n <= ${dense} THEN n WHEN n <= ${apart} THEN 50000000 + (n - ${dense}) * 7
    ELSE 100000000 + (n - ${apart}) * ${spread} END`;
};

/** What is measured of one database. */
interface Split {
  readonly name: string;
  readonly dialect: 'mysql' | 'postgresql';
  server(ground: Ground): Promise<ServerAddress>;
  fill(server: ServerAddress, rows: number): Promise<void>;
  /** Rows that the server has read for anybody so far, by its own counters. */
  rowsRead(server: ServerAddress): Promise<number>;
}

const mariadb: Split = {
  name: 'MariaDB',
  dialect: 'mysql',
  server: (ground) => ground.mariadb(),
  fill: async (server, rows) => {
    const source = `SELECT ${keySql(rows)}, MD5(n) FROM (SELECT seq AS n FROM seq_1_to_${rows}) numbers`;
    await inMariadb(
      server,
      `DROP TABLE IF EXISTS ${TABLE}`,
      `CREATE TABLE ${TABLE} (id bigint PRIMARY KEY, note char(32) NOT NULL)`,
      `INSERT INTO ${TABLE} ${source}`,
      `ANALYZE TABLE ${TABLE}`,
    );
  },
  rowsRead: async (server) => {
    const { host, port, username: user, password, database } = server;
    const connection = await createConnection({ host, port, user, password, database });
    try {
      const [found] = await connection.query("SHOW GLOBAL STATUS LIKE 'Handler_read%'");
      return (found as { readonly Value: string }[]).reduce((sum, { Value }) => sum + Number(Value), 0);
    } finally {
      await connection.end();
    }
  },
};

const postgres: Split = {
  name: 'PostgreSQL',
  dialect: 'postgresql',
  server: (ground) => ground.postgres(),
  fill: async (server, rows) => {
    await inPostgres(server, `DROP TABLE IF EXISTS ${TABLE}`);
    await inPostgres(server, `CREATE TABLE ${TABLE} (id bigint PRIMARY KEY, note char(32) NOT NULL)`);
    await inPostgres(
      server,
      `INSERT INTO ${TABLE} SELECT ${keySql(rows)}, md5(n::text) FROM generate_series(1::bigint, ${rows}) n`,
    );
    await inPostgres(server, `VACUUM ANALYZE ${TABLE}`);
  },
  rowsRead: async (server) => {
    const { host, port, username: user, password, database } = server;
    const client = new pg.Client({ host, port, user, password, database });
    await client.connect();
    try {
      // A session hands its counts in when it ends.
      const others =
        "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
      for (;;) {
        const { rows } = await client.query({ text: others, rowMode: 'array' });
        if (Number((rows as unknown[][])[0]?.[0]) === 0) break;
      }
      const sql = `SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = '${TABLE}'`;
      const { rows } = await client.query({ text: sql, rowMode: 'array' });
      return Number((rows as unknown[][])[0]?.[0]);
    } finally {
      await client.end();
    }
  },
};

/** What one planning did. */
interface Planned {
  readonly ms: number;
  readonly read: number;
  /** Rows of each shard. */
  readonly shards: readonly number[];
}

/** Both databases. */
export async function benchSplit(ground: Ground, rows: number, pairs: number): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const split of [mariadb, postgres]) {
    const server = await split.server(ground);
    await split.fill(server, rows);
    const all: Planned[] = [];
    for (let time = 0; time < pairs; time++) all.push(await plan(split, server, rows));
    figures.push(...figuresOf(split.name, all, rows));
  }
  return figures.map((figure) => ({ ...figure, path: 'skewed-split' }));
}

async function plan(split: Split, server: ServerAddress, rows: number): Promise<Planned> {
  const open = (): Reader =>
    openReader(split.dialect, server, {
      table: TABLE,
      column: ['id', 'note'],
      splitPk: 'id',
      splitFactor: 1,
    });
  const before = await split.rowsRead(server);
  const { ms } = await planOnce(open());
  const read = (await split.rowsRead(server)) - before;
  const { shards } = await planOnce(open(), countRows);
  const found = shards.reduce((sum, one) => sum + one, 0);
  if (found !== rows) throw new Error(`the shards have ${found} of ${rows} rows`);
  return { ms, read, shards };
}

/** Plans with a reader, looks at its shards if asked to, and closes it. */
async function planOnce(
  reader: Reader,
  look: (reader: Reader, shard: Shard) => Promise<number> = async () => 0,
): Promise<Pick<Planned, 'ms' | 'shards'>> {
  try {
    const startedMs = performance.now();
    const { shards } = await reader.plan(SHARDS);
    const ms = performance.now() - startedMs;
    const counts: number[] = [];
    for (const shard of shards) counts.push(await look(reader, shard));
    return { ms, shards: counts };
  } finally {
    await reader.close();
  }
}

async function countRows(reader: Reader, shard: Shard): Promise<number> {
  let count = 0;
  for await (const { block } of reader.read(shard, undefined)) count += block.rowCount;
  return count;
}

const figuresOf = (name: string, all: readonly Planned[], rows: number): Figure[] => [
  plain(
    `${name}: shards planned, ${SHARDS} wanted`,
    '',
    all.map(({ shards }) => shards.length),
  ),
  plain(
    `${name}: planning`,
    'ms',
    all.map(({ ms }) => ms),
  ),
  plain(
    `${name}: rows the server read for it`,
    'rows',
    all.map(({ read }) => read),
  ),
  atMost(
    `${name}: share of the table read for it`,
    '',
    all.map(({ read }) => read / rows),
    MAX_READ_SHARE,
  ),
  // Against the mean of as many shards as were wanted: fewer shards must not look even.
  atMost(
    `${name}: largest shard, times the mean`,
    '×',
    all.map(({ shards }) => Math.max(...shards) / (rows / SHARDS)),
    MAX_IMBALANCE,
  ),
];
