import net from 'node:net';

/** What happens to the bytes of answers: give back others, or `undefined` to cut the connection. */
export type Meddle = (piece: Buffer, connection: number, before: number) => Buffer | undefined;

/** Stands between a client and a server on this machine. */
export interface MeddlingProxy extends AsyncDisposable {
  readonly endpoint: string;
}

/** Starts a proxy in front of an endpoint. Connections are counted from 0. */
export async function startProxy(target: string, meddle: Meddle): Promise<MeddlingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<net.Socket>();
  let connections = 0;
  const server = net.createServer((client) => {
    const connection = connections++;
    const upstream = net.connect(Number(port), hostname);
    let before = 0;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (piece) => {
      const changed = meddle(piece, connection, before);
      before += piece.length;
      if (changed) client.write(changed);
      else client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const address = server.address() as net.AddressInfo;
  return {
    endpoint: `http://localhost:${address.port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
