import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Column } from '../../../core/types/index.ts';
import { MysqlTargetServer } from './mysql-target.ts';

const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'a', type: 'string' },
];
const column = ['id', 'a'];

let target: MysqlTargetServer;
beforeAll(async () => {
  target = await MysqlTargetServer.start();
});
afterAll(() => target?.[Symbol.asyncDispose]());

describe('writing MariaDB', () => {
  beforeEach(() =>
    target.execute(
      'DROP TABLE IF EXISTS t, t2',
      "CREATE TABLE t (id bigint PRIMARY KEY, a varchar(20), b varchar(20) DEFAULT 'default', c int AS (id * 2) STORED)",
      "INSERT INTO t (id, a, b) VALUES (2, 'old', 'kept')",
    ),
  );
  const rows = () => target.texts('SELECT id, a, b, c FROM t ORDER BY id');
  const block = [
    [1n, 'one'],
    [2n, 'two'],
    [3n, 'three'],
  ];

  it('insert: a doubled key makes its row dirty, the others are there', async () => {
    const faults = await target.load(COLUMNS, [block], { column, batchSize: 3 });
    expect(faults.map(({ row, error }) => [row, error.code])).toEqual([[1, 'DST-4026']]);
    expect(await rows()).toEqual([
      ['1', 'one', 'default', '2'],
      ['2', 'old', 'kept', '4'],
      ['3', 'three', 'default', '6'],
    ]);
  });

  it('insert ignore keeps the old row, and the first of two new ones; other faults stay faults', async () => {
    const input = [...block, [4n, 'first'], [4n, 'second'], [5n, 'x'.repeat(21)]];
    const faults = await target.load(COLUMNS, [input], { column, writeMode: 'insert ignore' });
    expect(faults.map(({ row }) => row)).toEqual([5]);
    expect(await rows()).toEqual([
      ['1', 'one', 'default', '2'],
      ['2', 'old', 'kept', '4'],
      ['3', 'three', 'default', '6'],
      ['4', 'first', 'default', '8'],
    ]);
  });

  it.each(['update', 'on duplicate key update'])(
    '%s sets the written columns only; the last row counts',
    async (writeMode) => {
      const input = [...block, [4n, 'first'], [4n, 'second']];
      expect(await target.load(COLUMNS, [input], { column, writeMode })).toEqual([]);
      expect(await rows()).toEqual([
        ['1', 'one', 'default', '2'],
        ['2', 'two', 'kept', '4'],
        ['3', 'three', 'default', '6'],
        ['4', 'second', 'default', '8'],
      ]);
    },
  );

  it.each(['replace', 'REPLACE  into'])(
    '%s sets the columns that are not written to their defaults',
    async (writeMode) => {
      expect(await target.load(COLUMNS, [block], { column, writeMode })).toEqual([]);
      expect(await rows()).toEqual([
        ['1', 'one', 'default', '2'],
        ['2', 'two', 'default', '4'],
        ['3', 'three', 'default', '6'],
      ]);
    },
  );

  it.each(['upsert', 'copy', 'insert; drop table t', 'delete'])('%s is no mode here', (writeMode) => {
    expect(() => target.writer({ column, writeMode })).toThrow(/insert ignore, .*replace, .*update/);
  });

  it('updateColumn restricts what is set', async () => {
    const wide = [...COLUMNS, { name: 'b', type: 'string' } as const];
    const parameters = { column: ['id', 'a', 'b'], writeMode: 'update', updateColumn: ['b'] };
    await target.load(wide, [[[2n, 'new', 'new']]], parameters);
    expect(await rows()).toEqual([['2', 'old', 'new', '4']]);
  });

  it('zero is a value of a counting column, and a left out one counts by itself', async () => {
    await target.execute('CREATE TABLE t2 (id bigint AUTO_INCREMENT PRIMARY KEY, a varchar(20))');
    expect(await target.load(COLUMNS, [[[0n, 'zero']]], { table: 't2', column })).toEqual([]);
    expect(await target.load([COLUMNS[1]!], [[['next']]], { table: 't2', column: ['a'] })).toEqual([]);
    expect(await target.texts('SELECT id, a FROM t2 ORDER BY id')).toEqual([
      ['0', 'zero'],
      ['1', 'next'],
    ]);
  });

  it('a row that a trigger, a check or a reference refuses is dirty', async () => {
    await target.execute(
      'DROP TABLE IF EXISTS child',
      'CREATE TABLE child (id bigint REFERENCES t (id), a varchar(20), CHECK (a <> "three"), FOREIGN KEY (id) REFERENCES t (id)) ENGINE=InnoDB',
      'INSERT INTO t (id) VALUES (1), (3), (4)',
      `CREATE TRIGGER refuse BEFORE INSERT ON child FOR EACH ROW
       IF NEW.id = 2 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no twos'; END IF`,
    );
    const faults = await target.load(COLUMNS, [[...block, [4n, 'four'], [5n, 'orphan'], [null, null]]], {
      table: 'child',
      column,
    });
    expect(faults.map(({ row, error }) => [row, error.code])).toEqual([
      [1, 'DST-4027'],
      [2, 'DST-4026'],
      [4, 'DST-4026'],
    ]);
    expect(await target.texts('SELECT id FROM child ORDER BY id')).toEqual([[null], ['1'], ['4']]);
    await target.execute('DROP TABLE child');
  });

  it('empty text is null in columns that hold no text, unless the job says otherwise', async () => {
    await target.execute('CREATE TABLE t2 (n int, v varchar(5), d date)');
    const columns = ['n', 'v', 'd'].map((name): Column => ({ name, type: 'string' }));
    expect(await target.load(columns, [[['', '', '']]], { table: 't2' })).toEqual([]);
    expect(await target.texts('SELECT * FROM t2')).toEqual([[null, '', null]]);
    const faults = await target.load(columns, [[['', '', '']]], { table: 't2', emptyAsNull: false });
    expect(faults.map(({ row, column: at }) => [row, at])).toEqual([[0, 0]]);
  });

  it('writes tables of other databases and names that need quotes', async () => {
    await target.execute(
      'DROP DATABASE IF EXISTS `Ot``her`',
      'CREATE DATABASE `Ot``her`',
      'CREATE TABLE `Ot``her`.`T x 中` (`Id` bigint, `select` varchar(20))',
    );
    const parameters = { table: '`Ot``her`.`T x 中`', column: ['`Id`', 'SELECT'] };
    expect(await target.load(COLUMNS, [block], parameters)).toEqual([]);
    expect(await target.texts('SELECT count(*) FROM `Ot``her`.`T x 中`')).toEqual([['3']]);
    expect(await target.texts('SELECT count(*) FROM `Ot``her`.millrace_ledger')).toEqual([['1']]);
  });

  it('an engine without transactions keeps no ledger, says so, and can do without', async () => {
    await target.execute('CREATE TABLE t2 (id bigint PRIMARY KEY, a varchar(20)) ENGINE=MyISAM');
    await expect(target.writer({ table: 't2' }).describe(COLUMNS)).rejects.toMatchObject({
      code: 'DST-4025',
      message: expect.stringContaining('MyISAM'),
    });
    const faults = await target.load(COLUMNS, [[[2n, 'there'], ...block, [2n, 'again']]], {
      table: 't2',
      ledger: false,
    });
    expect(faults.map(({ row }) => row)).toEqual([2, 4]);
    expect(await target.texts('SELECT id, a FROM t2 ORDER BY id')).toEqual([
      ['1', 'one'],
      ['2', 'there'],
      ['3', 'three'],
    ]);
    await target.load(COLUMNS, [block], { table: 't2', writeMode: 'replace' });
    expect(await target.texts('SELECT a FROM t2 WHERE id = 2')).toEqual([['two']]);
  });

  it('cuts statements at batchByteSize, and refuses rows beyond max_allowed_packet', async () => {
    await target.execute(
      'CREATE TABLE t2 (id bigint, a longtext)',
      'SET GLOBAL max_allowed_packet = 1048576',
    );
    try {
      const input = Array.from({ length: 12 }, (_, i) => [
        BigInt(i),
        'x'.repeat(i === 5 ? 1_100_000 : 200_000),
      ]);
      const faults = await target.load(COLUMNS, [input], { table: 't2', batchSize: 1000 });
      expect(faults.map(({ row, error }) => [row, error.code])).toEqual([[5, 'DST-4028']]);
      expect(await target.texts('SELECT count(*), sum(length(a)) FROM t2')).toEqual([['11', '2200000']]);
    } finally {
      await target.execute('SET GLOBAL max_allowed_packet = 67108864');
    }
  });

  it('sends rows larger than one packet of the protocol', async () => {
    await target.execute('CREATE TABLE t2 (id bigint, a longtext)');
    const big = 'y'.repeat(17 * 1024 * 1024);
    expect(await target.load(COLUMNS, [[[1n, big]]], { table: 't2' })).toEqual([]);
    expect(await target.texts('SELECT length(a) FROM t2')).toEqual([[String(big.length)]]);
  });

  it('goes through TLS when asked, and refuses a server that it cannot know', async () => {
    const { ca } = target.server;
    await target.execute('DELETE FROM t');
    expect(await target.load(COLUMNS, [block], { column, host: 'localhost', tls: { ca } })).toEqual([]);
    await expect(
      target.load(COLUMNS, [block], { column, host: 'localhost', tls: true }),
    ).rejects.toMatchObject({
      kind: 'auth',
    });
  });

  it('several statements in one are refused', async () => {
    await expect(
      target.load(COLUMNS, [block], { column, preSql: ['DELETE FROM t; DROP TABLE t'] }),
    ).rejects.toMatchObject({ code: 'DST-4029' });
    expect(await rows()).toHaveLength(1);
  });

  it('loads plain inserts by file while every row is taken, and by statements where one is not', async () => {
    const loads = async () => Number((await target.texts("SHOW GLOBAL STATUS LIKE 'Com_load'"))[0]?.[1]);
    await target.execute('DELETE FROM t');
    const before = await loads();
    expect(await target.load(COLUMNS, [block, [[4n, 'four']]], { column })).toEqual([]);
    expect((await loads()) - before).toBe(2);
    expect(
      await target.load(
        COLUMNS,
        [
          [[5n, 'five']],
          [
            [5n, 'again'],
            [6n, 'six'],
          ],
          [[7n, 'seven']],
        ],
        { column },
      ),
    ).toHaveLength(1);
    expect((await loads()) - before).toBe(4);
    await target.load(COLUMNS, [[[8n, 'eight']]], { column, loadData: false });
    await target.load(COLUMNS, [[[8n, 'eight']]], { column, writeMode: 'update' });
    expect((await loads()) - before).toBe(4);
    expect(await target.texts('SELECT group_concat(id ORDER BY id) FROM t')).toEqual([['1,2,3,4,5,6,7,8']]);
  });

  it('works against a server that takes no local files', async () => {
    await target.execute('SET GLOBAL local_infile = 0');
    try {
      expect(await target.load(COLUMNS, [block.filter(([id]) => id !== 2n)], { column })).toEqual([]);
    } finally {
      await target.execute('SET GLOBAL local_infile = 1');
    }
    expect(await rows()).toHaveLength(3);
  });
});
