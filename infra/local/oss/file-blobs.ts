/**
 * Blobs as files. A blob is written to `incoming/<name>`, flushed, and renamed into `blobs/`; the directory entry is
 * flushed as well, so a blob that the journal names is always complete on disk.
 */

import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { BlobStore, BlobWriter } from './blobs.ts';
import { syncDirectory } from './directory-sync.ts';

/** Chunks are gathered to this many bytes per write call. */
const WRITE_BYTES = 1 << 20;
/** Bytes read ahead per chunk of an answer. */
const READ_BYTES = 256 * 1024;

class FileBlobWriter implements BlobWriter {
  private readonly name = randomUUID();
  private readonly incoming: string;
  private readonly target: string;
  private readonly settle: () => Promise<void>;
  private readonly file: Promise<FileHandle>;
  private gathered: Buffer[] = [];
  private gatheredBytes = 0;
  private writing: Promise<void>;

  constructor(incomingDir: string, blobDir: string, settle: () => Promise<void>) {
    this.incoming = path.join(incomingDir, this.name);
    this.target = path.join(blobDir, this.name);
    this.settle = settle;
    this.file = open(this.incoming, 'wx');
    this.writing = this.file.then(() => undefined);
    // A failure is reported by the next `write` or `finish`, which await the same promise.
    this.writing.catch(() => undefined);
  }

  write(chunk: Buffer): Promise<void> | undefined {
    this.gathered.push(chunk);
    this.gatheredBytes += chunk.length;
    return this.gatheredBytes < WRITE_BYTES ? undefined : this.flush();
  }

  async finish(): Promise<string> {
    await this.flush();
    await this.writing;
    const file = await this.file;
    await file.datasync();
    await file.close();
    await rename(this.incoming, this.target);
    await this.settle();
    return this.name;
  }

  async abandon(): Promise<void> {
    await Promise.allSettled([this.writing]);
    await Promise.allSettled([this.file.then((file) => file.close())]);
    await rm(this.incoming, { force: true });
  }

  /** Starts writing what is gathered, after waiting for the write before it: at most one is under way. */
  private async flush(): Promise<void> {
    const chunks = this.gathered;
    this.gathered = [];
    this.gatheredBytes = 0;
    await this.writing;
    if (chunks.length === 0) return;
    this.writing = this.file.then((file) => writeAll(file, chunks));
    this.writing.catch(() => undefined);
  }
}

/** `writev` may write less than it was given. */
async function writeAll(file: FileHandle, chunks: Buffer[]): Promise<void> {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const { bytesWritten } = await file.writev(chunks);
  if (bytesWritten === total) return;
  const rest = Buffer.concat(chunks).subarray(bytesWritten);
  for (let at = 0; at < rest.length; ) {
    const { bytesWritten: more } = await file.write(rest, at);
    if (more === 0) throw new Error('the disk accepts no more bytes');
    at += more;
  }
}

/** Blobs in the folders `incoming` and `blobs` of a data folder. */
export class FileBlobs implements BlobStore {
  private readonly incomingDir: string;
  private readonly blobDir: string;
  private settling: Promise<void> | undefined;

  private constructor(dataDir: string) {
    this.incomingDir = path.join(dataDir, 'incoming');
    this.blobDir = path.join(dataDir, 'blobs');
  }

  /** Opens the folder; unfinished writes of an earlier process are removed. */
  static async open(dataDir: string): Promise<FileBlobs> {
    const store = new FileBlobs(dataDir);
    await rm(store.incomingDir, { recursive: true, force: true });
    await mkdir(store.incomingDir, { recursive: true });
    await mkdir(store.blobDir, { recursive: true });
    await syncDirectory(dataDir);
    return store;
  }

  create(): BlobWriter {
    return new FileBlobWriter(this.incomingDir, this.blobDir, () => this.settle());
  }

  async *read(blob: string, start: number, end: number): AsyncIterable<Buffer> {
    const file = await open(path.join(this.blobDir, blob), 'r');
    try {
      for (let at = start; at < end; ) {
        const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, end - at));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) throw new Error(`blob ${blob} is shorter than recorded`);
        yield buffer.subarray(0, bytesRead);
        at += bytesRead;
      }
    } finally {
      await file.close();
    }
  }

  async remove(blob: string): Promise<void> {
    await rm(path.join(this.blobDir, blob), { force: true });
  }

  async keepOnly(blobs: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.blobDir);
    await Promise.all(names.filter((name) => !blobs.has(name)).map((name) => this.remove(name)));
  }

  /** Flushes directory entries. Renames that happen while a flush runs share the one after it. */
  private async settle(): Promise<void> {
    if (this.settling !== undefined) {
      await Promise.allSettled([this.settling]);
      if (this.settling !== undefined) return this.settling;
    }
    this.settling = syncDirectory(this.blobDir).finally(() => {
      this.settling = undefined;
    });
    return this.settling;
  }
}
