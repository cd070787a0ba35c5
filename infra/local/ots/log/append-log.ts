import {
  closeSync,
  fdatasync as fdatasyncCallback,
  fdatasyncSync,
  write as writeCallback,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import type { ByteWriter } from '../wire/byte-writer.ts';
import { FrameBuilder } from './frame.ts';

const write = promisify(writeCallback);
const fdatasync = promisify(fdatasyncCallback);

/** How far an acknowledged write has come: on the disk, or with the operating system. */
export type Durability = 'fsync' | 'buffered';

interface InFlight {
  readonly frame: Buffer;
  readonly offset: number;
}

/**
 * The open end of a log file. Records gather in memory; one flush at a time writes everything gathered as one
 * frame and syncs it (group commit), and `flushed` resolves when the records given so far are that safe.
 * After a failed write nothing more is accepted: memory would be ahead of the disk.
 */
export class AppendLog {
  /** Bytes written or being written. */
  size: number;
  readonly #fd: number;
  readonly #durability: Durability;
  #pending = new FrameBuilder();
  #inFlight: InFlight | undefined;
  #draining: Promise<void> | undefined;
  #failure: Error | undefined;
  /** Records given so far, and how many of them are as safe as the durability asks. */
  #appended = 0;
  #durable = 0;

  constructor(fd: number, size: number, durability: Durability) {
    this.#fd = fd;
    this.size = size;
    this.#durability = durability;
  }

  get pendingBytes(): number {
    return this.#pending.payloadBytes;
  }

  /** True when no write is under way or waiting. */
  get idle(): boolean {
    return !this.#draining && this.#durable === this.#appended;
  }

  /** Gathers one record. Throws when an earlier write failed. */
  append(encode: (out: ByteWriter) => void): void {
    if (this.#failure) throw this.#failure;
    this.#pending.add(encode);
    this.#appended++;
  }

  /** Resolves when every record appended so far is durable; rejects when it cannot be. */
  async flushed(): Promise<void> {
    const target = this.#appended;
    while (this.#durable < target) {
      if (this.#failure) throw this.#failure;
      this.#draining ??= this.#drain();
      await this.#draining;
    }
  }

  /** Writes everything gathered at once, also what a flush under way has not finished. */
  flushSync(): void {
    if (this.#failure) throw this.#failure;
    try {
      if (this.#inFlight) writeFully(this.#fd, this.#inFlight.frame, this.#inFlight.offset);
      if (this.#pending.payloadBytes > 0) {
        const { frame, offset } = this.#take();
        writeFully(this.#fd, frame, offset);
      }
      if (this.#durability === 'fsync') fdatasyncSync(this.#fd);
      this.#durable = this.#appended;
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Flushes and closes the file. */
  async close(): Promise<void> {
    try {
      await this.flushed();
    } finally {
      closeSync(this.#fd);
    }
  }

  /** Starts synchronously, so that the records it covers are those appended before the call. */
  async #drain(): Promise<void> {
    const covered = this.#appended;
    try {
      this.#inFlight = this.#take();
      const { frame, offset } = this.#inFlight;
      for (let at = 0; at < frame.length; ) {
        const { bytesWritten } = await write(this.#fd, frame, at, frame.length - at, offset + at);
        at += bytesWritten;
      }
      if (this.#durability === 'fsync') await fdatasync(this.#fd);
      this.#durable = Math.max(this.#durable, covered);
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#inFlight = undefined;
      this.#draining = undefined;
    }
  }

  #take(): InFlight {
    const frame = this.#pending.finish();
    const offset = this.size;
    this.size += frame.length;
    this.#pending = new FrameBuilder();
    return { frame, offset };
  }

  #fail(error: unknown): Error {
    this.#failure = new Error('the log cannot be written', { cause: error });
    return this.#failure;
  }
}

function writeFully(fd: number, frame: Buffer, offset: number): void {
  for (let at = 0; at < frame.length; ) at += writeSync(fd, frame, at, frame.length - at, offset + at);
}
