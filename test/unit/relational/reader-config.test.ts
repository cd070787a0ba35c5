import { describe, expect, it } from 'vitest';
import type { AnyConnectorDef } from '../../../core/connectors/contract.ts';
import { mysql } from '../../../core/connectors/mysql/index.ts';
import { postgresql } from '../../../core/connectors/postgresql/index.ts';
import { connectorName } from '../../../core/connectors/registry.ts';
import { checkValue } from '../../../core/job/schema/problem.ts';
import type { RelationalReaderConfig } from '../../../core/relational/read/reader-config.ts';

const login = { username: 'u', password: 'secret' };
const direct = { ...login, host: 'h', database: 'd' };

const check = (params: Record<string, unknown>, def: AnyConnectorDef = mysql) =>
  checkValue(def.reader!.schema, params, { isSecret: (key: string) => key === 'password' });

function parsed(params: Record<string, unknown>, def: AnyConnectorDef = mysql): RelationalReaderConfig {
  const checked = check(params, def);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return checked.value as RelationalReaderConfig;
}

function faults(params: Record<string, unknown>, def: AnyConnectorDef = mysql): string[] {
  const checked = check(params, def);
  if (checked.ok) return [];
  return checked.problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('parameters of relational readers', () => {
  it('takes the form of data sources', () => {
    const config = parsed({ ...direct, table: 't[0-1]', column: ['*'], where: ' ', splitPk: '' });
    expect(config.places).toHaveLength(1);
    expect(config.places[0]).toMatchObject({ tables: ['t0', 't1'], queries: [] });
    expect(config.places[0]!.connection).toMatchObject({
      addresses: [{ host: 'h', port: 3306, database: 'd' }],
      tls: false,
      connectTimeoutMs: 10_000,
      socketTimeoutMs: 600_000,
    });
    expect(config).not.toHaveProperty('where');
    expect(config).not.toHaveProperty('splitPk');
    expect(config.splitFactor).toBe(5);
  });

  it('takes the form of DataX, credentials beside a list of connections', () => {
    const connection = [
      { jdbcUrl: ['jdbc:mysql://a/x', 'jdbc:mysql://b/x'], table: ['t'] },
      { jdbcUrl: 'jdbc:mysql://c:1/y', table: ['t', 'u'] },
    ];
    const config = parsed({ ...login, connection, column: ['a', '1', 'null'], splitFactor: '2' });
    expect(config.places.map(({ connection: { addresses } }) => addresses.map(({ host }) => host))).toEqual([
      ['a', 'b'],
      ['c'],
    ]);
    expect(config.places[1]!.tables).toEqual(['t', 'u']);
    expect(config.columns).toEqual(['a', '1', 'null']);
  });

  it('takes entries without an address on the host of the step', () => {
    const connection = [{ table: ['t'] }, { table: ['t'], host: 'other', database: 'e' }];
    const config = parsed({ ...direct, connection, column: ['a'] });
    expect(config.places.map(({ connection: { addresses } }) => addresses[0])).toEqual([
      { host: 'h', port: 3306, database: 'd' },
      { host: 'other', port: 3306, database: 'e' },
    ]);
  });

  it('lets a query win over table, column, where and splitPk, and tells', () => {
    const config = parsed({
      ...direct,
      querySql: ['select 1;', ''],
      table: 't',
      column: ['a'],
      where: 'a',
      splitPk: 'a',
    });
    expect(config.places[0]).toMatchObject({ tables: [], queries: ['select 1'] });
    expect(config.ignored).toEqual(['where', 'splitPk']);
  });

  it('has the port and schema of PostgreSQL', () => {
    const config = parsed(
      { ...direct, schema: 's', tls: { ca: 'x' }, table: 's.t', column: ['*'] },
      postgresql,
    );
    expect(config.places[0]!.connection).toMatchObject({
      addresses: [{ port: 5432 }],
      schema: 's',
      tls: { ca: 'x', rejectUnauthorized: true },
    });
  });

  it.each([
    ['no table', { ...direct, column: ['*'] }, '`table` is required, or querySql'],
    ['no column', { ...direct, table: 't' }, '`column` needs at least one column, or ["*"]'],
    [
      'a star among others',
      { ...direct, table: 't', column: ['a', '*'] },
      '`column[1]`: * stands alone or not at all',
    ],
    [
      'a list as a column',
      { ...direct, table: 't', column: ['a, b'] },
      '`column[0]`: a column is a list; give each column as an entry of its own',
    ],
    [
      'two statements as a condition',
      { ...direct, table: 't', column: ['a'], where: 'a; b' },
      '`where`: holds a semicolon',
    ],
    [
      'a query that writes',
      { ...direct, querySql: 'delete from t' },
      '`querySql[0]`: the query is not a SELECT',
    ],
    ['no address', { ...login, table: 't', column: ['*'] }, '`host` is required, or jdbcUrl'],
    [
      'two addresses',
      { ...direct, jdbcUrl: 'jdbc:mysql://h/d', table: 't', column: ['*'] },
      '`host` is in jdbcUrl already; give one of the two',
    ],
    [
      'table beside connection',
      { ...direct, table: 't', connection: [{ table: 't' }], column: ['*'] },
      '`table`: belongs into the entries of connection',
    ],
    [
      'split points without a column',
      { ...direct, table: 't', column: ['*'], splitPoints: ['1'] },
      '`splitPoints` needs splitPk',
    ],
    [
      'a session',
      { ...direct, table: 't', column: ['*'], session: ['set x = 1'] },
      '`session` is not available',
    ],
    ['another encoding', { ...direct, table: 't', column: ['*'], encoding: 'gbk' }, 'encoding'],
    [
      'too many tables',
      { ...direct, table: 't[0-99999]', column: ['*'] },
      '`t[0-99999]` stands for 100000 tables',
    ],
    ['an unknown key', { ...direct, table: 't', column: ['*'], colums: [] }, 'colums'],
  ])('refuses %s', (_what, params, fault) => {
    const found = faults(params as Record<string, unknown>);
    expect(found.join('\n')).toContain(fault);
    expect(found.join('\n')).not.toContain('secret');
  });

  it('tells all faults at once, credentials once', () => {
    const connection = [
      { jdbcUrl: 'jdbc:mysql://a/x', table: 't' },
      { jdbcUrl: 'nonsense', table: 't' },
    ];
    const found = faults({ connection, column: ['a,b'] });
    expect(found).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^connection\.1\.jdbcUrl/),
        expect.stringMatching(/^column\.0/),
        expect.stringContaining('`username` is required'),
      ]),
    );
    expect(found.filter((fault) => fault.startsWith('username'))).toHaveLength(1);
  });

  it.each([
    ['polardbreader', 'mysql'],
    ['DRDS', 'mysql'],
    ['mariadbwriter', 'mysql'],
    ['analyticdbforpostgresqlreader', 'postgresql'],
    ['hologresjdbc', 'postgresql'],
    ['mysqlreader', 'mysql'],
    ['ossreader', 'oss'],
  ])('finds %s under %s', (plugin, name) => {
    expect(connectorName(plugin)).toBe(name);
  });
});
