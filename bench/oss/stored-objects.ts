import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { crc64Combine } from '../../core/formats/crc64.ts';

/** One part, or a whole small object: where its bytes lie in the file of its upload. */
interface StoredPiece {
  readonly at: number;
  readonly bytes: number;
  readonly crc64: bigint;
}

/** A visible object: pieces of one file in their order. */
export interface StoredObject {
  readonly file: string;
  readonly pieces: readonly StoredPiece[];
  readonly bytes: number;
  readonly crc64: bigint;
}

const READ_BYTES = 4 * 1024 * 1024;

/** A file that parts are appended to as they arrive; where each lies is kept beside it. */
export class UploadFile {
  readonly key: string;
  readonly file: string;
  readonly #handle: FileHandle;
  readonly #parts = new Map<number, StoredPiece>();
  #end = 0;

  private constructor(key: string, file: string, handle: FileHandle) {
    this.key = key;
    this.file = file;
    this.#handle = handle;
  }

  static async create(key: string, file: string): Promise<UploadFile> {
    return new UploadFile(key, file, await open(file, 'w'));
  }

  /** Room for a body whose length is known; parts may arrive side by side. */
  reserve(bytes: number): number {
    const at = this.#end;
    this.#end += bytes;
    return at;
  }

  async write(pieces: readonly Uint8Array[], at: number): Promise<void> {
    await this.#handle.writev(pieces, at);
  }

  setPart(number: number, piece: StoredPiece): void {
    this.#parts.set(number, piece);
  }

  /** The object of these parts; nothing is copied. `undefined` if one of them never arrived. */
  async seal(numbers: readonly number[]): Promise<StoredObject | undefined> {
    const pieces = numbers.map((number) => this.#parts.get(number));
    if (!pieces.every((piece) => piece !== undefined)) return undefined;
    await this.#handle.close();
    let crc64 = 0n;
    let bytes = 0;
    for (const piece of pieces) {
      crc64 = crc64Combine(crc64, piece.crc64, piece.bytes);
      bytes += piece.bytes;
    }
    return { file: this.file, pieces, bytes, crc64 };
  }

  async abort(): Promise<void> {
    await this.#handle.close();
    await rm(this.file, { force: true });
  }
}

/** The objects of one bucket as files of a folder. */
export class StoredObjects {
  readonly #folder: string;
  readonly #objects = new Map<string, StoredObject>();
  readonly #uploads = new Map<string, UploadFile>();
  #names = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async begin(key: string): Promise<{ readonly id: string; readonly upload: UploadFile }> {
    await mkdir(this.#folder, { recursive: true });
    const id = `U${++this.#names}`;
    const upload = await UploadFile.create(key, path.join(this.#folder, id));
    this.#uploads.set(id, upload);
    return { id, upload };
  }

  upload(id: string): UploadFile | undefined {
    return this.#uploads.get(id);
  }

  async complete(id: string, numbers: readonly number[]): Promise<StoredObject | undefined> {
    const upload = this.#uploads.get(id);
    const object = await upload?.seal(numbers);
    if (!upload || !object) return undefined;
    this.#uploads.delete(id);
    this.#objects.set(upload.key, object);
    return object;
  }

  async abort(id: string): Promise<void> {
    await this.#uploads.get(id)?.abort();
    this.#uploads.delete(id);
  }

  /** Open uploads in key order, as key and id. */
  uploads(prefix: string): readonly (readonly [string, string])[] {
    const all = [...this.#uploads].map(([id, { key }]) => [key, id] as const);
    return all.filter(([key]) => key.startsWith(prefix)).sort();
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  keys(prefix: string): readonly string[] {
    return [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  async remove(key: string): Promise<void> {
    const object = this.#objects.get(key);
    this.#objects.delete(key);
    if (object) await rm(object.file, { force: true });
  }

  /** The bytes of an object in their order. */
  async *read(key: string): AsyncGenerator<Buffer> {
    const object = this.#objects.get(key);
    if (!object) throw new Error(`there is no object ${key}`);
    const handle = await open(object.file, 'r');
    try {
      for (const { at, bytes } of object.pieces) {
        for (let from = 0; from < bytes; from += READ_BYTES) {
          const length = Math.min(READ_BYTES, bytes - from);
          const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, at + from);
          if (bytesRead !== length) throw new Error(`the file of ${key} is too short`);
          yield buffer;
        }
      }
    } finally {
      await handle.close();
    }
  }

  /** Writes an object as a file of its own, for programs that read files. */
  async saveAs(key: string, file: string): Promise<void> {
    const out = createWriteStream(file);
    for await (const piece of this.read(key)) if (!out.write(piece)) await once(out, 'drain');
    out.end();
    await once(out, 'close');
  }
}
