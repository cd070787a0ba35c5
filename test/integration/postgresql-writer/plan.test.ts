import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../core/errors/index.ts';
import type { Column } from '../../../core/types/index.ts';
import { PostgresTargetServer } from './postgres-target.ts';

const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'a', type: 'string' },
];

let target: PostgresTargetServer;
beforeAll(async () => {
  target = await PostgresTargetServer.start();
});
afterAll(() => target?.[Symbol.asyncDispose]());

const faultsOf = async (columns: readonly Column[], parameters: object): Promise<string[]> => {
  const error = await target
    .writer({ ...parameters })
    .describe(columns)
    .then(
      () => undefined,
      (fault: unknown) => fault,
    );
  if (error instanceof ConfigError) return error.faults.map(({ code, message }) => `${code} ${message}`);
  return [String((error as { code?: string })?.code)];
};

describe('the plan of a PostgreSQL target', () => {
  beforeEach(() =>
    target.execute(
      'DROP TABLE IF EXISTS t, made',
      'CREATE TABLE t (id bigint PRIMARY KEY, a text, must int NOT NULL DEFAULT 1, d timestamp(0), f real, g int GENERATED ALWAYS AS (must) STORED)',
    ),
  );

  it.each([
    ['another number of columns', COLUMNS, { column: ['id'] }, ['DST-4021']],
    ['a column twice', COLUMNS, { column: ['id', 'ID'] }, ['DST-4021']],
    ['an unknown column', COLUMNS, { column: ['id', 'nope'] }, ['DST-4021']],
    ['a generated column', COLUMNS, { column: ['id', 'g'] }, ['DST-4021']],
    ['a key that is left out', COLUMNS, { column: ['a', 'must'] }, ['DST-4021']],
    ['no such table', COLUMNS, { table: 'nope', column: ['id', 'a'] }, ['DST-4020']],
    [
      'an impossible conversion',
      [COLUMNS[0]!, { name: 'x', type: 'bytes' }],
      { column: ['id', 'd'] },
      ['DST-4022'],
    ],
    [
      'lossy conversions, all at once',
      [COLUMNS[0]!, { name: 'x', type: 'datetime', facts: { scale: 6 } }, { name: 'y', type: 'double' }],
      { column: ['id', 'd', 'f'] },
      ['DST-4022', 'DST-4022'],
    ],
    [
      'updating what is not written',
      COLUMNS,
      { column: ['id', 'a'], writeMode: 'update', updateColumn: ['f'] },
      ['DST-4021'],
    ],
    ['updateColumn without updating', COLUMNS, { column: ['id', 'a'], updateColumn: ['a'] }, ['DST-4021']],
    [
      'a conflict target that is no key',
      COLUMNS,
      { column: ['id', 'a'], writeMode: 'update', conflictTarget: ['a'] },
      ['DST-4023'],
    ],
  ] as [string, Column[], object, string[]][])('refuses %s', async (_what, columns, parameters, codes) => {
    expect((await faultsOf(columns, parameters)).map((fault) => fault.slice(0, 8))).toEqual(codes);
  });

  it('names the flag that allows a lossy conversion, and cuts when allowed', async () => {
    const columns: Column[] = [COLUMNS[0]!, { name: 'x', type: 'datetime', facts: { scale: 6 } }];
    expect(await faultsOf(columns, { column: ['id', 'd'] })).toEqual([
      expect.stringContaining('"allowLossy": true'),
    ]);
    const parameters = { column: ['id', 'd'], allowLossy: true };
    const plan = await target.writer(parameters).describe(columns);
    expect(plan.columns[1]).toMatchObject({ name: 'd', lossy: true, type: 'timestamp(0) without time zone' });
    await target.load(columns, [[[1n, '2024-01-01 23:59:59.999999']]], parameters);
    expect(await target.texts('SELECT d FROM t')).toEqual([['2024-01-01 23:59:59']]);
  });

  it('refuses updating without a primary key', async () => {
    await target.execute('CREATE TABLE made (id bigint, a text)');
    expect(await faultsOf(COLUMNS, { table: 'made', writeMode: 'update' })).toEqual(['DST-4023']);
  });

  it.each([
    [{}, 'exactly once'],
    [{ writeMode: 'update' }, 'idempotent'],
    [{ writeMode: 'insert ignore' }, 'idempotent'],
    [{ writeMode: 'update', ledger: true }, 'exactly once'],
    [{ ledger: false }, 'at least once'],
  ])('says what delivery %j gives', async (parameters, words) => {
    const { notes, location } = await target.writer({ column: ['id', 'a'], ...parameters }).describe(COLUMNS);
    expect(notes[0]?.message).toContain(words);
    expect(location).toBe(`postgresql://127.0.0.1:${target.server.port}/millrace.t`);
  });

  it('shows the table that it will create, creates it in the beginning, and uses it', async () => {
    const columns: Column[] = [
      { name: 'id', type: 'long', facts: { width: 8, unsigned: true, nullable: false, keyOrdinal: 1 } },
      { name: 'n', type: 'long', facts: { width: 2 } },
      { name: 'm', type: 'decimal', facts: { precision: 65, scale: 30 } },
      { name: 's', type: 'string', facts: { length: 20, nullable: false } },
      { name: 't', type: 'string' },
      { name: 'b', type: 'bytes', facts: { length: 20 } },
      { name: 'w', type: 'datetime', facts: { scale: 3 } },
      { name: 'z', type: 'datetime', facts: { scale: 6, zoned: true } },
      { name: 'ok', type: 'bool' },
      { name: 'day', type: 'date' },
      { name: 'clock', type: 'time', facts: { scale: 0 } },
      { name: 'x', type: 'double', facts: { width: 4 } },
      { name: 'y', type: 'double' },
    ];
    const parameters = { table: 'made', createTable: true };
    const writer = target.writer(parameters);
    const { notes } = await writer.describe(columns);
    const ddl = notes.find(({ message }) => message.includes('CREATE TABLE'))?.message;
    expect(ddl).toContain(
      '"id" numeric(20) NOT NULL, "n" smallint, "m" numeric(65,30), "s" varchar(20) NOT NULL',
    );
    expect(ddl).toContain('PRIMARY KEY ("id")');
    await writer.prepare({ jobId: 'j', runId: 'r' }, columns);
    expect(await target.texts("SELECT to_regclass('made')")).toEqual([[null]]);
    const row = [
      '18446744073709551615',
      -1n,
      `${'9'.repeat(35)}.${'1'.repeat(30)}`,
      'text',
      null,
      Buffer.from([255]),
      '2024-01-01 00:00:00.123',
      '2024-01-01 00:00:00.123456',
      true,
      '2024-02-29',
      '23:59:59',
      1.5,
      0.1,
    ];
    expect(await target.load(columns, [[row]], parameters)).toEqual([]);
    expect(await target.texts('SELECT * FROM made')).toEqual([
      [
        '18446744073709551615',
        '-1',
        row[2],
        'text',
        null,
        '\\xff',
        '2024-01-01 00:00:00.123',
        '2023-12-31 16:00:00.123456+00',
        't',
        '2024-02-29',
        '23:59:59',
        '1.5',
        '0.1',
      ],
    ]);
    expect(await target.load(columns, [[['1', ...row.slice(1)]]], parameters)).toEqual([]);
    expect(await target.texts('SELECT count(*) FROM made')).toEqual([['2']]);
  });

  it('says what is missing where the ledger cannot be created, and uses one that somebody else made', async () => {
    await target.execute(
      'DROP TABLE IF EXISTS millrace_ledger',
      'CREATE ROLE writer_only',
      'GRANT SELECT, INSERT ON t TO writer_only',
    );
    const parameters = { column: ['id', 'a'], session: ['SET ROLE writer_only'] };
    await expect(target.load(COLUMNS, [[[1n, 'a']]], parameters)).rejects.toMatchObject({
      code: 'DST-4025',
      message: expect.stringContaining('millrace_ledger'),
    });
    expect(await target.load(COLUMNS, [[[1n, 'a']]], { ...parameters, ledger: false })).toEqual([]);
    await target.load(COLUMNS, [[[2n, 'b']]], { column: ['id', 'a'] });
    await target.execute('GRANT ALL ON millrace_ledger TO writer_only');
    expect(await target.load(COLUMNS, [[[3n, 'c']]], parameters)).toEqual([]);
    await target.execute('DROP OWNED BY writer_only', 'DROP ROLE writer_only');
  });

  it('names the statement of session that fails', async () => {
    const parameters = { column: ['id', 'a'], session: ['SELECT 1', 'SELECT 1/0'] };
    await expect(target.writer(parameters).describe(COLUMNS)).rejects.toMatchObject({
      code: 'DST-4029',
      kind: 'config',
      message: expect.stringContaining('session[1]'),
    });
  });

  it('reports wrong credentials and unreachable servers as such', async () => {
    await expect(target.writer({ password: 'wrong' }).describe(COLUMNS)).rejects.toMatchObject({
      kind: 'auth',
    });
    const sleepless = { clock: { nowMs: () => 0, monotonicMs: () => 0, sleep: async () => undefined } };
    await expect(target.writer({ port: 1 }, sleepless).describe(COLUMNS)).rejects.toMatchObject({
      code: 'DST-4001',
      kind: 'transient',
    });
  });
});
