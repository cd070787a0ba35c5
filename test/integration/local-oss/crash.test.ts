import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OssService } from '../../../infra/local/oss/index.ts';
import { clientOf, pattern, raw, startService } from './fixture.ts';

let dataDir: string;
let child: ChildProcess;
let remote: OssService;

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'oss-crash-'));
  const entry = 'test/integration/local-oss/crash-process.ts';
  child = spawn(process.execPath, ['infra/scripts/run-ts.mjs', entry, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
  remote = { port: Number(line) } as OssService;
});
afterEach(async () => {
  child.kill('SIGKILL');
  await rm(dataDir, { recursive: true });
});

async function kill(): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

const KIB = 1024;
const contentOf = (name: string) => pattern(((name.length * 37_021) % 300_000) + 1, name.length);

describe('a killed service', () => {
  it('has kept every put that it acknowledged, and only whole objects', async () => {
    const sent: string[] = [];
    const acknowledged: string[] = [];
    let running = true;
    async function writer(prefix: string): Promise<void> {
      for (let i = 0; running; i += 1) {
        const name = prefix + 'x'.repeat(i % 50) + i;
        sent.push(name);
        const answer = await raw(remote, { method: 'PUT', key: name, body: contentOf(name) }).catch(
          () => undefined,
        );
        if (answer?.status === 200) acknowledged.push(name);
      }
    }
    const writers = ['a', 'b', 'c', 'd'].map(writer);
    await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(40);
    await kill();
    running = false;
    await Promise.all(writers);
    const service = await startService({ dataDir });
    try {
      for (const name of sent) {
        const { status, body } = await raw(service, { key: name });
        if (status === 200) expect(body.equals(contentOf(name)), name).toBe(true);
        else expect(acknowledged, name).not.toContain(name);
      }
    } finally {
      await service.close();
    }
  });

  it('has kept the parts and the completion that it acknowledged', async () => {
    const client = clientOf(remote);
    const parts = [pattern(300 * KIB, 1), pattern(200 * KIB, 2)];
    const [done, open] = await Promise.all(['done', 'open'].map((name) => client.initMultipartUpload(name)));
    const tags: { number: number; etag: string }[] = [];
    for (const [i, part] of parts.entries()) {
      const { etag } = await client.uploadPart('done', done!.uploadId, i + 1, part, 0, part.length);
      await client.uploadPart('open', open!.uploadId, i + 1, part, 0, part.length);
      tags.push({ number: i + 1, etag });
    }
    await client.completeMultipartUpload('done', done!.uploadId, tags);
    await kill();
    const service = await startService({ dataDir });
    try {
      const after = clientOf(service);
      await after.completeMultipartUpload('open', open!.uploadId, tags);
      for (const name of ['done', 'open']) {
        expect(Buffer.concat(parts).equals((await after.get(name)).content as Buffer)).toBe(true);
      }
    } finally {
      await service.close();
    }
  });
});
