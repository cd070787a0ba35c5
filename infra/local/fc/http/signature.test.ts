import { createHash } from 'node:crypto';
import Client from '@alicloud/fc2';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sign, stringToSign, verifyDigest, verifySignature } from './signature.ts';

const keys = new Map([['id', 'secret']]);
const date = 'Thu, 01 Jan 2026 00:00:00 GMT';
const clock = { now: () => Date.parse(date) };

test('the text that is signed', () => {
  const headers = { date, 'content-type': 'application/json', 'x-fc-b': '2', 'x-fc-a': '1', accept: 'x' };
  expect(stringToSign('POST', '/2016-08-15/services', headers)).toBe(
    `POST\n\napplication/json\n${date}\nx-fc-a:1\nx-fc-b:2\n/2016-08-15/services`,
  );
});

test('agrees with the signature of the client for any headers', () => {
  const value = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_ =:/'), maxLength: 20 });
  const names = fc.string({ unit: fc.constantFrom(...'abcxyz-'), minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(
      fc.dictionary(
        names.map((name) => `x-fc-${name}`),
        value,
      ),
      value,
      (extra, type) => {
        const headers: Record<string, string> = { ...extra, date, 'content-type': type };
        const authorization = Client.getSignature('id', 'secret', 'PUT', '/p/q', headers);
        expect(authorization).toBe(`FC id:${sign('secret', stringToSign('PUT', '/p/q', headers))}`);
        verifySignature('PUT', '/p/q', { ...headers, authorization }, keys, clock);
      },
    ),
  );
});

test.each([
  ['no authorization', {}, 'missing or malformed'],
  ['another scheme', { authorization: 'Bearer x' }, 'missing or malformed'],
  ['an unknown key', { authorization: 'FC nobody:x' }, "invalid access key ID 'nobody'"],
  ['a wrong signature', { authorization: 'FC id:AAAA' }, 'does not match the signature you provided'],
])('refuses %s', (_name, headers, message) => {
  expect(() => verifySignature('GET', '/p', { date, ...headers }, keys, clock)).toThrow(message);
});

test.each(['', 'yesterday', 'Thu, 01 Jan 2026 00:16:00 GMT', 'Wed, 31 Dec 2025 23:44:00 GMT'])(
  'refuses the date "%s"',
  (stale) => {
    const headers = { date: stale };
    const authorization = `FC id:${sign('secret', stringToSign('GET', '/p', headers))}`;
    expect(() => verifySignature('GET', '/p', { ...headers, authorization }, keys, clock)).toThrow('date');
  },
);

test('the digest is the base64 of hexadecimal text', () => {
  const body = Buffer.from('{}');
  const hex = createHash('md5').update(body).digest('hex');
  verifyDigest({ 'content-md5': Buffer.from(hex).toString('base64') }, body);
  verifyDigest({}, body);
  const raw = createHash('md5').update(body).digest('base64');
  expect(() => verifyDigest({ 'content-md5': raw }, body)).toThrow('content-md5');
});
