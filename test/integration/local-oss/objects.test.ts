import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crc64 } from '../../../infra/local/oss/crc64.ts';
import type { OssService } from '../../../infra/local/oss/index.ts';
import { BUCKET, type Client, clientOf, headerOf, pattern, startService } from './fixture.ts';

let service: OssService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const rejected = (code: string, status: number) => expect.objectContaining({ code, status });

describe.each([
  { name: 'V1', authorizationV4: false },
  { name: 'V4', authorizationV4: true },
])('ali-oss with signature $name', ({ name: signature, authorizationV4 }) => {
  let client: Client;
  const key = (name: string) => `objects/${signature}/${name}`;

  beforeAll(() => {
    client = clientOf(service, { authorizationV4 });
  });

  it('puts a buffer and gets it back with its sums', async () => {
    const content = pattern(300_000);
    const put = await client.put(key('buffer.bin'), content, {
      meta: { uid: 1, pid: 2, who: 'me' } as never,
    });
    const md5 = createHash('md5').update(content).digest();
    expect(headerOf(put.res, 'etag')).toBe(`"${md5.toString('hex').toUpperCase()}"`);
    expect(headerOf(put.res, 'x-oss-hash-crc64ecma')).toBe(String(crc64(content)));
    expect(headerOf(put.res, 'content-md5')).toBe(md5.toString('base64'));
    expect(headerOf(put.res, 'x-oss-request-id')).toMatch(/^[0-9A-F]{24}$/);
    const got = await client.get(key('buffer.bin'));
    expect(content.equals(got.content as Buffer)).toBe(true);
    expect(headerOf(got.res, 'content-type')).toBe('application/octet-stream');
    const head = await client.head(key('buffer.bin'));
    expect(head.meta).toEqual({ uid: '1', pid: '2', who: 'me' });
    expect(head.res.headers).toMatchObject({
      'content-length': '300000',
      'x-oss-object-type': 'Normal',
      'x-oss-storage-class': 'Standard',
      'x-oss-hash-crc64ecma': String(crc64(content)),
      'accept-ranges': 'bytes',
    });
  });

  it.each(['plain.txt', '中文 键.txt', 'a+b c%20d&e=f?g#h.txt', "it's (1)*!~.txt", '\u{1F600}.txt', 'dir/'])(
    'keeps the key %s',
    async (name) => {
      await client.put(key(name), Buffer.from(name));
      const got = await client.get(key(name));
      expect((got.content as Buffer).toString()).toBe(name);
      const listed = await client.list({ prefix: key(name), 'max-keys': 10 }, {});
      expect(listed.objects.map((object) => object.name)).toEqual([key(name)]);
    },
  );

  it('keeps meta data that is not ASCII', async () => {
    const latin = clientOf(service, { authorizationV4, headerEncoding: 'latin1' } as never);
    await latin.put(key('元'), Buffer.from('x'), { meta: { who: '中文 é' } as never });
    const { meta } = await client.head(key('元'));
    expect(Buffer.from(String((meta as { who?: string }).who), 'latin1').toString()).toBe('中文 é');
  });

  it('puts an empty object', async () => {
    const put = await client.put(key('empty'), Buffer.alloc(0));
    expect(headerOf(put.res, 'x-oss-hash-crc64ecma')).toBe('0');
    expect((await client.get(key('empty'))).content as Buffer).toHaveLength(0);
  });

  it('puts streams, chunked and of known length', async () => {
    const content = pattern(2_000_000);
    const halves = () => Readable.from([content.subarray(0, 999_999), content.subarray(999_999)]);
    await client.putStream(key('chunked'), halves());
    await client.putStream(key('sized'), halves(), { contentLength: content.length } as never);
    for (const name of ['chunked', 'sized']) {
      const got = await client.get(key(name));
      expect(content.equals(got.content as Buffer)).toBe(true);
    }
  });

  it('gets a stream and a range', async () => {
    await client.put(key('range.txt'), Buffer.from('0123456789'));
    const { stream } = await client.getStream(key('range.txt'), { headers: { Range: 'bytes=2-4' } });
    expect(await text(stream as Readable)).toBe('234');
    const got = await client.get(key('range.txt'), undefined, { headers: { Range: 'bytes=-3' } });
    expect((got.content as Buffer).toString()).toBe('789');
    expect(got.res.status).toBe(206);
    expect(headerOf(got.res, 'content-range')).toBe('bytes 7-9/10');
    const whole = await client.get(key('range.txt'), undefined, { headers: { Range: 'bytes=5-100' } });
    expect(whole.res.status).toBe(200);
  });

  it('answers conditions', async () => {
    const put = await client.put(key('condition'), Buffer.from('x'));
    const etag = headerOf(put.res, 'etag')!;
    const get = (headers: object) => client.get(key('condition'), undefined, { headers });
    expect((await get({ 'If-None-Match': etag })).res.status).toBe(304);
    expect((await get({ 'If-Match': etag })).res.status).toBe(200);
    await expect(get({ 'If-Match': '"0"' })).rejects.toEqual(rejected('PreconditionFailed', 412));
    const past = new Date(0).toUTCString();
    await expect(get({ 'If-Unmodified-Since': past })).rejects.toEqual(rejected('PreconditionFailed', 412));
    expect((await get({ 'If-Modified-Since': new Date().toUTCString() })).res.status).toBe(304);
    const head = client.head(key('condition'), { headers: { 'If-Match': '"0"' } });
    await expect(head).rejects.toEqual(rejected('PreconditionFailed', 412));
  });

  it('deletes one and many, missing ones too', async () => {
    const names = ['d1', 'd2 <&>"\'', 'd3中'].map(key);
    for (const name of names) await client.put(name, Buffer.from('x'));
    const { deleted } = await client.deleteMulti([...names, key('never')]);
    expect((deleted as unknown as { Key: string }[]).map(({ Key }) => Key)).toEqual([...names, key('never')]);
    await expect(client.get(names[0]!)).rejects.toEqual(rejected('NoSuchKey', 404));
    expect((await client.delete(key('never'))).res.status).toBe(204);
    expect((await client.deleteMulti(names, { quiet: true })).deleted ?? []).toEqual([]);
  });

  it('copies with and without new attributes', async () => {
    const source = key('源+a b.txt');
    await client.put(source, Buffer.from('copy me'), { meta: { a: '1' } as never, mime: 'text/x-source' });
    await client.copy(key('copy'), source);
    const copy = await client.head(key('copy'));
    expect(copy.meta).toEqual({ a: '1' });
    expect(headerOf(copy.res, 'content-type')).toBe('text/x-source');
    await client.copy(key('copy'), source, { meta: { b: '2' } as never });
    expect((await client.head(key('copy'))).meta).toEqual({ b: '2' });
    await client.putMeta(source, { c: '3' } as never, {});
    expect((await client.head(source)).meta).toEqual({ c: '3' });
    expect(((await client.get(source)).content as Buffer).toString()).toBe('copy me');
    const conditional = client.copy(key('copy'), source, {
      headers: { 'x-oss-copy-source-if-match': '"0"' },
    });
    await expect(conditional).rejects.toEqual(rejected('PreconditionFailed', 412));
    await expect(client.copy(key('copy'), key('never'))).rejects.toEqual(rejected('NoSuchKey', 404));
  });

  it('appends at the end only', async () => {
    const name = key('append.log');
    let next = (await client.append(name, Buffer.from('foo'))).nextAppendPosition;
    expect(next).toBe('3');
    next = (await client.append(name, Buffer.from('barbaz'), { position: next })).nextAppendPosition;
    expect(next).toBe('9');
    const head = await client.head(name);
    expect(head.res.headers).toMatchObject({
      'x-oss-object-type': 'Appendable',
      'x-oss-next-append-position': '9',
      'x-oss-hash-crc64ecma': String(crc64(Buffer.from('foobarbaz'))),
    });
    expect(((await client.get(name)).content as Buffer).toString()).toBe('foobarbaz');
    const wrong = client.append(name, Buffer.from('x'), { position: '4' });
    await expect(wrong).rejects.toEqual(rejected('PositionNotEqualToLength', 409));
    await client.put(key('normal'), Buffer.from('x'));
    const normal = client.append(key('normal'), Buffer.from('x'), { position: '1' });
    await expect(normal).rejects.toEqual(rejected('ObjectNotAppendable', 409));
  });

  it('forbids to overwrite when asked', async () => {
    const name = key('once');
    const headers = () => ({ headers: { 'x-oss-forbid-overwrite': 'true' } });
    await client.put(name, Buffer.from('first'), headers());
    const refused = rejected('FileAlreadyExists', 409);
    await expect(client.put(name, Buffer.from('second'), headers())).rejects.toEqual(refused);
    await expect(client.copy(name, name, headers())).rejects.toEqual(refused);
    await expect(client.initMultipartUpload(name, headers())).rejects.toEqual(refused);
    expect(((await client.get(name)).content as Buffer).toString()).toBe('first');
  });

  it('keeps ACL, tags, symlinks and metadata', async () => {
    const name = key('attributes');
    await client.put(name, Buffer.from('x'));
    await client.putACL(name, 'public-read');
    expect((await client.getACL(name)).acl).toBe('public-read');
    await client.putObjectTagging(name, { a: '1', b: 'x y' });
    expect((await client.getObjectTagging(name)).tag).toEqual({ a: '1', b: 'x y' });
    await client.deleteObjectTagging(name);
    expect((await client.getObjectTagging(name)).tag).toEqual({});
    const meta = await client.getObjectMeta(name);
    expect(meta.res.headers).toMatchObject({
      'content-length': '1',
      'x-oss-hash-crc64ecma': expect.any(String),
    });
    await client.putSymlink(key('链接'), name);
    expect((await client.getSymlink(key('链接'))).targetName).toBe(name);
    expect(((await client.get(key('链接'))).content as Buffer).toString()).toBe('x');
    await expect(client.getSymlink(name)).rejects.toEqual(rejected('NotSymlink', 400));
  });

  it('accepts presigned URLs of both kinds', async () => {
    const name = key('signed 键.txt');
    const putUrl = client.signatureUrl(name, { method: 'PUT', 'Content-Type': 'text/plain' });
    const put = await fetch(putUrl, {
      method: 'PUT',
      headers: { 'Content-Type': 'text/plain' },
      body: 'signed',
    });
    expect(put.status).toBe(200);
    const got = await fetch(client.signatureUrl(name, { response: { 'content-type': 'x/y' } }));
    expect([await got.text(), got.headers.get('content-type')]).toEqual(['signed', 'x/y']);
    const v4 = await client.signatureUrlV4('GET', 60, undefined, name);
    expect(await (await fetch(v4)).text()).toBe('signed');
    const spoiled = await fetch(`${v4.slice(0, -2)}${v4.endsWith('00') ? '11' : '00'}`);
    expect(spoiled.status).toBe(403);
  });

  it('accepts an STS token', async () => {
    const sts = clientOf(service, { authorizationV4, stsToken: 'token', refreshSTSTokenInterval: 1e9 });
    await sts.put(key('sts'), Buffer.from('x'));
    expect((await sts.head(key('sts'))).status).toBe(200);
  });

  it('manages buckets', async () => {
    const name = `bucket-${signature.toLowerCase()}`;
    const made = await client.putBucket(name);
    expect(made.bucket).toBe(name);
    const { bucket } = await client.getBucketInfo(name);
    expect(bucket).toMatchObject({ Name: name, Location: 'oss-cn-hangzhou', StorageClass: 'Standard' });
    expect((await client.getBucketLocation(name)).location).toBe('oss-cn-hangzhou');
    await client.putBucketTags(name, { team: 'data' });
    expect((await client.getBucketTags(name)).tag).toEqual({ team: 'data' });
    await client.deleteBucketTags(name);
    expect((await client.getBucketTags(name)).tag).toEqual({});
    await client.putBucketACL(name, 'public-read');
    expect((await client.getBucketACL(name)).acl).toBe('public-read');
    const listed = (await client.listBuckets({ prefix: name } as never)) as unknown as {
      buckets: { name: string }[];
    };
    expect(listed.buckets.map((each) => each.name)).toEqual([name]);
    await client.deleteBucket(name);
    await expect(client.getBucketInfo(name)).rejects.toEqual(rejected('NoSuchBucket', 404));
    await expect(client.deleteBucket(BUCKET)).rejects.toEqual(rejected('BucketNotEmpty', 409));
    expect(Number((await client.getBucketStat(BUCKET)).stat.ObjectCount)).toBeGreaterThan(5);
  });
});
