import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OssService } from '../../../infra/local/oss/index.ts';
import { type Client, clientOf, raw, startService } from './fixture.ts';

let service: OssService;
let client: Client;
const KEYS = ['a', 'a/', 'a/1', 'a/2/x', 'a/2/y', 'a/3', 'b', 'b中', 'b\uFFFD', 'b\u{1F600}', 'c/1', 'c/2'];

beforeAll(async () => {
  service = await startService();
  client = clientOf(service);
  for (const key of [...KEYS].reverse()) await client.put(key, Buffer.from(key));
});
afterAll(() => service.close());

type Query = { prefix: string; delimiter: string; 'max-keys': string };

async function allV1(query: Query): Promise<string[]> {
  const found: string[] = [];
  for (let marker: string | null = ''; marker !== null; ) {
    const page = await client.list({ ...query, 'max-keys': Number(query['max-keys']), marker }, {});
    found.push(...(page.objects ?? []).map(({ name }) => name), ...(page.prefixes ?? []));
    marker = page.isTruncated ? page.nextMarker : null;
  }
  return found.sort();
}

async function allV2(query: Query): Promise<string[]> {
  const found: string[] = [];
  for (let token = ''; ; ) {
    const more = token === '' ? {} : { 'continuation-token': token };
    const page = await client.listV2({ ...query, ...more } as never);
    const shown = [...(page.objects ?? []).map(({ name }) => name), ...(page.prefixes ?? [])];
    expect(Number(page.keyCount)).toBe(shown.length);
    found.push(...shown);
    if (!page.isTruncated) return found.sort();
    token = page.nextContinuationToken;
  }
}

function model({ prefix, delimiter }: Query): string[] {
  const shown = KEYS.filter((key) => key.startsWith(prefix)).map((key) => {
    const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    return at < 0 ? key : key.slice(0, at + delimiter.length);
  });
  return [...new Set(shown)].sort();
}

describe('listing', () => {
  it('gives all pages of a naive model, in both versions', async () => {
    const query = fc.record({
      prefix: fc.constantFrom('', 'a', 'a/', 'b', 'zz'),
      delimiter: fc.constantFrom('', '/', '/2/'),
      'max-keys': fc.integer({ min: 1, max: 6 }).map(String),
    });
    await fc.assert(
      fc.asyncProperty(query, async (each) => {
        expect(await allV1(each)).toEqual(model(each));
        expect(await allV2(each)).toEqual(model(each));
      }),
      { numRuns: 40 },
    );
  });

  it('orders by UTF-8 bytes', async () => {
    const { objects } = await client.list({ prefix: 'b', 'max-keys': 100 }, {});
    expect(objects.map(({ name }) => name)).toEqual(['b', 'b中', 'b\uFFFD', 'b\u{1F600}']);
  });

  it('starts after a key that need not exist and tells owners when asked', async () => {
    const page = await client.listV2({ 'start-after': 'a/2/xx', 'fetch-owner': 'true' } as never);
    expect(page.objects[0]).toMatchObject({ name: 'a/2/y', owner: { id: expect.any(String) } });
  });

  it('encodes keys on request', async () => {
    const answer = await raw(service, { query: { prefix: 'b中', 'encoding-type': 'url' } });
    expect(answer.xml('EncodingType')).toBe('url');
    expect(answer.xml('Key')).toBe('b%E4%B8%AD');
  });

  it.each([
    { 'max-keys': '0' },
    { 'max-keys': '1001' },
    { 'max-keys': 'x' },
    { 'encoding-type': 'base64' },
    { 'list-type': '3' },
  ])('refuses %o', async (query: Record<string, string>) => {
    const answer = await raw(service, { query });
    expect([answer.status, answer.xml('Code')]).toEqual([400, 'InvalidArgument']);
  });
});
