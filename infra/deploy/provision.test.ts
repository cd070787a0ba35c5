import { expect, test } from 'vitest';
import { parseDeployModel } from './model.ts';
import { functionEnvironment, ProvisionError, provision } from './provision.ts';

const model = parseDeployModel(`
service: s
provider:
  name: aliyun
  runtime: nodejs20
  memorySize: 256
  timeout: 60
  environment: { NEEDED: '\${env:NEEDED}', EMPTY: "\${env:EMPTY, ''}", FIXED: text }
functions:
  f: { handler: functions/f/index.handler }
`);
const definition = model.functions[0]!;
const nowhere = {
  endpoint: 'http://127.0.0.1:9',
  accountId: '1',
  accessKeyId: 'k',
  accessKeySecret: 's',
  region: 'cn-hangzhou',
};

test('declared variables are resolved, empty defaults left out, the rest passed on', () => {
  expect(functionEnvironment(definition, { NEEDED: '1', OTHER: '2' })).toEqual({
    NEEDED: '1',
    FIXED: 'text',
    OTHER: '2',
  });
});

test('a variable without default must be set', () => {
  expect(() => functionEnvironment(definition, {})).toThrow(ProvisionError);
  expect(() => functionEnvironment(definition, {})).toThrow('NEEDED');
});

test('an environment that the platform would refuse is refused before', () => {
  const room = 4_096 - 'NEEDED'.length - 'FIXEDtext'.length;
  functionEnvironment(definition, { NEEDED: 'x'.repeat(room) });
  expect(() => functionEnvironment(definition, { NEEDED: 'x'.repeat(room + 1) })).toThrow('4097 bytes');
});

test('everything is checked before the first call', async () => {
  const zips = new Map([['f', new Uint8Array(1)]]);
  await expect(provision(model, new Map(), nowhere, { NEEDED: '1' })).rejects.toThrow('no code package');
  await expect(
    provision(model, zips, nowhere, { NEEDED: '1' }, { timers: { g: '@every 1s' } }),
  ).rejects.toThrow("override for 'g'");
});
