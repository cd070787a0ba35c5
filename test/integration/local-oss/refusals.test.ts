/** Raw requests: what must be refused, and how a refusal looks. */

import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OssService } from '../../../infra/local/oss/index.ts';
import { authorizationOf, BUCKET, clientOf, type RawRequest, raw, startService } from './fixture.ts';

let service: OssService;

beforeAll(async () => {
  service = await startService();
  await raw(service, { method: 'PUT', key: 'here', body: 'content' });
});
afterAll(() => service.close());

const LONG_KEY = 'k'.repeat(1024);
const md5 = (text: string) => createHash('md5').update(text).digest('base64');

describe('a refusal', () => {
  it.each<[string, RawRequest, number, string]>([
    ['an unknown key id', { keyId: 'nobody' }, 403, 'InvalidAccessKeyId'],
    ['a wrong secret', { secret: 'wrong' }, 403, 'SignatureDoesNotMatch'],
    [
      'an old date',
      { headers: { 'x-oss-date': 'Mon, 01 Jan 2001 00:00:00 GMT' } },
      403,
      'RequestTimeTooSkewed',
    ],
    ['no date', { headers: { 'x-oss-date': 'noon' } }, 403, 'AccessDenied'],
    ['an anonymous read', { key: 'here', auth: 'none' }, 403, 'AccessDenied'],
    ['an anonymous write', { method: 'PUT', key: 'x', auth: 'none', body: 'x' }, 403, 'AccessDenied'],
    ['a missing key', { key: 'missing' }, 404, 'NoSuchKey'],
    ['a missing bucket', { bucket: 'no-such-bucket', key: 'x' }, 404, 'NoSuchBucket'],
    ['a bad bucket name', { bucket: 'Upper_Case', method: 'PUT' }, 400, 'InvalidBucketName'],
    ['a long key', { key: LONG_KEY }, 400, 'InvalidObjectName'],
    ['a key with a leading slash', { key: '%2Fx', method: 'PUT', body: '' }, 400, 'InvalidObjectName'],
    ['a leading backslash', { key: '%5Cx', method: 'PUT', body: '' }, 400, 'InvalidObjectName'],
    ['a sub-resource it lacks', { sub: { lifecycle: '' } }, 501, 'NotImplemented'],
    ['image processing', { key: 'here', sub: { 'x-oss-process': 'image/info' } }, 501, 'NotImplemented'],
    ['a callback', { method: 'PUT', key: 'x', headers: { 'x-oss-callback': 'e30=' } }, 501, 'NotImplemented'],
    ['a method it lacks', { method: 'PATCH', key: 'here' }, 405, 'MethodNotAllowed'],
    ['another version', { key: 'here', sub: { versionId: 'CAEQ' } }, 404, 'NoSuchVersion'],
    [
      'a delete of another version',
      { method: 'DELETE', key: 'here', sub: { versionId: 'CAEQ' } },
      404,
      'NoSuchVersion',
    ],
    [
      'a digest of other content',
      { method: 'PUT', key: 'x', body: 'x', headers: { 'content-md5': md5('y') } },
      400,
      'InvalidDigest',
    ],
    [
      'a digest that is none',
      { method: 'PUT', key: 'x', body: 'x', headers: { 'content-md5': 'AAAA' } },
      400,
      'InvalidDigest',
    ],
    [
      'a strict impossible range',
      { key: 'here', headers: { range: 'bytes=7-', 'x-oss-range-behavior': 'standard' } },
      416,
      'InvalidRange',
    ],
    [
      'an append without position',
      { method: 'POST', key: 'log', sub: { append: '' }, body: 'x' },
      400,
      'MissingArgument',
    ],
    [
      'an append at a word',
      { method: 'POST', key: 'log', sub: { append: '', position: 'end' }, body: 'x' },
      400,
      'InvalidArgument',
    ],
    [
      'an append behind the end',
      { method: 'POST', key: 'log', sub: { append: '', position: '1' }, body: 'x' },
      409,
      'PositionNotEqualToLength',
    ],
    [
      'an append to a normal object',
      { method: 'POST', key: 'here', sub: { append: '', position: '7' }, body: 'x' },
      409,
      'ObjectNotAppendable',
    ],
    [
      'an unknown ACL',
      { method: 'PUT', key: 'here', sub: { acl: '' }, headers: { 'x-oss-object-acl': 'all' } },
      400,
      'InvalidArgument',
    ],
    [
      'an unknown storage class',
      { method: 'PUT', key: 'x', body: '', headers: { 'x-oss-storage-class': 'Hot' } },
      400,
      'InvalidArgument',
    ],
    [
      'eleven tags',
      {
        method: 'PUT',
        key: 'x',
        body: '',
        headers: { 'x-oss-tagging': Array.from({ length: 11 }, (_, i) => `t${i}=`).join('&') },
      },
      400,
      'InvalidTag',
    ],
    [
      'too much meta data',
      { method: 'PUT', key: 'x', body: '', headers: { 'x-oss-meta-a': 'v'.repeat(8192) } },
      400,
      'InvalidArgument',
    ],
    [
      'a multi-delete without digest',
      { method: 'POST', sub: { delete: '' }, body: '<Delete/>' },
      400,
      'MissingArgument',
    ],
    [
      'a multi-delete of nothing',
      {
        method: 'POST',
        sub: { delete: '' },
        body: '<Delete/>',
        headers: { 'content-md5': md5('<Delete/>') },
      },
      400,
      'MalformedXML',
    ],
    [
      'a copy of nothing',
      { method: 'PUT', key: 'x', headers: { 'x-oss-copy-source': 'nonsense' } },
      400,
      'InvalidArgument',
    ],
    [
      'a copy directive',
      {
        method: 'PUT',
        key: 'x',
        headers: { 'x-oss-copy-source': `/${BUCKET}/here`, 'x-oss-metadata-directive': 'MERGE' },
      },
      400,
      'InvalidArgument',
    ],
    [
      'a part of no upload',
      { method: 'PUT', key: 'x', sub: { partNumber: '1', uploadId: 'none' }, body: 'x' },
      404,
      'NoSuchUpload',
    ],
    [
      'a forbidden overwrite',
      { method: 'PUT', key: 'here', body: 'x', headers: { 'x-oss-forbid-overwrite': 'true' } },
      409,
      'FileAlreadyExists',
    ],
  ])('meets %s', async (_what, request, status, code) => {
    const answer = await raw(service, request);
    expect([answer.status, answer.xml('Code')]).toEqual([status, code]);
    expect(answer.xml('RequestId')).toBe(answer.headers['x-oss-request-id']);
    expect(answer.xml('HostId')).toBe(`127.0.0.1:${service.port}`);
    expect((await raw(service, { key: 'here' })).body.toString()).toBe('content');
    expect((await raw(service, { key: 'x' })).status).toBe(404);
  });

  it('carries the numbers of its cause', async () => {
    const missing = await raw(service, { key: 'missing' });
    expect([missing.xml('EC'), missing.headers['x-oss-ec']]).toEqual(['0026-00000001', '0026-00000001']);
    const append = await raw(service, {
      method: 'POST',
      key: 'log',
      sub: { append: '', position: '4' },
      body: 'x',
    });
    expect(append.xml('EC')).toBe('0026-00000016');
    expect(append.headers['x-oss-next-append-position']).toBe('0');
    const skewed = await raw(service, { headers: { 'x-oss-date': 'Mon, 01 Jan 2001 00:00:00 GMT' } });
    expect(skewed.xml('MaxAllowedSkewMilliseconds')).toBe('900000');
    expect(Date.parse(skewed.xml('ServerTime')!)).toBeGreaterThan(Date.parse('2020-01-01'));
  });

  it('of a HEAD travels in x-oss-err', async () => {
    const answer = await raw(service, { method: 'HEAD', key: 'missing' });
    expect(answer.status).toBe(404);
    expect(answer.body).toHaveLength(0);
    const xml = Buffer.from(String(answer.headers['x-oss-err']), 'base64').toString();
    expect(xml).toContain('<Code>NoSuchKey</Code>');
  });

  it('meets a body of unknown length', async () => {
    const date = new Date().toUTCString();
    const socket = connect(service.port, '127.0.0.1');
    const head = [
      `PUT /${BUCKET}/x HTTP/1.1`,
      'Host: localhost',
      `x-oss-date: ${date}`,
      `Authorization: ${authorizationOf('PUT', `/${BUCKET}/x`, date)}`,
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n`);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 411 /);
    expect(answer).toContain('MissingContentLength');
  });
});

describe('a presigned URL', () => {
  it('ends with its time, in both kinds', async () => {
    let nowMs = Date.now();
    const late = await startService({ clock: { now: () => nowMs } });
    const client = clientOf(late);
    await client.put('timed', Buffer.from('x'));
    const urls = [
      client.signatureUrl('timed', { expires: 60 }),
      await client.signatureUrlV4('GET', 60, undefined, 'timed'),
    ];
    for (const url of urls) expect((await fetch(url)).status).toBe(200);
    nowMs += 62_000;
    for (const url of urls) {
      const answer = await fetch(url);
      expect([answer.status, (await answer.text()).includes('<Code>AccessDenied</Code>')]).toEqual([
        403,
        true,
      ]);
    }
  });
});

describe('the clock of the options', () => {
  it('is the one that answers show', async () => {
    const nowMs = Date.now() + 600_000;
    const fast = await startService({ clock: { now: () => nowMs } });
    const put = await raw(fast, { method: 'PUT', key: 'x', body: 'x' });
    const head = await raw(fast, { method: 'HEAD', key: 'x' });
    const expected = new Date(nowMs).toUTCString();
    expect([put.headers.date, head.headers['last-modified']]).toEqual([expected, expected]);
    await fast.close();
  });
});

describe('signature V4', () => {
  it('must name the region of the service', async () => {
    const client = clientOf(service, { authorizationV4: true, region: 'oss-cn-beijing' });
    await expect(client.get('here')).rejects.toMatchObject({ code: 'InvalidArgument', status: 400 });
  });
});

describe('a public object', () => {
  it('is read by anybody, and its neighbours are not', async () => {
    await raw(service, {
      method: 'PUT',
      key: 'open',
      body: 'hi',
      headers: { 'x-oss-object-acl': 'public-read' },
    });
    expect((await raw(service, { key: 'open', auth: 'none' })).body.toString()).toBe('hi');
    expect((await raw(service, { method: 'DELETE', key: 'open', auth: 'none' })).status).toBe(403);
    expect((await raw(service, { auth: 'none' })).status).toBe(403);
  });
});

describe('the address', () => {
  function ask(host: string, path: string, resource: string): Promise<number | undefined> {
    const date = new Date().toUTCString();
    const headers = { host, 'x-oss-date': date, authorization: authorizationOf('GET', resource, date) };
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: service.port, path, headers, agent: false });
      sent.on('error', reject);
      sent.on('response', (response) => resolve(response.resume().statusCode));
      sent.end();
    });
  }

  it.each([
    ['a virtual host', `${BUCKET}.oss-cn-hangzhou.aliyuncs.com`, '/here'],
    ['an internal virtual host', `${BUCKET}.oss-cn-hangzhou-internal.aliyuncs.com`, '/here'],
    ['a virtual host below localhost', `${BUCKET}.localhost:80`, '/here'],
    ['a path', 'localhost', `/${BUCKET}/here`],
    ['a path and a forged host', `${BUCKET}.oss-cn-hangzhou.aliyuncs.com`, `/${BUCKET}/here`],
  ])('may be %s', async (_what, host, path) => {
    expect(await ask(host, path, `/${BUCKET}/here`)).toBe(200);
  });

  it('is decided by the signature when it has two readings', async () => {
    const host = `${BUCKET}.oss-cn-hangzhou.aliyuncs.com`;
    await raw(service, { method: 'PUT', key: `${BUCKET}/here`, body: 'nested' });
    expect(await ask(host, `/${BUCKET}/here`, `/${BUCKET}/${BUCKET}/here`)).toBe(200);
    expect(await ask(host, `/${BUCKET}/here`, `/${BUCKET}/elsewhere`)).toBe(403);
  });

  it('works through an IP endpoint of ali-oss, with and without the bucket in the path', async () => {
    for (const sldEnable of [false, true]) {
      const client = clientOf(service, { endpoint: `http://127.0.0.1:${service.port}`, sldEnable } as never);
      expect(((await client.get('here')).content as Buffer).toString()).toBe('content');
    }
  });
});

describe('versioning', () => {
  it('was never enabled', async () => {
    const answer = await raw(service, { sub: { versioning: '' } });
    expect(answer.body.toString()).toContain('<VersioningConfiguration></VersioningConfiguration>');
    const put = await raw(service, {
      method: 'PUT',
      sub: { versioning: '' },
      body: '<VersioningConfiguration/>',
    });
    expect(put.xml('Message')).toContain('versioning');
  });
});
