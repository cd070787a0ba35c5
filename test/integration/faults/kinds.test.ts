/** What the vendors' own clients see of each kind of seeded fault, and what the call has done by then. */
import FC from '@alicloud/fc2';
import OSS from 'ali-oss';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FaultName, parseFaultSpec, seededFaults } from '../../../infra/faults/index.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION, type LocalCloud, startLocalCloud } from '../../../infra/local/cloud.ts';
import type { FaultRule } from '../../../infra/local/service.ts';
import { packageOf } from '../local-fc/cloud.ts';
import { condition, plain, type SdkClient, sdk, tableOf } from '../local-ots/support.ts';

let cloud: LocalCloud;
let ots: SdkClient;
let oss: OSS;
let fc: FC;
let rule: FaultRule | undefined;

/** Client timeout where a fault leaves a call without an answer, ms. */
const SHORT_MS = 300;

const ossClient = (timeout = 60_000): OSS =>
  new OSS({
    endpoint: cloud.oss.endpoint.replace('127.0.0.1', 'localhost'),
    sldEnable: true,
    region: `oss-${LOCAL_REGION}`,
    bucket: 'bucket',
    accessKeyId: cloud.accessKeyId,
    accessKeySecret: cloud.accessKeySecret,
    timeout,
  } as OSS.Options);

const fcClient = (timeout = 60_000): FC =>
  new FC(LOCAL_ACCOUNT, {
    accessKeyID: cloud.accessKeyId,
    accessKeySecret: cloud.accessKeySecret,
    region: LOCAL_REGION,
    endpoint: cloud.fc.endpoint,
    timeout,
  });

const COUNTER = 'let n = 0; exports.handler = async () => "call " + ++n;';

beforeAll(async () => {
  cloud = await startLocalCloud({ buckets: ['bucket'], faults: (point) => rule?.(point) });
  ots = new sdk.Client({
    accessKeyId: cloud.accessKeyId,
    secretAccessKey: cloud.accessKeySecret,
    endpoint: cloud.ots.endpoint,
    instancename: 'inst',
    maxRetries: 0,
  });
  oss = ossClient();
  fc = fcClient();
  await ots.createTable(tableOf('t', { pk: 'STRING' }));
  await fc.createService('svc');
  await fc.createFunction('svc', {
    functionName: 'f',
    runtime: 'nodejs20',
    handler: 'index.handler',
    memorySize: 256,
    timeout: 20,
    code: { zipFile: packageOf({ 'index.js': COUNTER }) },
  });
  calls = Number(String((await fc.invokeFunction('svc', 'f', '')).data).replace('call ', ''));
});
afterAll(() => cloud.close());
beforeEach(() => {
  rule = undefined;
});

/** From now on every call of these operations meets this fault. */
function every(kinds: FaultName, ops: string): void {
  rule = seededFaults(parseFaultSpec(`seed=1,rate=1,kinds=${kinds},ops=${ops},delay=5`));
}

/** Calls that have reached the function. */
let calls = 0;
let rows = 0;

describe('Tablestore', () => {
  const put = (pk: string) =>
    ots.putRow({
      tableName: 't',
      condition: condition(),
      primaryKey: [{ pk }],
      attributeColumns: [{ x: 'written' }],
    });
  const stored = async (pk: string): Promise<unknown> => {
    rule = undefined;
    return plain((await ots.getRow({ tableName: 't', primaryKey: [{ pk }], maxVersions: 1 })).row).x;
  };

  test.each([
    ['busy', { code: 503 }, undefined],
    ['error', { code: 500 }, undefined],
    ['reset', { code: 'NetworkingError' }, undefined],
    ['lost', { code: 'NetworkingError' }, 'written'],
  ] as const)('%s', async (kind, error, effect) => {
    const pk = `row ${rows++}`;
    every(kind, 'PutRow');
    await expect(put(pk)).rejects.toMatchObject(error);
    expect(await stored(pk)).toBe(effect);
  });

  test('delay', async () => {
    every('delay', 'PutRow');
    await put('delayed');
    expect(await stored('delayed')).toBe('written');
  });
});

describe('OSS', () => {
  const stored = async (key: string): Promise<string | undefined> => {
    rule = undefined;
    const found = await oss.get(key).catch((error: { code?: string }) => {
      if (error.code === 'NoSuchKey') return undefined;
      throw error;
    });
    return found && String(found.content);
  };

  test.each([
    ['busy', { status: 503, code: 'ServiceUnavailable' }, undefined],
    ['error', { status: 500, code: 'InternalError' }, undefined],
    ['reset', { status: -1 }, undefined],
    ['lost', { status: -1 }, 'written'],
  ] as const)('%s', async (kind, error, effect) => {
    every(kind, 'PutObject');
    await expect(oss.put(kind, Buffer.from('written'))).rejects.toMatchObject(error);
    expect(await stored(kind)).toBe(effect);
  });

  test('delay', async () => {
    every('delay', 'PutObject');
    await oss.put('delay', Buffer.from('written'));
    expect(await stored('delay')).toBe('written');
  });

  test('hang', async () => {
    every('hang', 'PutObject');
    await expect(ossClient(SHORT_MS).put('hang', Buffer.from('written'))).rejects.toMatchObject({
      name: 'ResponseTimeoutError',
    });
    expect(await stored('hang')).toBeUndefined();
  });

  test('slow', async () => {
    await oss.put('slow', Buffer.alloc(1_000, 'x'));
    every('slow', 'GetObject');
    const { stream, res } = (await oss.getStream('slow')) as {
      stream: AsyncIterable<Buffer>;
      res: OSS.NormalSuccessResponse;
    };
    expect(res.status).toBe(200);
    for await (const chunk of stream) {
      expect(chunk.toString()).toBe('x');
      break;
    }
  });
});

describe('Function Compute', () => {
  const invoke = async (client = fc): Promise<unknown> => (await client.invokeFunction('svc', 'f', '')).data;

  test.each([
    ['busy', { code: 'ResourceThrottled' }, 0],
    ['error', { code: 'InternalServerError' }, 0],
    ['reset', { message: expect.stringContaining('socket hang up') }, 0],
    ['lost', { message: expect.stringContaining('socket hang up') }, 1],
  ] as const)('%s', async (kind, error, effect) => {
    every(kind, 'InvokeFunction');
    await expect(invoke()).rejects.toMatchObject(error);
    rule = undefined;
    calls += effect + 1;
    expect(await invoke()).toBe(`call ${calls}`);
  });

  test('delay', async () => {
    every('delay', 'InvokeFunction');
    expect(await invoke()).toBe(`call ${++calls}`);
  });

  test.each([
    ['hang', 0],
    ['slow', 1],
  ] as const)('%s', async (kind, effect) => {
    every(kind, 'InvokeFunction');
    await expect(invoke(fcClient(SHORT_MS))).rejects.toThrow(/timeout/i);
    rule = undefined;
    calls += effect + 1;
    expect(await invoke()).toBe(`call ${calls}`);
  });
});
