import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crc64 } from '../../../infra/local/oss/crc64.ts';
import type { OssService } from '../../../infra/local/oss/index.ts';
import { BUCKET, type Client, clientOf, headerOf, pattern, raw, startService } from './fixture.ts';

let service: OssService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const KIB = 1024;
const rejected = (code: string, status: number) => expect.objectContaining({ code, status });

interface Part {
  number: number;
  etag: string;
}

async function uploadParts(client: Client, name: string, id: string, parts: Buffer[]): Promise<Part[]> {
  const done: Part[] = [];
  for (const [i, part] of parts.entries()) {
    const { etag } = await client.uploadPart(name, id, i + 1, part, 0, part.length);
    done.push({ number: i + 1, etag });
  }
  return done;
}

describe.each([
  { name: 'V1', authorizationV4: false },
  { name: 'V4', authorizationV4: true },
])('multipart uploads with signature $name', ({ name: signature, authorizationV4 }) => {
  let client: Client;
  const key = (name: string) => `multipart/${signature}/${name}`;

  beforeAll(() => {
    client = clientOf(service, { authorizationV4 });
  });

  it('joins parts, shows nothing before and the sums of the whole after', async () => {
    const name = key('joined 键');
    const parts = [pattern(100 * KIB, 1), pattern(150 * KIB + 7, 2), pattern(13, 3)];
    const { uploadId } = await client.initMultipartUpload(name, {
      mime: 'text/csv',
      meta: { m: '1' } as never,
    });
    const done = await uploadParts(client, name, uploadId, parts);
    await expect(client.head(name)).rejects.toEqual(rejected('NoSuchKey', 404));
    const completed = await client.completeMultipartUpload(name, uploadId, done);
    const whole = Buffer.concat(parts);
    expect(headerOf(completed.res, 'x-oss-hash-crc64ecma')).toBe(String(crc64(whole)));
    expect(completed.etag).toMatch(/^"[0-9A-F]{32}-3"$/);
    const got = await client.get(name);
    expect(whole.equals(got.content as Buffer)).toBe(true);
    const head = await client.head(name);
    expect(head.meta).toEqual({ m: '1' });
    expect(head.res.headers).toMatchObject({ 'x-oss-object-type': 'Multipart', 'content-type': 'text/csv' });
    const range = await client.get(name, undefined, { headers: { Range: 'bytes=102390-256010' } });
    expect(whole.subarray(102_390, 256_011).equals(range.content as Buffer)).toBe(true);
  });

  it('replaces a part that is sent again', async () => {
    const name = key('replaced');
    const { uploadId } = await client.initMultipartUpload(name);
    await uploadParts(client, name, uploadId, [pattern(100 * KIB, 1)]);
    const done = await uploadParts(client, name, uploadId, [pattern(100 * KIB, 2), Buffer.from('end')]);
    await client.completeMultipartUpload(name, uploadId, done);
    const expected = Buffer.concat([pattern(100 * KIB, 2), Buffer.from('end')]);
    expect(expected.equals((await client.get(name)).content as Buffer)).toBe(true);
  });

  it('lists parts and uploads', async () => {
    const name = key('listed');
    const { uploadId } = await client.initMultipartUpload(name);
    await uploadParts(client, name, uploadId, [Buffer.from('1'), Buffer.from('2'), Buffer.from('3')]);
    const first = await client.listParts(name, uploadId, { 'max-parts': 2 } as never);
    const numbers = (page: { parts: unknown[] }) =>
      (page.parts as unknown as { PartNumber: string }[]).map((part) => Number(part.PartNumber));
    expect(numbers(first)).toEqual([1, 2]);
    expect(String(first.isTruncated)).toBe('true');
    const marker = { 'part-number-marker': Number(first.nextPartNumberMarker) };
    const second = await client.listParts(name, uploadId, marker as never);
    expect([second.parts].flat().length).toBe(1);
    const uploads = await client.listUploads({ prefix: name }, {});
    expect(uploads.uploads.map((each) => each.uploadId)).toEqual([uploadId]);
    await client.abortMultipartUpload(name, uploadId);
    expect((await client.listUploads({ prefix: name }, {})).uploads).toEqual([]);
  });

  it('copies parts from ranges of another object', async () => {
    const source = pattern(300 * KIB, 9);
    await client.put(key('source'), source);
    const { uploadId } = await client.initMultipartUpload(key('copied'));
    const from = { sourceKey: key('source'), sourceBucketName: BUCKET };
    const ranges = [`0-${150 * KIB - 1}`, `${150 * KIB}-${300 * KIB - 1}`];
    const done: Part[] = [];
    for (const [i, range] of ranges.entries()) {
      const { etag } = await client.uploadPartCopy(key('copied'), uploadId, i + 1, range, from, {});
      done.push({ number: i + 1, etag });
    }
    await client.completeMultipartUpload(key('copied'), uploadId, done);
    const got = (await client.get(key('copied'))).content as Buffer;
    expect(got.length).toBe(source.length);
    expect(source.equals(got)).toBe(true);
  });

  it('uploads and copies by the high-level calls', async () => {
    const content = pattern(1_500_000);
    await clientOf(service, { authorizationV4 }).multipartUpload(key('high'), content, {
      partSize: 200 * KIB,
    });
    expect(content.equals((await client.get(key('high'))).content as Buffer)).toBe(true);
    const source = { sourceKey: key('high'), sourceBucketName: BUCKET } as never;
    await clientOf(service, { authorizationV4 }).multipartUploadCopy(key('high2'), source, {
      partSize: 256 * KIB,
    });
    expect(content.equals((await client.get(key('high2'))).content as Buffer)).toBe(true);
  });

  it('refuses an upload that ended', async () => {
    const name = key('ended');
    const { uploadId } = await client.initMultipartUpload(name);
    const done = await uploadParts(client, name, uploadId, [Buffer.from('x')]);
    await client.completeMultipartUpload(name, uploadId, done);
    const refused = rejected('NoSuchUpload', 404);
    await expect(client.completeMultipartUpload(name, uploadId, done)).rejects.toEqual(refused);
    await expect(client.abortMultipartUpload(name, uploadId)).rejects.toEqual(refused);
    await expect(client.listParts(name, uploadId)).rejects.toEqual(refused);
    await expect(uploadParts(client, name, uploadId, [Buffer.from('y')])).rejects.toEqual(refused);
    await expect(client.listParts(key('other'), uploadId)).rejects.toEqual(refused);
  });
});

describe('the list of a completion', () => {
  const a = pattern(100 * KIB, 1);
  const b = Buffer.from('b');
  const etag = (part: Buffer) => createHash('md5').update(part).digest('hex');
  const listOf = (parts: [number, string][]) =>
    `<CompleteMultipartUpload>${parts
      .map(([n, tag]) => `<Part><PartNumber>${n}</PartNumber><ETag>"${tag}"</ETag></Part>`)
      .join('')}</CompleteMultipartUpload>`;
  const complete = (key: string, uploadId: string, body: string, headers = {}) =>
    raw(service, { method: 'POST', key, sub: { uploadId }, body, headers });

  async function prepare(key: string): Promise<string> {
    const client = clientOf(service);
    const { uploadId } = await client.initMultipartUpload(key);
    await client.uploadPart(key, uploadId, 3, a, 0, a.length);
    await client.uploadPart(key, uploadId, 5, b, 0, b.length);
    await client.uploadPart(key, uploadId, 7, a, 0, a.length);
    return uploadId;
  }

  it.each<[string, string, number, string]>([
    [
      'descending numbers',
      listOf([
        [5, etag(b)],
        [3, etag(a)],
      ]),
      400,
      'InvalidPartOrder',
    ],
    [
      'a repeated number',
      listOf([
        [3, etag(a)],
        [3, etag(a)],
      ]),
      400,
      'InvalidPartOrder',
    ],
    ['an unknown number', listOf([[4, etag(a)]]), 400, 'InvalidPart'],
    ['another ETag', listOf([[3, etag(b)]]), 400, 'InvalidPart'],
    [
      'a small part in the middle',
      listOf([
        [5, etag(b)],
        [7, etag(a)],
      ]),
      400,
      'EntityTooSmall',
    ],
    ['an empty list', listOf([]), 400, 'MalformedXML'],
    ['no XML', 'x', 400, 'MalformedXML'],
  ])('is refused for %s', async (what, body, status, code) => {
    const uploadId = await prepare('list');
    const answer = await complete('list', uploadId, body);
    expect([answer.status, answer.xml('Code')], what).toEqual([status, code]);
    expect(
      (
        await complete(
          'list',
          uploadId,
          listOf([
            [3, etag(a)],
            [5, etag(b)],
          ]),
        )
      ).status,
    ).toBe(200);
  });

  it('may have gaps and leave parts out', async () => {
    const uploadId = await prepare('gaps');
    expect(
      (
        await complete(
          'gaps',
          uploadId,
          listOf([
            [3, etag(a)],
            [7, etag(a)],
          ]),
        )
      ).status,
    ).toBe(200);
    const got = await raw(service, { key: 'gaps' });
    expect(got.body.equals(Buffer.concat([a, a]))).toBe(true);
  });

  it('is not needed with x-oss-complete-all', async () => {
    const client = clientOf(service);
    const { uploadId } = await client.initMultipartUpload('all');
    await client.uploadPart('all', uploadId, 2, b, 0, b.length);
    await client.uploadPart('all', uploadId, 1, a, 0, a.length);
    expect((await complete('all', uploadId, '', { 'x-oss-complete-all': 'yes' })).status).toBe(200);
    expect((await raw(service, { key: 'all' })).body.equals(Buffer.concat([a, b]))).toBe(true);
  });

  it('is refused over an existing object when overwriting is forbidden', async () => {
    const uploadId = await prepare('guarded');
    await raw(service, { method: 'PUT', key: 'guarded', body: 'old' });
    const headers = { 'x-oss-forbid-overwrite': 'true' };
    const answer = await complete('guarded', uploadId, listOf([[3, etag(a)]]), headers);
    expect([answer.status, answer.xml('Code'), answer.xml('EC')]).toEqual([
      409,
      'FileAlreadyExists',
      '0042-00000214',
    ]);
  });

  it.each(['0', '10001', 'x', ''])('refuses the part number %o', async (partNumber) => {
    const uploadId = await prepare('numbers');
    const answer = await raw(service, {
      method: 'PUT',
      key: 'numbers',
      sub: { partNumber, uploadId },
      body: 'x',
    });
    expect([answer.status, answer.xml('Code')]).toEqual([400, 'InvalidArgument']);
  });
});
