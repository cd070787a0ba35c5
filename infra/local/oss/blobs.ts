/** Where content lives: immutable byte strings with a name, written once, shared by count. */

/** Receives one blob. After `finish` or `abandon` nothing more may be called. */
export interface BlobWriter {
  /** Takes ownership of the bytes. A returned promise asks the caller to wait before the next chunk. */
  write(chunk: Buffer): Promise<void> | undefined;
  /** Makes the content durable and returns the blob's name. */
  finish(): Promise<string>;
  /** Drops what was written; harmless after an error. */
  abandon(): Promise<void>;
}

/** A place for blobs. */
export interface BlobStore {
  create(): BlobWriter;
  /** Bytes [start, end) in chunks. */
  read(blob: string, start: number, end: number): AsyncIterable<Buffer>;
  /** Removes a blob that nothing refers to. */
  remove(blob: string): Promise<void>;
  /** Removes every blob not in the set: content whose change was never recorded. */
  keepOnly(blobs: ReadonlySet<string>): Promise<void>;
}
