import type OSS from 'ali-oss';
import { SyncError } from '../../errors/index.ts';
import type { ConnectorContext } from '../contract.ts';
import { type OssConnection, openClient } from './connection.ts';
import { hasOssCode } from './errors.ts';
import { Retry } from './retry.ts';
import type { PartRecord } from './sink-state.ts';

/** Keys per page of a listing and per bulk deletion: the most that OSS takes. */
const PAGE_KEYS = 1000;

/** Size and checksum of a stored object; the checksum is unsigned decimal. */
export interface StoredObject {
  readonly size: number;
  readonly crc64: string | undefined;
}

/** An upload that was begun and neither completed nor aborted. */
export interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
}

/** Calls of the SDK whose types are missing or loose. */
interface LooseCalls {
  getBucketInfo(name: string): Promise<{ bucket?: { Versioning?: string } }>;
  getStream(name: string): Promise<{ stream: AsyncIterable<Buffer> }>;
}

type Headers = Readonly<Record<string, string>>;

/**
 * One bucket. Every call goes through the retry layer and may be repeated; only low-level calls are used,
 * because the SDK's own multipart upload shares a cancel flag between uploads.
 */
export class ObjectStore {
  readonly #client: OSS;
  readonly #loose: LooseCalls;
  readonly #bucket: string;
  readonly #retry: Retry;
  readonly #close: () => void;

  constructor(connection: OssConnection, context: ConnectorContext) {
    const { client, close } = openClient(connection);
    this.#client = client;
    this.#loose = client as unknown as LooseCalls;
    this.#bucket = connection.bucket;
    this.#retry = new Retry(context);
    this.#close = close;
  }

  /** Whether the bucket keeps versions; faults if it does not exist. */
  async versioning(): Promise<string | undefined> {
    const answer = await this.#retry.run('bucket info', () => this.#loose.getBucketInfo(this.#bucket));
    return answer.bucket?.Versioning;
  }

  async initUpload(key: string, headers: Headers): Promise<string> {
    const init = () => this.#client.initMultipartUpload(key, { headers: { ...headers } });
    return (await this.#retry.run('begin upload', init)).uploadId;
  }

  /** Sends one part; a repetition replaces it. Returns its ETag without quotes and its checksum. */
  async uploadPart(
    upload: OpenUpload,
    number: number,
    body: Buffer,
  ): Promise<{ readonly etag: string; readonly crc64: string | undefined }> {
    const { key, uploadId } = upload;
    const send = () => this.#client.uploadPart(key, uploadId, number, body, 0, body.length);
    const { etag, res } = await this.#retry.run('upload part', send);
    return { etag: etag.replaceAll('"', ''), crc64: checksum(res) };
  }

  /** Makes the object of these parts visible; returns its checksum. Faults NoSuchUpload if it happened already. */
  async completeUpload(upload: OpenUpload, parts: readonly PartRecord[]): Promise<string | undefined> {
    const list = parts.map(([number, etag]) => ({ number, etag: `"${etag}"` }));
    const complete = () => this.#client.completeMultipartUpload(upload.key, upload.uploadId, list);
    return checksum((await this.#retry.run('complete upload', complete)).res);
  }

  /** Throws an upload away; one that is gone already counts as done. */
  async abortUpload(upload: OpenUpload): Promise<void> {
    try {
      await this.#retry.run('abort upload', () =>
        this.#client.abortMultipartUpload(upload.key, upload.uploadId),
      );
    } catch (error) {
      if (!hasOssCode(error, 'NoSuchUpload')) throw error;
    }
  }

  /** Size and checksum of an object, or `undefined` if there is none. */
  async head(key: string): Promise<StoredObject | undefined> {
    try {
      const { res } = await this.#retry.run('head', () => this.#client.head(key));
      const { 'content-length': length } = headersOf(res);
      return { size: Number(length), crc64: checksum(res) };
    } catch (error) {
      if (hasOssCode(error, 'NoSuchKey')) return undefined;
      throw error;
    }
  }

  /** Stores an object unless the key exists. The first try's own object may be reported as existing. */
  async putOnce(key: string, body: Buffer, headers: Headers): Promise<'stored' | 'exists'> {
    const put = () =>
      this.#client.put(key, body, { headers: { ...headers, 'x-oss-forbid-overwrite': 'true' } });
    try {
      await this.#retry.run('put', put);
      return 'stored';
    } catch (error) {
      if (hasOssCode(error, 'FileAlreadyExists')) return 'exists';
      throw error;
    }
  }

  /** Stores an object, whatever had the key before; returns its checksum. */
  async put(key: string, body: Buffer): Promise<string | undefined> {
    const { res } = await this.#retry.run('put', () => this.#client.put(key, body));
    return checksum(res);
  }

  /** The whole content of a small object, or `undefined` if there is none. */
  async read(key: string): Promise<Buffer | undefined> {
    const get = async (): Promise<Buffer> => {
      const { stream } = await this.#loose.getStream(key);
      const pieces: Buffer[] = [];
      for await (const piece of stream) pieces.push(piece);
      return Buffer.concat(pieces);
    };
    try {
      return await this.#retry.run('get', get);
    } catch (error) {
      if (hasOssCode(error, 'NoSuchKey')) return undefined;
      throw error;
    }
  }

  /** Bytes `from` to `to`, both included, of an object; `undefined` if there is none. */
  async readRange(key: string, from: number, to: number): Promise<Buffer | undefined> {
    const get = () => this.#client.get(key, { headers: { Range: `bytes=${from}-${to}` } });
    try {
      const { content } = await this.#retry.run('get range', get);
      return content as Buffer;
    } catch (error) {
      if (hasOssCode(error, 'NoSuchKey')) return undefined;
      throw error;
    }
  }

  /** All keys that begin with the prefix, in order. */
  async *keys(prefix: string): AsyncGenerator<string> {
    let token: string | undefined;
    do {
      const page = await this.#retry.run('list', () =>
        this.#client.listV2({
          prefix,
          'max-keys': String(PAGE_KEYS),
          ...(token !== undefined && { 'continuation-token': token }),
        }),
      );
      for (const { name } of page.objects ?? []) yield name;
      token = page.isTruncated ? page.nextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** All open uploads whose key begins with the prefix. */
  async openUploads(prefix: string): Promise<readonly OpenUpload[]> {
    const found: OpenUpload[] = [];
    let marker: { readonly key: string; readonly uploadId: string } | undefined;
    do {
      const page = await this.#retry.run('list uploads', () =>
        this.#client.listUploads({
          prefix,
          'max-uploads': PAGE_KEYS,
          ...(marker && { 'key-marker': marker.key, 'upload-id-marker': marker.uploadId }),
        }),
      );
      found.push(...page.uploads.map(({ name, uploadId }) => ({ key: name, uploadId })));
      marker = page.isTruncated
        ? {
            key: page.nextKeyMarker as unknown as string,
            uploadId: page.nextUploadIdMarker as unknown as string,
          }
        : undefined;
    } while (marker);
    return found;
  }

  /** Removes objects; keys that do not exist count as removed. */
  async remove(keys: readonly string[]): Promise<void> {
    for (let i = 0; i < keys.length; i += PAGE_KEYS) {
      const some = keys.slice(i, i + PAGE_KEYS);
      const remove = () => this.#client.deleteMulti([...some], { quiet: false });
      const { deleted } = await this.#retry.run('delete', remove);
      if ((deleted?.length ?? 0) !== some.length) {
        throw new SyncError('DST-4004', 'config', 'OSS did not delete every object it was asked to', {
          asked: some.length,
          deleted: deleted?.length ?? 0,
        });
      }
    }
  }

  close(): void {
    this.#close();
  }
}

const headersOf = (res: unknown): Readonly<Record<string, string | undefined>> =>
  (res as { readonly headers: Readonly<Record<string, string | undefined>> }).headers;

const checksum = (res: unknown): string | undefined => headersOf(res)['x-oss-hash-crc64ecma'];
