import { expect, test } from 'vitest';
import { createFunction, packageOf, testCloud, until } from './cloud.ts';

interface Failure {
  errorMessage: string;
  errorType?: string;
  stackTrace?: string[];
}

test('the context and the environment are those of the platform', async () => {
  await using cloud = await testCloud({ environment: { SHARED: 's', OWN: 'from the service' } });
  await createFunction(
    cloud.client,
    'look',
    'exports.handler = async (e, context) => { const { logger, ...rest } = context; return { rest, logger: typeof logger.info, env: process.env }; };',
    { environmentVariables: { OWN: 'own' }, timeout: 9 },
  );
  const { data, headers } = await cloud.client.invokeFunction<string>('svc', 'look', '');
  const seen = JSON.parse(data);
  expect(seen.rest).toMatchObject({
    requestId: headers['x-fc-request-id'],
    accountId: '1234567890123456',
    region: 'cn-hangzhou',
    credentials: { accessKeyId: 'key-id', accessKeySecret: 'key-secret' },
    function: { name: 'look', handler: 'index.handler', memory: 256, timeout: 9 },
    service: { name: 'svc', qualifier: 'LATEST' },
  });
  expect(seen.rest.getRemainingTimeInMillis).toBeUndefined();
  expect(seen.logger).toBe('function');
  expect(seen.env).toMatchObject({ SHARED: 's', OWN: 'own', FC_FUNCTION_NAME: 'look', TZ: 'UTC' });
  expect(
    Object.keys(seen.env).filter((name) => name.startsWith('VITEST') || name.startsWith('npm_')),
  ).toEqual([]);
});

test('a thrown error answers 200 with its description', async () => {
  await using cloud = await testCloud();
  await createFunction(
    cloud.client,
    'f',
    'exports.handler = async () => { throw new RangeError("too far"); };',
  );
  const { data, headers } = await cloud.client.invokeFunction<Failure>('svc', 'f', '');
  expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
  expect(data).toMatchObject({ errorMessage: 'too far', errorType: 'RangeError' });
  expect(data.stackTrace?.[0]).toBe('RangeError: too far');
});

test('an error given to the callback is a handled one, and a result that is no JSON is an error', async () => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'handled', 'exports.handler = (e, c, done) => done(new Error("no"));');
  await createFunction(cloud.client, 'text', 'exports.handler = (e, c, done) => done("only text");');
  await createFunction(cloud.client, 'cyclic', 'exports.handler = async () => ({ big: 1n });');
  const handled = await cloud.client.invokeFunction<Failure>('svc', 'handled', '');
  expect(handled.headers['x-fc-error-type']).toBe('HandledInvocationError');
  expect(handled.data.errorMessage).toBe('no');
  const text = await cloud.client.invokeFunction<Failure>('svc', 'text', '', {}, undefined, { rawBuf: true });
  expect(text.data).toEqual({ errorMessage: 'only text' });
  const cyclic = await cloud.client.invokeFunction<Failure>('svc', 'cyclic', '');
  expect(cyclic.data.errorType).toBe('TypeError');
});

test('globals survive from request to request, and an error keeps the instance', async () => {
  await using cloud = await testCloud();
  await createFunction(
    cloud.client,
    'count',
    'let n = 0; exports.handler = async (event) => { n += 1; if (String(event) === "fail") throw new Error("x"); return n; };',
  );
  const call = async (event: string) => (await cloud.client.invokeFunction('svc', 'count', event)).data;
  expect(await call('')).toBe('1');
  await call('fail');
  expect(await call('')).toBe('3');
  expect(cloud.fc.stats().coldStarts).toBe(1);
  expect(cloud.fc.instances()).toMatchObject([{ functionName: 'count', state: 'idle' }]);
});

test.each([
  ['a busy loop', 'for (;;) {}'],
  ['a promise that never settles', 'return new Promise(() => {});'],
])('%s is killed at the time limit', async (_name, body) => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'slow', `exports.handler = async () => { ${body} };`, { timeout: 1 });
  const { data, headers } = await cloud.client.invokeFunction<Failure>('svc', 'slow', '');
  expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
  expect(data.errorMessage).toMatch(/^Function timed out after 1 seconds \(maxMemoryUsage: [\d.]+MB\)$/);
  expect(cloud.fc.stats().timeouts).toBe(1);
  await until(() => cloud.fc.instances().length === 0);
});

test.each([
  ['exits', 'process.exit(3);'],
  ['kills itself', 'process.kill(process.pid, "SIGKILL"); await new Promise(() => {});'],
  [
    'throws outside of its request',
    'setImmediate(() => { throw new Error("stray"); }); await new Promise(() => {});',
  ],
])('a function that %s fails its request and is replaced', async (_name, body) => {
  await using cloud = await testCloud();
  await createFunction(
    cloud.client,
    'f',
    `exports.handler = async (event) => { if (String(event) === "die") { ${body} } return "ok"; };`,
  );
  const { data, headers } = await cloud.client.invokeFunction<Failure>('svc', 'f', 'die');
  expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
  expect(data.errorMessage).toMatch(
    /^Process exited unexpectedly before completing request \(duration: [\d.]+ms, maxMemoryUsage: [\d.]+MB\)/,
  );
  expect((await cloud.client.invokeFunction('svc', 'f', '')).data).toBe('ok');
});

test.each([
  [
    'buffers',
    'const all = []; for (;;) { all.push(Buffer.alloc(1 << 20, 1)); await new Promise((r) => setTimeout(r, 1)); }',
  ],
  ['objects', 'const all = []; for (;;) { all.push({ a: all.length }); }'],
])('too much memory in %s ends the instance', async (_name, body) => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'fat', `exports.handler = async () => { ${body} };`, {
    memorySize: 128,
    timeout: 60,
  });
  const { data, headers } = await cloud.client.invokeFunction<Failure>('svc', 'fat', '');
  expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
  expect(data.errorMessage).toContain('out of memory, limit 128MB');
  expect(cloud.fc.stats().oomKills).toBe(1);
});

test('the initializer runs once per instance, and again after it failed', async () => {
  await using cloud = await testCloud();
  const source = `
    let ready = 0;
    exports.init = async (context) => { if (!context.requestId) throw new Error("no context"); ready += 1; };
    exports.handler = async () => ready;`;
  await createFunction(cloud.client, 'f', source, { initializer: 'index.init', initializationTimeout: 5 });
  expect((await cloud.client.invokeFunction('svc', 'f', '')).data).toBe('1');
  expect((await cloud.client.invokeFunction('svc', 'f', '')).data).toBe('1');
  const bad =
    'exports.init = async () => { throw new Error("not today"); }; exports.handler = async () => 1;';
  await createFunction(cloud.client, 'bad', bad, { initializer: 'index.init' });
  for (let call = 0; call < 2; call++) {
    const { data, headers } = await cloud.client.invokeFunction<Failure>('svc', 'bad', '');
    expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
    expect(data.errorMessage).toBe('not today');
  }
  expect(cloud.fc.stats().coldStarts).toBe(3);
});

test.each([
  ['a missing file', { 'other.js': '' }, 'Cannot find module "index"'],
  ['a missing method', { 'index.js': 'exports.other = 1;' }, 'Handler "handler" is missing'],
  ['a syntax error', { 'index.js': 'exports.handler = ;' }, 'Unexpected token'],
])('%s is reported by the request', async (_name, files, message) => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'f', '', { code: { zipFile: packageOf(files) } });
  const { data, headers } = await cloud.client.invokeFunction<Failure>('svc', 'f', '');
  expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
  expect(data.errorMessage).toContain(message);
});

test('the log tail comes back on demand and lines reach the listener', async () => {
  await using cloud = await testCloud();
  await createFunction(
    cloud.client,
    'talk',
    'exports.handler = async (e, c) => { console.log("one"); console.error("two"); c.logger.info("three %d", 3); };',
  );
  const silent = await cloud.client.invokeFunction('svc', 'talk', '');
  expect(silent.headers['x-fc-log-result']).toBeUndefined();
  const { headers } = await cloud.client.invokeFunction('svc', 'talk', '', { 'x-fc-log-type': 'Tail' });
  const tail = Buffer.from(headers['x-fc-log-result'] ?? '', 'base64').toString();
  const id = headers['x-fc-request-id'];
  expect(tail).toContain(`FC Invoke Start RequestId: ${id}\none\ntwo\n`);
  expect(tail).toContain(`${id} [INFO] three 3`);
  expect(tail).toContain(`FC Invoke End RequestId: ${id}`);
  const lines = cloud.logs.filter((line) => line.requestId === id);
  expect(lines.map((line) => [line.stream, line.text.slice(-5)])).toEqual([
    ['stdout', 'one'],
    ['stderr', 'two'],
    ['stdout', 'ree 3'],
  ]);
});

test('payload limits: 128 KiB asynchronously, 32 MiB synchronously', async () => {
  await using cloud = await testCloud();
  await createFunction(cloud.client, 'size', 'exports.handler = async (event) => event.length;', {
    memorySize: 512,
  });
  const async = { 'x-fc-invocation-type': 'Async' };
  await cloud.client.invokeFunction('svc', 'size', Buffer.alloc(131_072, 1), async);
  await expect(
    cloud.client.invokeFunction('svc', 'size', Buffer.alloc(131_073, 1), async),
  ).rejects.toMatchObject({
    code: 'RequestEntityTooLarge',
  });
  const largest = Buffer.alloc(33_554_432, 1);
  expect((await cloud.client.invokeFunction('svc', 'size', largest)).data).toBe('33554432');
  await expect(cloud.client.invokeFunction('svc', 'size', Buffer.alloc(33_554_433, 1))).rejects.toMatchObject(
    {
      code: 'RequestEntityTooLarge',
    },
  );
  await cloud.fc.idle();
});

test('faults: refused, lost and cut calls', async () => {
  const plan = ['refuse', 'lose-answer', 'reset', 'delay'] as const;
  let call = 0;
  await using cloud = await testCloud({
    faults: ({ service, operation, key }) => {
      if (service !== 'fc' || operation !== 'InvokeFunction' || key !== 'f') return undefined;
      const kind = plan[call++];
      if (kind === 'refuse') return { kind, status: 429, code: 'ResourceExhausted', message: 'full' };
      if (kind === 'delay') return { kind, ms: 1 };
      return kind && { kind };
    },
  });
  await createFunction(cloud.client, 'f', 'let n = 0; exports.handler = async () => ++n;');
  const invoke = () => cloud.client.invokeFunction('svc', 'f', '');
  await expect(invoke()).rejects.toMatchObject({ code: 'ResourceExhausted' });
  await expect(invoke()).rejects.toMatchObject({ message: expect.stringContaining('socket hang up') });
  await expect(invoke()).rejects.toMatchObject({ message: expect.stringContaining('socket hang up') });
  expect((await invoke()).data).toBe('2'); // only the lost answer ran the function before
});
