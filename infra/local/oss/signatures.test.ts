import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { authenticate } from './authentication.ts';
import { readRequest } from './request.ts';

/** A request as Node hands it over. */
function incoming(method: string, url: string, headers: Record<string, string>): IncomingMessage {
  return { method, url, headers } as unknown as IncomingMessage;
}

const REGION = 'oss-cn-hangzhou';

describe('signature V1', () => {
  // The worked example of the vendor's documentation of the Authorization header.
  const keys = new Map([['44CF9590006BF252F707', 'OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV']]);
  const headers = {
    host: 'oss-example.oss-cn-hangzhou.aliyuncs.com',
    'content-md5': 'ODBGOERFMDMzQTczRUY3NUE3NzA5QzdFNUYzMDQxNEM=',
    'content-type': 'text/html',
    date: 'Thu, 17 Nov 2005 18:49:58 GMT',
    'x-oss-meta-author': 'foo@bar.com',
    'x-oss-magic': 'abracadabra',
    authorization: 'OSS 44CF9590006BF252F707:26NBxoKdsyly4EDv6inkoDft/yA=',
  };
  const nowMs = Date.parse(headers.date);
  const verifier = { keys, clock: { now: () => nowMs }, region: REGION };

  it('equals the published example', () => {
    const request = readRequest(incoming('PUT', '/nelson', headers), 'id');
    expect(authenticate(request, verifier)).toEqual({
      accessKeyId: '44CF9590006BF252F707',
      target: { bucket: 'oss-example', key: 'nelson' },
    });
  });

  it.each([
    ['the method', 'POST', '/nelson', {}],
    ['the key', 'PUT', '/nelso', {}],
    ['a sub-resource', 'PUT', '/nelson?acl', {}],
    ['the type', 'PUT', '/nelson', { 'content-type': 'text/plain' }],
    ['a vendor header', 'PUT', '/nelson', { 'x-oss-magic': 'x' }],
    ['one more vendor header', 'PUT', '/nelson', { 'x-oss-more': 'x' }],
  ])('covers %s', (_what, method, url, changed) => {
    const request = readRequest(incoming(method, url, { ...headers, ...changed }), 'id');
    expect(() => authenticate(request, verifier)).toThrow(
      expect.objectContaining({ code: 'SignatureDoesNotMatch' }),
    );
  });

  it('does not cover ordinary parameters', () => {
    const request = readRequest(incoming('PUT', '/nelson?prefix=x', headers), 'id');
    expect(authenticate(request, verifier).accessKeyId).toBeDefined();
  });

  it.each([
    ['15 minutes late', 900_000, true],
    ['later', 900_001, false],
    ['15 minutes early', -900_000, true],
    ['earlier', -900_001, false],
  ])('accepts a clock %s: %i ms', (_what, skewMs, accepted) => {
    const attempt = () =>
      authenticate(readRequest(incoming('PUT', '/nelson', headers), 'id'), {
        ...verifier,
        clock: { now: () => nowMs + skewMs },
      });
    if (accepted) expect(attempt().accessKeyId).toBeDefined();
    else expect(attempt).toThrow(expect.objectContaining({ code: 'RequestTimeTooSkewed' }));
  });
});

describe('malformed authorization', () => {
  it.each([
    ['Basic abc', 'InvalidArgument'],
    ['OSS no-colon', 'InvalidArgument'],
    ['OSS4-HMAC-SHA256 Credential=x,Signature=y', 'InvalidArgument'],
    ['OSS4-HMAC-SHA256 ', 'InvalidArgument'],
  ])('%s is refused', (authorization, code) => {
    const headers = { host: 'localhost', authorization, 'x-oss-content-sha256': 'UNSIGNED-PAYLOAD' };
    const request = readRequest(incoming('GET', '/b/k', headers), 'id');
    expect(() => authenticate(request, { keys: new Map(), clock: { now: () => 0 }, region: REGION })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe('the address', () => {
  it.each([
    ['/%', 'InvalidURI'],
    ['/b/%ff', 'InvalidURI'],
    ['/b/k?a=%zz', 'InvalidURI'],
    ['/b/k?a=1&a=2', 'InvalidArgument'],
    ['*', 'InvalidURI'],
  ])('%s is refused', (url, code) => {
    expect(() => readRequest(incoming('GET', url, { host: 'localhost' }), 'id')).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
