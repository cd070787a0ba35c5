import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll } from 'vitest';
import { startMariadb } from '../../support/servers/mariadb.ts';
import { openReader } from '../../support/servers/relational-reading.ts';
import type { TestServer } from '../../support/servers/server-process.ts';
import { describeReaderContract } from './reader-contract.ts';

/** More than a block. */
const ROWS = 6_001;

let server: TestServer;
let admin: Connection;
beforeAll(async () => {
  server = await startMariadb();
  const { host, port, username: user, password, database } = server;
  admin = await createConnection({
    host,
    port,
    user,
    password,
    database,
    charset: 'utf8mb4',
    dateStrings: true,
  });
  const key = 'IF(seq <= 5000, seq, seq * 1000003)';
  await admin.query(
    `CREATE TABLE numbers (id BIGINT UNSIGNED PRIMARY KEY, word VARCHAR(60), part INT NULL, raw VARBINARY(4), KEY (part))`,
  );
  await admin.query(
    `INSERT INTO numbers SELECT ${key}, CONCAT('w', seq, REPEAT('é', seq % 7)), IF(seq % 5 = 0, NULL, seq % 97), UNHEX(LPAD(HEX(seq), 8, '0')) FROM seq_1_to_${ROWS}`,
  );
  await admin.query(
    `CREATE TABLE words (k VARCHAR(40) COLLATE utf8mb4_general_ci PRIMARY KEY, n INT) AS
     SELECT CONCAT(CHAR(65 + seq % 58 USING ascii), IF(seq % 2, MD5(seq), UPPER(MD5(seq)))) AS k, seq AS n FROM seq_1_to_${ROWS}`,
  );
  await admin.query(
    `CREATE TABLE pairs (a VARCHAR(20), b DATE, c INT UNSIGNED, note TEXT, PRIMARY KEY (a, b, c)) AS
     SELECT CONCAT("O'Neil\\\\", seq % 3) AS a, DATE '2024-01-01' + INTERVAL (seq % 50) DAY AS b, seq AS c, CONCAT('n', seq) AS note FROM seq_1_to_${ROWS}`,
  );
  for (const i of [0, 1, 2])
    await admin.query(
      `CREATE TABLE part_0${i} (id INT PRIMARY KEY) AS SELECT seq * 3 + ${i} AS id FROM seq_1_to_900`,
    );
  await admin.query(
    `CREATE TABLE latin (k VARCHAR(20) CHARACTER SET latin1 PRIMARY KEY, n INT) AS SELECT CONCAT('é', seq, 'ß') AS k, seq AS n FROM seq_1_to_${ROWS}`,
  );
  await admin.query('ANALYZE TABLE numbers, words, pairs, latin, part_00, part_01, part_02');
});
afterAll(async () => {
  await admin?.end();
  await server?.[Symbol.asyncDispose]();
});

const text = (value: unknown): string =>
  Buffer.isBuffer(value) ? `bytes ${value.toString('hex')}` : String(value);

/** A reader of the parameters, and what the server itself says it has to read. */
const harness = (params: Record<string, unknown>, query: string) => async () => {
  const [rows] = await admin.query({ sql: query, rowsAsArray: true });
  return {
    open: () => openReader('mysql', server, params),
    expected: (rows as unknown[][]).map((row) => row.map(text)),
    close: async () => undefined,
  };
};

describeReaderContract(
  'mysql, an unsigned key with gaps',
  harness({ table: 'numbers', column: ['*'] }, 'SELECT * FROM numbers ORDER BY id'),
  [1, 3, 20],
);

describeReaderContract(
  'mysql, a column with nulls to split by, a condition, and the key not shown',
  async () => ({
    ...(await harness(
      { table: 'numbers', column: ['word', 'raw'], splitPk: 'part', where: 'id < 4500 or part = 1;' },
      'SELECT 1',
    )()),
    expected: undefined,
  }),
);

describeReaderContract(
  'mysql, texts that differ in case in a collation that ignores it',
  harness({ table: 'words', column: ['n', 'k'], splitPk: 'k' }, 'SELECT n, k FROM words ORDER BY k'),
  [1, 3, 20],
);

describeReaderContract(
  'mysql, texts of another character set',
  harness({ table: 'latin', column: ['k', 'n'] }, 'SELECT k, n FROM latin ORDER BY k'),
);

describeReaderContract(
  'mysql, a key of three columns',
  harness(
    { table: 'pairs', column: ['note', 'c', "'x'", 'upper(a)'] },
    `SELECT note, c, 'x', UPPER(a) FROM pairs ORDER BY a, b, c`,
  ),
);

describeReaderContract(
  'mysql, several tables',
  harness(
    { table: ['part_[00-02]'], column: ['id'] },
    'SELECT id FROM (SELECT 0 t, id FROM part_00 UNION ALL SELECT 1, id FROM part_01 UNION ALL SELECT 2, id FROM part_02) q ORDER BY t, id',
  ),
  [1, 3, 9],
);
