import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OssService } from '../../../infra/local/oss/index.ts';
import { BUCKET, type Client, clientOf, headerOf, pattern, raw, startService } from './fixture.ts';

let dataDir: string;
let service: OssService;
let client: Client;

async function restart(): Promise<void> {
  await service?.close();
  service = await startService({ dataDir });
  client = clientOf(service);
}

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'oss-restart-'));
  await restart();
});
afterEach(async () => {
  await service.close();
  await rm(dataDir, { recursive: true });
});

const blobs = () => readdir(path.join(dataDir, 'blobs'));
const KIB = 1024;

describe('after a restart', () => {
  it('everything acknowledged is there', async () => {
    const content = pattern(3_000_000);
    await client.put('kept 键', content, {
      meta: { a: 'b' } as never,
      headers: { 'Cache-Control': 'no-cache' },
    });
    await client.append('log', Buffer.from('one'));
    await client.append('log', Buffer.from('two'), { position: '3' });
    await client.putSymlink('link', 'kept 键');
    await client.putACL('log', 'public-read');
    await client.putBucketTags(BUCKET, { team: 'x' });
    await client.put('deleted', Buffer.from('x'));
    await client.delete('deleted');
    const before = await client.head('kept 键');
    await restart();
    expect(content.equals((await client.get('link')).content as Buffer)).toBe(true);
    const after = await client.head('kept 键');
    const { date: _d, 'x-oss-request-id': _r, ...headers } = after.res.headers as Record<string, string>;
    expect(before.res.headers).toMatchObject(headers);
    expect(((await client.get('log')).content as Buffer).toString()).toBe('onetwo');
    expect((await client.append('log', Buffer.from('!'), { position: '6' })).nextAppendPosition).toBe('7');
    expect((await client.getACL('log')).acl).toBe('public-read');
    expect((await client.getBucketTags(BUCKET)).tag).toEqual({ team: 'x' });
    await expect(client.head('deleted')).rejects.toMatchObject({ status: 404 });
  });

  it('an upload under way can be completed', async () => {
    const parts = [pattern(200 * KIB, 1), pattern(5, 2)];
    const { uploadId } = await client.initMultipartUpload('big');
    const first = await client.uploadPart('big', uploadId, 1, parts[0], 0, parts[0]!.length);
    await restart();
    const second = await client.uploadPart('big', uploadId, 2, parts[1], 0, parts[1]!.length);
    const done = [first, second].map(({ etag }, i) => ({ number: i + 1, etag }));
    const completed = await client.completeMultipartUpload('big', uploadId, done);
    await restart();
    const got = await client.get('big');
    expect(Buffer.concat(parts).equals(got.content as Buffer)).toBe(true);
    expect(headerOf(got.res, 'etag')).toBe(completed.etag);
  });

  it('unrecorded content is swept', async () => {
    await client.put('a', Buffer.from('a'));
    await service.close();
    await writeFile(path.join(dataDir, 'blobs', 'orphan'), 'x');
    await writeFile(path.join(dataDir, 'incoming', 'half'), 'x');
    await restart();
    expect(await blobs()).toHaveLength(1);
    expect(await readdir(path.join(dataDir, 'incoming'))).toEqual([]);
  });

  it('a torn record is dropped and the state before it stays', async () => {
    await client.put('a', Buffer.from('a'));
    await service.close();
    await appendFile(path.join(dataDir, 'journal'), '0123456789abcdef {"is":"object-gone","in":"test');
    await restart();
    expect(((await client.get('a')).content as Buffer).toString()).toBe('a');
  });

  it('the lock of a process that died is taken over, that of a running service is not', async () => {
    await client.put('a', Buffer.from('a'));
    await expect(startService({ dataDir })).rejects.toThrow('in use');
    await service.close();
    await writeFile(path.join(dataDir, 'lock'), String(2 ** 30));
    await restart();
    expect((await client.head('a')).status).toBe(200);
    await service.close();
    await writeFile(path.join(dataDir, 'lock'), String(process.ppid));
    await expect(startService({ dataDir })).rejects.toThrow('in use');
  });

  it('a damaged journal refuses the start', async () => {
    await client.put('a', Buffer.from('a'));
    await client.put('b', Buffer.from('b'));
    await service.close();
    const file = path.join(dataDir, 'journal');
    const bytes = await readFile(file);
    bytes[30]! ^= 1;
    await writeFile(file, bytes);
    await expect(startService({ dataDir })).rejects.toThrow('damaged');
    bytes[30]! ^= 1;
    await writeFile(file, bytes);
  });
});

describe('disk space', () => {
  it('is given back when objects are overwritten or deleted and uploads end', async () => {
    await client.put('a', Buffer.from('1'));
    await client.put('a', Buffer.from('2'));
    await client.copy('copy', 'a');
    await client.delete('a');
    const { uploadId } = await client.initMultipartUpload('m');
    await client.uploadPart('m', uploadId, 1, Buffer.from('p'), 0, 1);
    await client.uploadPart('m', uploadId, 1, Buffer.from('q'), 0, 1);
    await client.abortMultipartUpload('m', uploadId);
    await expect.poll(blobs, { timeout: 20_000 }).toHaveLength(1);
    expect(((await client.get('copy')).content as Buffer).toString()).toBe('2');
    await client.delete('copy');
    await expect.poll(blobs, { timeout: 20_000 }).toHaveLength(0);
  });

  it('is not taken by refused or broken uploads', async () => {
    const headers = { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' };
    expect((await raw(service, { method: 'PUT', key: 'x', body: 'abc', headers })).status).toBe(400);
    const whole = raw(service, { method: 'PUT', key: 'y', body: '', headers: { 'content-length': '100' } });
    await expect.poll(() => readdir(path.join(dataDir, 'incoming')), { timeout: 20_000 }).toHaveLength(1);
    const closing = service.close();
    await expect(whole).rejects.toThrow();
    await closing;
    expect(await readdir(path.join(dataDir, 'incoming'))).toEqual([]);
    expect(await blobs()).toEqual([]);
  });
});
