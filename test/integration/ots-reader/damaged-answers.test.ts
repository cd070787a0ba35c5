import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { columns, numbered, readAll, startHarness } from './ots-harness.ts';

/** Stands between reader and service and may change the bytes of an answer. */
async function tamperingProxy(target: string, tamper: (path: string, body: Buffer) => Buffer) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(([name]) => name.startsWith('x-ots-')),
      ) as Record<string, string>;
      const path = request.url ?? '';
      fetch(target + path, { method: 'POST', headers, body: Buffer.concat(chunks) })
        .then(async (answer) => {
          const body = tamper(path, Buffer.from(await answer.arrayBuffer()));
          const kept = ['x-ots-requestid', 'x-ots-contentmd5'];
          response.writeHead(
            answer.status,
            kept.flatMap((name) => [name, answer.headers.get(name) ?? '']),
          );
          response.end(body);
        })
        .catch(() => response.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('bytes damaged on the way', () => {
  const COUNT = 6000;
  const job = { table: 't', column: columns('id', 'v') };
  const setUp = async () => {
    const harness = await startHarness();
    await harness.createTable(
      't',
      { id: 'INTEGER' },
      numbered(COUNT, (i) => [['v', `value ${i}`]]),
    );
    return harness;
  };
  const flipped = (body: Buffer): Buffer => {
    const bad = Buffer.from(body);
    bad[bad.length >> 1]! ^= 0x10;
    return bad;
  };

  test('are read again until they come whole', async () => {
    await using harness = await setUp();
    let pages = 0;
    await using proxy = await tamperingProxy(harness.service.endpoint, (path, body) =>
      path === '/GetRange' && ++pages % 2 === 1 ? flipped(body) : body,
    );
    const rows = await readAll(harness.open({ ...job, endpoint: proxy.endpoint }));
    expect(rows).toEqual(Array.from({ length: COUNT }, (_, i) => [BigInt(i), `value ${i}`]));
    expect(pages).toBe(4);
  });

  test('for ever are a coded fault with the place and the request', async () => {
    await using harness = await setUp();
    await using proxy = await tamperingProxy(harness.service.endpoint, (path, body) =>
      path === '/GetRange' ? flipped(body) : body,
    );
    const reading = readAll(harness.open({ ...job, endpoint: proxy.endpoint, maxRetryTime: 2 }));
    await expect(reading).rejects.toMatchObject({
      code: 'SRC-2005',
      kind: 'transient',
      detail: { operation: 'getRange', offset: expect.any(Number), requestId: expect.stringMatching(/./) },
    });
  });

  test('cannot pass for the end of the range', async () => {
    await using harness = await setUp();
    let hidden = 0;
    /** Gives the continuation of a page a field number that nobody knows. */
    const hideNext = (body: Buffer): Buffer => {
      const next = body.lastIndexOf(Buffer.from('7500000001', 'hex')) - 2;
      if (body[next] !== 0x1a) return body;
      hidden++;
      const bad = Buffer.from(body);
      bad[next]! ^= 0x20;
      return bad;
    };
    await using proxy = await tamperingProxy(harness.service.endpoint, (path, body) =>
      path === '/GetRange' && hidden === 0 ? hideNext(body) : body,
    );
    const rows = await readAll(harness.open({ ...job, endpoint: proxy.endpoint }));
    expect(hidden).toBe(1);
    expect(rows).toHaveLength(COUNT);
  });
});
