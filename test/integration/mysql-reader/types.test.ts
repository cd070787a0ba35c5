/** Every type of the MySQL family with its extremes, read to the exact text. */
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testContext } from '../../support/servers/connector-context.ts';
import { startMariadb } from '../../support/servers/mariadb.ts';
import { readAll } from '../../support/servers/relational-reading.ts';
import type { TestServer } from '../../support/servers/server-process.ts';

let server: TestServer;
let admin: Connection;
beforeAll(async () => {
  server = await startMariadb();
  const { host, port, username: user, password, database } = server;
  admin = await createConnection({ host, port, user, password, database, charset: 'utf8mb4' });
  await admin.query("SET SESSION sql_mode = '', time_zone = '+00:00'");
});
afterAll(async () => {
  await admin?.end();
  await server?.[Symbol.asyncDispose]();
});

/** Type, literals to store, texts to read. `null` is tried with every type. */
const CASES: readonly (readonly [string, readonly (readonly [string, string | null])[], string])[] = [
  [
    'TINYINT',
    [
      ['-128', '-128'],
      ['127', '127'],
    ],
    'long',
  ],
  [
    'TINYINT(1)',
    [
      ['5', '5'],
      ['0', '0'],
    ],
    'long',
  ],
  ['SMALLINT UNSIGNED', [['65535', '65535']], 'long'],
  ['MEDIUMINT', [['-8388608', '-8388608']], 'long'],
  [
    'INT(8) ZEROFILL',
    [
      ['42', '42'],
      ['0', '0'],
    ],
    'long',
  ],
  [
    'BIGINT',
    [
      ['-9223372036854775808', '-9223372036854775808'],
      ['9007199254740993', '9007199254740993'],
    ],
    'long',
  ],
  ['BIGINT UNSIGNED', [['18446744073709551615', '18446744073709551615']], 'long'],
  [
    'YEAR',
    [
      ['2024', '2024'],
      ['0', '0'],
      ['1901', '1901'],
    ],
    'long',
  ],
  [
    'DECIMAL(65,30)',
    [
      [`${'9'.repeat(35)}.${'9'.repeat(30)}`, `${'9'.repeat(35)}.${'9'.repeat(30)}`],
      ['-1.5', `-1.5${'0'.repeat(29)}`],
    ],
    'decimal',
  ],
  [
    'DECIMAL(5,2) ZEROFILL',
    [
      ['1.5', '1.50'],
      ['0', '0.00'],
    ],
    'decimal',
  ],
  [
    'FLOAT',
    [
      ['0.1', '0.1'],
      ['16777217', '16777216'],
      ['3.4028234e38', '3.4028235e38'],
      ['1e15', '1e15'],
      ['-1.5', '-1.5'],
      ['0', '0'],
    ],
    'double',
  ],
  [
    'DOUBLE',
    [
      ['0.1', '0.1'],
      ['1.7976931348623157e308', '1.7976931348623157e308'],
      ['5e-324', '5e-324'],
      ['-0.30000000000000004', '-0.30000000000000004'],
    ],
    'double',
  ],
  [
    'BIT(1)',
    [
      ["b'1'", 'true'],
      ["b'0'", 'false'],
    ],
    'bool',
  ],
  ['BIT(9)', [["b'101010101'", '0x0155']], 'bytes'],
  [
    'DATE',
    [
      ["'2024-02-29'", '2024-02-29'],
      ["'9999-12-31'", '9999-12-31'],
      ["'0000-00-00'", null],
      ["'1000-01-01'", '1000-01-01'],
    ],
    'date',
  ],
  [
    'TIME(6)',
    [
      ["'-838:59:59'", '-838:59:59.000000'],
      ["'12:34:56.789012'", '12:34:56.789012'],
      ["'100:00:00'", '100:00:00.000000'],
    ],
    'time',
  ],
  [
    'DATETIME(6)',
    [
      ["'2024-01-01 12:34:56.789012'", '2024-01-01 12:34:56.789012'],
      ["'0000-00-00 12:00:00'", null],
      ["'9999-12-31 23:59:59.999999'", '9999-12-31 23:59:59.999999'],
    ],
    'datetime',
  ],
  [
    'TIMESTAMP(3) NULL',
    [
      ["'2024-01-01 00:00:00.5'", '2024-01-01 08:00:00.500'],
      ["'1988-07-01 00:00:00'", '1988-07-01 09:00:00.000'],
      ["'0000-00-00'", null],
    ],
    'datetime',
  ],
  [
    'CHAR(5)',
    [
      ["'x'", 'x'],
      ["''", ''],
    ],
    'string',
  ],
  ['VARCHAR(40) CHARACTER SET latin1', [["'héé'", 'héé']], 'string'],
  ['TEXT', [["'tab\\there \\\\ 😀 \\'q\\''", "tab\there \\ 😀 'q'"]], 'string'],
  [
    'LONGTEXT',
    [
      ["REPEAT('x', 70000)", 'x'.repeat(70_000)],
      ["REPEAT('y', 300)", 'y'.repeat(300)],
    ],
    'string',
  ],
  ["ENUM('a','b,c')", [["'b,c'", 'b,c']], 'string'],
  [
    "SET('a','b')",
    [
      ["'a,b'", 'a,b'],
      ["''", ''],
    ],
    'string',
  ],
  ['JSON', [['\'{"a": [1, 2.50]}\'', '{"a": [1, 2.50]}']], 'string'],
  ['UUID', [["'123e4567-e89b-12d3-a456-426614174000'", '123e4567-e89b-12d3-a456-426614174000']], 'string'],
  ['INET6', [["'::1'", '::1']], 'string'],
  ['BINARY(3)', [["x'00ff'", '0x00ff00']], 'bytes'],
  [
    'VARBINARY(9)',
    [
      ["x'00ff27'", '0x00ff27'],
      ["''", '0x'],
    ],
    'bytes',
  ],
  ['BLOB', [["x'5c00'", '0x5c00']], 'bytes'],
];

describe('types of MySQL', () => {
  it.each(CASES)('reads %s exactly', async (type, values, logical) => {
    await admin.query(`CREATE OR REPLACE TABLE typed (id INT PRIMARY KEY, v ${type})`);
    const all = [...values, ['NULL', null] as const];
    const rows = all.map(([literal], i) => `(${i}, ${literal})`);
    await admin.query(`INSERT INTO typed VALUES ${rows.join(',')}`);
    const { plan, rows: read } = await readAll('mysql', server, { table: 'typed', column: ['v'] });
    expect(plan.columns.map((column) => column.type)).toEqual([logical]);
    expect(read.map(([text]) => text)).toEqual(all.map(([, text]) => text));
    if (!/FLOAT/.test(type)) {
      const queried = await readAll('mysql', server, { querySql: ['SELECT v FROM typed ORDER BY id'] });
      expect(queried.plan.columns.map((column) => column.type)).toEqual([logical]);
      expect(queried.rows.map(([text]) => text)).toEqual(all.map(([, text]) => text));
    }
  });

  it('shows instants in the zone of the job, whatever the server knows of zones', async () => {
    await admin.query('CREATE OR REPLACE TABLE instants (id INT PRIMARY KEY, v TIMESTAMP NULL)');
    await admin.query(`INSERT INTO instants VALUES (1, '2024-07-01 12:00:00'), (2, '2024-12-01 12:00:00')`);
    const context = testContext({ timeZone: 'America/New_York' });
    const params = { table: 'instants', column: ['v'] };
    const { rows, plan } = await readAll('mysql', server, params, 1, context);
    expect(rows).toEqual([['2024-07-01 08:00:00'], ['2024-12-01 07:00:00']]);
    expect(plan.notes.map(({ message }) => message).join()).toContain('does not know the time zone');
  });

  it('tells what becomes of zero dates, and of FLOAT in queries', async () => {
    await admin.query('CREATE OR REPLACE TABLE noted (id INT PRIMARY KEY, d DATE, f FLOAT)');
    await admin.query('INSERT INTO noted VALUES (1, 0, 16777217)');
    const notes = async (params: Record<string, unknown>): Promise<string> => {
      const { plan } = await readAll('mysql', server, params);
      return plan.notes.map(({ message }) => message).join('\n');
    };
    const table = await notes({ table: 'noted', column: ['*'] });
    expect(table).toContain('0000-00-00 becomes null: d');
    expect(table).not.toContain('six digits');
    expect(await notes({ table: 'noted', column: ['id', 'abs(f)', 'f'] })).not.toContain('six digits');
    expect(await notes({ querySql: 'SELECT f FROM noted' })).toContain('get all: f');
    const { rows } = await readAll('mysql', server, { querySql: 'SELECT f + 0e0 FROM noted' });
    expect(rows).toEqual([['16777216']]);
  });

  it.each(['GEOMETRY', 'POINT'])('refuses %s before anything is read', async (type) => {
    await admin.query(`CREATE OR REPLACE TABLE shapes (id INT PRIMARY KEY, v ${type})`);
    const params = { table: 'shapes', column: ['*'] };
    await expect(readAll('mysql', server, params)).rejects.toMatchObject({ code: 'SRC-2021' });
    await expect(readAll('mysql', server, { querySql: 'SELECT v FROM shapes' })).rejects.toMatchObject({
      code: 'SRC-2021',
    });
    const text = await readAll('mysql', server, { ...params, column: ['id', 'ST_AsText(v)'] });
    expect(text.plan.columns.map(({ type: logical }) => logical)).toEqual(['long', 'string']);
  });

  it('reads rows of more than one packet', async () => {
    await admin.query('CREATE OR REPLACE TABLE large (id INT PRIMARY KEY, v LONGBLOB)');
    await admin.query(
      `INSERT INTO large VALUES (1, REPEAT('a', 20000000)), (2, 'b'), (3, REPEAT('c', 16777210))`,
    );
    const { rows } = await readAll('mysql', server, { table: 'large', column: ['id', 'v'] });
    expect(rows.map(([id, v]) => [id, v?.length, v?.slice(-2)])).toEqual([
      ['1', 40_000_002, '61'],
      ['2', 4, '62'],
      ['3', 33_554_422, '63'],
    ]);
  });
});
