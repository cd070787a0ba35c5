/** Every type of PostgreSQL with its extremes, read to the exact text. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testContext } from '../../support/servers/connector-context.ts';
import { startPostgres } from '../../support/servers/postgres.ts';
import { readAll } from '../../support/servers/relational-reading.ts';
import type { TestServer } from '../../support/servers/server-process.ts';

let server: TestServer;
let admin: pg.Client;
beforeAll(async () => {
  server = await startPostgres();
  const { host, port, username: user, password, database } = server;
  admin = new pg.Client({ host, port, user, password, database });
  await admin.connect();
  await admin.query(`SET TimeZone = 'UTC'`);
  await admin.query(`CREATE TYPE mood AS ENUM ('sad', 'it''s ok')`);
  await admin.query('CREATE DOMAIN amount AS numeric(12,2)');
  await admin.query('CREATE TYPE pair AS (a int, b text)');
});
afterAll(async () => {
  await admin?.end();
  await server?.[Symbol.asyncDispose]();
});

const NINES = '9'.repeat(200);

/** Type, literals to store, texts to read. `null` is tried with every type. */
const CASES: readonly (readonly [string, readonly (readonly [string, string])[], string])[] = [
  [
    'bool',
    [
      ['true', 'true'],
      ['false', 'false'],
    ],
    'bool',
  ],
  ['int2', [['-32768', '-32768']], 'long'],
  ['int4', [['2147483647', '2147483647']], 'long'],
  [
    'int8',
    [
      ['-9223372036854775808', '-9223372036854775808'],
      ['9007199254740993', '9007199254740993'],
    ],
    'long',
  ],
  ['oid', [['4294967295', '4294967295']], 'long'],
  [
    'numeric',
    [
      [`${NINES}.${NINES}`, `${NINES}.${NINES}`],
      ['1.50', '1.50'],
      ["'NaN'", 'NaN'],
      ["'-Infinity'", '-Infinity'],
    ],
    'decimal',
  ],
  ['numeric(5,2)', [['1.5', '1.50']], 'decimal'],
  ['amount', [['1.5', '1.50']], 'decimal'],
  ['money', [["'1234.56'", '1234.56']], 'decimal'],
  [
    'float4',
    [
      ['0.1', '0.1'],
      ['16777217', '1.6777216e+07'],
      ["'Infinity'", 'Infinity'],
    ],
    'double',
  ],
  [
    'float8',
    [
      ['1e-7', '1e-07'],
      ['0.1', '0.1'],
      ["'NaN'", 'NaN'],
      ["'-Infinity'", '-Infinity'],
      ['5e-324', '5e-324'],
    ],
    'double',
  ],
  [
    'date',
    [
      ["'2024-02-29'", '2024-02-29'],
      ["'infinity'", 'infinity'],
      ["'0044-03-15 BC'", '0044-03-15 BC'],
      ["'10000-01-01'", '10000-01-01'],
    ],
    'date',
  ],
  [
    'time(6)',
    [
      ["'12:34:56.789012'", '12:34:56.789012'],
      ["'24:00:00'", '24:00:00'],
    ],
    'time',
  ],
  ['timetz', [["'12:00:00+02'", '12:00:00+02']], 'string'],
  [
    'timestamp',
    [
      ["'2024-01-01 12:34:56.789012'", '2024-01-01 12:34:56.789012'],
      ["'-infinity'", '-infinity'],
      ["'2024-01-01'", '2024-01-01 00:00:00'],
    ],
    'datetime',
  ],
  [
    'timestamptz',
    [
      ["'2024-01-01 00:00:00.5+00'", '2024-01-01 08:00:00.5'],
      ["'1988-07-01 00:00:00+00'", '1988-07-01 09:00:00'],
      ["'1890-01-01 00:00:00+00'", '1890-01-01 08:05:43'],
      ["'infinity'", 'infinity'],
    ],
    'datetime',
  ],
  ['interval', [["'1 year 2 mons -3 days 04:05:06.7'", '1 year 2 mons -3 days +04:05:06.7']], 'string'],
  [
    'text',
    [
      [`E'tab\\there \\\\ \\n\\r\\b\\f\\x0b 😀 ''q'''`, "tab\there \\ \n\r\b\f\v 😀 'q'"],
      ["''", ''],
      [`E'\\\\N'`, '\\N'],
      [`E'\\\\.'`, '\\.'],
      [`E'a\\\\'`, 'a\\'],
    ],
    'string',
  ],
  ['varchar(9)', [["'héé'", 'héé']], 'string'],
  ['char(3)', [["'x'", 'x  ']], 'string'],
  ['"char"', [["'z'", 'z']], 'string'],
  ['name', [["'n'", 'n']], 'string'],
  [
    'bytea',
    [
      ["'\\x00ff27'", '0x00ff27'],
      ["''", '0x'],
      ["'\\x5c5c09'", '0x5c5c09'],
    ],
    'bytes',
  ],
  ['bit(3)', [["B'101'", '101']], 'string'],
  ['varbit', [["B'10101'", '10101']], 'string'],
  ['uuid', [["'123e4567-e89b-12d3-a456-426614174000'", '123e4567-e89b-12d3-a456-426614174000']], 'string'],
  ['json', [[`'{"a":  1}'`, '{"a":  1}']], 'string'],
  ['jsonb', [[`'{"a":1, "b":"\\\\"}'`, '{"a": 1, "b": "\\\\"}']], 'string'],
  ['xml', [["'<a>1</a>'", '<a>1</a>']], 'string'],
  ['inet', [["'::1/64'", '::1/64']], 'string'],
  ['int[]', [["'{1,NULL,2}'", '{1,NULL,2}']], 'string'],
  ['text[]', [[`ARRAY['a,b', 'q"', E'\\\\']`, '{"a,b","q\\"","\\\\"}']], 'string'],
  ['int4range', [["'[1,5)'", '[1,5)']], 'string'],
  ['mood', [["'it''s ok'", "it's ok"]], 'string'],
  ['pair', [["ROW(1, 'x y')", '(1,"x y")']], 'string'],
  ['point', [["'(0.1,2)'", '(0.1,2)']], 'string'],
  ['tsvector', [["'a b'", "'a' 'b'"]], 'string'],
];

describe('types of PostgreSQL', () => {
  it.each(CASES)('reads %s exactly', async (type, values, logical) => {
    await admin.query('DROP TABLE IF EXISTS typed');
    await admin.query(`CREATE TABLE typed (id int PRIMARY KEY, v ${type})`);
    const all: (readonly [string, string | null])[] = [...values, ['NULL', null]];
    await admin.query(
      `INSERT INTO typed VALUES ${all.map(([literal], i) => `(${i}, ${literal})`).join(',')}`,
    );
    const { plan, rows: read } = await readAll('postgresql', server, { table: 'typed', column: ['v'] });
    expect(plan.columns.map((column) => column.type)).toEqual([logical]);
    expect(read.map(([text]) => text)).toEqual(all.map(([, text]) => text));
    if (type === 'money') return;
    const queried = await readAll('postgresql', server, { querySql: ['SELECT v FROM typed ORDER BY id'] });
    expect(queried.plan.columns.map((column) => column.type)).toEqual([logical]);
    expect(queried.rows.map(([text]) => text)).toEqual(all.map(([, text]) => text));
  });

  it('shows instants in the zone of the job', async () => {
    await admin.query('CREATE TABLE instants (id int PRIMARY KEY, v timestamptz)');
    await admin.query(`INSERT INTO instants VALUES (1, '2024-07-01 12:00:00Z'), (2, '2024-12-01 12:00:00Z')`);
    const context = testContext({ timeZone: 'America/New_York' });
    const { rows } = await readAll('postgresql', server, { table: 'instants', column: ['v'] }, 1, context);
    expect(rows).toEqual([['2024-07-01 08:00:00'], ['2024-12-01 07:00:00']]);
  });

  it('refuses geometries before anything is read', async () => {
    await admin.query('CREATE TYPE geometry AS (x int)');
    await admin.query('CREATE TABLE shapes (id int PRIMARY KEY, v geometry)');
    const params = { table: 'shapes', column: ['*'] };
    await expect(readAll('postgresql', server, params)).rejects.toMatchObject({ code: 'SRC-2021' });
    const query = { querySql: 'SELECT v FROM shapes' };
    await expect(readAll('postgresql', server, query)).rejects.toMatchObject({ code: 'SRC-2021' });
  });
});
