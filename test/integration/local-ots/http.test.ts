import { createHmac } from 'node:crypto';
import { createConnection } from 'node:net';
import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { FaultRule } from '../../../infra/local/service.ts';
import { errorOf, post, stringToSign } from './raw-client.ts';
import { ACCESS_KEY, condition, MovableClock, plain, SECRET, startCloud, tableOf } from './support.ts';

const EMPTY = Buffer.alloc(0);
const MINUTE_MS = 60_000;

test('answers carry sum, date, id and a signature over them', async () => {
  await using cloud = await startCloud();
  const answer = await post(cloud.service.port, 'ListTable', EMPTY);
  expect(answer.status).toBe(200);
  expect(answer.headers['x-ots-contentmd5']).toBe('1B2M2Y8AsgTpgAmY7PhCfg==');
  expect(answer.headers['x-ots-contenttype']).toBe('protocol buffer');
  expect(answer.headers['x-ots-date']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const signed = Object.entries(answer.headers)
    .filter(([name]) => name.startsWith('x-ots-'))
    .sort()
    .map(([name, value]) => `${name}:${value}`)
    .join('\n');
  const signature = createHmac('sha1', SECRET).update(`${signed}\n/ListTable`).digest('base64');
  expect(answer.headers.authorization).toBe(`OTS ${ACCESS_KEY}:${signature}`);
});

test('errors are signed and identified like successes', async () => {
  await using cloud = await startCloud();
  const answer = await post(cloud.service.port, 'GetRow', EMPTY);
  expect(errorOf(answer)).toEqual({
    status: 400,
    code: 'OTSParameterInvalid',
    message: 'Failed to parse the ProtoBuf message.',
  });
  expect(answer.headers['x-ots-requestid']).toBeTruthy();
  expect(answer.headers.authorization).toContain(ACCESS_KEY);
});

test.each([
  [
    'an unknown key',
    { headers: { 'x-ots-accesskeyid': 'nobody' } },
    403,
    'OTSAuthFailed',
    'The AccessKeyID does not exist.',
  ],
  ['a wrong secret', { secret: 'other' }, 403, 'OTSAuthFailed', 'Signature mismatch.'],
  [
    'a wrong body sum',
    { headers: { 'x-ots-contentmd5': 'AAAAAAAAAAAAAAAAAAAAAA==' } },
    403,
    'OTSAuthFailed',
    'Mismatch between MD5 value of request body and x-ots-contentmd5 in header.',
  ],
  [
    'another instance',
    { headers: { 'x-ots-instancename': 'elsewhere' } },
    403,
    'OTSAuthFailed',
    'The instance is not found.',
  ],
  [
    'a missing header',
    { headers: { 'x-ots-date': undefined } },
    400,
    'OTSParameterInvalid',
    "Missing header: 'x-ots-date'.",
  ],
  [
    'no date',
    { headers: { 'x-ots-date': 'today' } },
    400,
    'OTSParameterInvalid',
    'Invalid date format: today.',
  ],
  [
    'an old api version',
    { headers: { 'x-ots-apiversion': '2014-08-08' } },
    400,
    'OTSParameterInvalid',
    'Invalid API version: 2014-08-08.',
  ],
  [
    'another method',
    { method: 'PUT' },
    405,
    'OTSMethodNotAllowed',
    'Only POST method for requests is supported.',
  ],
])('refuses %s', async (_what, options, status, code, message) => {
  await using cloud = await startCloud({ instanceName: 'millrace' });
  const answer = await post(cloud.service.port, 'ListTable', EMPTY, options);
  expect(errorOf(answer)).toEqual({ status, code, message });
});

test('the service clock allows 15 minutes of skew to both sides', async () => {
  const clock = new MovableClock();
  await using cloud = await startCloud({ clock });
  const at = async (minutes: number) => {
    const answer = await post(cloud.service.port, 'ListTable', EMPTY, {
      nowMs: clock.now() + minutes * MINUTE_MS,
    });
    return answer.status;
  };
  expect([await at(-14), await at(14), await at(-16), await at(16)]).toEqual([200, 200, 403, 403]);
});

test('a date with a broken five-digit fraction and the tunnel api version are accepted', async () => {
  await using cloud = await startCloud();
  const date = new Date().toISOString().replace(/\.\d+Z$/, '.52112Z');
  const headers = { 'x-ots-date': date, 'x-ots-apiversion': '2018-04-01', 'x-ots-sdk-traceid': 'abc' };
  expect((await post(cloud.service.port, 'ListTable', EMPTY, { headers })).status).toBe(200);
});

test('V4 signatures are checked', async () => {
  await using cloud = await startCloud();
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const sign = (secret: string) => (path: string, headers: Readonly<Record<string, string>>) => {
    const key = ['cn-hangzhou', 'ots', 'aliyun_v4_request'].reduce(
      hmac,
      hmac(`aliyun_v4${secret}`, '20261120'),
    );
    const text = `${stringToSign(path, headers)}ots`;
    return {
      'x-ots-signaturev4': createHmac('sha256', key.toString('base64')).update(text).digest('base64'),
    };
  };
  const headers = { 'x-ots-signdate': '20261120', 'x-ots-signregion': 'cn-hangzhou' };
  const { port } = cloud.service;
  expect((await post(port, 'ListTable', EMPTY, { headers, sign: sign(SECRET) })).status).toBe(200);
  expect((await post(port, 'ListTable', EMPTY, { headers, sign: sign('other') })).status).toBe(403);
});

test('a deflated body is inflated after its sum was checked', async () => {
  await using cloud = await startCloud();
  const body = Buffer.from('0a016e', 'hex');
  const headers = { 'x-ots-request-compress-type': 'deflate', 'x-ots-request-compress-size': '3' };
  const answer = await post(cloud.service.port, 'DescribeTable', deflateSync(body), { headers });
  expect(errorOf(answer).code).toBe('OTSObjectNotExist');
});

test('operations that are not offered are named', async () => {
  await using cloud = await startCloud();
  expect(errorOf(await post(cloud.service.port, 'CreateIndex', EMPTY))).toEqual({
    status: 400,
    code: 'OTSUnsupportOperation',
    message: "Unsupported operation: 'CreateIndex'.",
  });
});

test('fault rules see table and key, and refuse, reset or lose answers', async () => {
  const seen: string[] = [];
  let kind: 'refuse' | 'reset' | 'lose-answer' | undefined;
  const faults: FaultRule = ({ service, operation, key }) => {
    seen.push(`${service} ${operation} ${key}`);
    if (kind === 'refuse') return { kind, status: 503, code: 'OTSServerBusy', message: 'Server is busy.' };
    return kind ? { kind } : undefined;
  };
  await using cloud = await startCloud({ faults });
  const { client } = cloud;
  await client.createTable(tableOf('t', { pk: 'STRING' }));
  const put = (value: string) =>
    client.putRow({
      tableName: 't',
      condition: condition(),
      primaryKey: [{ pk: 'a' }],
      attributeColumns: [{ x: value }],
    });
  const stored = async () => {
    kind = undefined;
    return plain((await client.getRow({ tableName: 't', primaryKey: [{ pk: 'a' }], maxVersions: 1 })).row).x;
  };
  await put('one');
  expect(seen.at(-1)).toBe('ots PutRow t/01610000');
  kind = 'refuse';
  await expect(put('two')).rejects.toMatchObject({ code: 503 });
  expect(await stored()).toBe('one');
  kind = 'reset';
  await expect(put('three')).rejects.toMatchObject({ code: 'NetworkingError' });
  expect(await stored()).toBe('one');
  kind = 'lose-answer';
  await expect(put('four')).rejects.toMatchObject({ code: 'NetworkingError' });
  expect(await stored()).toBe('four');
  expect(cloud.service.stats().PutRow).toBe(4);
});

test('close does not wait for a request that never ends', async () => {
  const cloud = await startCloud();
  const half = createConnection(cloud.service.port, '127.0.0.1');
  const ended = new Promise<void>((resolve) =>
    half.on('close', () => resolve()).on('error', () => resolve()),
  );
  half.write('POST /ListTable HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf');
  await new Promise<void>((resolve) => half.once('connect', () => resolve()));
  // A whole request after it shows that the half one has been taken up.
  await post(cloud.service.port, 'ListTable', EMPTY);
  await cloud.service.close();
  await ended;
});

test('close is idempotent and ends the port', async () => {
  const cloud = await startCloud();
  await Promise.all([cloud.service.close(), cloud.service.close()]);
  await expect(post(cloud.service.port, 'ListTable', EMPTY)).rejects.toThrow(/ECONNREFUSED/);
});
