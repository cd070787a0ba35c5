import { assert } from '../../errors/index.ts';
import { ByteBuffer, createEncoder, type RowEncoder } from '../../formats/index.ts';
import type { Column, RowBlock } from '../../types/index.ts';
import type { RowFault, Sink, SinkState, TaskRef } from '../contract.ts';
import type { BufferRing } from './buffer-ring.ts';
import { ChunkPipe, GZIP_CHUNK_BYTES } from './chunk-pipe.ts';
import type { OssWriterConfig } from './config.ts';
import type { RunNames } from './object-name.ts';
import type { ObjectStore } from './object-store.ts';
import { MIN_PART_BYTES, ObjectUpload, PART_BYTES } from './object-upload.ts';
import { decodeState, encodeState, type ObjectRecord } from './sink-state.ts';

/** Rows encoded between two looks at the size of the object. */
const ROWS_PER_STEP = 256;
/** Room for one step beyond a full chunk, so that the buffer rarely grows. */
const STEP_ROOM_BYTES = 256 * 1024;
const BYTES_PER_MB = 1024 * 1024;

/** What a sink works with. */
export interface SinkParts {
  readonly config: OssWriterConfig;
  readonly store: ObjectStore;
  readonly names: RunNames;
  readonly task: TaskRef;
  readonly columns: readonly Column[];
  readonly prior: SinkState | undefined;
  /** Buffers of `sinkBufferBytes`, shared by the sinks of a writer: one shard after the other uses them. */
  readonly ring: BufferRing;
}

const chunkBytes = ({ gzip }: OssWriterConfig): number => (gzip ? GZIP_CHUNK_BYTES : PART_BYTES);

/** Size of the buffers that go around between a sink and its uploads. */
export const sinkBufferBytes = (config: OssWriterConfig): number =>
  config.parquet ? PART_BYTES : chunkBytes(config) + STEP_ROOM_BYTES;

/**
 * One attempt at a shard: rows → bytes → (gzip) → parts of uploads that only a commit completes. It continues
 * after the objects of `prior` and never touches their uploads.
 */
export class OssSink implements Sink {
  readonly #config: OssWriterConfig;
  readonly #store: ObjectStore;
  readonly #names: RunNames;
  readonly #task: TaskRef;
  readonly #encoder: RowEncoder;
  readonly #prior: readonly ObjectRecord[];
  readonly #sealed: ObjectRecord[] = [];
  readonly #ring: BufferRing;
  #raw: ByteBuffer;
  readonly #pipe: ChunkPipe;
  readonly #chunkBytes: number;
  #current: ObjectUpload | undefined;
  #opened = 0;
  #ended = false;

  constructor({ config, store, names, task, columns, prior, ring }: SinkParts) {
    this.#config = config;
    this.#store = store;
    this.#names = names;
    this.#task = task;
    this.#encoder = createEncoder(config.format, columns);
    this.#prior = prior === undefined ? [] : decodeState(prior);
    this.#chunkBytes = chunkBytes(config);
    this.#ring = ring;
    this.#raw = new ByteBuffer(this.#ring.take());
    this.#pipe = new ChunkPipe(config.gzip, this.#release);
  }

  readonly #release = (bytes: Buffer): void => this.#ring.give(bytes);

  async write(block: RowBlock): Promise<readonly RowFault[]> {
    assert(!this.#ended, 'rows were written to a sink that has ended');
    const faults: RowFault[] = [];
    for (let row = 0; row < block.rowCount; row += ROWS_PER_STEP) {
      const end = Math.min(row + ROWS_PER_STEP, block.rowCount);
      faults.push(...(await this.#step(block, row, end)));
    }
    return faults;
  }

  async checkpoint(): Promise<SinkState | undefined> {
    await this.#drain();
    const tail = this.#current?.tailBytes ?? 0;
    if (tail > 0 && tail < MIN_PART_BYTES) return undefined;
    await this.#current?.flush();
    return this.#state();
  }

  async finish(): Promise<SinkState> {
    this.#ended = true;
    await this.#seal();
    const objects = [...this.#prior, ...this.#sealed];
    if (objects.length === 0 && this.#config.generateEmptyFile) await this.#addEmptyObject();
    return this.#state();
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#current = undefined;
    this.#release(this.#raw.take(Buffer.alloc(0)));
  }

  async #step(block: RowBlock, from: number, to: number): Promise<readonly RowFault[]> {
    const isFresh = this.#current === undefined;
    if (isFresh) this.#raw.append(this.#encoder.header());
    const before = this.#raw.length;
    const faults = this.#encoder.encode(block, from, to, this.#raw);
    if (this.#raw.length === before) {
      if (isFresh) this.#raw.length = 0;
      return faults;
    }
    const object = this.#object();
    object.rows += to - from - faults.length;
    if (this.#raw.length >= this.#chunkBytes) await this.#pass(object);
    if (object.bytes + this.#raw.length >= this.#config.maxFileSizeMb * BYTES_PER_MB) await this.#seal();
    return faults;
  }

  /** The object that rows go to, begun if there is none. */
  #object(): ObjectUpload {
    if (!this.#current) {
      const key = this.#names.output(this.#task.shardId, this.#task.epoch, this.#opened++);
      this.#current = new ObjectUpload(this.#store, key, this.#config.objectHeaders, this.#release);
    }
    return this.#current;
  }

  /** Hands the encoded bytes to the pipe. */
  #pass(object: ObjectUpload): Promise<void> {
    return this.#pipe.push(this.#raw.take(this.#ring.take()), (bytes) => object.add(bytes));
  }

  /** Moves every encoded byte into the current object. */
  async #drain(): Promise<void> {
    const object = this.#current;
    if (!object) return;
    if (this.#raw.length > 0) await this.#pass(object);
    await this.#pipe.drain((bytes) => object.add(bytes));
  }

  /** Ends the current object; the next row begins another. */
  async #seal(): Promise<void> {
    await this.#drain();
    const object = this.#current;
    if (!object) return;
    await object.flush();
    this.#sealed.push(object.record());
    this.#current = undefined;
  }

  /** A shard without rows leaves one object: its header, or nothing at all, which is put at commit. */
  async #addEmptyObject(): Promise<void> {
    const header = this.#encoder.header();
    if (header.length === 0) {
      this.#sealed.push({ key: this.#names.output(this.#task.shardId, this.#task.epoch, 0), empty: true });
      return;
    }
    const object = this.#object();
    await this.#pipe.push(header, (bytes) => object.add(bytes));
    await this.#seal();
  }

  /** What is durable. Call it only when nothing is on its way. */
  #state(): SinkState {
    const current = this.#current && this.#current.bytes > 0 ? [this.#current.record()] : [];
    return encodeState([...this.#prior, ...this.#sealed, ...current]);
  }
}
