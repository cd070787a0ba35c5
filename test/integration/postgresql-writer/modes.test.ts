import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Column } from '../../../core/types/index.ts';
import { PostgresTargetServer } from './postgres-target.ts';

const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'a', type: 'string' },
];
const column = ['id', 'a'];

let target: PostgresTargetServer;
beforeAll(async () => {
  target = await PostgresTargetServer.start();
});
afterAll(() => target?.[Symbol.asyncDispose]());

describe('writing PostgreSQL', () => {
  beforeEach(() =>
    target.execute(
      'DROP TABLE IF EXISTS t, t2',
      "CREATE TABLE t (id bigint PRIMARY KEY, a text, b text DEFAULT 'default', c int GENERATED ALWAYS AS (id * 2) STORED)",
      "INSERT INTO t VALUES (2, 'old', 'kept')",
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

  it.each(['insert', 'INSERT', 'copy', 'insert into'])(
    '%s is accepted, unlike in DataX',
    async (writeMode) => {
      await target.execute('DELETE FROM t');
      expect(await target.load(COLUMNS, [block], { column, writeMode })).toEqual([]);
    },
  );

  it('insert ignore keeps the old row, and the first of two new ones', async () => {
    const twice = [...block, [4n, 'first'], [4n, 'second']];
    expect(await target.load(COLUMNS, [twice], { column, writeMode: 'insert ignore' })).toEqual([]);
    expect(await rows()).toEqual([
      ['1', 'one', 'default', '2'],
      ['2', 'old', 'kept', '4'],
      ['3', 'three', 'default', '6'],
      ['4', 'first', 'default', '8'],
    ]);
  });

  it.each(['update', 'upsert'])(
    '%s sets the written columns only; of equal keys the last row counts',
    async (writeMode) => {
      const twice = [...block, [4n, 'first'], [4n, 'second']];
      expect(await target.load(COLUMNS, [twice], { column, writeMode })).toEqual([]);
      expect(await rows()).toEqual([
        ['1', 'one', 'default', '2'],
        ['2', 'two', 'kept', '4'],
        ['3', 'three', 'default', '6'],
        ['4', 'second', 'default', '8'],
      ]);
    },
  );

  it('replace sets the columns that are not written to their defaults', async () => {
    expect(await target.load(COLUMNS, [block], { column, writeMode: 'replace' })).toEqual([]);
    expect(await rows()).toEqual([
      ['1', 'one', 'default', '2'],
      ['2', 'two', 'default', '4'],
      ['3', 'three', 'default', '6'],
    ]);
  });

  it('updateColumn restricts what is set', async () => {
    const wide = [...COLUMNS, { name: 'b', type: 'string' } as const];
    const parameters = { column: ['id', 'a', 'b'], writeMode: 'update', updateColumn: ['b'] };
    await target.load(wide, [[[2n, 'new', 'new']]], parameters);
    expect(await rows()).toEqual([['2', 'old', 'new', '4']]);
  });

  it('goes by the unique key of conflictTarget, in which nulls are never equal', async () => {
    await target.execute(
      'CREATE TABLE t2 (id bigint PRIMARY KEY, k text, v text, UNIQUE (k))',
      "INSERT INTO t2 VALUES (1, 'x', 'old'), (2, NULL, 'old')",
    );
    const columns = [...COLUMNS, { name: 'v', type: 'string' } as const];
    const parameters = { table: 't2', column: ['id', 'k', 'v'], writeMode: 'update', conflictTarget: ['k'] };
    const input = [
      [3n, 'x', 'a'],
      [4n, null, 'b'],
      [5n, null, 'c'],
      [6n, 'x', 'd'],
    ];
    const faults = await target.load(columns, [input], parameters);
    expect(faults).toEqual([]);
    expect(await target.texts('SELECT * FROM t2 ORDER BY id')).toEqual([
      ['2', null, 'old'],
      ['4', null, 'b'],
      ['5', null, 'c'],
      ['6', 'x', 'd'],
    ]);
  });

  it('finds the row of another unique key that an update violates', async () => {
    await target.execute(
      'CREATE TABLE t2 (id bigint PRIMARY KEY, a text UNIQUE)',
      "INSERT INTO t2 VALUES (9, 'taken')",
    );
    const input = Array.from({ length: 50 }, (_, i) => [BigInt(i + 10), i === 33 ? 'taken' : `free ${i}`]);
    const faults = await target.load(COLUMNS, [input], { table: 't2', column, writeMode: 'update' });
    expect(faults.map(({ row, error }) => [row, error.code])).toEqual([[33, 'DST-4026']]);
    expect(await target.texts('SELECT count(*) FROM t2')).toEqual([['50']]);
  });

  it('checks of the commit are made row by row when one fails', async () => {
    await target.execute(
      'CREATE TABLE t2 (id bigint, a text, UNIQUE (id) DEFERRABLE INITIALLY DEFERRED)',
      "INSERT INTO t2 VALUES (2, 'old')",
    );
    const faults = await target.load(COLUMNS, [block], { table: 't2', column });
    expect(faults.map(({ row }) => row)).toEqual([1]);
    expect(await target.texts('SELECT id FROM t2 ORDER BY id')).toEqual([['1'], ['2'], ['3']]);
  });

  it('a row that a trigger refuses is dirty', async () => {
    await target.execute(
      'CREATE TABLE t2 (id bigint, a text)',
      `CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$BEGIN IF NEW.id = 2 THEN RAISE EXCEPTION 'no twos'; END IF; RETURN NEW; END$$`,
      'CREATE TRIGGER refuse BEFORE INSERT ON t2 FOR EACH ROW EXECUTE FUNCTION refuse()',
    );
    const faults = await target.load(COLUMNS, [block], { table: 't2', column });
    expect(faults.map(({ row, error }) => [row, error.message])).toEqual([
      [1, expect.stringContaining('no twos')],
    ]);
  });

  it('empty text is null in columns that hold no text, unless the job says otherwise', async () => {
    await target.execute('CREATE TABLE t2 (n int, v varchar(5), d date)');
    const columns = ['n', 'v', 'd'].map((name): Column => ({ name, type: 'string' }));
    expect(await target.load(columns, [[['', '', '']]], { table: 't2' })).toEqual([]);
    expect(await target.texts('SELECT * FROM t2')).toEqual([[null, '', null]]);
    const faults = await target.load(columns, [[['', '', '']]], { table: 't2', emptyAsNull: false });
    expect(faults.map(({ row, column: at }) => [row, at])).toEqual([[0, 0]]);
  });

  it('writes tables of other schemas, names that need quotes, and names by their case', async () => {
    await target.execute(
      'DROP SCHEMA IF EXISTS "Other" CASCADE',
      'CREATE SCHEMA "Other"',
      'CREATE TABLE "Other"."T "" x" ("Id" bigint, "select" text)',
    );
    const parameters = { table: '"Other"."T "" x"', column: ['"Id"', 'SELECT'] };
    expect(await target.load(COLUMNS, [block], parameters)).toEqual([]);
    expect(await target.texts('SELECT count(*) FROM "Other"."T "" x"')).toEqual([['3']]);
    expect(await target.texts('SELECT count(*) FROM "Other".millrace_ledger')).toEqual([['1']]);
  });

  it('executes preSql once, with statements that stand outside transactions', async () => {
    await target.load(COLUMNS, [block], {
      column,
      preSql: ['truncate table @table', ''],
      postSql: ['VACUUM @table', 'ANALYZE @table'],
    });
    expect(await rows()).toHaveLength(3);
  });

  it('runs session statements on every connection', async () => {
    await target.execute(
      'CREATE TABLE t2 (id bigint, a text)',
      'DROP ROLE IF EXISTS loader',
      'CREATE ROLE loader',
    );
    await target.execute('GRANT ALL ON t2 TO loader', 'GRANT ALL ON SCHEMA public TO loader');
    await target.execute('DROP TABLE IF EXISTS millrace_ledger');
    await target.load(COLUMNS, [block], { table: 't2', column, session: ['SET ROLE loader'] });
    expect(
      await target.texts(
        "SELECT tableowner FROM pg_tables WHERE tablename = 'millrace_ledger' AND schemaname = 'public'",
      ),
    ).toEqual([['loader']]);
    await target.execute('DROP TABLE millrace_ledger', 'DROP OWNED BY loader', 'DROP ROLE loader');
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
});
