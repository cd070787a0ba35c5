import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterHold, type Fault, type FaultRule, type KeyTable } from '../../service.ts';
import { MAX_BODY_BYTES } from '../limits.ts';
import type { CallContext, Operation } from '../operations/operation.ts';
import { OPERATIONS } from '../operations/registry.ts';
import { OtsError, unsupported } from '../ots-error.ts';
import type { Instance } from '../table/instance.ts';
import { sendBody, sendError } from './answer.ts';
import { bodyTooLarge, type Caller, checkRequest, findCaller, plainBody } from './request-check.ts';

/** What the HTTP side needs. */
export interface GatewayOptions {
  readonly instance: Instance;
  readonly keys: KeyTable;
  readonly instanceName: string | undefined;
  readonly faults: FaultRule | undefined;
}

/** Accepts, checks, runs and answers requests; counts calls per operation. */
export class Gateway {
  readonly counts = new Map<string, number>();
  readonly #options: GatewayOptions;
  readonly #server: Server;
  /** Requests that are being answered; closing waits for them. */
  readonly #active = new Set<Promise<void>>();
  /** Requests whose body is still arriving: closing cuts them, since they may never end. */
  readonly #arriving = new Set<IncomingMessage>();

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      const answered = this.#answer(request, response).finally(() => this.#active.delete(answered));
      this.#active.add(answered);
    });
    // Clients keep idle connections; a server that ends them first would make their next write fail.
    this.#server.keepAliveTimeout = 120_000;
  }

  /** Listens on 127.0.0.1 and returns the port. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => resolve());
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Stops accepting, lets running requests finish, then ends all connections. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    for (const request of this.#arriving) request.destroy();
    await Promise.allSettled([...this.#active]);
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock } = this.#options.instance;
    const path = request.url ?? '/';
    let caller: Caller | undefined;
    try {
      this.#arriving.add(request);
      const raw = await readBody(request).finally(() => this.#arriving.delete(request));
      caller = findCaller(request.headers, this.#options.keys);
      const body = this.#admit(request, path, raw, caller);
      const answer = await this.#perform(path.slice(1), body, response);
      if (answer) sendBody(response, path, caller, answer.body, clock.now(), answer);
    } catch (error) {
      if (error instanceof ClientGone) response.destroy();
      else sendError(response, path, caller, toOtsError(error), clock.now());
    }
  }

  #admit(request: IncomingMessage, path: string, raw: Uint8Array, caller: Caller): Uint8Array {
    if (request.method !== 'POST') {
      throw new OtsError(405, 'OTSMethodNotAllowed', 'Only POST method for requests is supported.');
    }
    const { keys, instanceName, instance } = this.#options;
    checkRequest(path, request.headers, raw, caller, { keys, instanceName, nowMs: instance.clock.now() });
    return plainBody(request.headers, raw);
  }

  /** Runs the operation under the fault rules; `undefined` when it must stay without an answer. */
  async #perform(name: string, body: Uint8Array, response: ServerResponse): Promise<OwnAnswer | undefined> {
    const operation = OPERATIONS.get(name);
    if (!operation) throw unsupported(name);
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    const fault = await afterHold(this.#faultFor(name, operation, body, response.socket?.remotePort));
    switch (fault?.kind) {
      case undefined:
        return { body: await this.#run(operation, body) };
      case 'refuse':
        throw new OtsError(fault.status, fault.code, fault.message);
      case 'hang':
        return undefined;
      case 'reset':
        response.socket?.resetAndDestroy();
        return undefined;
      case 'lose-answer':
        await this.#run(operation, body).finally(fault.performed);
        response.socket?.resetAndDestroy();
        return undefined;
      case 'delay':
        await new Promise((resolve) => setTimeout(resolve, fault.ms));
        return { body: await this.#run(operation, body) };
      case 'slow-answer':
        return { body: await this.#run(operation, body), msPerByte: fault.msPerByte };
      default:
        return fault satisfies never;
    }
  }

  async #run(operation: Operation, body: Uint8Array): Promise<Uint8Array> {
    const { instance } = this.#options;
    const context: CallContext = { instance, nowMs: instance.clock.now() };
    const answer = operation.run(context, body);
    if (operation.writes) await instance.durable();
    return answer;
  }

  #faultFor(
    operation: string,
    { key }: Operation,
    body: Uint8Array,
    peerPort: number | undefined,
  ): Fault | undefined {
    const rule = this.#options.faults;
    return rule?.({ service: 'ots', operation, key: readableKey(key, body), peerPort, body });
  }
}

/** An answer, and how slowly it must be sent. */
interface OwnAnswer {
  readonly body: Uint8Array;
  readonly msPerByte?: number;
}

/** A request too broken to name its key is refused later, by the operation itself. */
function readableKey(key: Operation['key'], body: Uint8Array): string {
  try {
    return key(body);
  } catch (error) {
    if (error instanceof OtsError) return '';
    throw error;
  }
}

/** The client went away while it was sending. */
class ClientGone extends Error {}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    }
  } catch (cause) {
    throw new ClientGone('the request ended early', { cause });
  }
  if (size > MAX_BODY_BYTES) throw bodyTooLarge();
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

/** A defect of the service answers 500 without detail of its insides. */
const toOtsError = (error: unknown): OtsError =>
  error instanceof OtsError ? error : new OtsError(500, 'OTSInternalServerError', 'Internal server error.');
