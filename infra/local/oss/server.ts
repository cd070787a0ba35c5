/** The HTTP side: takes requests apart, verifies them, asks for faults, runs operations and sends what they return. */

import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { afterHold, type FaultRule, type ImmediateFault } from '../service.ts';
import { checkAnonymous } from './access.ts';
import { authenticate } from './authentication.ts';
import type { Answer, Call, OssState } from './call.ts';
import { OssError } from './errors.ts';
import { type OssRequest, readRequest } from './request.ts';
import { type Route, selectRoute } from './routes.ts';
import { type Refusal, refusalAnswer, sendAnswer } from './sending.ts';
import type { OssStats } from './stats.ts';

/** What the server needs. */
export interface ServerParts {
  readonly state: OssState;
  readonly faults?: FaultRule;
  readonly stats: OssStats;
}

/** Idle connections are kept this long, ms. */
const KEEP_ALIVE_MS = 65_000;

/**
 * The lenient parser is needed for a client that sends Content-Length together with a chunked body, as ali-oss does for
 * streams of known length; the chunks count. Uploads may take any time.
 */
const LISTEN_OPTIONS = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, insecureHTTPParser: true };

/** Thrown to cut the connection without an answer. */
class ConnectionCut extends Error {}

/** Thrown to leave the connection open without an answer. */
class NoAnswer extends Error {}

/** The server and the requests that it works on. */
export interface OssServer {
  readonly http: Server;
  /** Ends injected delays and resolves when no request is worked on any more. */
  settle(): Promise<void>;
}

/** Makes the server; it does not listen yet. */
export function createOssServer(parts: ServerParts): OssServer {
  const working = new Set<Promise<void>>();
  const closing = new AbortController();
  const http = createServer(LISTEN_OPTIONS, (incoming, response) => {
    const work = handle(parts, incoming, response, closing.signal)
      .catch(() => void response.destroy())
      .finally(() => void working.delete(work));
    working.add(work);
  });
  const settle = async (): Promise<void> => {
    closing.abort();
    while (working.size > 0) await Promise.all(working);
  };
  return { http, settle };
}

async function handle(
  parts: ServerParts,
  incoming: IncomingMessage,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const requestId = randomBytes(12).toString('hex').toUpperCase();
  response.setHeader('server', 'AliyunOSS');
  response.setHeader('date', new Date(parts.state.clock.now()).toUTCString());
  response.setHeader('x-oss-request-id', requestId);
  const answer = await answerTo(parts, incoming, requestId, closing);
  if (answer === 'cut') response.destroy();
  if (typeof answer === 'string') return;
  await sendAnswer(response, answer, incoming.method === 'HEAD');
}

async function answerTo(
  parts: ServerParts,
  incoming: IncomingMessage,
  requestId: string,
  closing: AbortSignal,
): Promise<Answer | 'cut' | 'none'> {
  try {
    return await perform(parts, readRequest(incoming, requestId), closing);
  } catch (error) {
    if (error instanceof NoAnswer) return 'none';
    if (error instanceof ConnectionCut || incoming.socket.destroyed) return 'cut';
    const host = incoming.headers.host ?? '';
    return refusalAnswer(asRefusal(error), { requestId, host, method: incoming.method ?? 'GET' });
  }
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof OssError || error instanceof InjectedRefusal) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new OssError('InternalError', `We encountered an internal error: ${reason}`);
}

async function perform(parts: ServerParts, request: OssRequest, closing: AbortSignal): Promise<Answer> {
  const { state, stats } = parts;
  const { accessKeyId, target } = authenticate(request, state);
  const route = selectRoute(request, target.bucket, target.key);
  stats.count(route.name);
  if (accessKeyId === undefined) checkAnonymous(state.catalog, route.access, target.bucket, target.key);
  const call: Call = {
    state,
    request,
    ...(accessKeyId === undefined ? {} : { accessKeyId }),
    bucketName: target.bucket ?? '',
    key: target.key ?? '',
  };
  return runWithFault(route, call, parts.faults, closing);
}

async function runWithFault(
  route: Route,
  call: Call,
  faults: FaultRule | undefined,
  closing: AbortSignal,
): Promise<Answer> {
  const key = call.key === '' ? call.bucketName : call.key;
  const peerPort = call.request.incoming.socket.remotePort;
  const fault = await afterHold(faults?.({ service: 'oss', operation: route.name, key, peerPort }));
  await before(fault, closing);
  if (fault?.kind === 'lose-answer') return runInVain(route, call, fault.performed);
  const answer = await route.run(call);
  return fault?.kind === 'slow-answer' ? { ...answer, msPerByte: fault.msPerByte } : answer;
}

/** Runs the operation, tells that it ran, and cuts the connection instead of answering. */
async function runInVain(route: Route, call: Call, performed?: () => void): Promise<never> {
  try {
    const answer = await route.run(call);
    if (typeof answer.body === 'object') answer.body.done();
  } finally {
    performed?.();
  }
  throw new ConnectionCut();
}

/** The part of a fault that comes before any effect. */
async function before(fault: ImmediateFault | undefined, closing: AbortSignal): Promise<void> {
  switch (fault?.kind) {
    case undefined:
    case 'lose-answer':
    case 'slow-answer':
      return;
    case 'hang':
      throw new NoAnswer();
    case 'reset':
      throw new ConnectionCut();
    case 'delay':
      await setTimeout(fault.ms, undefined, { signal: closing });
      return;
    case 'refuse':
      throw new InjectedRefusal(fault.status, fault.code, fault.message);
    default:
      fault satisfies never;
  }
}

/** A refusal that a fault rule asked for: any status and code. */
class InjectedRefusal extends Error implements Refusal {
  readonly status: number;
  readonly code: string;
  readonly extra = {};

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
