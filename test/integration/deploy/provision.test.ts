import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { bundleFunctions, formatBundles, writeBundles } from '../../../infra/deploy/bundle.ts';
import { CACHE_ENDING } from '../../../infra/deploy/loader-source.ts';
import { type DeployModel, readDeployModel } from '../../../infra/deploy/model.ts';
import { type ProvisionTarget, provision } from '../../../infra/deploy/provision.ts';
import type { FaultRule } from '../../../infra/local/service.ts';
import { ACCOUNT, testCloud } from '../local-fc/cloud.ts';

const root = path.resolve('test/fixtures');
const readModel = (): Promise<DeployModel> => readDeployModel(path.join(root, 'functions/serverless.yml'));

const targetOf = (endpoint: string): ProvisionTarget => ({
  endpoint,
  accountId: ACCOUNT,
  accessKeyId: 'key-id',
  accessKeySecret: 'key-secret',
  region: 'cn-hangzhou',
});

async function packages(model: DeployModel): Promise<Map<string, Uint8Array>> {
  const bundles = await bundleFunctions(model, { root });
  return new Map(bundles.map((each) => [each.name, each.zip]));
}

test("bundles are a loader under the handler's path, its code and a cache, the same each time", async () => {
  const model = await readModel();
  const bundles = await bundleFunctions(model, { root });
  const again = await bundleFunctions(model, { root });
  expect(bundles.map((each) => Buffer.from(each.zip).toString('hex'))).toEqual(
    again.map((each) => Buffer.from(each.zip).toString('hex')),
  );
  const sum = bundles.find((each) => each.name === 'sum')!;
  expect(Object.keys(unzipSync(sum.zip))).toEqual([
    'functions/sum/index.js',
    'functions/sum/index.code.js',
    `functions/sum/index${CACHE_ENDING}`,
  ]);
  expect(sum.packages.map((each) => each.name).sort()).toEqual(['(own)', 'fflate']);
  expect(formatBundles(bundles)).toContain('fflate');

  const folder = await mkdtemp(path.join(tmpdir(), 'bundle-test-'));
  await writeBundles(bundles, folder);
  expect(await readFile(path.join(folder, 'sum.zip'))).toEqual(Buffer.from(sum.zip));
  await rm(folder, { recursive: true });
});

test('a function without source is named', async () => {
  const model = await readModel();
  const [first] = model.functions;
  const missing = {
    ...model,
    functions: [{ ...first!, name: 'gone', handler: 'functions/gone/index.handler' }],
  };
  await expect(bundleFunctions(missing, { root })).rejects.toThrow(
    "function 'gone' has no source: functions/gone/index.ts does not exist",
  );
});

test('provisioned functions run with their environment, and a second time nothing changes', async () => {
  await using cloud = await testCloud();
  const model = await readModel();
  const zips = await packages(model);
  const target = targetOf(cloud.fc.endpoint);
  const run = () => provision(model, zips, target, { GREETING: 'hello' });

  expect((await run()).functions).toEqual({ echo: 'created', sum: 'created' });
  const echo = await cloud.client.invokeFunction<string>('fixture', 'echo', 'x');
  expect(JSON.parse(echo.data)).toEqual({ event: 'x', greeting: 'hello' });
  const sum = await cloud.client.invokeFunction<string>('fixture', 'sum', '[1,2,3]');
  expect(JSON.parse(sum.data)).toEqual({ total: 6, bytes: 3, located: true });

  const state = async () => [
    (await cloud.client.getService('fixture')).data,
    (await cloud.client.listFunctions('fixture')).data,
    (await cloud.client.listTriggers('fixture', 'echo')).data,
    (await cloud.client.getFunctionAsyncConfig('fixture', 'echo')).data,
    (await cloud.client.getFunctionAsyncConfig('fixture', 'sum')).data,
  ];
  const before = await state();
  expect((await run()).functions).toEqual({ echo: 'unchanged', sum: 'unchanged' });
  expect(await state()).toEqual(before);
  expect(cloud.fc.instances()).toHaveLength(2); // an unchanged function keeps its warm instance

  const listed = (await cloud.client.listFunctions('fixture')).data.functions;
  expect(listed.map((each) => [each.functionName, each.memorySize, each.timeout])).toEqual([
    ['echo', 256, 20],
    ['sum', 512, 5],
  ]);
  expect(listed[0]?.environmentVariables).toEqual({ GREETING: 'hello', FIXED: 'text' });
  expect((await cloud.client.getFunctionAsyncConfig('fixture', 'echo')).data.maxAsyncRetryAttempts).toBe(0);
  const [hourly] = (await cloud.client.listTriggers('fixture', 'echo')).data.triggers;
  expect(hourly?.triggerConfig).toEqual({ payload: '{"a":1}', cronExpression: '@every 1h', enable: true });
});

test('overrides, changes and removed timers are carried out', async () => {
  await using cloud = await testCloud();
  const model = await readModel();
  const zips = await packages(model);
  const target = targetOf(cloud.fc.endpoint);
  await provision(model, zips, target, { GREETING: 'a' });
  const report = await provision(
    model,
    zips,
    target,
    { GREETING: 'b' },
    { timeoutSeconds: { sum: 9 }, timers: { echo: '@every 5s' } },
  );
  expect(report.functions).toEqual({ echo: 'updated', sum: 'updated' });
  expect((await cloud.client.getFunction('fixture', 'sum')).data.timeout).toBe(9);
  const trigger = await cloud.client.getTrigger('fixture', 'echo', 'hourly');
  expect(trigger.data.triggerConfig.cronExpression).toBe('@every 5s');

  const [echo, sum] = model.functions;
  const without = { ...model, functions: [{ ...echo!, timers: [] }, sum!] };
  await provision(without, zips, target, { GREETING: 'b' });
  expect((await cloud.client.listTriggers('fixture', 'echo')).data.triggers).toEqual([]);
});

test('lost answers and refusals on the way do not change the result', async () => {
  const seen = new Map<string, number>();
  const faults: FaultRule = ({ operation, key }) => {
    const count = (seen.get(operation + key) ?? 0) + 1;
    seen.set(operation + key, count);
    if (count > 2) return undefined;
    if (count === 1) return { kind: 'lose-answer' };
    return { kind: 'refuse', status: 503, code: 'ServiceUnavailable', message: 'try later' };
  };
  await using cloud = await testCloud({ faults });
  const model = await readModel();
  await provision(model, await packages(model), targetOf(cloud.fc.endpoint), { GREETING: 'hello' });
  seen.clear();
  for (const operation of ['ListFunctionsfixture', 'ListTriggersecho']) seen.set(operation, 2);
  const { functions } = (await cloud.client.listFunctions('fixture')).data;
  expect(functions.map((each) => each.functionName)).toEqual(['echo', 'sum']);
  expect((await cloud.client.listTriggers('fixture', 'echo')).data.triggers).toHaveLength(1);
});

test('the build script does nothing where the sources are absent', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'build-test-'));
  const { mkdir, copyFile, readdir } = await import('node:fs/promises');
  await mkdir(path.join(folder, 'infra/scripts'), { recursive: true });
  await copyFile('infra/scripts/build.mjs', path.join(folder, 'infra/scripts/build.mjs'));
  await promisify(execFile)(process.execPath, [path.join(folder, 'infra/scripts/build.mjs')]);
  expect(await readdir(folder)).toEqual(['infra']);
  await rm(folder, { recursive: true });
});
