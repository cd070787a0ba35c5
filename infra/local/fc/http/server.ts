import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterHold, type Fault, type FaultRule, type KeyTable, type LocalClock } from '../../service.ts';
import { sendSlowly } from '../../slow-answer.ts';
import { KEEP_ALIVE_MS } from '../limits.ts';
import type { CodeStore } from '../model/code-store.ts';
import { FcError } from './error.ts';
import { type FcAnswer, type FcRequest, headerOf, type Route, readBody } from './request.ts';
import { verifyDigest, verifySignature } from './signature.ts';

const PREFIX = '/2016-08-15';
const CODE_PATH = /^\/code\/([0-9a-f]{64})\.zip$/;

/** What the server checks calls against. */
export interface ServerParts {
  readonly routes: readonly Route[];
  readonly keys: KeyTable;
  readonly clock: LocalClock;
  readonly codes: CodeStore;
  /** Refuses calls that name another account, when given. */
  readonly accountId?: string | undefined;
  readonly faults?: FaultRule | undefined;
}

/** Thrown to cut the connection without an answer. */
class CutConnection extends Error {}

/** Thrown to leave the connection open without an answer. */
class NoAnswer extends Error {}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const expected = pattern.split('/');
  const actual = path.split('/');
  if (expected.length !== actual.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of expected.entries()) {
    const value = actual[index] ?? '';
    if (segment.startsWith(':')) params[segment.slice(1)] = value;
    else if (segment !== value) return undefined;
  }
  return params;
}

/** The HTTP face of the service: signature, faults, route, answer. */
export class FcServer {
  private readonly parts: ServerParts;
  private readonly server: Server;

  constructor(parts: ServerParts) {
    this.parts = parts;
    this.server = createServer((message, response) => void this.serve(message, response));
    // Clients keep sockets for about a minute: closing earlier would make their next call fail.
    this.server.keepAliveTimeout = KEEP_ALIVE_MS;
    this.server.requestTimeout = 0;
  }

  /** Listens on the loopback interface and returns the port. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  /** Stops accepting and ends every connection. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    try {
      const answer = await this.answer(message, requestId);
      this.write(response, requestId, answer);
    } catch (error) {
      if (error instanceof CutConnection) message.socket.destroy();
      else if (!(error instanceof NoAnswer)) this.writeError(response, requestId, error);
    }
  }

  private async answer(message: IncomingMessage, requestId: string): Promise<FcAnswer> {
    const [path = '', search = ''] = (message.url ?? '').split('?', 2);
    const method = message.method ?? '';
    const code = CODE_PATH.exec(path)?.[1];
    // The address holds the digest of the package: whoever knows it was given it.
    if (code && method === 'GET') return { status: 200, bytes: await this.parts.codes.read(code) };
    const { route, params } = this.find(method, path);
    const body = await readBody(message, route.maxBodyBytes);
    this.authorize(message, method, path, body);
    const request = { requestId, headers: message.headers, query: new URLSearchParams(search), params, body };
    return this.withFaults(route, request, message.socket.remotePort);
  }

  private find(method: string, path: string): { route: Route; params: Record<string, string> } {
    let pathExists = false;
    for (const route of path.startsWith(`${PREFIX}/`) ? this.parts.routes : []) {
      const params = matchPath(route.pattern, path.slice(PREFIX.length));
      if (params && route.method === method) return { route, params };
      pathExists ||= params !== undefined;
    }
    if (pathExists) throw new FcError(405, 'MethodNotAllowed', `${method} is not allowed for ${path}`);
    throw new FcError(404, 'PathNotSupported', `${method} ${path} is not served`);
  }

  private authorize(message: IncomingMessage, method: string, path: string, body: Buffer): void {
    const { keys, clock, accountId } = this.parts;
    verifySignature(method, path, message.headers, keys, clock);
    verifyDigest(message.headers, body);
    const named = headerOf(message.headers, 'x-fc-account-id');
    if (accountId !== undefined && named !== undefined && named !== accountId) {
      throw new FcError(403, 'AccessDenied', `account '${named}' is not served here`);
    }
  }

  private async withFaults(route: Route, request: FcRequest, port: number | undefined): Promise<FcAnswer> {
    const fault = await afterHold(this.faultFor(route, request, port));
    switch (fault?.kind) {
      case undefined:
        return route.handle(request);
      case 'refuse':
        throw new FcError(fault.status, fault.code, fault.message);
      case 'reset':
        throw new CutConnection();
      case 'lose-answer':
        try {
          await route.handle(request);
        } finally {
          fault.performed?.();
        }
        throw new CutConnection();
      case 'delay':
        await new Promise((resolve) => setTimeout(resolve, fault.ms));
        return route.handle(request);
      case 'hang':
        throw new NoAnswer();
      case 'slow-answer':
        return { ...(await route.handle(request)), msPerByte: fault.msPerByte };
      default:
        return fault satisfies never;
    }
  }

  private faultFor(
    { faultKey, operation }: Route,
    request: FcRequest,
    peerPort: number | undefined,
  ): Fault | undefined {
    const key = faultKey === undefined ? '' : (request.params[faultKey] ?? '');
    return this.parts.faults?.({ service: 'fc', operation, key, peerPort });
  }

  private write(response: ServerResponse, requestId: string, answer: FcAnswer): void {
    const bytes = answer.json === undefined ? answer.bytes : Buffer.from(JSON.stringify(answer.json));
    response.writeHead(answer.status, {
      'x-fc-request-id': requestId,
      // An empty answer must not claim to be JSON: clients would fail to parse it.
      ...(answer.json === undefined ? {} : { 'content-type': 'application/json' }),
      ...answer.headers,
      ...(answer.status === 204 ? {} : { 'content-length': String(bytes?.length ?? 0) }),
    });
    if (answer.msPerByte === undefined) response.end(bytes);
    else void sendSlowly(response, bytes ? [bytes] : [], answer.msPerByte);
  }

  private writeError(response: ServerResponse, requestId: string, error: unknown): void {
    const known =
      error instanceof FcError
        ? error
        : new FcError(500, 'InternalServerError', error instanceof Error ? error.message : String(error));
    if (response.headersSent) return;
    this.write(response, requestId, {
      status: known.status,
      json: { ErrorCode: known.code, ErrorMessage: known.message },
    });
  }
}
