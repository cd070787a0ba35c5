/**
 * An end point that takes what the OSS writer sends and writes it to files of this machine: real requests of the real
 * client, bytes on disk, a CRC-64 over every byte, and nothing else. No signatures are checked, nothing is synced. The
 * checksum is the product's own, as the fastest at hand: what was stored is compared with the peer's rows anyway.
 *
 *   GET  /bucket?bucketInfo                       a bucket without versions
 *   GET  /bucket?list-type=2, ?uploads            names of objects and of open uploads, in one page
 *   POST /bucket?delete                           removes the named objects
 *   POST /bucket/key?uploads                      begins an upload
 *   PUT  /bucket/key?partNumber&uploadId          appends a part to the file of its upload
 *   POST /bucket/key?uploadId                     makes the object visible; nothing is copied
 *   DELETE /bucket/key?uploadId                   throws the upload away
 *   PUT, GET, HEAD /bucket/key                    a small object
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Crc64 } from '../../core/formats/crc64.ts';
import { StoredObjects, type UploadFile } from './stored-objects.ts';

/** Bytes that are gathered before they are written. */
const WRITE_BYTES = 1024 * 1024;

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly key: string;
}

/** The end point, listening on a free port of this machine. */
export class OssEndPoint implements AsyncDisposable {
  readonly objects: StoredObjects;
  readonly #server: Server;
  endpoint = '';

  private constructor(folder: string) {
    this.objects = new StoredObjects(folder);
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.writeHead(500).end(errorXml('InternalError', String(error)));
      });
    });
  }

  static async start(folder: string): Promise<OssEndPoint> {
    const end = new OssEndPoint(folder);
    end.#server.listen(0, '127.0.0.1');
    await once(end.#server, 'listening');
    end.endpoint = `http://127.0.0.1:${(end.#server.address() as AddressInfo).port}`;
    return end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://oss');
    const [, ...names] = url.pathname.split('/');
    const key = decodeURIComponent(names.slice(1).join('/'));
    const call = { request, response, query: url.searchParams, key };
    const asked = ['uploads', 'partNumber', 'uploadId', 'delete', 'bucketInfo', 'list-type'];
    const about = asked.find((name) => url.searchParams.has(name)) ?? '';
    const handle = this.#handlers[`${request.method} ${key === '' ? 'bucket' : 'key'} ${about}`];
    if (handle) return handle(call);
    response.writeHead(501).end(errorXml('NotImplemented', `${request.method} ${request.url}`));
  }

  readonly #handlers: Readonly<Record<string, (call: Call) => Promise<void>>> = {
    'GET bucket bucketInfo': async ({ response }) =>
      sendXml(response, 'BucketInfo', element('Bucket', element('Name', 'bucket'))),
    'GET bucket list-type': async ({ response, query }) => {
      const keys = this.objects.keys(query.get('prefix') ?? '');
      const found = keys.map((key) => element('Contents', element('Key', escaped(key))));
      sendXml(response, 'ListBucketResult', `${element('IsTruncated', 'false')}${found.join('')}`);
    },
    'GET bucket uploads': async ({ response, query }) => {
      const found = this.objects
        .uploads(query.get('prefix') ?? '')
        .map(([key, id]) => element('Upload', element('Key', escaped(key)) + element('UploadId', id)));
      const body = `${element('IsTruncated', 'false')}${found.join('')}`;
      sendXml(response, 'ListMultipartUploadsResult', body);
    },
    'POST bucket delete': async ({ request, response }) => {
      const keys = [...(await text(request)).matchAll(/<Key>(.*?)<\/Key>/gs)].map(([, key]) => key!);
      for (const key of keys) await this.objects.remove(unescaped(key));
      const deleted = keys.map((key) => element('Deleted', element('Key', key)));
      sendXml(response, 'DeleteResult', deleted.join(''));
    },
    'POST key uploads': async ({ response, key }) => {
      const { id } = await this.objects.begin(key);
      sendXml(response, 'InitiateMultipartUploadResult', element('UploadId', id));
    },
    'PUT key partNumber': (call) => this.#putPart(call),
    'POST key uploadId': async ({ request, response, query }) => {
      const listed = [...(await text(request)).matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)];
      const numbers = listed.map(([, number]) => Number(number));
      const object = await this.objects.complete(query.get('uploadId') ?? '', numbers);
      if (!object) return sendError(response, 404, 'NoSuchUpload');
      response.setHeader('x-oss-hash-crc64ecma', String(object.crc64));
      sendXml(response, 'CompleteMultipartUploadResult', element('ETag', 'whole'));
    },
    'DELETE key uploadId': async ({ response, query }) => {
      await this.objects.abort(query.get('uploadId') ?? '');
      response.writeHead(204).end();
    },
    'PUT key ': (call) => this.#putObject(call),
    'HEAD key ': async ({ response, key }) => {
      const object = this.objects.get(key);
      if (!object) return void response.writeHead(404).end();
      const { bytes, crc64 } = object;
      response.writeHead(200, { 'content-length': bytes, 'x-oss-hash-crc64ecma': String(crc64) }).end();
    },
    'GET key ': async ({ response, key }) => {
      const object = this.objects.get(key);
      if (!object) return sendError(response, 404, 'NoSuchKey');
      response.writeHead(200, { 'content-length': object.bytes });
      for await (const piece of this.objects.read(key)) response.write(piece);
      response.end();
    },
  };

  async #putPart({ request, response, query }: Call): Promise<void> {
    const upload = this.objects.upload(query.get('uploadId') ?? '');
    if (!upload) return sendError(response, 404, 'NoSuchUpload');
    const piece = await receive(request, upload);
    upload.setPart(Number(query.get('partNumber')), piece);
    sendStored(response, piece.crc64);
  }

  async #putObject({ request, response, key }: Call): Promise<void> {
    const isKept =
      request.headers['x-oss-forbid-overwrite'] === 'true' && this.objects.get(key) !== undefined;
    if (isKept) return sendError(response, 409, 'FileAlreadyExists');
    const { id, upload } = await this.objects.begin(key);
    const piece = await receive(request, upload);
    upload.setPart(1, piece);
    await this.objects.complete(id, [1]);
    sendStored(response, piece.crc64);
  }
}

/** Takes a body over: into the file while it arrives, its checksum on the way. */
async function receive(request: IncomingMessage, upload: UploadFile) {
  const bytes = Number(request.headers['content-length'] ?? 0);
  const at = upload.reserve(bytes);
  const crc = new Crc64();
  const writes: Promise<void>[] = [];
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let written = 0;
  const write = (): void => {
    writes.push(upload.write(waiting, at + written));
    written += waitingBytes;
    waiting = [];
    waitingBytes = 0;
  };
  request.on('data', (chunk: Buffer) => {
    crc.update(chunk);
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes >= WRITE_BYTES) write();
  });
  await once(request, 'end');
  if (waitingBytes > 0) write();
  await Promise.all(writes);
  if (written !== bytes) throw new Error(`a body of ${bytes} bytes had ${written}`);
  return { at, bytes, crc64: crc.digest() };
}

async function text(request: IncomingMessage): Promise<string> {
  let all = '';
  for await (const piece of request.setEncoding('utf8')) all += piece as string;
  return all;
}

const escaped = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const unescaped = (value: string): string =>
  value.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;
const errorXml = (code: string, message: string): string =>
  element('Error', element('Code', code) + element('Message', escaped(message)));

function sendXml(response: ServerResponse, name: string, content: string): void {
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n${element(name, content)}`);
}

function sendStored(response: ServerResponse, crc64: bigint): void {
  const etag = `"${crc64.toString(16).padStart(16, '0').toUpperCase()}"`;
  response.writeHead(200, { etag, 'x-oss-hash-crc64ecma': String(crc64) }).end();
}

function sendError(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(errorXml(code, code));
}
