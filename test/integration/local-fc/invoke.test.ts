import { expect, test } from 'vitest';
import { createFunction, packageOf, testCloud } from './cloud.ts';

test('the event arrives as a Buffer and bytes come back unchanged', async () => {
  await using cloud = await testCloud();
  await createFunction(
    cloud.client,
    'echo',
    'exports.handler = async (event) => { if (!Buffer.isBuffer(event)) throw new Error("no buffer"); return event; };',
  );
  const bytes = Buffer.from([0, 255, 128, 10, 13, 1]);
  const { data, headers } = await cloud.client.invokeFunction('svc', 'echo', bytes, {}, undefined, {
    rawBuf: true,
  });
  expect(data).toEqual(bytes);
  expect(headers['x-fc-request-id']).toHaveLength(36);
  expect(headers['x-fc-error-type']).toBeUndefined();
  expect((await cloud.client.invokeFunction('svc', 'echo', 'héllo')).data).toBe('héllo');
  expect((await cloud.client.invokeFunction('svc', 'echo', null)).data).toBe('');
});

test('an asynchronous invocation answers 202 with nothing and runs', async () => {
  await using cloud = await testCloud();
  await createFunction(
    cloud.client,
    'late',
    'exports.handler = async (event) => { console.log("ran " + event); };',
  );
  const { data, headers } = await cloud.client.invokeFunction('svc', 'late', 'x', {
    'x-fc-invocation-type': 'Async',
  });
  expect(data).toBe('');
  expect(headers['x-fc-request-id']).toHaveLength(36);
  await cloud.fc.idle();
  expect(cloud.logs.map((line) => line.text)).toEqual(['ran x']);
  expect(cloud.logs[0]?.requestId).toBe(headers['x-fc-request-id']);
});

test.each([
  ['an object becomes JSON', 'return { a: 1 };', '{"a":1}'],
  ['an array becomes JSON', 'return [1];', '[1]'],
  ['a number becomes text', 'return 7;', '7'],
  ['text stays text', 'return "t";', 't'],
  ['nothing is empty', '', ''],
])('%s', async (_name, body, expected) => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'f', `exports.handler = async () => { ${body} };`);
  expect((await cloud.client.invokeFunction('svc', 'f', '')).data).toBe(expected);
});

test('ES modules, sub-folders and callbacks work as handlers', async () => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'esm', '', {
    handler: 'lib/main.run',
    code: {
      zipFile: packageOf({ 'lib/main.mjs': 'export const run = async () => import.meta.url.length > 0;' }),
    },
  });
  await createFunction(cloud.client, 'typed', '', {
    code: {
      zipFile: packageOf({
        'package.json': '{"type":"module"}',
        'index.js':
          'import { readFileSync } from "node:fs"; export const handler = async () => typeof readFileSync;',
      }),
    },
  });
  await createFunction(
    cloud.client,
    'callback',
    'exports.handler = (e, c, done) => setImmediate(() => done(null, "cb"));',
  );
  expect((await cloud.client.invokeFunction('svc', 'esm', '')).data).toBe('true');
  expect((await cloud.client.invokeFunction('svc', 'typed', '')).data).toBe('function');
  expect((await cloud.client.invokeFunction('svc', 'callback', '')).data).toBe('cb');
});
