import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { FcError, invalidArgument } from './error.ts';

/** A verified call on its way to a route. */
export interface FcRequest {
  readonly requestId: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** The named segments of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer: JSON, bytes, or (both absent) an empty body without a content type. */
export interface FcAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly bytes?: Buffer;
  /** A fault rule wants the body sent byte by byte, with this pause before each. */
  readonly msPerByte?: number;
}

/** One operation of the API. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Segments; `:name` takes any text. */
  readonly pattern: string;
  /** Name for fault rules, as the vendor calls the operation. */
  readonly operation: string;
  /** Which parameter fault rules see as the key. */
  readonly faultKey?: string;
  /** Largest accepted body, bytes. */
  readonly maxBodyBytes: number;
  readonly handle: (request: FcRequest) => FcAnswer | Promise<FcAnswer>;
}

/** The body as JSON object; an empty body is an empty object. */
export function jsonBody(request: FcRequest): Record<string, unknown> {
  if (request.body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(request.body.toString('utf8'));
  } catch {
    throw invalidArgument('the body is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidArgument('the body is not a JSON object');
  }
  return value as Record<string, unknown>;
}

/** A single-valued request header. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Reads a body up to a limit. */
export async function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Keep reading what is too long without storing it: the client sees the answer, not a reset.
    if (size <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (size > maxBytes) {
    throw new FcError(413, 'RequestEntityTooLarge', `the body has ${size} bytes, the limit is ${maxBytes}`);
  }
  return Buffer.concat(chunks, size);
}
