import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { startPostgres } from '../../support/servers/postgres.ts';
import { openReader } from '../../support/servers/relational-reading.ts';
import type { TestServer } from '../../support/servers/server-process.ts';
import { describeReaderContract } from './reader-contract.ts';

/** More than a block. */
const ROWS = 6_001;

let server: TestServer;
let admin: pg.Client;
beforeAll(async () => {
  server = await startPostgres();
  const { host, port, username: user, password, database } = server;
  admin = new pg.Client({ host, port, user, password, database });
  await admin.connect();
  await admin.query(
    `CREATE TABLE numbers AS SELECT CASE WHEN i <= 5000 THEN i ELSE i * 1000003::bigint END AS id,
       'w' || i || repeat('é', i % 7) AS word, CASE WHEN i % 5 = 0 THEN NULL ELSE i % 97 END AS part, i % 2 = 0 AS flag
     FROM generate_series(1, ${ROWS}) i`,
  );
  await admin.query('ALTER TABLE numbers ADD PRIMARY KEY (id)');
  await admin.query('CREATE INDEX ON numbers (part)');
  await admin.query('CREATE TABLE unanalyzed AS TABLE numbers');
  await admin.query('ALTER TABLE unanalyzed ADD PRIMARY KEY (id)');
  await admin.query(
    `CREATE TABLE uuids AS SELECT md5(i::text)::uuid AS k, i AS n FROM generate_series(1, ${ROWS}) i`,
  );
  await admin.query('ALTER TABLE uuids ADD PRIMARY KEY (k)');
  await admin.query(
    `CREATE TABLE words AS SELECT (chr(65 + i % 58) || CASE WHEN i % 2 = 0 THEN upper(md5(i::text)) ELSE md5(i::text) END || E'\\\\''')
       COLLATE "en-x-icu" AS k, i AS n FROM generate_series(1, ${ROWS}) i`,
  );
  await admin.query('ALTER TABLE words ADD PRIMARY KEY (k)');
  await admin.query(
    `CREATE TABLE pairs AS SELECT ('O''Neil\\' || i % 3)::text AS a, DATE '2024-01-01' + i % 50 AS b, i AS c, 'n' || i AS note,
       decode(lpad(to_hex(i), 8, '0'), 'hex') AS raw FROM generate_series(1, ${ROWS}) i`,
  );
  await admin.query('ALTER TABLE pairs ADD PRIMARY KEY (a, b, c, raw)');
  await admin.query('ANALYZE numbers, uuids, words, pairs');
});
afterAll(async () => {
  await admin?.end();
  await server?.[Symbol.asyncDispose]();
});

const text = (value: unknown): string =>
  Buffer.isBuffer(value) ? `bytes ${value.toString('hex')}` : String(value);

/** A reader of the parameters, and what the server itself says it has to read. */
const harness = (params: Record<string, unknown>, query: string) => async () => {
  const { rows } = await admin.query<unknown[]>({ text: query, rowMode: 'array' });
  return {
    open: () => openReader('postgresql', server, params),
    expected: rows.map((row) => row.map(text)),
    close: async () => undefined,
  };
};

for (const table of ['numbers', 'unanalyzed']) {
  describeReaderContract(
    `postgresql, whole numbers with gaps, ${table}`,
    harness({ table, column: ['*'] }, `SELECT * FROM ${table} ORDER BY id`),
    [1, 3, 20],
  );
}

describeReaderContract(
  'postgresql, by the place in the file',
  harness(
    { table: 'numbers', column: ['word', 'id'], splitPk: 'ctid', where: 'id > 5' },
    'SELECT word, id FROM numbers WHERE id > 5 ORDER BY ctid',
  ),
  [1, 3, 20],
);

describeReaderContract(
  'postgresql, a column with nulls to split by, a condition, and the key not shown',
  async () => ({
    ...(await harness(
      { table: 'numbers', column: ['word', 'flag'], splitPk: 'part', where: 'id < 4500 or part = 1;' },
      'SELECT 1',
    )()),
    expected: undefined,
  }),
);

describeReaderContract(
  'postgresql, uuids',
  harness({ table: 'public.uuids', column: ['n'], splitPk: 'k' }, 'SELECT n FROM uuids ORDER BY k'),
);

describeReaderContract(
  'postgresql, texts in the order of a language',
  harness({ table: 'words', column: ['n', 'k'] }, 'SELECT n, k FROM words ORDER BY k'),
  [1, 3, 20],
);

describeReaderContract(
  'postgresql, a key of four columns',
  harness(
    { table: 'pairs', column: ['note', 'c', "'x'", 'upper(a)', 'raw'] },
    `SELECT note, c, 'x', upper(a), raw FROM pairs ORDER BY a, b, c, raw`,
  ),
);
