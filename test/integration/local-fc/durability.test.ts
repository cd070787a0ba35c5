import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import Client from '@alicloud/fc2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ACCOUNT, createFunction, testCloud, until } from './cloud.ts';
import { runBundled } from './server-process.ts';

const ASYNC = { 'x-fc-invocation-type': 'Async' };
/** Appends each event to the file that the environment names. */
const APPEND =
  'exports.handler = async (e) => require("node:fs").appendFileSync(process.env.SEEN, e + "\\n");';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fc-durability-'));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

const readSeen = async (file: string): Promise<string[]> => (await readFile(file, 'utf8')).trim().split('\n');

test('every event that was answered with 202 runs, although the server is killed', async () => {
  const dataDir = path.join(folder, 'data');
  const seen = path.join(folder, 'seen');
  const server = await runBundled(`
    import { testCloud } from './test/integration/local-fc/cloud.ts';
    const cloud = await testCloud({ maxInstances: 2, dataDir: ${JSON.stringify(dataDir)} });
    console.log(cloud.fc.endpoint);
    process.stdin.resume();
  `);
  const [endpoint] = (await once(createInterface(server.stdout), 'line')) as [string];
  const keys = { accessKeyID: 'key-id', accessKeySecret: 'key-secret', region: 'cn-hangzhou' };
  const client = new Client(ACCOUNT, { ...keys, endpoint });
  await createFunction(client, 'f', APPEND, { environmentVariables: { SEEN: seen } });

  const accepted: string[] = [];
  const send = async (sender: number): Promise<void> => {
    for (let index = 0; ; index++) {
      const event = `${sender}-${index}`;
      try {
        await client.invokeFunction('svc', 'f', event, ASYNC);
      } catch {
        return; // killed: whether this one was accepted is unknown
      }
      accepted.push(event);
    }
  };
  const senders = [0, 1, 2, 3].map(send);
  await until(() => accepted.length >= 60);
  server.kill('SIGKILL');
  await Promise.all(senders);

  await using after = await testCloud({ dataDir });
  await after.fc.idle();
  const executed = new Set(await readSeen(seen));
  expect(accepted.filter((event) => !executed.has(event))).toEqual([]);
});

test('every event runs although instances are killed at random', async () => {
  const seen = path.join(folder, 'seen');
  await using cloud = await testCloud({ maxInstances: 3 });
  await createFunction(cloud.client, 'f', APPEND, { environmentVariables: { SEEN: seen } });
  await cloud.client.putFunctionAsyncConfig('svc', 'f', undefined, { maxAsyncRetryAttempts: 8 });
  const events = Array.from({ length: 150 }, (_, index) => String(index));
  let kills = 0;
  const killer = setInterval(() => {
    const busy = cloud.fc.instances().find((each) => each.state !== 'idle');
    if (busy && kills < 12 && cloud.fc.killInstance(busy.instanceId)) kills += 1;
  }, 20);
  for (let start = 0; start < events.length; start += 10) {
    const some = events.slice(start, start + 10);
    await Promise.all(some.map((event) => cloud.client.invokeFunction('svc', 'f', event, ASYNC)));
  }
  await cloud.fc.idle();
  clearInterval(killer);
  expect(new Set(await readSeen(seen))).toEqual(new Set(events));
  expect(kills).toBeGreaterThan(0);
});
