/** Writing an answer to the socket. */

import type { ServerResponse } from 'node:http';
import { sendSlowly } from '../slow-answer.ts';
import type { Answer } from './call.ts';
import { type ErrorExtra, errorXml } from './errors.ts';

/** Header values are kept as Unicode; on the wire they are UTF-8 bytes, which Node takes as Latin-1 text. */
function wireText(value: string): string {
  return Buffer.from(value, 'utf8')
    .toString('latin1')
    .replaceAll(/[\r\n\0]/g, ' ');
}

function applyHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, wireText(value));
}

/** Sends an answer. A streamed body that fails half-way cuts the connection: its length is already announced. */
export async function sendAnswer(response: ServerResponse, answer: Answer, headOnly: boolean): Promise<void> {
  const { body } = answer;
  if (typeof body !== 'object') {
    sendText(response, answer, body ?? '', headOnly);
    return;
  }
  try {
    response.statusCode = answer.status;
    applyHeaders(response, answer.headers ?? {});
    response.setHeader('content-length', body.length);
    await sendChunks(response, body.chunks, answer.msPerByte);
  } finally {
    body.done();
  }
}

function sendText(response: ServerResponse, answer: Answer, text: string, headOnly: boolean): void {
  response.statusCode = answer.status;
  applyHeaders(response, answer.headers ?? {});
  const bodiless = answer.status === 304 || answer.status === 204;
  if (!bodiless && !response.hasHeader('content-length')) {
    response.setHeader('content-length', Buffer.byteLength(text));
  }
  if (headOnly || bodiless) response.end();
  else if (answer.msPerByte === undefined) response.end(text);
  else void sendSlowly(response, [Buffer.from(text)], answer.msPerByte);
}

async function sendChunks(
  response: ServerResponse,
  chunks: AsyncIterable<Buffer>,
  msPerByte: number | undefined,
): Promise<void> {
  if (msPerByte !== undefined) return sendSlowly(response, chunks, msPerByte);
  for await (const chunk of chunks) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await drained(response);
  }
  response.end();
}

/** Resolves when more may be written, or never will be. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off('drain', settle).off('close', settle);
      resolve();
    };
    response.on('drain', settle).on('close', settle);
  });
}

/** Anything with the shape of a refusal. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly extra: ErrorExtra;
}

/** The answer to a refusal. An answer to HEAD has no body, so the XML travels in x-oss-err as base64. */
export function refusalAnswer(
  error: Refusal,
  request: { readonly requestId: string; readonly host: string; readonly method: string },
): Answer {
  const xml = errorXml(error, request.requestId, request.host);
  const { ec, headers = {} } = error.extra;
  return {
    status: error.status,
    headers: {
      'content-type': 'application/xml',
      ...headers,
      ...(ec === undefined ? {} : { 'x-oss-ec': ec }),
      ...(request.method === 'HEAD' ? { 'x-oss-err': Buffer.from(xml).toString('base64') } : {}),
    },
    body: xml,
  };
}
