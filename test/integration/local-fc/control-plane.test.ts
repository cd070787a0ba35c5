import { expect, test } from 'vitest';
import { clientOf, createFunction, packageOf, testCloud, until } from './cloud.ts';

const NOOP = 'exports.handler = async () => "ok";';

test('services: create, read, update, list by page and prefix, delete', async () => {
  await using cloud = await testCloud();
  const { client } = cloud;
  const created = (await client.createService('alpha', { description: 'first' })).data;
  expect(created).toMatchObject({ serviceName: 'alpha', description: 'first', internetAccess: true });
  expect(created.createdTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  await client.createService('alps');
  await client.createService('beta');
  expect((await client.getService('alpha')).data).toEqual(created);
  expect((await client.getService('alpha', {}, 'LATEST')).data.serviceName).toBe('alpha');
  await expect(client.getService('alpha', {}, 'prod')).rejects.toMatchObject({ code: 'VersionNotFound' });

  const first = (await client.listServices({ limit: 2 })).data;
  expect(first.services.map((each) => each.serviceName)).toEqual(['alpha', 'alps']);
  expect(first.nextToken).toBe('beta');
  const rest = (await client.listServices({ nextToken: first.nextToken ?? '' })).data;
  expect(rest.services.map((each) => each.serviceName)).toEqual(['beta']);
  expect(rest.nextToken).toBeNull();
  const prefixed = (await client.listServices({ prefix: 'al', startKey: 'alpi' })).data;
  expect(prefixed.services.map((each) => each.serviceName)).toEqual(['alps']);

  const updated = (await client.updateService('alpha', { description: 'second' })).data;
  expect(updated).toMatchObject({ serviceId: created.serviceId, description: 'second' });
  expect((await client.deleteService('beta')).data).toBe('');
  await expect(client.getService('beta')).rejects.toMatchObject({
    name: 'FCServiceNotFoundError',
    code: 'ServiceNotFound',
  });
  await expect(client.createService('alpha')).rejects.toMatchObject({ code: 'ServiceAlreadyExists' });
  await expect(client.createService('no spaces')).rejects.toMatchObject({ code: 'InvalidArgument' });
});

test('functions: create, read, update, list, code, delete', async () => {
  await using cloud = await testCloud();
  const { client } = cloud;
  await createFunction(client, 'one', NOOP, { environmentVariables: { A: '1' } });
  await createFunction(client, 'two', NOOP);
  const one = (await client.getFunction('svc', 'one')).data;
  expect(one).toMatchObject({ functionName: 'one', memorySize: 256, timeout: 20, handler: 'index.handler' });
  expect(one.codeChecksum).toMatch(/^\d+$/);
  const listed = (await client.listFunctions('svc')).data;
  expect(listed.functions.map((each) => each.functionName)).toEqual(['one', 'two']);

  const code = (await client.getFunctionCode('svc', 'one')).data;
  expect(code.checksum).toBe(one.codeChecksum);
  const download = await fetch(code.url);
  expect(Buffer.from(await download.arrayBuffer()).toString('base64')).toBe(packageOf({ 'index.js': NOOP }));

  const invoked = await client.invokeFunction('svc', 'one', '');
  expect(invoked.headers['x-fc-code-checksum']).toBe(one.codeChecksum);
  const updated = (await client.updateFunction('svc', 'one', { timeout: 7 })).data;
  expect(updated).toMatchObject({ timeout: 7, memorySize: 256, environmentVariables: { A: '1' } });

  await expect(client.deleteService('svc')).rejects.toMatchObject({ code: 'ServiceNotEmpty' });
  await client.deleteFunction('svc', 'one');
  await expect(client.getFunction('svc', 'one')).rejects.toMatchObject({ code: 'FunctionNotFound' });
  await expect(client.invokeFunction('svc', 'one', '')).rejects.toMatchObject({ code: 'FunctionNotFound' });
  await expect(client.listFunctions('nosvc')).rejects.toMatchObject({ code: 'ServiceNotFound' });
});

test.each([
  ['an unknown runtime', { runtime: 'nodejs22' }, 'Runtime is set to an invalid value'],
  ['a handler without method', { handler: 'index' }, 'handler: must have the form file.method'],
  ['memory off the grid', { memorySize: 200 }, 'memorySize'],
  ['a timeout beyond a day', { timeout: 86_401 }, 'timeout'],
  ['instance concurrency', { instanceConcurrency: 10 }, 'instanceConcurrency: must be 1'],
  ['code in OSS', { code: { ossBucketName: 'b', ossObjectName: 'o' } }, 'packages in OSS'],
  ['code that is no archive', { code: { zipFile: 'AAAA' } }, 'not a readable zip archive'],
  ['code that escapes its folder', { code: { zipFile: packageOf({ '../x.js': '' }) } }, 'outside its root'],
  ['a reserved variable', { environmentVariables: { FC_REGION: 'x' } }, 'environmentVariables'],
  ['too many variables', { environmentVariables: { A: 'x'.repeat(4_096) } }, 'exceed 4096 bytes'],
  ['no code', { code: undefined }, 'code: is required'],
])('a new function with %s is refused', async (_name, options, message) => {
  await using cloud = await testCloud();
  await expect(createFunction(cloud.client, 'f', NOOP, options)).rejects.toMatchObject({
    name: 'FCInvalidArgumentError',
    message: expect.stringContaining(message),
  });
});

test('new code and new variables are used at once, by new instances', async () => {
  await using cloud = await testCloud();
  const { client } = cloud;
  await createFunction(client, 'f', 'exports.handler = async () => "old " + process.env.V;', {
    environmentVariables: { V: '1' },
  });
  expect((await client.invokeFunction('svc', 'f', '')).data).toBe('old 1');
  await client.updateFunction('svc', 'f', { environmentVariables: { V: '2' } });
  expect((await client.invokeFunction('svc', 'f', '')).data).toBe('old 2');
  const zipFile = packageOf({ 'index.js': 'exports.handler = async () => "new " + process.env.V;' });
  await client.updateFunction('svc', 'f', { code: { zipFile } });
  expect((await client.invokeFunction('svc', 'f', '')).data).toBe('new 2');
  expect(cloud.fc.instances()).toHaveLength(1);
});

test('an instance that is busy while its function changes takes no further request', async () => {
  await using cloud = await testCloud();
  const { client } = cloud;
  const slow =
    'exports.handler = async () => { await new Promise((r) => setTimeout(r, 300)); return "old"; };';
  await createFunction(client, 'f', slow);
  const first = client.invokeFunction('svc', 'f', '');
  await until(() => cloud.fc.instances()[0]?.state === 'busy');
  await client.updateFunction('svc', 'f', {
    code: { zipFile: packageOf({ 'index.js': 'exports.handler = async () => "new";' }) },
  });
  expect((await client.invokeFunction('svc', 'f', '')).data).toBe('new');
  expect((await first).data).toBe('old');
  await until(() => cloud.fc.instances().length === 1);
  expect((await client.invokeFunction('svc', 'f', '')).data).toBe('new');
});

test('triggers: create, read, update, list, delete', async () => {
  await using cloud = await testCloud();
  const { client } = cloud;
  await createFunction(client, 'f', NOOP);
  const triggerConfig = { cronExpression: '0 0 4 * * *', payload: 'p', enable: false };
  const options = { triggerName: 'daily', triggerType: 'timer', triggerConfig };
  expect((await client.createTrigger('svc', 'f', options)).data).toMatchObject(options);
  await expect(client.createTrigger('svc', 'f', options)).rejects.toMatchObject({
    code: 'TriggerAlreadyExists',
  });
  expect((await client.listTriggers('svc', 'f')).data.triggers).toHaveLength(1);
  const changed = { cronExpression: '@every 5m', payload: 'q', enable: false };
  await client.updateTrigger('svc', 'f', 'daily', { triggerConfig: changed });
  expect((await client.getTrigger('svc', 'f', 'daily')).data.triggerConfig).toEqual(changed);
  await expect(client.deleteFunction('svc', 'f')).rejects.toMatchObject({ code: 'FunctionNotEmpty' });
  await client.deleteTrigger('svc', 'f', 'daily');
  await expect(client.getTrigger('svc', 'f', 'daily')).rejects.toMatchObject({ code: 'TriggerNotFound' });

  const refused = (config: object, triggerType = 'timer') =>
    client.createTrigger('svc', 'f', { triggerName: 't', triggerType, triggerConfig: { ...config } });
  await expect(refused({ cronExpression: '0 4 * * *', enable: true })).rejects.toThrow('expected 6 fields');
  await expect(refused({ cronExpression: '0 0 4 L * *', enable: true })).rejects.toThrow('not supported');
  await expect(refused({ cronExpression: '@every 1m', enable: true }, 'oss')).rejects.toThrow('only timer');
});

test('asynchronous configuration: put replaces, get, list, delete', async () => {
  await using cloud = await testCloud();
  const { client } = cloud;
  await createFunction(client, 'f', NOOP);
  await expect(client.getFunctionAsyncConfig('svc', 'f')).rejects.toMatchObject({
    code: 'AsyncConfigNotExists',
  });
  await client.putFunctionAsyncConfig('svc', 'f', 'LATEST', {
    maxAsyncRetryAttempts: 0,
    statefulInvocation: true,
  });
  expect((await client.getFunctionAsyncConfig('svc', 'f')).data).toMatchObject({
    service: 'svc',
    function: 'f',
    maxAsyncRetryAttempts: 0,
    maxAsyncEventAgeInSeconds: 86_400,
    statefulInvocation: true,
  });
  await client.putFunctionAsyncConfig('svc', 'f', undefined, { maxAsyncEventAgeInSeconds: 60 });
  const { configs } = (await client.listFunctionAsyncConfigs('svc', 'f')).data;
  expect(configs).toHaveLength(1);
  expect(configs[0]).toMatchObject({
    maxAsyncRetryAttempts: 3,
    maxAsyncEventAgeInSeconds: 60,
    statefulInvocation: false,
  });
  const bad = { destinationConfig: { onFailure: { destination: 'acs:mns:x' } } };
  await expect(client.putFunctionAsyncConfig('svc', 'f', undefined, bad)).rejects.toThrow('not a function');
  await expect(
    client.putFunctionAsyncConfig('svc', 'f', undefined, { maxAsyncRetryAttempts: 9 }),
  ).rejects.toMatchObject({ code: 'InvalidArgument' });
  await client.deleteFunctionAsyncConfig('svc', 'f');
  expect((await client.listFunctionAsyncConfigs('svc', 'f')).data.configs).toEqual([]);
});

test('wrong keys, wrong secrets, wrong accounts, old dates and changed bodies are refused', async () => {
  await using cloud = await testCloud();
  const { client } = cloud;
  const Client = client.constructor as new (
    ...args: ConstructorParameters<typeof import('@alicloud/fc2').default>
  ) => typeof client;
  const config = { region: 'cn-hangzhou', endpoint: cloud.fc.endpoint };
  const named = (account: string, accessKeyID: string, accessKeySecret: string) =>
    new Client(account, { ...config, accessKeyID, accessKeySecret });
  await expect(named(client.accountid, 'nobody', 'x').listServices()).rejects.toMatchObject({
    name: 'FCInvalidAccessKeyIDError',
    message: expect.stringContaining("invalid access key ID 'nobody'"),
  });
  await expect(named(client.accountid, 'key-id', 'x').listServices()).rejects.toMatchObject({
    code: 'SignatureNotMatch',
  });
  await expect(named('999', 'key-id', 'key-secret').listServices()).rejects.toMatchObject({
    code: 'AccessDenied',
  });
  const old = new Date(Date.now() - 3_600_000).toUTCString();
  await expect(clientOf(cloud.fc, { date: old }).listServices()).rejects.toMatchObject({
    code: 'RequestTimeTooSkewed',
  });
  const url = `${cloud.fc.endpoint}/2016-08-15/services`;
  expect((await fetch(url)).status).toBe(403);

  const date = new Date().toUTCString();
  const headers: Record<string, string> = {
    date,
    'content-type': 'application/json',
    'content-md5': Buffer.from('0'.repeat(32)).toString('base64'),
  };
  headers.authorization = (Client as unknown as typeof import('@alicloud/fc2').default).getSignature(
    'key-id',
    'key-secret',
    'POST',
    '/2016-08-15/services',
    headers,
  );
  const changed = await fetch(url, { method: 'POST', headers, body: '{"serviceName":"x"}' });
  expect(changed.status).toBe(400);
  expect(await changed.json()).toMatchObject({ ErrorCode: 'InvalidArgument' });
});

test('what is not served says so', async () => {
  await using cloud = await testCloud();
  await expect(cloud.client.get('/custom-domains', {}, {})).rejects.toMatchObject({
    code: 'PathNotSupported',
  });
  await expect(cloud.client.put('/services', {}, {})).rejects.toMatchObject({ code: 'MethodNotAllowed' });
});

test('a taken port is reported', async () => {
  await using cloud = await testCloud();
  await expect(testCloud({ port: cloud.fc.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
