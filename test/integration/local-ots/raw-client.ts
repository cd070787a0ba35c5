import { createHash, createHmac } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import { ProtoReader } from '../../../infra/local/ots/wire/proto-reader.ts';
import { ACCESS_KEY, INSTANCE, SECRET } from './support.ts';

/** What a raw request changes of a correct one. */
export interface RawOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly secret?: string;
  readonly nowMs?: number;
  readonly sign?: (path: string, headers: Readonly<Record<string, string>>) => Record<string, string>;
}

/** An answer before anything was decoded. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const md5 = (body: Uint8Array): string => createHash('md5').update(body).digest('base64');

export const stringToSign = (path: string, headers: Readonly<Record<string, string>>): string =>
  `${path}\nPOST\n\n${Object.keys(headers)
    .filter((name) => name.startsWith('x-ots-'))
    .sort()
    .map((name) => `${name}:${headers[name]}\n`)
    .join('')}`;

const signV2 =
  (secret: string) =>
  (path: string, headers: Readonly<Record<string, string>>): Record<string, string> => ({
    'x-ots-signature': createHmac('sha1', secret).update(stringToSign(path, headers)).digest('base64'),
  });

function headersOf(path: string, body: Uint8Array, options: RawOptions): Record<string, string> {
  const wanted: Record<string, string | undefined> = {
    'x-ots-date': new Date(options.nowMs ?? Date.now()).toISOString(),
    'x-ots-apiversion': '2015-12-31',
    'x-ots-accesskeyid': ACCESS_KEY,
    'x-ots-instancename': INSTANCE,
    'x-ots-contentmd5': md5(body),
    ...options.headers,
  };
  const headers = Object.fromEntries(
    Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const sign = options.sign ?? signV2(options.secret ?? SECRET);
  return { ...headers, ...sign(path, headers) };
}

/** Posts a signed request, or a deliberately wrong one. */
export function post(
  port: number,
  operation: string,
  body: Uint8Array,
  options: RawOptions = {},
): Promise<RawAnswer> {
  const path = `/${operation}`;
  const headers = { ...headersOf(path, body, options), 'content-length': String(body.length) };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, method: options.method ?? 'POST', path, headers, agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Code and message of an answered protobuf error. */
export function errorOf({ status, body }: RawAnswer): { status: number; code: string; message: string } {
  const reader = new ProtoReader(body);
  let code = '';
  let message = '';
  while (reader.next()) {
    if (reader.field === 1) code = reader.string();
    else if (reader.field === 2) message = reader.string();
  }
  return { status, code, message };
}
