// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${env:NAME}` is the notation of references
import { expect, it } from 'vitest';
import { mysql } from '../../../core/connectors/mysql/index.ts';
import { type DataSources, resolveStep, type SecretSource } from '../../../core/job/index.ts';
import type { RelationalReaderConfig } from '../../../core/relational/read/reader-config.ts';

const shard = (host: string, key: string) => ({
  type: 'mysql',
  host,
  database: 'shop',
  username: 'reader',
  password: `\${env:${key}}`,
});
const dataSources: DataSources = { east: shard('east.example', 'EAST'), west: shard('west.example', 'WEST') };
const secrets: SecretSource = {
  env: (name) => ({ EAST: 'east-secret', WEST: 'west-secret' })[name],
  file: () => undefined,
};

const resolve = (connection: readonly object[]): unknown =>
  resolveStep(
    { type: 'mysql', path: 'steps[0].parameter', params: { column: ['*'], connection: connection as never } },
    'reader',
    mysql,
    dataSources,
    secrets,
  );

it('each database of a list may be a data source of its own', () => {
  const config = resolve([
    { datasource: 'east', table: ['orders_[0-1]'] },
    { datasource: 'west', table: ['orders_2'] },
  ]) as RelationalReaderConfig;
  expect(config.places).toMatchObject([
    {
      connection: { addresses: [{ host: 'east.example' }], password: 'east-secret' },
      tables: ['orders_0', 'orders_1'],
    },
    { connection: { addresses: [{ host: 'west.example' }], password: 'west-secret' }, tables: ['orders_2'] },
  ]);
});

it('a data source that is not there is told at its entry', () => {
  expect(() =>
    resolve([
      { datasource: 'east', table: 'a' },
      { datasource: 'wst', table: 'b' },
    ]),
  ).toThrow(
    expect.objectContaining({
      faults: [
        expect.objectContaining({ code: 'JOB-1018', path: 'steps[0].parameter.connection[1].datasource' }),
      ],
    }),
  );
});

it('a secret deep inside a list is never shown', () => {
  const entry = { host: 'h', database: 'd', username: 'u', password: ['hunter2'], table: 't' };
  try {
    resolve([entry]);
    expect.unreachable();
  } catch (error) {
    expect(JSON.stringify(error)).toContain('password');
    expect(JSON.stringify(error)).not.toContain('hunter2');
    expect(String(error)).not.toContain('hunter2');
  }
});
