/** A service of its own per test file, ali-oss clients for it, and raw requests with their own V1 signature. */

import { createHmac } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import OSS from 'ali-oss';
import { type OssService, type OssServiceOptions, startOss } from '../../../infra/local/oss/index.ts';

/** The only key pair of the service. */
export const KEY_ID = 'test-key-id';
export const KEY_SECRET = 'test-key-secret';
/** The bucket that exists from the start. */
export const BUCKET = 'test-bucket';

/** Calls of ali-oss that its type package leaves out. */
interface UntypedCalls {
  getObjectMeta(name: string): Promise<{ status: number; res: OSS.NormalSuccessResponse }>;
  getObjectTagging(name: string): Promise<{ tag: Record<string, string> }>;
  putObjectTagging(name: string, tag: Record<string, string>): Promise<unknown>;
  deleteObjectTagging(name: string): Promise<unknown>;
  getBucketStat(name: string): Promise<{ stat: Record<string, string> }>;
  getBucketTags(name: string): Promise<{ tag: Record<string, string> }>;
  putBucketTags(name: string, tag: Record<string, string>): Promise<unknown>;
  deleteBucketTags(name: string): Promise<unknown>;
}
/** An ali-oss client with all its calls. */
export type Client = OSS & UntypedCalls;

/** Starts a service with one bucket. */
export function startService(options: Partial<OssServiceOptions> = {}): Promise<OssService> {
  return startOss({ keys: new Map([[KEY_ID, KEY_SECRET]]), buckets: [BUCKET], ...options });
}

/** An ali-oss client for the service. */
export function clientOf(service: OssService, extra: Partial<OSS.Options> = {}): Client {
  const options = {
    region: 'oss-cn-hangzhou',
    endpoint: `http://localhost:${service.port}`,
    sldEnable: true,
    bucket: BUCKET,
    accessKeyId: KEY_ID,
    accessKeySecret: KEY_SECRET,
    ...extra,
  };
  return new OSS(options) as Client;
}

/** Header of an ali-oss answer. */
export function headerOf(res: { readonly headers: object }, name: string): string | undefined {
  return (res.headers as Record<string, string>)[name];
}

/** A request to be sent as it is. */
export interface RawRequest {
  readonly method?: string;
  /** Encoded path, by default of the test bucket: `key` means `/test-bucket/key`. */
  readonly key?: string;
  /** Sub-resources, signed; `''` for those without a value. */
  readonly sub?: Readonly<Record<string, string>>;
  /** Ordinary query, not signed. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly bucket?: string;
  /** `none` sends no Authorization. */
  readonly auth?: 'v1' | 'none';
  readonly secret?: string;
  readonly keyId?: string;
}

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Text of an element of an XML body. */
  xml(name: string): string | undefined;
}

function sign(options: RawRequest, method: string, headers: Record<string, string>): string {
  const ossHeaders = Object.keys(headers).filter((name) => name.startsWith('x-oss-'));
  const sub = Object.entries(options.sub ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const pairs = sub.map(([name, value]) => (value === '' ? name : `${name}=${value}`)).join('&');
  const path = `/${options.bucket ?? BUCKET}/${decodeURIComponent(options.key ?? '')}`;
  const text = [
    method,
    headers['content-md5'] ?? '',
    headers['content-type'] ?? '',
    headers['x-oss-date'],
    ...ossHeaders.sort().map((name) => `${name}:${headers[name]}`),
    pairs === '' ? path : `${path}?${pairs}`,
  ].join('\n');
  return createHmac('sha1', options.secret ?? KEY_SECRET)
    .update(text)
    .digest('base64');
}

/** Sends one request as it is. Rejects when the connection breaks. */
export function raw(service: OssService, options: RawRequest): Promise<RawAnswer> {
  const method = options.method ?? 'GET';
  const headers: Record<string, string> = { 'x-oss-date': new Date().toUTCString(), ...options.headers };
  if (options.auth !== 'none') {
    headers.authorization = `OSS ${options.keyId ?? KEY_ID}:${sign(options, method, headers)}`;
  }
  const all = Object.entries({ ...options.sub, ...options.query });
  const query = all.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  const path = `/${options.bucket ?? BUCKET}/${options.key ?? ''}${query === '' ? '' : `?${query}`}`;
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ port: service.port, host: '127.0.0.1', method, path, headers, agent: false });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks);
        const xml = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body.toString())?.[1];
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, xml });
      });
    });
    sent.end(options.body);
  });
}

/** Authorization of a request without type, digest and further headers, for addresses that `raw` cannot make. */
export function authorizationOf(method: string, resource: string, date: string): string {
  const text = `${method}\n\n\n${date}\nx-oss-date:${date}\n${resource}`;
  return `OSS ${KEY_ID}:${createHmac('sha1', KEY_SECRET).update(text).digest('base64')}`;
}

/** Bytes that differ from place to place. */
export function pattern(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed;
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}
