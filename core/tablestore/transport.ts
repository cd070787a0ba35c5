/**
 * One call over the SDK's request machinery: its encoder, signer and HTTP, but our own answers. The SDK never
 * parses an error body, has no overall deadline, cannot be aborted, and waits for ever when a connection is
 * cut in the middle of an answer; all four are mended here. Its own retries are off: retrying is decided in
 * one place, by the caller.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Clock } from '../ports/index.ts';
import { type Answer, answerOf, verifySmallBody } from './answer.ts';
import { AnswerBody } from './answer-body.ts';
import { classify, NetworkFault, ProtocolFault, ServiceFault, type TablestoreCodes } from './errors.ts';
import { MessageReader } from './protobuf.ts';
import { type SdkClient, type SdkConfig, type SdkRequest, type SdkResponse, sdk } from './sdk.ts';

/** Longest a call may take in all, connecting included. */
export const DEFAULT_TIMEOUT_MS = 20_000;
/** Connections kept per client. */
export const DEFAULT_MAX_SOCKETS = 64;

/** Where to connect and as whom. */
export interface TablestoreOptions {
  /** `http(s)://host[:port]`. */
  readonly endpoint: string;
  readonly instanceName: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
  /** Overall limit per call. */
  readonly timeoutMs?: number;
  readonly maxSockets?: number;
  /** The codes that faults carry. */
  readonly codes: TablestoreCodes;
}

/** The ports that calls need. */
export interface TablestorePorts {
  readonly clock: Clock;
}

/** Options of every call. */
export interface CallOptions {
  /** Ends the call soon after it aborts; a write in flight then has an unknown outcome. */
  readonly signal?: AbortSignal | undefined;
}

/** An operation of the service: what is sent and how the answer is read. */
export interface Operation<P, R> {
  /** Name as the SDK spells it, for example `getRange`. */
  readonly name: string;
  readonly write: boolean;
  /** Body of the request when the SDK has no encoder for it. */
  readonly encode?: (params: P) => Buffer;
  readonly decode: (body: Buffer, answer: Answer) => R;
}

/** Sends operations. Connections are kept alive until `close`. */
export class TablestoreTransport {
  readonly #client: SdkClient;
  readonly #agent: HttpAgent;
  readonly #codes: TablestoreCodes;
  readonly #timeoutMs: number;
  readonly #clock: Clock;

  constructor(options: TablestoreOptions, ports: TablestorePorts) {
    const maxSockets = options.maxSockets ?? DEFAULT_MAX_SOCKETS;
    const secure = options.endpoint.startsWith('https:');
    this.#agent = secure
      ? new HttpsAgent({ keepAlive: true, maxSockets })
      : new HttpAgent({ keepAlive: true, maxSockets });
    this.#client = new sdk.Client(sdkConfig(options, this.#agent));
    this.#codes = options.codes;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#clock = ports.clock;
  }

  /** Performs one operation, once. Throws a SyncError; for a write whose answer was lost, UnknownOutcomeError. */
  async call<P, R>(operation: Operation<P, R>, params: P, options: CallOptions = {}): Promise<R> {
    try {
      return await this.#send(operation, params, options.signal);
    } catch (fault) {
      throw classify(fault, { operation: operation.name, write: operation.write, codes: this.#codes });
    }
  }

  /** Closes idle and busy connections; calls in flight fail. */
  close(): void {
    this.#agent.destroy();
  }

  #send<P, R>(operation: Operation<P, R>, params: P, signal: AbortSignal | undefined): Promise<R> {
    if (signal?.aborted) return Promise.reject(new NetworkFault('stopped before it was sent', false));
    const request = new sdk.Request(this.#client.config, operation.name, params);
    const settled = new AbortController();
    return new Promise<R>((resolve, reject) => {
      const fail = (fault: unknown): void => {
        settled.abort();
        reject(fault);
        request.httpRequest.stream?.destroy();
      };
      this.#listen(request, operation, fail, settled.signal);
      signal?.addEventListener('abort', () => fail(new NetworkFault('stopped while waiting', true)), {
        once: true,
        signal: settled.signal,
      });
      void this.#deadline(settled.signal, fail);
      const done = (error: unknown, data: unknown): void => {
        settled.abort();
        if (error) reject(asFault(error));
        else resolve(data as R);
      };
      request.send(done).catch(fail);
    });
  }

  async #deadline(settled: AbortSignal, fail: (fault: unknown) => void): Promise<void> {
    await this.#clock.sleep(this.#timeoutMs, settled);
    if (!settled.aborted) fail(new NetworkFault(`no answer within ${this.#timeoutMs} ms`, true));
  }

  #listen<P, R>(
    request: SdkRequest,
    operation: Operation<P, R>,
    fail: (fault: unknown) => void,
    settled: AbortSignal,
  ): void {
    const { encode, decode } = operation;
    const client = this.#client;
    request.addListeners(sdk.EventListeners.Core);
    request.on('build', client.populateHeader);
    request.on('build', client.populateURI);
    if (encode) {
      request.on('build', (r) => {
        r.httpRequest.body = encode(r.params as P);
      });
    } else request.on('build', client.buildContent);
    request.on('build', client.computeContentMd5);
    request.on('sign', () => {
      if (settled.aborted) throw new NetworkFault('stopped before it was sent', false);
    });
    request.on('httpHeaders', (_status, _headers, response) => watchBody(response, fail));
    gatherBody(request, fail);
    request.on('extractError', (response) => {
      response.error = serviceFault(response);
    });
    request.on('extractData', (response) => {
      response.data = decoded(response, decode);
    });
  }
}

function sdkConfig(options: TablestoreOptions, agent: HttpAgent): SdkConfig {
  return {
    endpoint: options.endpoint,
    instancename: options.instanceName,
    accessKeyId: options.accessKeyId,
    secretAccessKey: options.accessKeySecret,
    ...(options.securityToken === undefined ? {} : { securityToken: options.securityToken }),
    maxRetries: 0,
    // The SDK writes this number to the global agent of the process; this is that agent's own default.
    httpOptions: { agent, maxSockets: Number.POSITIVE_INFINITY },
  };
}

/** The SDK listens for the end of the body only: a cut connection would leave the call hanging. */
function watchBody(response: SdkResponse, fail: (fault: unknown) => void): void {
  const stream = response.httpResponse.stream;
  stream?.once('error', (error) => fail(new NetworkFault(error.message, true, { cause: error })));
  stream?.once('close', () => {
    if (!stream.complete) fail(new NetworkFault('the connection was cut during the answer', true));
  });
}

/** In place of the SDK's own listeners, which copy every byte of an answer twice. */
function gatherBody(request: SdkRequest, fail: (fault: unknown) => void): void {
  const { Core } = sdk.EventListeners;
  request.removeListener('httpData', Core.HTTP_DATA);
  request.removeListener('httpDone', Core.HTTP_DONE);
  let body: AnswerBody | undefined;
  const guarded = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      fail(error);
    }
  };
  request.on('httpHeaders', (_status, headers) =>
    guarded(() => {
      body = new AnswerBody(headers['content-length']);
    }),
  );
  request.on('httpData', (chunk) => guarded(() => body?.add(chunk)));
  request.on('httpDone', (response) =>
    guarded(() => {
      if (body) response.httpResponse.body = body.finish();
    }),
  );
}

function decoded<R>(response: SdkResponse, decode: Operation<never, R>['decode']): R {
  const { body, headers } = response.httpResponse;
  const answer = answerOf(headers);
  try {
    verifySmallBody(body, answer);
    return decode(body, answer);
  } catch (error) {
    if (error instanceof ProtocolFault) error.requestId = answer.requestId;
    throw error;
  }
}

/** Error body: `1: code, 2: message`. Anything else came from a proxy or a broken server. */
function serviceFault(response: SdkResponse): ServiceFault {
  const { statusCode = 0, body, headers } = response.httpResponse;
  let code = '';
  let message = '';
  try {
    for (const reader = new MessageReader(body); reader.next(); ) {
      if (reader.field === 1) code = reader.text();
      else if (reader.field === 2) message = reader.text();
      else reader.skip();
    }
  } catch (error) {
    if (!(error instanceof ProtocolFault)) throw error;
    code = '';
  }
  if (!/^OTS\w+$/.test(code)) return new ServiceFault('', statusCode, 'not an answer of the service', '');
  return new ServiceFault(code, statusCode, message, answerOf(headers).requestId);
}

/** System calls that fail before any byte of a request can have left. */
const CONNECTING = new Set(['connect', 'getaddrinfo', 'queryA', 'queryAaaa', 'bind']);

/** The SDK marks socket errors with one code of its own; the system call still tells how far it got. */
function asFault(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'NetworkingError') return error;
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const syscall = first instanceof Error && 'syscall' in first ? String(first.syscall) : '';
  const message = (first instanceof Error && first.message) || error.message || 'network fault';
  return new NetworkFault(message, !CONNECTING.has(syscall), { cause: error });
}
