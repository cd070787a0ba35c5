import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { createFunction, testCloud, until } from './cloud.ts';
import { runBundled } from './server-process.ts';

const WAIT =
  'exports.handler = async () => { await new Promise((r) => setTimeout(r, 300)); return process.pid; };';
const HANG = 'exports.handler = () => new Promise(() => {});';
const ASYNC = { 'x-fc-invocation-type': 'Async' };

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('simultaneous requests have an instance each', async () => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'f', WAIT);
  const answers = await Promise.all([1, 2, 3].map(() => cloud.client.invokeFunction('svc', 'f', '')));
  expect(new Set(answers.map((each) => each.data)).size).toBe(3);
  expect(cloud.fc.stats()).toMatchObject({ syncInvocations: 3, coldStarts: 3, maxConcurrent: { f: 3 } });
});

test('over the limit of a function: 429 at once for synchronous calls', async () => {
  await using cloud = await testCloud({ maxInstancesPerFunction: 1 });
  await createFunction(cloud.client, 'f', WAIT);
  const first = cloud.client.invokeFunction('svc', 'f', '');
  await until(() => cloud.fc.instances().some((each) => each.state === 'busy'));
  await expect(cloud.client.invokeFunction('svc', 'f', '')).rejects.toMatchObject({
    name: 'FCResourceExhaustedError',
    message: expect.stringContaining('failed with 429'),
  });
  await first;
  expect(cloud.fc.stats()).toMatchObject({ throttles: 1, maxConcurrent: { f: 1 } });
});

test('asynchronous calls over the limit wait and do not use up attempts', async () => {
  await using cloud = await testCloud({ maxInstances: 2 });
  await createFunction(cloud.client, 'f', 'exports.handler = async (e) => { console.log(String(e)); };');
  await cloud.client.putFunctionAsyncConfig('svc', 'f', undefined, { maxAsyncRetryAttempts: 0 });
  const events = Array.from({ length: 30 }, (_, index) => String(index));
  await Promise.all(events.map((event) => cloud.client.invokeFunction('svc', 'f', event, ASYNC)));
  await cloud.fc.idle();
  expect(cloud.logs.map((line) => line.text).sort()).toEqual([...events].sort());
  const stats = cloud.fc.stats();
  expect(stats.retries).toBe(0);
  expect(stats.throttles).toBeGreaterThan(0);
  expect(stats.maxConcurrent.f).toBeLessThanOrEqual(2);
});

test('an idle instance of another function makes room', async () => {
  await using cloud = await testCloud({ maxInstances: 1 });
  await createFunction(cloud.client, 'a', 'exports.handler = async () => "a";');
  await createFunction(cloud.client, 'b', 'exports.handler = async () => "b";');
  expect((await cloud.client.invokeFunction('svc', 'a', '')).data).toBe('a');
  expect((await cloud.client.invokeFunction('svc', 'b', '')).data).toBe('b');
  expect(cloud.fc.instances().map((each) => each.functionName)).toEqual(['b']);
});

test('idle instances are ended after their time', async () => {
  await using cloud = await testCloud({ instanceIdleMs: 10 });
  await createFunction(cloud.client, 'f', 'exports.handler = async () => process.pid;');
  const pid = Number((await cloud.client.invokeFunction('svc', 'f', '')).data);
  await until(() => cloud.fc.instances().length === 0 && !isAlive(pid));
});

test('a killed instance fails its request; its id is then unknown', async () => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'f', HANG);
  const call = cloud.client.invokeFunction<{ errorMessage: string }>('svc', 'f', '');
  await until(() => cloud.fc.instances()[0]?.state === 'busy');
  const [instance] = cloud.fc.instances();
  expect(instance?.requestId).toHaveLength(36);
  expect(cloud.fc.killInstance(instance!.instanceId)).toBe(true);
  const { data, headers } = await call;
  expect(headers['x-fc-request-id']).toBe(instance?.requestId);
  expect(data.errorMessage).toContain('Process exited unexpectedly');
  await until(() => !isAlive(instance!.pid));
  expect(cloud.fc.killInstance(instance!.instanceId)).toBe(false);
});

test('closing ends all instances, running ones too, and can be repeated', async () => {
  const cloud = await testCloud();
  await createFunction(cloud.client, 'f', HANG);
  const call = cloud.client.invokeFunction('svc', 'f', '').catch((error: Error) => error);
  await until(() => cloud.fc.instances()[0]?.state === 'busy');
  const { pid } = cloud.fc.instances()[0]!;
  await Promise.all([cloud.fc.close(), cloud.fc.close()]);
  expect(await call).toBeInstanceOf(Error);
  expect(isAlive(pid)).toBe(false);
});

test('instances end when the server is killed, even in a busy loop; the server works as one bundled file', async () => {
  const source = `
    import Client from '@alicloud/fc2';
    import { createFunction, testCloud } from './test/integration/local-fc/cloud.ts';
    const cloud = await testCloud();
    await createFunction(cloud.client, 'quiet', 'exports.handler = async () => ({ pid: process.pid, folder: __dirname });');
    await createFunction(cloud.client, 'busy', 'exports.handler = async () => { console.log("pid " + process.pid); for (;;) {} };');
    const idle = (await cloud.client.invokeFunction('svc', 'quiet', '')).data;
    cloud.client.invokeFunction('svc', 'busy', '');
    while (cloud.logs.length === 0) await new Promise((r) => setTimeout(r, 5));
    console.log(JSON.stringify({ ...JSON.parse(idle), busy: Number(cloud.logs[0].text.slice(4)) }));
  `;
  const server = await runBundled(source);
  const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
  const { pid, busy, folder } = JSON.parse(line) as { pid: number; busy: number; folder: string };
  const pids = [pid, busy];
  expect(pids.every(isAlive)).toBe(true);
  expect(existsSync(folder)).toBe(true);
  server.kill('SIGKILL');
  await until(() => !pids.some(isAlive) && !existsSync(folder));
});

test('a program that closes the service ends by itself', async () => {
  const program = await runBundled(`
    import { createFunction, testCloud } from './test/integration/local-fc/cloud.ts';
    const cloud = await testCloud();
    await createFunction(cloud.client, 'f', 'exports.handler = async () => "ok";');
    await cloud.client.createTrigger('svc', 'f', {
      triggerName: 't',
      triggerType: 'timer',
      triggerConfig: { cronExpression: '@every 1h', payload: '', enable: true },
    });
    console.log((await cloud.client.invokeFunction('svc', 'f', '')).data);
    await cloud.fc.close();
    console.log('closed');
  `);
  let printed = '';
  program.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const [code] = await once(program, 'exit');
  expect([code, printed]).toEqual([0, 'ok\nclosed\n']);
});
