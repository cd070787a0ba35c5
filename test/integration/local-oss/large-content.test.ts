import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build, type Format } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { crc64 } from '../../../infra/local/oss/crc64.ts';
import type { OssService } from '../../../infra/local/oss/index.ts';
import { BUCKET, clientOf, headerOf, raw, startService } from './fixture.ts';

/** Enough for several batches of a hashing thread, with a last one that is not full. */
const BODY_BYTES = 3 * 1024 * 1024 + 12_345;

let folder: string;
let service: OssService | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'oss-large-'));
});

afterEach(async () => {
  await service?.close();
  service = undefined;
  await rm(folder, { recursive: true, force: true });
});

const md5Hex = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex').toUpperCase();

/** Starts the service; content is in memory or in the folder. */
async function start(kind: string): Promise<OssService> {
  service = await startService(kind === 'files' ? { dataDir: folder } : {});
  return service;
}

describe.each(['memory', 'files'])('large content in %s', (kind) => {
  it('keeps the bytes and sums of parts that arrive at the same time', async () => {
    const client = clientOf(await start(kind));
    const bodies = Array.from({ length: 6 }, () => randomBytes(BODY_BYTES));
    const { uploadId } = await client.initMultipartUpload('big');
    const done = await Promise.all(
      bodies.map((body, i) => client.uploadPart('big', uploadId, i + 1, body, 0, body.length)),
    );
    expect(done.map(({ etag }) => etag)).toEqual(bodies.map((body) => `"${md5Hex(body)}"`));
    expect(done.map(({ res }) => headerOf(res, 'x-oss-hash-crc64ecma'))).toEqual(
      bodies.map((body) => String(crc64(body))),
    );
    const parts = done.map(({ etag }, i) => ({ number: i + 1, etag }));
    await client.completeMultipartUpload('big', uploadId, parts);
    const { content } = await client.get('big');
    expect(Buffer.concat(bodies).equals(content as Buffer)).toBe(true);
  });

  it('refuses a body that does not have the announced MD5', async () => {
    const body = randomBytes(BODY_BYTES);
    const headers = { 'content-md5': createHash('md5').update('other').digest('base64') };
    const answer = await raw(await start(kind), { method: 'PUT', key: 'a', body, headers });
    expect([answer.status, answer.xml('Code')]).toEqual([400, 'InvalidDigest']);
    expect((await raw(service!, { key: 'a' })).status).toBe(404);
  });

  it('forgets a body that breaks off, and goes on', async () => {
    const { port, stats } = await start(kind);
    await clientOf(service!).putBucketACL(BUCKET, 'public-read-write');
    const path = `/${BUCKET}/a`;
    const headers = { 'content-length': 2 * BODY_BYTES };
    const sending = request({ port, path, method: 'PUT', headers });
    const broken = new Promise((resolve) => sending.on('error', resolve));
    sending.write(randomBytes(BODY_BYTES));
    await vi.waitUntil(() => stats().bytesReceived === BODY_BYTES);
    sending.destroy(new Error('broken off'));
    await broken;
    const body = randomBytes(BODY_BYTES);
    const answer = await raw(service!, { method: 'PUT', key: 'b', body });
    expect(answer.headers.etag).toBe(`"${md5Hex(body)}"`);
    expect((await raw(service!, { key: 'a' })).status).toBe(404);
    if (kind === 'files') await vi.waitUntil(async () => (await leftovers()).length === 0);
  });
});

const leftovers = (): Promise<string[]> => readdir(path.join(folder, 'incoming'));

/** A program that lives longer is kept alive by what it left open. */
const ENDS_WITHIN_MS = 60_000;

/** Prints the MD5 of a large content. It leaves the pool open and must end nevertheless. */
const PROGRAM = `
  import { HashPool } from './infra/local/oss/hash-pool.ts';
  const body = Buffer.alloc(${BODY_BYTES}, 'x');
  const run = async () => {
    const hash = new HashPool().open();
    await hash.update(body);
    const { md5 } = await hash.finish();
    console.log(md5.toString('hex').toUpperCase());
  };
  const alive = setInterval(() => {}, 1000);
  void run().finally(() => clearInterval(alive));
`;

describe.each<Format>(['cjs', 'esm'])('bundled into one %s file', (format) => {
  it('hashes on its threads', async () => {
    const outfile = path.join(folder, format === 'cjs' ? 'bundle.cjs' : 'bundle.mjs');
    await build({
      stdin: { contents: PROGRAM, resolveDir: process.cwd(), loader: 'ts' },
      outfile,
      format,
      bundle: true,
      platform: 'node',
      target: 'node20',
    });
    const { stdout } = await promisify(execFile)(process.execPath, [outfile], { timeout: ENDS_WITHIN_MS });
    expect(stdout.trim()).toBe(md5Hex(Buffer.alloc(BODY_BYTES, 'x')));
  });
});
