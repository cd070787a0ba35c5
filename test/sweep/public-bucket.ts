/** A bucket as a stranger sees it: plain HTTP without a key, on an open bucket. Shares no code with the writer. */
import { Agent, type IncomingMessage, request } from 'node:http';

/** An answer in whole. */
interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Size and checksum of an object; the checksum is unsigned decimal. */
export interface Seen {
  readonly size: number;
  readonly crc64: string;
}

const MAX_KEYS = 1000;

/** Reads a bucket whose ACL lets everybody read. */
export class PublicBucket {
  readonly #origin: URL;
  readonly #bucket: string;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(endpoint: string, bucket: string) {
    this.#origin = new URL(endpoint);
    this.#bucket = bucket;
  }

  /** Sizes by key of everything whose key begins with the prefix, as it is at one moment. */
  async list(prefix: string): Promise<ReadonlyMap<string, number>> {
    const query = `list-type=2&max-keys=${MAX_KEYS}&prefix=${encodeURIComponent(prefix)}`;
    const { status, body } = await this.#send('GET', `?${query}`);
    const text = body.toString('utf8');
    if (status !== 200) throw new Error(`listing the bucket was answered with ${status}: ${text}`);
    if (/<IsTruncated>true/.test(text)) throw new Error(`more than ${MAX_KEYS} objects below ${prefix}`);
    const contents = text.matchAll(/<Key>([^<]*)<\/Key>.*?<Size>(\d+)<\/Size>/gs);
    return new Map([...contents].map(([, key = '', size]) => [key, Number(size)]));
  }

  /** The content of an object, or `undefined`. */
  async read(key: string): Promise<Buffer | undefined> {
    const { status, body } = await this.#send('GET', key);
    return found(key, status) ? body : undefined;
  }

  /** What an object is, or `undefined`. */
  async head(key: string): Promise<Seen | undefined> {
    const { status, headers } = await this.#send('HEAD', key);
    if (!found(key, status)) return undefined;
    return { size: Number(headers['content-length']), crc64: String(headers['x-oss-hash-crc64ecma']) };
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string): Promise<Answer> {
    const { port } = this.#origin;
    return new Promise((resolve, reject) => {
      const call = request({
        method,
        host: '127.0.0.1',
        port,
        path: `/${this.#bucket}/${path}`,
        headers: { host: `localhost:${port}` },
        agent: this.#agent,
      });
      call.on('error', (error: NodeJS.ErrnoException) => {
        // The server ends idle connections, perhaps just now: a read may be sent again.
        if (call.reusedSocket && error.code === 'ECONNRESET') resolve(this.#send(method, path));
        else reject(error);
      });
      call.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      });
      call.end();
    });
  }
}

function found(key: string, status: number): boolean {
  if (status === 200) return true;
  if (status === 404) return false;
  throw new Error(`reading ${key} was answered with ${status}`);
}
