/** PostObject: browser forms with signed policies. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OssService } from '../../../infra/local/oss/index.ts';
import { BUCKET, type Client, clientOf, headerOf, raw, startService } from './fixture.ts';

let service: OssService;
let client: Client;

beforeAll(async () => {
  service = await startService();
  client = clientOf(service);
});
afterAll(() => service.close());

type Conditions = readonly unknown[];

/** Sends a form signed by ali-oss; `spoil` changes the fields after signing. */
function post(
  fields: Readonly<Record<string, string>>,
  conditions: Conditions = [],
  options: { spoil?: Readonly<Record<string, string>>; content?: string; expiresMs?: number } = {},
): Promise<Response> {
  const expiration = new Date(Date.now() + (options.expiresMs ?? 60_000)).toISOString();
  const signed = client.calculatePostSignature({
    expiration,
    conditions: [{ bucket: BUCKET }, ...conditions],
  });
  const form = new FormData();
  const all = { ...fields, ...signed, ...options.spoil };
  for (const [name, value] of Object.entries(all)) form.append(name, value);
  form.append('file', new Blob([options.content ?? 'content']), 'upload.txt');
  return fetch(`http://127.0.0.1:${service.port}/${BUCKET}/`, { method: 'POST', body: form });
}

describe('a form upload', () => {
  it('stores the file with the attributes of the form', async () => {
    const fields = { key: 'form/\u0024{filename}', 'Content-Type': 'text/x-form', 'x-oss-meta-a': '1' };
    const answer = await post(fields);
    expect(answer.status).toBe(204);
    const got = await client.get('form/upload.txt');
    expect((got.content as Buffer).toString()).toBe('content');
    expect(headerOf(got.res, 'content-type')).toBe('text/x-form');
    expect(headerOf(got.res, 'x-oss-meta-a')).toBe('1');
  });

  it('answers as the form asks', async () => {
    expect((await post({ key: 'a', success_action_status: '200' })).status).toBe(200);
    const created = await post({ key: 'a', success_action_status: '201' });
    expect([created.status, await created.text()]).toEqual([201, expect.stringContaining('<Key>a</Key>')]);
  });

  it.each<[string, Record<string, string>, Conditions, object, number, string]>([
    ['an expired policy', { key: 'x' }, [], { expiresMs: -1000 }, 403, 'AccessDenied'],
    ['another key than allowed', { key: 'x' }, [['starts-with', '$key', 'y']], {}, 403, 'AccessDenied'],
    ['another value', { key: 'x' }, [{ 'x-oss-meta-a': '1' }], {}, 403, 'AccessDenied'],
    ['a value outside of the list', { key: 'x' }, [['in', '$key', ['y']]], {}, 403, 'AccessDenied'],
    ['a value of the forbidden list', { key: 'x' }, [['not-in', '$key', ['x']]], {}, 403, 'AccessDenied'],
    ['a large file', { key: 'x' }, [['content-length-range', 1, 6]], {}, 400, 'EntityTooLarge'],
    ['a small file', { key: 'x' }, [['content-length-range', 8, 9]], {}, 400, 'EntityTooSmall'],
    ['an unknown operator', { key: 'x' }, [['like', '$key', 'x']], {}, 400, 'InvalidPolicyDocument'],
    ['a wrong signature', { key: 'x' }, [], { spoil: { Signature: 'AAAA' } }, 403, 'SignatureDoesNotMatch'],
    ['an unknown key id', { key: 'x' }, [], { spoil: { OSSAccessKeyId: 'no' } }, 403, 'InvalidAccessKeyId'],
    ['another policy', { key: 'x' }, [], { spoil: { policy: 'e30=' } }, 403, 'SignatureDoesNotMatch'],
    ['no key', {}, [], {}, 400, 'InvalidObjectName'],
  ])('is refused for %s', async (_what, fields, conditions, options, status, code) => {
    const answer = await post(fields, conditions, options);
    expect([answer.status, await answer.text()]).toEqual([
      status,
      expect.stringContaining(`<Code>${code}</Code>`),
    ]);
    expect((await raw(service, { method: 'HEAD', key: 'x' })).status).toBe(404);
  });
});
