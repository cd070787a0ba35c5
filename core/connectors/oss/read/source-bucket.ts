import type OSS from 'ali-oss';
import { SyncError } from '../../../errors/index.ts';
import type { ConnectorContext } from '../../contract.ts';
import { type OssConnection, openClient } from '../connection.ts';
import { hasOssCode } from '../errors.ts';
import { Retry } from '../retry.ts';
import { classifySourceFault } from './source-faults.ts';

/** Keys per page of a listing: the most that OSS gives. */
const PAGE_KEYS = 1000;
/** Storage classes whose objects have to be restored before they can be read. */
const ARCHIVED = new Set(['Archive', 'ColdArchive', 'DeepColdArchive']);
const RESTORED = 'ongoing-request="false"';

/** An object as it is now. */
export interface SourceObject {
  readonly key: string;
  readonly size: number;
  /** Without quotes; another one means other content. */
  readonly etag: string;
  readonly archived: boolean;
}

type Headers = Readonly<Record<string, string | undefined>>;

/** What a ranged read answers. */
interface StreamAnswer {
  readonly stream: AsyncIterable<Buffer> & { destroy(): void };
  readonly res: { readonly status: number; readonly headers: Headers };
}

/** Calls of the SDK whose types are missing or loose. */
interface LooseCalls {
  getStream(name: string, options: { readonly headers: Record<string, string> }): Promise<StreamAnswer>;
}

/** Bytes of an object, and the checksum of the whole of it. */
export interface RangeAnswer {
  readonly bytes: Buffer;
  /** Unsigned decimal CRC-64. */
  readonly crc64: string | undefined;
}

/** One bucket to read from. Every call may be repeated and goes through the retry layer. */
export class SourceBucket {
  readonly name: string;
  readonly #client: OSS;
  readonly #loose: LooseCalls;
  readonly #retry: Retry;
  readonly #context: ConnectorContext;
  readonly #close: () => void;

  constructor(connection: OssConnection, context: ConnectorContext) {
    const { client, close } = openClient(connection);
    this.name = connection.bucket;
    this.#client = client;
    this.#loose = client as unknown as LooseCalls;
    this.#retry = new Retry(context);
    this.#context = context;
    this.#close = close;
  }

  /** All objects whose name begins with the prefix, in order of their names. */
  async *list(prefix: string): AsyncGenerator<SourceObject, void, void> {
    let token: string | undefined;
    do {
      const page = await this.#run('list', () =>
        this.#client.listV2({
          prefix,
          'max-keys': String(PAGE_KEYS),
          ...(token !== undefined && { 'continuation-token': token }),
        }),
      );
      for (const { name, size, etag, storageClass } of page.objects ?? []) {
        const archived = ARCHIVED.has(storageClass) && !(await this.#isRestored(name));
        yield { key: name, size, etag: unquoted(etag), archived };
      }
      token = page.isTruncated ? page.nextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** An object, or `undefined` if there is none. */
  async head(key: string): Promise<SourceObject | undefined> {
    try {
      const { res } = await this.#run('head', () => this.#client.head(key));
      const headers = headersOf(res);
      const archived = ARCHIVED.has(headers['x-oss-storage-class'] ?? '') && !isRestored(headers);
      const size = Number(headers['content-length']);
      return { key, size, etag: unquoted(headers.etag ?? ''), archived };
    } catch (error) {
      if (hasOssCode(error, 'NoSuchKey')) return undefined;
      throw error;
    }
  }

  /**
   * The bytes `[from, to)` of the object with this ETag, `to` at most its size.
   * @throws SyncError SRC-2013 if the object is another one now.
   */
  range(object: Pick<SourceObject, 'key' | 'etag'>, from: number, to: number): Promise<RangeAnswer> {
    return this.#run('get', () => this.#getRange(object, from, to));
  }

  close(): void {
    this.#close();
  }

  async #getRange(
    { key, etag }: Pick<SourceObject, 'key' | 'etag'>,
    from: number,
    to: number,
  ): Promise<RangeAnswer> {
    const headers = { Range: `bytes=${from}-${to - 1}`, 'If-Match': `"${etag}"` };
    const { stream, res } = await this.#loose.getStream(key, { headers });
    const abort = (): void => stream.destroy();
    const { signal } = this.#context;
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    const pieces: Buffer[] = [];
    let length = 0;
    try {
      for await (const piece of stream) {
        length += piece.length;
        // A server that ignores the range sends the whole object.
        if (length > to - from) throw otherLength(length, to - from);
        pieces.push(piece);
      }
    } finally {
      signal.removeEventListener('abort', abort);
      abort();
    }
    if (length !== to - from) throw otherLength(length, to - from);
    return { bytes: Buffer.concat(pieces, length), crc64: res.headers['x-oss-hash-crc64ecma'] };
  }

  async #isRestored(key: string): Promise<boolean> {
    const { res } = await this.#run('head', () => this.#client.head(key));
    return isRestored(headersOf(res));
  }

  #run<T>(what: string, call: () => Promise<T>): Promise<T> {
    return this.#retry.run(what, async () => {
      try {
        return await call();
      } catch (error) {
        throw classifySourceFault(error, what);
      }
    });
  }
}

const headersOf = (res: unknown): Headers => (res as { readonly headers: Headers }).headers;
const isRestored = (headers: Headers): boolean => headers['x-oss-restore']?.includes(RESTORED) ?? false;
const unquoted = (etag: string): string => etag.replaceAll('"', '');

const otherLength = (length: number, wanted: number): SyncError =>
  new SyncError('SRC-2005', 'transient', 'OSS sent another number of bytes than was asked for', {
    length,
    wanted,
  });
