/** A request taken apart: which bucket and key it may mean, its query, its headers. */

import type { IncomingMessage } from 'node:http';
import { OssError } from './errors.ts';

/** One reading of the address. `key` is undefined for a bucket, both are for the service. */
export interface Target {
  readonly bucket?: string;
  readonly key?: string;
}

/** A request before its signature is known. */
export interface OssRequest {
  readonly incoming: IncomingMessage;
  readonly method: string;
  readonly requestId: string;
  /** Host name without the port. */
  readonly host: string;
  /** Readings of host and path in the order of preference; the signature decides between several. */
  readonly targets: readonly Target[];
  /** Decoded pairs; a name without `=` has an empty value. */
  readonly query: ReadonlyMap<string, string>;
  /** Names that came as `name=` with nothing behind. */
  readonly emptyWithSign: ReadonlySet<string>;
}

/** `bucket.oss-cn-hangzhou.aliyuncs.com`, also internal, accelerated, or below localhost. */
const VIRTUAL_HOST =
  /^([a-z0-9][a-z0-9-]{1,61}[a-z0-9])\.(?:oss[a-z0-9-]*\.aliyuncs\.com|[a-z0-9-]+\.oss\.aliyuncs\.com|localhost)$/;

/** Strict percent-decoding: broken escapes and bytes that are not UTF-8 are refused. */
function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new OssError(
      'InvalidURI',
      `Could not parse the specified URI: ${what} is not percent-encoded UTF-8.`,
    );
  }
}

function readQuery(raw: string): { query: Map<string, string>; emptyWithSign: Set<string> } {
  const query = new Map<string, string>();
  const emptyWithSign = new Set<string>();
  for (const pair of raw.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode((equals < 0 ? pair : pair.slice(0, equals)).replaceAll('+', ' '), 'a query name');
    const value =
      equals < 0 ? '' : decode(pair.slice(equals + 1).replaceAll('+', ' '), `the value of ${name}`);
    if (query.has(name)) throw new OssError('InvalidArgument', `The query parameter ${name} is repeated.`);
    query.set(name, value);
    if (equals >= 0 && value === '') emptyWithSign.add(name);
  }
  return { query, emptyWithSign };
}

function pathTarget(path: string): Target {
  const slash = path.indexOf('/');
  const bucket = slash < 0 ? path : path.slice(0, slash);
  if (bucket === '') return {};
  const key = slash < 0 ? '' : path.slice(slash + 1);
  return key === '' ? { bucket } : { bucket, key };
}

function readTargets(host: string, path: string): Target[] {
  const bucket = VIRTUAL_HOST.exec(host)?.[1];
  if (bucket === undefined) return [pathTarget(path)];
  return [path === '' ? { bucket } : { bucket, key: path }, pathTarget(path)];
}

/** Host name of a Host header, lower case, without the port (IPv6 literals keep their brackets). */
function hostName(header: string): string {
  return header.replace(/:\d+$/, '').toLowerCase();
}

/** Takes a request apart. Throws InvalidURI or InvalidArgument. */
export function readRequest(incoming: IncomingMessage, requestId: string): OssRequest {
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  const rawPath = mark < 0 ? url : url.slice(0, mark);
  if (!rawPath.startsWith('/')) throw new OssError('InvalidURI', 'The request target must be a path.');
  const host = hostName(incoming.headers.host ?? '');
  return {
    incoming,
    method: incoming.method ?? 'GET',
    requestId,
    host,
    targets: readTargets(host, decode(rawPath.slice(1), 'the path')),
    ...readQuery(mark < 0 ? '' : url.slice(mark + 1)),
  };
}

/** A request header as text, decoded as UTF-8: Node hands over the raw bytes as Latin-1. */
export function header(request: OssRequest, name: string): string | undefined {
  const value = request.incoming.headers[name];
  if (value === undefined) return undefined;
  const raw = Array.isArray(value) ? value.join(',') : value;
  return Buffer.from(raw, 'latin1').toString('utf8');
}

/** Where attributes are read from: the headers of a request or the fields of a form. Names are lower case. */
export interface HeaderSource {
  get(name: string): string | undefined;
  names(): string[];
}

/** The headers of a request as a source. */
export function headersOf(request: OssRequest): HeaderSource {
  return { get: (name) => header(request, name), names: () => Object.keys(request.incoming.headers) };
}

/** Names of the headers `x-oss-…` of a request, lower case. */
export function ossHeaderNames(request: OssRequest): string[] {
  return Object.keys(request.incoming.headers).filter((name) => name.startsWith('x-oss-'));
}

/** A non-negative integer from a query parameter within bounds, or the default. Throws InvalidArgument. */
export function queryInteger(
  request: OssRequest,
  name: string,
  bounds: { readonly min: number; readonly max: number; readonly otherwise: number },
): number {
  const text = request.query.get(name);
  if (text === undefined || text === '') return bounds.otherwise;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= bounds.min && value <= bounds.max)) {
    throw new OssError('InvalidArgument', `${name} must be between ${bounds.min} and ${bounds.max}.`, {
      detail: { ArgumentName: name, ArgumentValue: text },
    });
  }
  return value;
}
