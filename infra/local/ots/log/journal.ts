import type { ByteWriter } from '../wire/byte-writer.ts';
import { AppendLog, type Durability } from './append-log.ts';
import { type OpenedLog, openGeneration, openLog, writeGeneration } from './log-files.ts';

/** A log smaller than this is never rewritten. */
const MIN_COMPACTION_BYTES = 64 * 1024 * 1024;
/** The log is rewritten when it has grown to this multiple of its last snapshot. */
const COMPACTION_FACTOR = 3;
/** In-process loading writes out whenever this much has gathered. */
const BULK_FLUSH_BYTES = 4 * 1024 * 1024;

/** Frames that rebuild the whole state; asked for when the log is rewritten. */
export type SnapshotSource = () => Iterable<Buffer>;

/** The durable record of a service: one growing log, rewritten as a snapshot when it has grown too long. */
export class Journal {
  readonly #folder: string;
  readonly #durability: Durability;
  readonly #snapshot: SnapshotSource;
  #generation: number;
  #log: AppendLog;
  #snapshotBytes: number;
  /** Bytes of an unfinished write that opening cut off. */
  readonly tornBytes: number;

  private constructor(folder: string, durability: Durability, snapshot: SnapshotSource, opened: OpenedLog) {
    this.#folder = folder;
    this.#durability = durability;
    this.#snapshot = snapshot;
    this.#generation = opened.generation;
    this.#log = new AppendLog(opened.fd, opened.size, durability);
    this.#snapshotBytes = 0;
    this.tornBytes = opened.tornBytes;
  }

  /** Opens the journal of a folder after handing every record to `replay`. */
  static open(
    folder: string,
    durability: Durability,
    replay: (record: Buffer) => void,
    snapshot: SnapshotSource,
  ): Journal {
    return new Journal(folder, durability, snapshot, openLog(folder, replay));
  }

  append(encode: (out: ByteWriter) => void): void {
    this.#log.append(encode);
  }

  /** Resolves when everything appended so far is durable; rewrites the log when it is time. */
  async flushed(): Promise<void> {
    await this.#log.flushed();
    if (this.#log.idle && this.#log.size > this.#limit()) await this.compact();
  }

  /** For in-process loading: writes out when enough has gathered, so memory stays bounded. */
  flushIfLarge(): void {
    if (this.#log.pendingBytes > BULK_FLUSH_BYTES) this.#log.flushSync();
  }

  flushSync(): void {
    this.#log.flushSync();
  }

  /** Rewrites the log as a snapshot. Memory holds exactly what the log says, since nothing is pending. */
  async compact(): Promise<void> {
    this.#log.flushSync();
    const generation = this.#generation + 1;
    this.#snapshotBytes = writeGeneration(this.#folder, generation, this.#snapshot());
    const old = this.#log;
    this.#log = new AppendLog(
      openGeneration(this.#folder, generation),
      this.#snapshotBytes,
      this.#durability,
    );
    this.#generation = generation;
    await old.close();
  }

  async close(): Promise<void> {
    await this.#log.close();
  }

  #limit(): number {
    return Math.max(MIN_COMPACTION_BYTES, this.#snapshotBytes * COMPACTION_FACTOR);
  }
}
