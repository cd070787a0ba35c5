import { describe, expect, it } from 'vitest';
import { mysqlWriterSchema } from '../../../../core/connectors/mysql/write/config.ts';
import { postgresWriterSchema } from '../../../../core/connectors/postgresql/write/config.ts';
import { withoutPreparation } from '../../../../core/relational/write/parameters.ts';

const base = { host: 'h', database: 'd', username: 'u', password: 'p', table: 't', column: ['a'] };
const faultsOf = (
  schema: typeof mysqlWriterSchema | typeof postgresWriterSchema,
  value: object,
): string[] => {
  const parsed = schema.safeParse(value);
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

describe('parameters of the relational writers', () => {
  it('have defaults', () => {
    expect(mysqlWriterSchema.parse(base)).toMatchObject({
      table: 't',
      rule: 'fail',
      emptyAsNull: true,
      allowLossy: false,
      createTable: false,
      ledger: undefined,
      loadData: true,
      batchSize: undefined,
      batchByteSize: 33_554_432,
      preSql: [],
    });
  });

  it('are accepted as DataX jobs write them', () => {
    const { host: _host, database: _database, table: _table, ...rest } = base;
    const job = {
      ...rest,
      connection: [
        { jdbcUrl: 'jdbc:mysql://db:3307/shop?useUnicode=true&characterEncoding=utf8', table: ['orders'] },
      ],
      writeMode: 'insert',
      batchSize: '1024',
      session: ['set session wait_timeout=300'],
      preSql: 'delete from @table',
      emptyAsNull: 'false',
    };
    expect(mysqlWriterSchema.parse(job)).toMatchObject({
      table: 'orders',
      connection: { addresses: [{ host: 'db', port: 3307, database: 'shop' }] },
      batchSize: 1024,
      preSql: ['delete from @table'],
      emptyAsNull: false,
    });
    const postgres = {
      ...job,
      connection: [{ jdbcUrl: 'jdbc:postgresql://db/shop', table: ['public.orders'] }],
    };
    expect(postgresWriterSchema.parse(postgres)).toMatchObject({
      table: 'public.orders',
      limits: { rows: 1024, bytes: 33_554_432 },
    });
  });

  it.each([
    ['INSERT', 'fail'],
    [' insert   INTO ', 'fail'],
    ['insert ignore', 'keep'],
    ['Replace', 'replace'],
    ['update', 'update'],
    ['', 'fail'],
  ])('MySQL writeMode `%s` is %s', (writeMode, rule) => {
    expect(mysqlWriterSchema.parse({ ...base, writeMode })).toMatchObject({ rule });
  });

  it.each([
    ['copy', 'fail'],
    ['upsert', 'update'],
    ['UPDATE', 'update'],
    ['ignore', 'keep'],
    ['replace', 'replace'],
  ])('PostgreSQL writeMode `%s` is %s', (writeMode, rule) => {
    expect(postgresWriterSchema.parse({ ...base, writeMode })).toMatchObject({ rule });
  });

  it('refuse modes that the database does not have, by name', () => {
    expect(faultsOf(mysqlWriterSchema, { ...base, writeMode: 'upsert' })).toEqual([
      'writeMode: writeMode: `upsert` does not exist here; there are insert, insert into, insert ignore, ' +
        'insert ignore into, replace, replace into, update, on duplicate key update',
    ]);
    expect(faultsOf(postgresWriterSchema, { ...base, writeMode: 'truncate' })).toHaveLength(1);
    // An inherited name is no mode.
    expect(faultsOf(postgresWriterSchema, { ...base, writeMode: 'constructor' })).toHaveLength(1);
  });

  it.each([
    ['no table', { table: undefined }, /^table: .*required/],
    [
      'two tables: DataX pairs them with tasks, which a run does not know',
      { table: ['a', 'b'] },
      /^table: .*one table/,
    ],
    ['two connections', { connection: [{}, {}] }, /^connection/],
    ['a table twice', { connection: [{ table: 't' }] }, /^table: .*connection already/],
    ['no column', { column: [] }, /^column/],
    ['a batch of no rows', { batchSize: 0 }, /^batchSize/],
    ['an unknown key', { writemode: 'insert' }, /writemode/],
    ['options of the driver', { multipleStatements: true }, /multipleStatements/],
    ['no password', { password: undefined }, /^password/],
  ])('refuse %s', (_what, change, message) => {
    for (const schema of [mysqlWriterSchema, postgresWriterSchema]) {
      const faults = faultsOf(schema, { ...base, ...change });
      expect(faults).toHaveLength(1);
      expect(faults[0]).toMatch(message);
    }
  });

  it('refuse conflictTarget where nothing conflicts', () => {
    expect(faultsOf(postgresWriterSchema, { ...base, conflictTarget: ['a'] })).toHaveLength(1);
    expect(faultsOf(postgresWriterSchema, { ...base, conflictTarget: ['a'], writeMode: 'update' })).toEqual(
      [],
    );
  });

  it('empty nothing when rows come beside those of an earlier run', () => {
    expect(withoutPreparation({ table: 't', preSql: ['truncate table @table'] })).toEqual({
      table: 't',
      preSql: [],
    });
  });
});
