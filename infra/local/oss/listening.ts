/** Listening on both loopback addresses, so that `localhost` works whichever it resolves to. */

import type { Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server as SocketServer } from 'node:net';

/** Tries for a port that is free on IPv4 and IPv6 alike. */
const ATTEMPTS = 10;

/** Open ears of one HTTP server. */
export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

function listen(server: SocketServer, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function closed(server: SocketServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** The same server on ::1 by handing its sockets over; nothing where the machine has no IPv6. */
async function listenIpv6(http: Server, port: number): Promise<SocketServer | 'taken' | undefined> {
  const second = createSocketServer((socket) => http.emit('connection', socket));
  try {
    await listen(second, '::1', port);
    return second;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'taken' : undefined;
  }
}

/** Starts listening; port 0 takes one that is free on both addresses. */
export async function listenLoopback(http: Server, wanted: number): Promise<Listener> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await listen(http, '127.0.0.1', wanted);
    const second = await listenIpv6(http, port);
    if (second !== 'taken') return { port, close: () => closeAll(http, second) };
    await closed(http);
    if (wanted !== 0 || attempt === ATTEMPTS) throw new Error(`port ${port} is in use on ::1`);
  }
}

async function closeAll(http: Server, second: SocketServer | undefined): Promise<void> {
  const ends = [closed(http), ...(second ? [closed(second)] : [])];
  http.closeAllConnections();
  await Promise.all(ends);
}
