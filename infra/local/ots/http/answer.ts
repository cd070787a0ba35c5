import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { sendSlowly } from '../../slow-answer.ts';
import type { OtsError } from '../ots-error.ts';
import { ProtoWriter } from '../wire/proto-writer.ts';
import type { Caller } from './request-check.ts';
import { md5, responseSignature } from './signature.ts';

const OK = 200;

/** Sends a body with the headers that clients verify; unsigned only while the caller is unknown. */
export function sendBody(
  response: ServerResponse,
  path: string,
  caller: Caller | undefined,
  body: Uint8Array,
  nowMs: number,
  { status = OK, msPerByte }: { readonly status?: number; readonly msPerByte?: number } = {},
): void {
  const signed = {
    'x-ots-contentmd5': md5(body),
    'x-ots-contenttype': 'protocol buffer',
    'x-ots-date': new Date(nowMs).toISOString(),
    'x-ots-requestid': randomUUID(),
  };
  const authorization =
    caller && `OTS ${caller.accessKeyId}:${responseSignature(path, signed, caller.secret)}`;
  response.writeHead(status, {
    ...signed,
    ...(authorization ? { Authorization: authorization } : {}),
    'Content-Type': 'application/octet-stream',
    'Content-Length': body.length,
  });
  if (msPerByte === undefined) response.end(body);
  else void sendSlowly(response, [body], msPerByte);
}

/** Sends `Error { 1 code, 2 message }` with the status of the error. */
export function sendError(
  response: ServerResponse,
  path: string,
  caller: Caller | undefined,
  error: OtsError,
  nowMs: number,
): void {
  const body = new ProtoWriter().string(1, error.code).string(2, error.message).finish();
  sendBody(response, path, caller, body, nowMs, { status: error.status });
}
