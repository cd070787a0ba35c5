import { describe, expect, test } from 'vitest';
import { SyncError, UnknownOutcomeError } from '../../../core/errors/index.ts';
import { INF_MAX, INF_MIN } from '../../../core/tablestore/index.ts';
import { clientOf, errorBody, scriptedService } from './scripted-service.ts';

const key = [{ name: 'pk', value: 'a' }];
const range = {
  table: 't',
  direction: 'FORWARD',
  begin: [{ name: 'pk', value: INF_MIN }],
  end: [{ name: 'pk', value: INF_MAX }],
} as const;
const put = { table: 't', key, columns: { c: 1n }, condition: 'ignore' } as const;

const faultOf = async (promise: Promise<unknown>): Promise<SyncError> => {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(SyncError);
  return error as SyncError;
};

describe('a call', () => {
  test('is signed and addressed to the instance', async () => {
    await using s = await scriptedService((_, response) => response.end());
    expect(await s.client.listTable()).toEqual([]);
    const [request] = s.arrived;
    expect(request?.path).toBe('/ListTable');
    expect(request?.headers['x-ots-instancename']).toBe('inst');
    expect(request?.headers['x-ots-signature']).toMatch(/^[A-Za-z0-9+/]{27}=$/);
  });

  test('encodes split requests with a unit in bytes and a limit', async () => {
    await using s = await scriptedService((_, response) => response.end());
    await s.client.computeSplitPointsBySize({ table: 't', units: 1n, unitBytes: 300n, limit: 7 });
    expect(s.arrived[0]?.body.toString('hex')).toBe('0a0174100118ac022007');
    expect(s.arrived[0]?.path).toBe('/ComputeSplitPointsBySize');
  });

  test('turns an error body into a fault with code, request id and status', async () => {
    await using s = await scriptedService((_, response) => {
      response.writeHead(503, { 'x-ots-requestid': 'req-1' });
      response.end(errorBody('OTSServerBusy', 'Server is busy.'));
    });
    const fault = await faultOf(s.client.putRow(put));
    expect(fault).toMatchObject({
      code: 'SRC-2003',
      kind: 'throttled',
      detail: { operation: 'putRow', otsCode: 'OTSServerBusy', httpStatus: 503, requestId: 'req-1' },
    });
    expect(s.arrived).toHaveLength(1);
  });

  test('answers a failed condition as a result', async () => {
    await using s = await scriptedService((_, response) => {
      response.writeHead(403);
      response.end(errorBody('OTSConditionCheckFail', 'Condition check failed.'));
    });
    expect(await s.client.putRow({ ...put, condition: 'expect-not-exist' })).toBe('condition-failed');
  });

  test('reads an error page of a proxy by its status', async () => {
    await using s = await scriptedService((_, response) => response.writeHead(502).end('<html>bad</html>'));
    expect((await faultOf(s.client.listTable())).kind).toBe('transient');
    expect(await faultOf(s.client.putRow(put))).toBeInstanceOf(UnknownOutcomeError);
  });
});

describe('a lost answer', () => {
  test('of a write is an unknown outcome, of a read transient', async () => {
    await using s = await scriptedService((_, response) => response.socket?.destroy());
    expect(await faultOf(s.client.putRow(put))).toBeInstanceOf(UnknownOutcomeError);
    expect((await faultOf(s.client.getRange(range))).kind).toBe('transient');
  });

  test('cut in the middle does not hang', async () => {
    await using s = await scriptedService((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write(Buffer.alloc(10), () => response.socket?.destroy());
    });
    expect((await faultOf(s.client.getRange(range))).kind).toBe('transient');
    expect(await faultOf(s.client.putRow(put))).toBeInstanceOf(UnknownOutcomeError);
  });

  test('ends with the overall timeout, even when bytes keep trickling', async () => {
    await using s = await scriptedService((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    }, 300);
    const fault = await faultOf(s.client.getRange(range));
    expect(fault).toMatchObject({ code: 'SRC-2001', kind: 'transient' });
    expect(fault.message).toContain('300 ms');
  });

  test('ends with the signal', async () => {
    const stop = new AbortController();
    await using s = await scriptedService(() => stop.abort());
    expect((await faultOf(s.client.getRange(range, { signal: stop.signal }))).kind).toBe('transient');
    expect((await faultOf(s.client.putRow(put, { signal: stop.signal }))).kind).toBe('transient');
    expect(s.arrived).toHaveLength(1);
  });

  test('of a write stopped in flight is unknown', async () => {
    const stop = new AbortController();
    await using s = await scriptedService(() => stop.abort());
    expect(await faultOf(s.client.putRow(put, { signal: stop.signal }))).toBeInstanceOf(UnknownOutcomeError);
  });

  test('of a service that is not there is transient even for writes', async () => {
    const s = await scriptedService((_, response) => response.end());
    await s.client.listTable();
    const endpoint = `http://${s.arrived[0]?.headers.host}`;
    await s[Symbol.asyncDispose]();
    const client = clientOf(endpoint);
    const fault = await faultOf(client.putRow(put));
    client.close();
    expect(fault).toMatchObject({ code: 'SRC-2001', kind: 'transient' });
    expect(fault).not.toBeInstanceOf(UnknownOutcomeError);
  });
});

describe('refused before sending', () => {
  test.each([
    ['an integer beyond 64 bits', { c: 2n ** 63n }],
    ['half a surrogate pair', { c: '\ud800' }],
    ['a column called timestamp', { timestamp: 1n }],
    ['a name that the service does not allow', { ü: 1n }],
  ])('%s', async (_, columns: Record<string, bigint | string>) => {
    await using s = await scriptedService((_request, response) => response.end());
    await expect(async () => s.client.putRow({ ...put, columns })).rejects.toMatchObject({
      code: 'BUG-9001',
    });
    expect(s.arrived).toHaveLength(0);
  });
});
