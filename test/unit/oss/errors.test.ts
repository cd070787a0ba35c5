import { describe, expect, it } from 'vitest';
import { classifyOssFault, hasOssCode } from '../../../core/connectors/oss/errors.ts';
import { MAX_TRIES, Retry } from '../../../core/connectors/oss/retry.ts';
import { AssertionError } from '../../../core/errors/index.ts';
import { silentLogger } from '../../../core/ports/system.ts';

const sdkError = (fields: Record<string, unknown>, name = 'Error'): Error =>
  Object.assign(new Error('a message, with url http://x/?y and more'), { name, ...fields });

describe('classifyOssFault', () => {
  it.each([
    [{ status: 403, code: 'AccessDenied' }, 'DST-4002', 'auth'],
    [{ status: 403, code: 'InvalidAccessKeyId' }, 'DST-4002', 'auth'],
    [{ status: 403, code: 'SignatureDoesNotMatch' }, 'DST-4002', 'auth'],
    [{ status: 403 }, 'DST-4002', 'auth'],
    [{ status: 404, code: 'NoSuchBucket' }, 'DST-4004', 'config'],
    [{ status: 404, code: 'NoSuchUpload' }, 'DST-4009', 'lost'],
    [{ status: 400, code: 'InvalidArgument' }, 'DST-4004', 'config'],
    [{ status: 400, code: 'InvalidDigest' }, 'DST-4001', 'transient'],
    [{ status: 400, code: 'RequestTimeout' }, 'DST-4001', 'transient'],
    [{ status: 429 }, 'DST-4003', 'throttled'],
    [{ status: 503, code: 'ServiceUnavailable' }, 'DST-4003', 'throttled'],
    [{ status: 500, code: 'InternalError' }, 'DST-4001', 'transient'],
    [{ status: 502 }, 'DST-4001', 'transient'],
    [{ status: -1, code: 'ConnectionError' }, 'DST-4001', 'transient'],
    [{ status: -2, code: 'ConnectionTimeoutError' }, 'DST-4001', 'transient'],
    [{}, 'DST-4001', 'transient'],
  ])('%j is %s, %s', (fields, code, kind) => {
    expect(classifyOssFault(sdkError(fields), 'put')).toMatchObject({ code, kind });
  });

  it('knows a response timeout and a defect by their names', () => {
    expect(classifyOssFault(sdkError({}, 'ResponseTimeoutError'), 'put').kind).toBe('transient');
    expect(classifyOssFault(new TypeError('x is undefined'), 'put').kind).toBe('bug');
  });

  it('keeps what was classified before', () => {
    const error = new AssertionError('x');
    expect(classifyOssFault(error, 'put')).toBe(error);
  });

  it('carries the code and request id on, and nothing of the signed request', () => {
    const raw = sdkError({
      status: 403,
      code: 'AccessDenied',
      requestId: '5F1',
      params: { headers: { authorization: 'OSS id:secret-signature' } },
    });
    const fault = classifyOssFault(raw, 'put');
    expect(fault.detail).toEqual({ call: 'put', ossCode: 'AccessDenied', status: 403, requestId: '5F1' });
    expect(hasOssCode(fault, 'AccessDenied')).toBe(true);
    const shown = JSON.stringify([fault.message, fault.detail, Object.entries(fault.cause as object)]);
    expect(shown + (fault.cause as Error).message).not.toMatch(/secret|authorization|http/);
  });
});

describe('Retry', () => {
  const pauses: number[] = [];
  const controller = new AbortController();
  const context = {
    clock: { nowMs: () => 0, monotonicMs: () => 0, sleep: async (ms: number) => void pauses.push(ms) },
    random: { nonce: () => '', fraction: () => 0.5 },
    log: silentLogger,
    timeZone: 'UTC',
    signal: controller.signal,
  };

  it('tries again with growing pauses and then gives up', async () => {
    let calls = 0;
    const failing = new Retry(context).run('put', async () => {
      calls++;
      throw sdkError({ status: 503 });
    });
    await expect(failing).rejects.toMatchObject({ code: 'DST-4003' });
    expect(calls).toBe(MAX_TRIES);
    expect(pauses).toEqual([150, 300, 600, 1200, 2400, 4800, 6000]);
  });

  it('does not repeat what cannot get better', async () => {
    let calls = 0;
    const failing = new Retry(context).run('put', async () => {
      calls++;
      throw sdkError({ status: 404, code: 'NoSuchBucket' });
    });
    await expect(failing).rejects.toMatchObject({ code: 'DST-4004' });
    expect(calls).toBe(1);
  });

  it('returns the first answer', async () => {
    let calls = 0;
    const answer = new Retry(context).run('put', async () => {
      if (++calls < 3) throw sdkError({ status: -1 });
      return 'done';
    });
    expect(await answer).toBe('done');
  });

  it('does not try again after the signal', async () => {
    controller.abort();
    let calls = 0;
    const failing = new Retry(context).run('put', async () => {
      calls++;
      throw sdkError({ status: 503 });
    });
    await expect(failing).rejects.toMatchObject({ code: 'DST-4003' });
    expect(calls).toBe(1);
  });
});
