import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What happens to the message at which a connection is cut. */
export type CutMoment =
  /** It never reaches the server. */
  | 'before'
  /** The server gets it, its answer is lost. */
  | 'after';

/** A way to a database server that can break at any message of a client. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #open = new Set<Socket>();
  /** Messages of clients until the cut. */
  #left = Number.POSITIVE_INFINITY;
  #moment: CutMoment = 'before';
  #stayDown = false;
  #down = false;
  /** Messages of clients that went through. */
  messages = 0;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((client) => this.#serve(client));
  }

  static async start(targetPort: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(targetPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Whether the cut has happened. */
  get hasCut(): boolean {
    return this.#left <= 0;
  }

  /** Cuts at the `n`th message of a client from now on; with `stayDown` nobody gets through afterwards. */
  cutAt(n: number, moment: CutMoment, stayDown: boolean): void {
    this.#left = n;
    this.#moment = moment;
    this.#stayDown = stayDown;
  }

  /** Lets everybody through again. */
  heal(): void {
    this.#left = Number.POSITIVE_INFINITY;
    this.#down = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(client: Socket): void {
    if (this.#down) return void client.destroy();
    const server = connect(this.#targetPort, '127.0.0.1');
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    let answerIsLost = false;
    for (const socket of [client, server]) {
      this.#open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', end).on('close', () => {
        this.#open.delete(socket);
        end();
      });
    }
    server.on('data', (answer) => {
      if (answerIsLost) end();
      else client.write(answer);
    });
    client.on('data', (message) => {
      this.messages++;
      const cut = --this.#left === 0;
      if (cut && this.#stayDown) this.#down = true;
      if (cut && this.#moment === 'before') return end();
      answerIsLost ||= cut;
      server.write(message);
    });
  }
}
