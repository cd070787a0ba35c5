import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mark, Reader, RowFault, Writer } from '../../../core/connectors/contract.ts';
import { mysql } from '../../../core/connectors/mysql/index.ts';
import { postgresql } from '../../../core/connectors/postgresql/index.ts';
import { silentLogger, systemClock, systemRandom } from '../../../core/ports/system.ts';
import { PostgresTargetServer } from '../postgresql-writer/postgres-target.ts';
import { MysqlTargetServer } from './mysql-target.ts';

const context = {
  clock: systemClock,
  random: systemRandom,
  log: silentLogger,
  timeZone: 'Asia/Shanghai',
  signal: new AbortController().signal,
};

let maria: MysqlTargetServer;
let postgres: PostgresTargetServer;
beforeAll(async () => {
  [maria, postgres] = await Promise.all([MysqlTargetServer.start(), PostgresTargetServer.start()]);
});
afterAll(async () => {
  await maria?.[Symbol.asyncDispose]();
  await postgres?.[Symbol.asyncDispose]();
});

const readMysql = (table: string): Reader =>
  mysql.reader!.open(mysql.reader!.schema.parse(maria.parameters({ table })), context);
const readPostgres = (table: string): Reader =>
  postgresql.reader!.open(postgresql.reader!.schema.parse(postgres.parameters({ table })), context);

let runs = 0;

/** Moves all shards of a source into a target. */
async function move(reader: Reader, writer: Writer): Promise<readonly RowFault[]> {
  const run = { jobId: 'job', runId: `move-${++runs}` };
  const faults: RowFault[] = [];
  try {
    const { columns, shards } = await reader.plan(2);
    await writer.prepare(run, columns);
    await writer.begin?.(run, columns);
    for (const shard of shards) {
      const sink = await writer.open({ ...run, shardId: shard.shardId, epoch: 1 }, columns, undefined);
      let blocks = 0;
      for await (const { block } of reader.read(shard, undefined))
        faults.push(...(await sink.write(block, async () => String(++blocks) as Mark)));
      await sink.finish();
      await sink.close();
    }
    await writer.commit(run, []);
  } finally {
    await reader.close();
    await writer.close();
  }
  return faults;
}

/** Column, its type in MariaDB, two values as SQL; how it is shown there first, and after the way there and back. */
const COLUMNS: readonly (readonly [string, string, string, string, string?, string?])[] = [
  ['ti', 'tinyint', '-128', '127'],
  ['tu', 'tinyint unsigned', '255', '0'],
  ['si', 'smallint', '-32768', '32767'],
  ['mi', 'mediumint unsigned', '16777215', '0'],
  ['i', 'int unsigned', '4294967295', '0'],
  ['bi', 'bigint', '-9223372036854775808', '9223372036854775807'],
  ['bu', 'bigint unsigned', '18446744073709551615', '9223372036854775808'],
  ['d', 'decimal(65,30)', `-${'9'.repeat(35)}.${'9'.repeat(30)}`, '0.000000000000000000000000000001'],
  ['d0', 'decimal(20,0)', '99999999999999999999', '-1'],
  ['f', 'float', '1.5', '-0.25'],
  ['db', 'double', '1.7976931348623157e308', '0.1'],
  ['ok', 'bit(1)', "b'1'", "b'0'", 'ok + 0', 'ok'],
  ['bt', 'bit(12)', "b'101011111111'", "b'0'", 'lpad(hex(bt), 4, 0)', 'hex(bt)'],
  ['da', 'date', "'1000-01-01'", "'9999-12-31'"],
  ['t', 'time(6)', "'23:59:59.999999'", "'00:00:00'"],
  ['dt', 'datetime(6)', "'2024-02-29 12:34:56.789012'", "'9999-12-31 23:59:59.999999'"],
  ['ts', 'timestamp(6) NULL', "'1988-07-01 00:00:00.000001'", "'2037-12-31 23:59:59.999999'"],
  ['y', 'year', '2155', '1901'],
  ['c', 'char(5)', "'ab'", "'中文字😀'"],
  ['v', 'varchar(50)', "'tab\\tnew\\nline\\r\\\\ back \\\\N'", "'it''s'"],
  ['x', 'longtext', "repeat('x', 100000)", "''"],
  ['b', 'varbinary(20)', "x'000109 0A0D275CFF'".replace(' ', ''), "''", 'hex(b)', 'hex(b)'],
  ['lb', 'longblob', "repeat(x'00FF', 50000)", "''", 'hex(lb)', 'hex(lb)'],
  ['e', "enum('a','b c')", "'b c'", "'a'"],
  ['j', 'json', `'{"a": [1, 2.50, null]}'`, "'null'"],
];

describe('values on their way from MariaDB to PostgreSQL and back', () => {
  it('stay what they are, nulls included', async () => {
    await maria.execute(
      'DROP TABLE IF EXISTS source, target',
      `CREATE TABLE source (id int PRIMARY KEY, ${COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ')})`,
      `INSERT INTO source VALUES (1, ${COLUMNS.map(([, , first]) => first).join(', ')})`,
      `INSERT INTO source VALUES (2, ${COLUMNS.map(([, , , second]) => second).join(', ')})`,
      'INSERT INTO source (id) VALUES (3)',
    );
    const there = postgres.writer({ table: 'middle', createTable: true });
    expect(await move(readMysql('source'), there)).toEqual([]);
    const back = maria.writer({ table: 'target', createTable: true, allowLossy: false });
    expect(await move(readPostgres('middle'), back)).toEqual([]);
    const shown = (place: 4 | 5): string => COLUMNS.map((column) => column[place] ?? column[0]).join(', ');
    // Instants come back as the wall-clock time of the job's zone.
    await maria.execute("SET time_zone = '+00:00'");
    const before = await maria.texts(`SELECT id, ${shown(4)} FROM source ORDER BY id`);
    const after = await maria.texts(`SELECT id, ${shown(5)} FROM target ORDER BY id`);
    const at = COLUMNS.findIndex(([name]) => name === 'ts') + 1;
    expect(after.map((row) => row[at])).toEqual([
      '1988-07-01 09:00:00.000001',
      '2038-01-01 07:59:59.999999',
      null,
    ]);
    const others = (rows: (string | null)[][]) => rows.map((row) => row.filter((_, i) => i !== at));
    expect(others(after)).toEqual(others(before));
  });

  it('move in thousands, over several blocks and shards', async () => {
    await maria.execute(
      'DROP TABLE IF EXISTS many, many_back',
      'CREATE TABLE many (id int PRIMARY KEY, v varchar(100), n decimal(20,3))',
      "INSERT INTO many SELECT seq, concat('row ', seq, '\\t', repeat('é', seq % 40)), seq / 8 FROM seq_1_to_23456",
    );
    expect(await move(readMysql('many'), postgres.writer({ table: 'many', createTable: true }))).toEqual([]);
    expect(await postgres.texts('SELECT count(*), sum(id), sum(n), sum(length(v)) FROM many')).toEqual(
      await maria.texts('SELECT count(*), sum(id), sum(n), sum(char_length(v)) FROM many'),
    );
    expect(await move(readPostgres('many'), maria.writer({ table: 'many_back', createTable: true }))).toEqual(
      [],
    );
    expect(await maria.texts('SELECT * FROM many EXCEPT SELECT * FROM many_back')).toEqual([]);
    expect(await maria.texts('SELECT count(*) FROM many_back')).toEqual([['23456']]);
  });
});
