// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${env:NAME}` is the notation of references
import { describe, expect, test } from 'vitest';
import { resolveSecrets, resolveStep, type SecretSource, type StepModel } from '../../../core/job/index.ts';
import { dataSources, fakes, faultsOf, load } from './fake-connectors.ts';

const secrets: SecretSource = {
  env: (name) =>
    ({ SHOP_ID: 'shop-id', SHOP_KEY: 'shop-key', HOST: 'https://evil.example', EMPTY: '' })[name],
  file: (path) => ({ 'lake.key': 'lake-key\n' })[path],
};

const step = (type: string, params: StepModel['params']): StepModel => ({
  type,
  params,
  path: 'steps[0].parameter',
});
const ORDERS = { datasource: 'shop', table: 'orders', column: ['id'] };

describe('resolving a step', () => {
  test('merges the data source, fetches secrets, reads scalars and adds defaults', () => {
    const config = resolveStep(
      step('rows', { ...ORDERS, maxRetryTime: '3' }),
      'reader',
      fakes.rows!,
      dataSources,
      secrets,
    );
    expect(config).toEqual({
      endpoint: 'https://shop.example',
      instanceName: 'shop',
      accessId: 'shop-id',
      accessKey: 'shop-key',
      table: 'orders',
      column: ['id'],
      maxRetryTime: 3,
      newVersion: false,
      mode: 'normal',
    });
  });

  test('the last line break of a secret file is no part of the secret', () => {
    const params = { datasource: 'lake', object: 'o', writeMode: 'append' };
    const config = resolveStep(step('files', params), 'writer', fakes.files!, dataSources, secrets);
    expect(config).toMatchObject({ accessKey: 'lake-key', accessId: 'lake-id' });
  });

  test('parameters of the step win over the data source', () => {
    const own = { ...ORDERS, endpoint: 'https://other.example', accessKey: '${env:SHOP_ID}' };
    const config = resolveStep(step('rows', own), 'reader', fakes.rows!, dataSources, secrets);
    expect(config).toMatchObject({
      endpoint: 'https://other.example',
      accessKey: 'shop-id',
      accessId: 'shop-id',
    });
  });

  test('a reference outside credentials stays text: a stored step cannot send secrets away', () => {
    const own = { ...ORDERS, table: '${env:SHOP_KEY}', endpoint: '${env:HOST}' };
    const config = resolveStep(step('rows', own), 'reader', fakes.rows!, dataSources, secrets);
    expect(config).toMatchObject({ table: '${env:SHOP_KEY}', endpoint: '${env:HOST}' });
  });

  test.each([
    ['an absent variable', { ...ORDERS, accessKey: '${env:NOPE}' }, 'JOB-1020', /`NOPE` is absent or empty/],
    ['an empty variable', { ...ORDERS, accessKey: '${env:EMPTY}' }, 'JOB-1020', /`EMPTY`/],
    ['an absent file', { ...ORDERS, accessKey: '${file:none}' }, 'JOB-1020', /the file `none`/],
    ['an unknown data source', { ...ORDERS, datasource: 'nope' }, 'JOB-1018', /`nope`/],
    ['an inherited name of objects', { ...ORDERS, datasource: 'toString' }, 'JOB-1018', /`toString`/],
    ['a data source that is no name', { ...ORDERS, datasource: 5 }, 'JOB-1006', /name of a data source/],
    ['an unknown key', { ...ORDERS, tabel: 'x' }, 'JOB-1004', /`tabel`/],
  ])('refuses %s', async (_, params, code, message) => {
    const faults = await faultsOf(() =>
      resolveStep(step('rows', params), 'reader', fakes.rows!, dataSources, secrets),
    );
    expect(faults).toEqual([
      expect.objectContaining({
        code,
        message: expect.stringMatching(message),
        path: expect.stringMatching(/^steps\[0\]\.parameter\./),
      }),
    ]);
  });

  test('refuses a side that the connector lacks', async () => {
    const [fault] = await faultsOf(() =>
      resolveStep(step('rows', {}), 'writer', fakes.rows!, dataSources, secrets),
    );
    expect(fault?.code).toBe('JOB-1013');
  });

  test('a loaded job resolves after it was stored as JSON', async () => {
    const { job } = await load(`{"steps": [
      {"category": "reader", "stepType": "rows", "parameter": {"datasource": "shop", "table": "t", "column": ["a"]}},
      {"category": "writer", "stepType": "files", "parameter": {"datasource": "lake", "object": "o", "writeMode": "append"}}]}`);
    const stored: typeof job = JSON.parse(JSON.stringify(job));
    expect(JSON.stringify(stored)).not.toMatch(/shop-key|lake-key|\$\{/);
    const config = resolveStep(stored.reader, 'reader', fakes.rows!, dataSources, secrets);
    expect(config).toMatchObject({ accessKey: 'shop-key' });
  });
});

describe('resolving secrets', () => {
  test('replaces whole texts at any depth and leaves everything else', () => {
    const value = {
      a: '${env:SHOP_ID}',
      b: ['x', { c: '${env:SHOP_KEY}' }],
      d: 'x${env:SHOP_ID}',
      e: 5,
      f: null,
    };
    expect(resolveSecrets(value, secrets)).toEqual({ ...value, a: 'shop-id', b: ['x', { c: 'shop-key' }] });
  });

  test('names every reference without a value', async () => {
    const faults = await faultsOf(() =>
      resolveSecrets({ a: '${env:X}', b: { c: '${file:y}' } }, secrets, 'state'),
    );
    expect(faults.map((fault) => fault.path)).toEqual(['state.a', 'state.b.c']);
  });
});
