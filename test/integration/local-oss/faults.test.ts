import { afterEach, describe, expect, it } from 'vitest';
import type { OssService } from '../../../infra/local/oss/index.ts';
import type { Fault, FaultPoint } from '../../../infra/local/service.ts';
import { clientOf, raw, startService } from './fixture.ts';

let service: OssService;

afterEach(() => service.close());

/** Starts a service whose first matching call has a fault. */
async function withFault(operation: string, fault: Fault): Promise<FaultPoint[]> {
  const seen: FaultPoint[] = [];
  let armed = true;
  service = await startService({
    faults: (point) => {
      seen.push(point);
      if (!armed || point.operation !== operation) return undefined;
      armed = false;
      return fault;
    },
  });
  return seen;
}

describe('an injected fault', () => {
  it('refuses before any effect', async () => {
    const seen = await withFault('PutObject', {
      kind: 'refuse',
      status: 503,
      code: 'SlowDown',
      message: 'Please slow down.',
    });
    const answer = await raw(service, { method: 'PUT', key: 'a', body: 'x' });
    expect([answer.status, answer.xml('Code')]).toEqual([503, 'SlowDown']);
    expect((await raw(service, { key: 'a' })).status).toBe(404);
    expect(seen[0]).toEqual({
      service: 'oss',
      operation: 'PutObject',
      key: 'a',
      peerPort: expect.any(Number),
    });
  });

  it('reaches ali-oss with its code', async () => {
    await withFault('PutObject', { kind: 'refuse', status: 503, code: 'SlowDown', message: 'm' });
    const put = clientOf(service).put('a', Buffer.alloc(300_000));
    await expect(put).rejects.toMatchObject({ code: 'SlowDown', status: 503, requestId: expect.any(String) });
  });

  it('loses the answer after the effect', async () => {
    await withFault('PutObject', { kind: 'lose-answer' });
    await expect(raw(service, { method: 'PUT', key: 'a', body: 'x' })).rejects.toThrow();
    expect((await raw(service, { key: 'a' })).body.toString()).toBe('x');
  });

  it('loses the answer of a completion, which the next attempt finds ended', async () => {
    await withFault('CompleteMultipartUpload', { kind: 'lose-answer' });
    const client = clientOf(service);
    const { uploadId } = await client.initMultipartUpload('m');
    const { etag } = await client.uploadPart('m', uploadId, 1, Buffer.from('p'), 0, 1);
    const complete = () => client.completeMultipartUpload('m', uploadId, [{ number: 1, etag }]);
    await expect(complete()).rejects.toMatchObject({ status: -1 });
    await expect(complete()).rejects.toMatchObject({ code: 'NoSuchUpload' });
    expect((await client.head('m')).status).toBe(200);
  });

  it('loses the answer of a read and frees its content', async () => {
    await withFault('GetObject', { kind: 'lose-answer' });
    await raw(service, { method: 'PUT', key: 'a', body: 'x' });
    await expect(raw(service, { key: 'a' })).rejects.toThrow();
    expect((await raw(service, { key: 'a' })).body.toString()).toBe('x');
  });

  it('resets before any effect', async () => {
    await withFault('DeleteObject', { kind: 'reset' });
    await raw(service, { method: 'PUT', key: 'a', body: 'x' });
    await expect(raw(service, { method: 'DELETE', key: 'a' })).rejects.toThrow();
    expect((await raw(service, { key: 'a' })).status).toBe(200);
  });

  it('delays and then does its work', async () => {
    await withFault('PutObject', { kind: 'delay', ms: 5 });
    expect((await raw(service, { method: 'PUT', key: 'a', body: 'x' })).status).toBe(200);
  });

  it('does not hold up the end of the service', async () => {
    const seen = await withFault('PutObject', { kind: 'delay', ms: 1e8 });
    const cut = expect(raw(service, { method: 'PUT', key: 'a', body: 'x' })).rejects.toThrow();
    await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(1);
    await service.close();
    await cut;
  });

  it('names parts, lists and buckets', async () => {
    const seen = await withFault('none', { kind: 'reset' });
    const client = clientOf(service);
    const { uploadId } = await client.initMultipartUpload('m');
    await client.uploadPart('m', uploadId, 1, Buffer.from('p'), 0, 1);
    await client.list({ 'max-keys': 1 }, {});
    expect(seen.map(({ operation, key }) => `${operation} ${key}`)).toEqual([
      'InitiateMultipartUpload m',
      'UploadPart m',
      'ListObjects test-bucket',
    ]);
    expect(service.stats()).toEqual({
      calls: { InitiateMultipartUpload: 1, UploadPart: 1, ListObjects: 1 },
      bytesReceived: 1,
    });
  });
});
