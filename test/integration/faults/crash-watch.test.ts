/** Killing the very process that makes a chosen call, before or after the call's effect. */
import FC from '@alicloud/fc2';
import OSS from 'ali-oss';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCAL_ACCOUNT, LOCAL_REGION, type LocalCloud, startLocalCloud } from '../../../infra/local/cloud.ts';
import { parsePoint } from '../../support/crash-point.ts';
import { CrashWatch, type HeldCall, type WatchOrders } from '../../support/crash-watch.ts';
import { packageOf } from '../local-fc/cloud.ts';

/** Sends `{ method, url }`, then again, and answers with both statuses. */
const CALLER = `
const http = require('node:http');
const agent = new http.Agent({ keepAlive: true });
const send = ({ method, url }) => new Promise((resolve, reject) => {
  const call = http.request(url, { method, agent, headers: { host: 'localhost:' + new URL(url).port } });
  call.on('error', reject).on('response', (response) => {
    response.resume().on('end', () => resolve(response.statusCode));
  });
  call.end(method === 'PUT' ? 'written' : undefined);
});
exports.handler = async (event) => {
  const request = JSON.parse(String(event));
  return [await send(request), await send(request)].join();
};`;

let cloud: LocalCloud;
let oss: OSS;
let fc: FC;
let watch: CrashWatch;
/** What happens while a call is held. */
let whileHeld: (call: HeldCall) => Promise<void> = async () => {};

beforeAll(async () => {
  cloud = await startLocalCloud({ buckets: ['bucket'], faults: (point) => watch?.rule(point) });
  oss = new OSS({
    endpoint: cloud.oss.endpoint.replace('127.0.0.1', 'localhost'),
    sldEnable: true,
    region: `oss-${LOCAL_REGION}`,
    bucket: 'bucket',
    accessKeyId: cloud.accessKeyId,
    accessKeySecret: cloud.accessKeySecret,
  } as OSS.Options);
  fc = new FC(LOCAL_ACCOUNT, {
    accessKeyID: cloud.accessKeyId,
    accessKeySecret: cloud.accessKeySecret,
    region: LOCAL_REGION,
    endpoint: cloud.fc.endpoint,
  });
  await oss.putBucketACL('bucket', 'public-read-write' as OSS.ACLType);
  await fc.createService('svc');
  for (const functionName of ['first', 'second']) {
    const code = { zipFile: packageOf({ 'index.js': CALLER }) };
    const shape = { runtime: 'nodejs20', handler: 'index.handler', memorySize: 256, timeout: 20 };
    await fc.createFunction('svc', { functionName, ...shape, code });
  }
  watch = new CrashWatch(
    {
      ports: { ots: cloud.ots.port, oss: cloud.oss.port, fc: cloud.fc.port },
      instances: () => cloud.fc.instances(),
      killInstance: (instanceId) => cloud.fc.killInstance(instanceId),
    },
    (call) => whileHeld(call),
  );
});
afterAll(() => cloud.close());

/** Kills at these points and does what else is ordered. */
function begin(points: readonly string[], orders: Partial<WatchOrders> = {}): void {
  const crashes = points.map(parsePoint);
  watch.begin({ runId: 'run', crashes, refused: [], held: [], holdsChanges: false, ...orders });
}

/** What the function answered, or how it ended. */
async function invoke(functionName: string, method: string, key: string): Promise<string> {
  const request = { method, url: `${cloud.oss.endpoint}/bucket/${key}` };
  const { headers, data } = await fc.invokeFunction('svc', functionName, JSON.stringify(request));
  return headers['x-fc-error-type'] ? `ended: ${JSON.stringify(data)}` : String(data);
}

const content = async (key: string): Promise<string | undefined> =>
  oss.get(key).then(
    ({ content }) => String(content),
    (error: { code?: string }) => {
      if (error.code === 'NoSuchKey') return undefined;
      throw error;
    },
  );

describe('the process that makes a chosen call', () => {
  it('is killed before the call has any effect', async () => {
    begin(['first:PutObject before:1:before']);
    expect(await invoke('first', 'PUT', 'before')).toContain('SIGKILL');
    expect(await content('before')).toBeUndefined();
    expect(watch.report().hits).toEqual(['first:PutObject before:1:before']);
  });

  it('is killed after the effect, before the answer', async () => {
    begin(['first:PutObject after:1:after']);
    expect(await invoke('first', 'PUT', 'after')).toContain('SIGKILL');
    expect(await content('after')).toBe('written');
    expect(watch.report().calls).toEqual([{ functionName: 'first', call: 'PutObject after' }]);
  });

  it('is killed after a call that the service refused', async () => {
    begin(['first:GetObject absent:2:after']);
    expect(await invoke('first', 'GET', 'absent')).toContain('SIGKILL');
    expect(watch.report().hits).toHaveLength(1);
    expect(watch.report().calls).toHaveLength(2);
  });

  it('is told from all others: another function, another call, and the test itself', async () => {
    begin(['first:PutObject mine:2:before', 'first:GetObject mine:1:before']);
    expect(await invoke('second', 'PUT', 'mine')).toBe('200,200');
    expect(await content('mine')).toBe('written');
    expect(watch.report()).toMatchObject({ hits: [], strangers: 0 });
    expect(watch.report().calls.map(({ functionName }) => functionName)).toEqual(['second', 'second']);
    expect(await invoke('first', 'PUT', 'mine')).toContain('SIGKILL');
    expect(watch.report().hits).toEqual(['first:PutObject mine:2:before']);
  });

  it('waits in a call that is held, before the effect, until the test lets it go', async () => {
    const seen: (HeldCall & { content: string | undefined })[] = [];
    whileHeld = async (call) => void seen.push({ ...call, content: await content('held') });
    begin([], { held: ['first:PutObject held:2'], holdsChanges: false });
    expect(await invoke('first', 'PUT', 'held')).toBe('200,200');
    expect(seen).toEqual([{ name: 'first:PutObject held:2', isChange: false, content: 'written' }]);
  });

  it('waits in every call that changes the bucket, and is killed there all the same', async () => {
    const seen: (HeldCall & { content: string | undefined })[] = [];
    whileHeld = async (call) => void seen.push({ ...call, content: await content('change') });
    begin(['first:PutObject change:1:after'], { holdsChanges: true });
    expect(await invoke('first', 'PUT', 'change')).toContain('SIGKILL');
    expect(await content('change')).toBe('written');
    expect(seen).toEqual([{ name: 'first:PutObject change:1', isChange: true, content: undefined }]);
  });

  it('gets a refusal where one is ordered', async () => {
    begin([], { refused: ['first:PutObject busy:1'] });
    expect(await invoke('first', 'PUT', 'busy')).toBe('503,200');
  });
});
