import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../core/ports/system.ts';
import { createTablestoreClient, type TablestoreClient } from '../../../core/tablestore/index.ts';

/** One request as it arrived. */
export interface Arrived {
  readonly path: string;
  readonly body: Buffer;
  readonly headers: IncomingMessage['headers'];
}

export type Script = (request: Arrived, response: ServerResponse) => void;

/** A loopback HTTP server that plays a script, with a client that talks to it. */
export async function scriptedService(
  script: Script,
  timeoutMs = 10_000,
): Promise<AsyncDisposable & { client: TablestoreClient; arrived: Arrived[] }> {
  const arrived: Arrived[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const seen = { path: request.url ?? '', body: Buffer.concat(chunks), headers: request.headers };
      arrived.push(seen);
      script(seen, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = clientOf(`http://127.0.0.1:${port}`, timeoutMs);
  return {
    client,
    arrived,
    async [Symbol.asyncDispose]() {
      client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A client with the codes of a source. */
export function clientOf(endpoint: string, timeoutMs = 10_000): TablestoreClient {
  return createTablestoreClient(
    {
      endpoint,
      instanceName: 'inst',
      accessKeyId: 'id',
      accessKeySecret: 'secret',
      timeoutMs,
      codes: {
        unreachable: 'SRC-2001',
        denied: 'SRC-2002',
        throttled: 'SRC-2003',
        refused: 'SRC-2004',
        undecodable: 'SRC-2005',
      },
    },
    { clock: systemClock },
  );
}

/** Protobuf `Error { code = 1; message = 2 }`. */
export function errorBody(code: string, message: string): Buffer {
  return Buffer.concat([
    Buffer.from([0x0a, code.length]),
    Buffer.from(code),
    Buffer.from([0x12, message.length]),
    Buffer.from(message),
  ]);
}
