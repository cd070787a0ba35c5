/** Cases 41 to 52: values on their way from databases to text, and casts (docs/conformance-cases.md). */
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OssTarget, startOssTarget } from '../contract/writers/oss-target.ts';
import { startMariadb } from '../support/servers/mariadb.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import type { TestServer } from '../support/servers/server-process.ts';
import { BOOL, castOf, DATETIME, DOUBLE, INT64, TEXT } from '../unit/convert/cast-of.ts';
import { type Outcome, runText, v2Job } from './jobs.ts';

let servers: { mysql: TestServer; postgresql: TestServer };
let target: OssTarget;
beforeAll(async () => {
  const [mysql, postgresql, oss] = await Promise.all([startMariadb(), startPostgres(), startOssTarget()]);
  servers = { mysql, postgresql };
  target = oss;
});
afterAll(async () => {
  await target?.close();
  await servers?.mysql[Symbol.asyncDispose]();
  await servers?.postgresql[Symbol.asyncDispose]();
});

/** A job from the query of a database to an object in `fileFormat`. */
async function exported(
  from: 'mysql' | 'postgresql',
  querySql: string,
  format: object = {},
): Promise<Outcome & { text: string }> {
  const { host, port, username, password, database } = servers[from];
  const source = { host, port, username, password, database, querySql };
  const writer = { ...target.params, writeMode: 'truncate', ...format };
  const outcome = await runText(v2Job([from, source], ['oss', writer]));
  if (outcome.run.state !== 'SUCCEEDED') return { ...outcome, text: '' };
  const [key] = await target.keys('out/part__');
  return { ...outcome, text: (await target.content(key!)).toString() };
}

const textOf = async (
  from: 'mysql' | 'postgresql',
  querySql: string,
  format: object = {},
): Promise<string> => {
  const { text, run } = await exported(from, querySql, format);
  expect(run.failure).toBeUndefined();
  return text;
};

describe('from databases to text', () => {
  // DataX asks the driver for a truth value, and gets false for null.
  it('case 41: a null boolean stays null', async () => {
    expect(await textOf('postgresql', 'SELECT NULL::bool, true, false')).toBe('null,true,false\n');
  });

  // DataX keeps milliseconds, and prints none.
  it('case 42: microseconds are kept', async () => {
    expect(await textOf('postgresql', "SELECT timestamp '2024-01-01 12:34:56.789012'")).toBe(
      '2024-01-01 12:34:56.789012\n',
    );
    expect(await textOf('mysql', "SELECT CAST('2024-01-01 12:34:56.789012' AS DATETIME(6))")).toBe(
      '2024-01-01 12:34:56.789012\n',
    );
  });

  it('case 43: every digit of decimals and unsigned integers is kept', async () => {
    const long = `${'1234567890'.repeat(3)}12345.${'0123456789'.repeat(3)}`;
    expect(await textOf('postgresql', `SELECT 1.50::numeric, ${long}::numeric(65,30)`)).toBe(
      `1.50,${long}\n`,
    );
    expect(
      await textOf(
        'mysql',
        `SELECT CAST(18446744073709551615 AS UNSIGNED), CAST('${long}' AS DECIMAL(65,30))`,
      ),
    ).toBe(`18446744073709551615,${long}\n`);
  });

  it('case 44: a small double keeps its value, in the notation of the server or written out', async () => {
    expect(await textOf('postgresql', "SELECT '1e-7'::float8")).toBe('1e-07\n');
    expect(castOf('double', TEXT)(1e-7)).toBe('0.00000010');
  });

  // DataX has no type for them, and fails the job.
  it('case 45: jsonb, uuid and arrays come as the text that the server shows', async () => {
    const uuid = '6f1ed002-ab59-4a1f-9d4e-1b1f6b0a5c11';
    const query = `SELECT '{"a":1}'::jsonb, '${uuid}'::uuid, '{1,2}'::int[]`;
    expect(await textOf('postgresql', query, { fileFormat: 'text', fieldDelimiter: '|' })).toBe(
      `{"a": 1}|${uuid}|{1,2}\n`,
    );
  });

  // DataX trims what it writes as csv, and not what it writes as text.
  it('case 46: the blanks of a padded text are kept in both formats', async () => {
    const query = "SELECT 'x'::char(3)";
    expect(await textOf('postgresql', query, { fileFormat: 'text' })).toBe('x  \n');
    expect(await textOf('postgresql', query, { fileFormat: 'csv' })).toBe('x  \n');
  });

  // DataX replaces bytes that are no text by U+FFFD, and they are lost. Here the row is refused, and counts.
  it('case 47: bytes that are no text are refused, or written as base64', async () => {
    const query = String.raw`SELECT '\xfffe41'::bytea`;
    const refused = await exported('postgresql', query);
    expect(refused.run.failure?.code).toBe('RUN-5001');
    expect(refused.dirty).toEqual(['CNV-3001 bytea']);
    expect(await textOf('postgresql', query, { byteEncoding: 'base64' })).toBe('//5B\n');
  });

  it('case 48: zero dates are null, years and tinyint(1) numbers, single bits truth values', async () => {
    const { host, port, username: user, password, database } = servers.mysql;
    const client = await createConnection({ host, port, user, password, database });
    await client.query("SET sql_mode = ''");
    await client.query('CREATE TABLE odd (d DATE, m DATETIME, y YEAR, t TINYINT(1), b BIT(1), c BIT(1))');
    await client.query("INSERT INTO odd VALUES ('0000-00-00', '0000-00-00 00:00:00', 2024, 5, b'1', b'0')");
    await client.end();
    expect(await textOf('mysql', 'SELECT * FROM odd')).toBe('null,null,2024,5,true,false\n');
  });
});

describe('casts', () => {
  const long = castOf('string', INT64);

  // DataX cuts the fraction.
  it('case 49: a fraction or a blank makes no integer, and one beyond 64 bits is still a text', () => {
    expect(['1.9', ' 5', '9223372036854775808'].map(long)).toEqual(['CNV-3012', 'CNV-3010', 'CNV-3011']);
    expect(castOf('long', TEXT)('9223372036854775808')).toBe('9223372036854775808');
  });

  // DataX takes what fits at the beginning of a text and forgives the rest: the first is its midnight, time and zone
  // are lost; the second becomes a day of the next year.
  it('case 50: a text is read as a moment as a whole, with its offset, and must exist', () => {
    const moment = castOf('string', DATETIME);
    expect(moment('2024-02-03T04:05:06Z')).toBe('2024-02-03 12:05:06');
    expect(moment('2024-13-45')).toBe('CNV-3013');
  });

  it('case 51: truth values, numbers and dates go into each other only where that means something', () => {
    expect(castOf('string', BOOL)('1')).toBe('CNV-3015');
    expect(castOf('bool', INT64)(true)).toBe('1');
    expect(castOf('bool', DATETIME)(true)).toBe('CNV-3020');
    expect(castOf('long', DATETIME)(0n)).toBe('1970-01-01 08:00:00');
    expect(castOf('datetime', DOUBLE)('2024-01-01 00:00:00')).toBe('CNV-3020');
  });

  // DataX takes -Infinity, but refuses Infinity.
  it('case 52: NaN and both infinities are doubles and no integers', () => {
    const double = castOf('string', { kind: 'double', bits: 64, specials: true });
    expect(['NaN', 'Infinity', '-Infinity'].map(double)).toEqual(['NaN', 'Infinity', '-Infinity']);
    expect(long('NaN')).toBe('CNV-3010');
  });
});
