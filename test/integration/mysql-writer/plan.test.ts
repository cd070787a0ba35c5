import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../core/errors/index.ts';
import type { Column } from '../../../core/types/index.ts';
import { MysqlTargetServer } from './mysql-target.ts';

const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'a', type: 'string' },
];

let target: MysqlTargetServer;
beforeAll(async () => {
  target = await MysqlTargetServer.start();
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

describe('the plan of a MySQL target', () => {
  beforeEach(() =>
    target.execute(
      'DROP TABLE IF EXISTS t, made',
      'CREATE TABLE t (id bigint PRIMARY KEY, a text, must int NOT NULL DEFAULT 1, d datetime, f float, g int AS (must) STORED)',
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
    expect(plan.columns[1]).toMatchObject({ name: 'd', lossy: true, type: 'datetime' });
    await target.load(columns, [[[1n, '2024-01-01 23:59:59.999999']]], parameters);
    expect(await target.texts('SELECT d FROM t')).toEqual([['2024-01-01 23:59:59']]);
  });

  it('keeps a ledger where an update has no key to go by', async () => {
    await target.execute('CREATE TABLE made (id bigint, a text)');
    const { notes } = await target.writer({ table: 'made', writeMode: 'update' }).describe(COLUMNS);
    expect(notes[0]?.message).toContain('exactly once');
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
    expect(location).toBe(`mysql://127.0.0.1:${target.server.port}/millrace.t`);
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
      '`id` bigint unsigned NOT NULL, `n` smallint NULL, `m` decimal(65,30) NULL, `s` varchar(20) NOT NULL, `t` longtext',
    );
    expect(ddl).toContain('PRIMARY KEY (`id`)) ENGINE=InnoDB');
    expect(notes).toContainEqual({ level: 'warning', message: expect.stringContaining('wall-clock') });
    await writer.prepare({ jobId: 'j', runId: 'r' }, columns);
    expect(await target.texts("SHOW TABLES LIKE 'made'")).toEqual([]);
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
    expect(await target.texts('SELECT id, n, m, s, t, hex(b), w, z, ok, day, clock, x, y FROM made')).toEqual(
      [
        [
          '18446744073709551615',
          '-1',
          row[2],
          'text',
          null,
          'FF',
          '2024-01-01 00:00:00.123',
          '2024-01-01 00:00:00.123456',
          '1',
          '2024-02-29',
          '23:59:59',
          '1.5',
          '0.1',
        ],
      ],
    );
    expect(await target.load(columns, [[['1', ...row.slice(1)]]], parameters)).toEqual([]);
    expect(await target.texts('SELECT count(*) FROM made')).toEqual([['2']]);
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
