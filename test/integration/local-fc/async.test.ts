import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AsyncDelivery } from '../../../infra/local/fc/index.ts';
import { createFunction, ManualClock, type TestCloud, testCloud, until } from './cloud.ts';

const ASYNC = { 'x-fc-invocation-type': 'Async' };
const taskHeader = (id: string) => ({ ...ASYNC, 'x-fc-stateful-async-invocation-id': id });
const TASKS = '/services/svc/functions/f/stateful-async-invocations';
const PRINT = 'exports.handler = async (e, c) => { console.log(String(e)); return "done " + e; };';
const FAIL = 'exports.handler = async (e) => { console.log(String(e)); throw new Error("no"); };';
const HANG = 'exports.handler = (e) => { console.log("started"); return new Promise(() => {}); };';

const texts = (cloud: TestCloud): string[] => cloud.logs.map((line) => line.text);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fc-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a failing function is retried as often as configured, under one request id', async () => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'f', FAIL);
  const { headers } = await cloud.client.invokeFunction('svc', 'f', 'x', ASYNC);
  await cloud.fc.idle();
  expect(texts(cloud)).toEqual(['x', 'x', 'x', 'x']); // 1 + the default of 3
  expect(new Set(cloud.logs.map((line) => line.requestId))).toEqual(new Set([headers['x-fc-request-id']]));
  await cloud.client.putFunctionAsyncConfig('svc', 'f', undefined, { maxAsyncRetryAttempts: 1 });
  await cloud.client.invokeFunction('svc', 'f', 'y', ASYNC);
  await cloud.fc.idle();
  expect(texts(cloud).slice(4)).toEqual(['y', 'y']);
  expect(cloud.fc.stats()).toMatchObject({ asyncInvocations: 2, retries: 4 });
});

test('a retry after a kill or a time-out can succeed', async () => {
  await using cloud = await testCloud();
  const once = (body: string) => `
    const fs = require("node:fs");
    const seen = require("node:os").tmpdir() + "/" + process.env.MARK;
    exports.handler = async () => {
      if (!fs.existsSync(seen)) { fs.writeFileSync(seen, ""); ${body} }
      console.log("recovered");
    };`;
  for (const [name, body] of [
    ['exits', 'process.exit(1);'],
    ['hangs', 'for (;;) {}'],
  ] as const) {
    const MARK = path.relative(tmpdir(), path.join(folder, name));
    await createFunction(cloud.client, name, once(body), { timeout: 1, environmentVariables: { MARK } });
    await cloud.client.invokeFunction('svc', name, '', ASYNC);
  }
  await cloud.fc.idle();
  expect(texts(cloud)).toEqual(['recovered', 'recovered']);
  expect(cloud.fc.stats()).toMatchObject({ retries: 2, timeouts: 1 });
});

test('deliveries can be doubled, dropped and delayed', async () => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'f', PRINT);
  const seen: AsyncDelivery[] = [];
  const send = async (event: string) => {
    await cloud.client.invokeFunction('svc', 'f', event, ASYNC);
    await cloud.fc.idle();
  };
  cloud.fc.asyncFaults = (delivery) => {
    seen.push(delivery);
    return 'double';
  };
  await send('twice');
  cloud.fc.asyncFaults = () => 'drop';
  await send('never');
  cloud.fc.asyncFaults = () => ({ delayMs: 5 });
  await send('late');
  cloud.fc.asyncFaults = undefined;
  await send('plain');
  expect(texts(cloud)).toEqual(['twice', 'twice', 'late', 'plain']);
  expect(seen).toMatchObject([{ functionName: 'f', attempt: 1, payload: Buffer.from('twice') }]);
});

test('a dropped retry ends the event', async () => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'f', FAIL);
  cloud.fc.asyncFaults = ({ attempt }) => (attempt === 2 ? 'drop' : 'deliver');
  await cloud.client.invokeFunction('svc', 'f', 'x', ASYNC);
  await cloud.fc.idle();
  expect(texts(cloud)).toEqual(['x']);
});

test('a delay follows the clock of the cloud', async () => {
  const clock = new ManualClock('2026-01-01T00:00:00Z');
  await using cloud = await testCloud({ clock });
  await createFunction(cloud.client, 'f', PRINT);
  await cloud.client.invokeFunction('svc', 'f', 'later', { ...ASYNC, 'x-fc-async-delay': '60' });
  await cloud.client.invokeFunction('svc', 'f', 'now', ASYNC);
  await until(() => texts(cloud).includes('now'));
  clock.set('2026-01-01T00:00:59Z');
  cloud.fc.tick();
  await cloud.client.invokeFunction('svc', 'f', 'between', ASYNC);
  await until(() => texts(cloud).includes('between'));
  clock.set('2026-01-01T00:01:00Z');
  cloud.fc.tick();
  await cloud.fc.idle();
  expect(texts(cloud)).toEqual(['now', 'between', 'later']);
});

test.each(['0', '3600', '-1', '1.5', 'soon'])('a delay of %s seconds is refused', async (delay) => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'f', PRINT);
  await expect(
    cloud.client.invokeFunction('svc', 'f', '', { ...ASYNC, 'x-fc-async-delay': delay }),
  ).rejects.toMatchObject({ code: 'InvalidArgument' });
});

test('an event that waited too long for an instance expires', async () => {
  const clock = new ManualClock('2026-01-01T00:00:00Z');
  await using cloud = await testCloud({ clock, maxInstances: 1 });
  await createFunction(cloud.client, 'f', HANG);
  await cloud.client.putFunctionAsyncConfig('svc', 'f', undefined, {
    maxAsyncEventAgeInSeconds: 60,
    statefulInvocation: true,
  });
  await cloud.client.invokeFunction('svc', 'f', '', taskHeader('first'));
  await until(() => texts(cloud).includes('started'));
  await cloud.client.invokeFunction('svc', 'f', '', taskHeader('second'));
  await until(() => cloud.fc.stats().throttles > 0);
  clock.set('2026-01-01T00:01:01Z');
  const statusOf = async (id: string) =>
    (await cloud.client.get<{ status: string }>(`${TASKS}/${id}`)).data.status;
  await until(async () => (await statusOf('second')) === 'Expired');
  expect(await statusOf('first')).toBe('Running');
});

test('task ids are used once; tasks can be read and listed', async () => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'f', PRINT);
  await cloud.client.invokeFunction('svc', 'f', 'ignored', taskHeader('a'));
  await cloud.client.invokeFunction('svc', 'f', 'ignored', taskHeader('a')); // tracking is off: ids do not count
  await cloud.fc.idle();
  await cloud.client.putFunctionAsyncConfig('svc', 'f', undefined, { statefulInvocation: true });
  const { headers } = await cloud.client.invokeFunction('svc', 'f', 'x', taskHeader('a'));
  expect(headers['x-fc-stateful-async-invocation-id']).toBe('a');
  await expect(cloud.client.invokeFunction('svc', 'f', 'x', taskHeader('a'))).rejects.toMatchObject({
    message: expect.stringContaining('failed with 409'),
  });
  await expect(cloud.client.invokeFunction('svc', 'f', 'x', taskHeader('1a'))).rejects.toMatchObject({
    code: 'InvalidArgument',
  });
  await cloud.fc.idle();
  const { data } = await cloud.client.get<Record<string, unknown>>(`${TASKS}/a`);
  expect(data).toMatchObject({
    invocationId: 'a',
    requestId: headers['x-fc-request-id'],
    status: 'Succeeded',
    alreadyRetriedTimes: 0,
    invocationPayload: 'x',
    returnPayload: 'done x',
  });
  expect((data.events as { status: string }[]).map((each) => each.status)).toEqual([
    'Enqueued',
    'Running',
    'Succeeded',
  ]);
  const listed = await cloud.client.get<{ invocations: { invocationId: string }[] }>(TASKS, {
    status: 'Succeeded',
  });
  expect(listed.data.invocations.map((each) => each.invocationId)).toEqual(['a']);
  await expect(cloud.client.get(`${TASKS}/none`)).rejects.toMatchObject({
    code: 'StatefulAsyncInvocationNotFound',
  });
});

test('a task can be stopped: its instance is killed and nothing is retried', async () => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'f', HANG);
  await cloud.client.putFunctionAsyncConfig('svc', 'f', undefined, { statefulInvocation: true });
  await cloud.client.invokeFunction('svc', 'f', '', taskHeader('a'));
  await until(() => texts(cloud).includes('started'));
  await cloud.client.put(`${TASKS}/a`, {});
  await cloud.fc.idle();
  expect((await cloud.client.get<{ status: string }>(`${TASKS}/a`)).data.status).toBe('Stopped');
  expect(cloud.fc.stats().retries).toBe(0);
  await cloud.client.put(`${TASKS}/a`, {}); // ended already: nothing to do
});

test('destinations receive how an event ended', async () => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'sink', PRINT);
  await createFunction(cloud.client, 'good', 'exports.handler = async () => "fine";');
  await createFunction(cloud.client, 'bad', 'exports.handler = async () => { throw new Error("no"); };');
  const destination = {
    destination: 'acs:fc:cn-hangzhou:1234567890123456:services/svc.LATEST/functions/sink',
  };
  for (const name of ['good', 'bad']) {
    await cloud.client.putFunctionAsyncConfig('svc', name, undefined, {
      maxAsyncRetryAttempts: 1,
      destinationConfig: { onSuccess: destination, onFailure: destination },
    });
    await cloud.client.invokeFunction('svc', name, `to ${name}`, ASYNC);
    await cloud.fc.idle();
  }
  const records = texts(cloud).map((text) => JSON.parse(text));
  expect(records).toMatchObject([
    {
      requestContext: { condition: 'succeeded', approximateInvokeCount: 1 },
      requestPayload: 'to good',
      responsePayload: 'fine',
    },
    {
      requestContext: { condition: 'failed', approximateInvokeCount: 2 },
      requestPayload: 'to bad',
      responsePayload: expect.stringContaining('"errorMessage":"no"'),
    },
  ]);
});

test('a restart keeps functions, triggers, configuration and accepted events', async () => {
  const clock = new ManualClock('2026-01-01T00:00:30Z');
  const options = { dataDir: folder, clock };
  const before = await testCloud(options);
  await createFunction(before.client, 'f', PRINT);
  await createFunction(
    before.client,
    'hang',
    'exports.handler = (e) => { console.log("try " + e); return new Promise(() => {}); };',
  );
  await before.client.putFunctionAsyncConfig('svc', 'f', undefined, { statefulInvocation: true });
  await before.client.createTrigger('svc', 'f', {
    triggerName: 'minutely',
    triggerType: 'timer',
    triggerConfig: { cronExpression: '0 * * * * *', payload: '', enable: true },
  });
  const stored = (await before.client.getFunction('svc', 'f')).data;
  await before.client.invokeFunction('svc', 'f', 'finished', taskHeader('z'));
  await until(() => texts(before).includes('finished'));
  const bytes = Buffer.from([10, 0, 255, 10]);
  await before.client.invokeFunction('svc', 'f', bytes, { ...taskHeader('a'), 'x-fc-async-delay': '3000' });
  await before.client.invokeFunction('svc', 'hang', 'again', ASYNC);
  await until(() => texts(before).includes('try again'));
  await before.fc.close();

  clock.set('2026-01-01T00:10:30Z'); // ten ticks of the timer passed while nothing ran
  await using after = await testCloud(options);
  expect((await after.client.getFunction('svc', 'f')).data).toEqual(stored);
  expect((await after.client.listTriggers('svc', 'f')).data.triggers).toHaveLength(1);
  expect((await after.client.getFunctionAsyncConfig('svc', 'f')).data.statefulInvocation).toBe(true);
  await until(() => texts(after).includes('try again'));
  after.fc.tick();
  expect((await after.client.invokeFunction('svc', 'f', 'direct')).data).toBe('done direct');
  expect(texts(after).sort()).toEqual(['direct', 'try again']); // no tick was replayed, nothing finished ran again

  for (const used of ['a', 'z'])
    await expect(after.client.invokeFunction('svc', 'f', '', taskHeader(used))).rejects.toMatchObject({
      message: expect.stringContaining('failed with 409'),
    });
  clock.set('2026-01-01T00:51:00Z');
  after.fc.tick();
  const returned = async () => (await after.client.get<{ status: string }>(`${TASKS}/a`)).data.status;
  await until(async () => (await returned()) === 'Succeeded');
  const ticks = () => texts(after).filter((text) => text.includes('triggerTime'));
  await until(() => ticks().length > 0);
  expect(ticks()).toHaveLength(1);
});

test('an accepted event survives a failure right after the 202', async () => {
  const before = await testCloud({ dataDir: folder });
  await createFunction(before.client, 'f', PRINT);
  before.fc.asyncFaults = () => ({ delayMs: 60_000 });
  await before.client.invokeFunction('svc', 'f', 'kept', ASYNC);
  await before.fc.close();
  expect(texts(before)).toEqual([]);
  await using after = await testCloud({ dataDir: folder });
  await after.fc.idle();
  expect(texts(after)).toEqual(['kept']);
  await after.fc.close();
  await using third = await testCloud({ dataDir: folder });
  await third.fc.idle();
  expect(texts(third)).toEqual([]);
});
