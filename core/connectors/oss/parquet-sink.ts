import { assert } from '../../errors/index.ts';
import { createParquetEncoder, type ParquetEncoder } from '../../formats/parquet/index.ts';
import type { RowBlock } from '../../types/index.ts';
import type { RowFault, Sink, SinkState } from '../contract.ts';
import { MIN_PART_BYTES, ObjectUpload } from './object-upload.ts';
import { objectColumns, type ParquetFormat } from './parquet-format.ts';
import type { SinkParts } from './sink.ts';
import { decodeState, encodeState, type ObjectRecord, type UploadRecord } from './sink-state.ts';

const BYTES_PER_MB = 1024 * 1024;
/** Share of a full row group below which rows wait for a later checkpoint: small row groups are slow to read. */
const CHECKPOINT_SHARE = 1 / 16;

/** A sink of Parquet objects. */
export async function openParquetSink(
  parts: SinkParts,
  format: ParquetFormat,
  timeZone: string,
): Promise<ParquetSink> {
  const columns = objectColumns(parts.columns, format);
  const encoder = await createParquetEncoder(parts.columns, columns, { ...format, timeZone });
  return new ParquetSink(parts, format, encoder);
}

const NO_PART = Buffer.alloc(0);

/**
 * One attempt at a shard: rows → row groups → parts of uploads that only a commit completes. A file needs its end,
 * so a checkpoint ends the row group and stores the end that the file would have now as one more part, which later
 * states do not list. Like every sink it continues after the objects of `prior` in an object of its own.
 */
export class ParquetSink implements Sink {
  readonly #parts: SinkParts;
  readonly #encoder: ParquetEncoder;
  readonly #minGroupBytes: number;
  readonly #prior: readonly ObjectRecord[];
  readonly #sealed: ObjectRecord[] = [];
  #part: Buffer;
  #partLength = 0;
  #head: Buffer;
  #current: ObjectUpload | undefined;
  /** The current object as the last checkpoint left it. */
  #snapshot: UploadRecord | undefined;
  #opened = 0;
  #ended = false;

  constructor(parts: SinkParts, { rowGroupBytes }: ParquetFormat, encoder: ParquetEncoder) {
    this.#parts = parts;
    this.#encoder = encoder;
    this.#minGroupBytes = rowGroupBytes * CHECKPOINT_SHARE;
    this.#prior = parts.prior === undefined ? [] : decodeState(parts.prior);
    this.#head = encoder.begin();
    this.#part = parts.ring.take();
  }

  async write(block: RowBlock): Promise<readonly RowFault[]> {
    assert(!this.#ended, 'rows were written to a sink that has ended');
    const faults: RowFault[] = [];
    for (let row = 0; row < block.rowCount; ) {
      const end = Math.min(row + this.#encoder.roomRows, block.rowCount);
      faults.push(...this.#encoder.append(block, row, end));
      row = end;
      if (this.#encoder.isFull) await this.#endRowGroup();
    }
    return faults;
  }

  async checkpoint(): Promise<SinkState | undefined> {
    const { pendingRows, pendingBytes } = this.#encoder;
    if (pendingRows > 0 && pendingBytes < this.#minGroupBytes) return undefined;
    await this.#endRowGroup();
    const object = this.#current;
    if (!object) return this.#state([]);
    const tailBytes = object.tailBytes + this.#partLength;
    if (tailBytes > 0 && tailBytes < MIN_PART_BYTES) return undefined;
    await this.#addPart(object);
    this.#snapshot ??= await object.recordEndingWith(this.#encoder.footer());
    return this.#state([this.#snapshot]);
  }

  async finish(): Promise<SinkState> {
    this.#ended = true;
    await this.#endRowGroup();
    const { generateEmptyFile } = this.#parts.config;
    if (this.#prior.length + this.#sealed.length === 0 && generateEmptyFile) await this.#object();
    await this.#seal();
    return this.#state([]);
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#current = undefined;
    this.#parts.ring.give(this.#part);
    this.#part = NO_PART;
    this.#encoder.dropPending();
  }

  /** Moves the rows in memory into the current object. */
  async #endRowGroup(): Promise<void> {
    const rows = this.#encoder.pendingRows;
    if (rows === 0) return;
    const object = await this.#object();
    this.#snapshot = undefined;
    for (const bytes of this.#encoder.endRowGroup()) await this.#put(object, bytes);
    object.rows += rows;
    if (object.bytes + this.#partLength >= this.#parts.config.maxFileSizeMb * BYTES_PER_MB)
      await this.#seal();
  }

  /** Copies bytes into the part that is being filled; full ones go to the object. */
  async #put(object: ObjectUpload, bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const copied = bytes.copy(this.#part, this.#partLength, at);
      at += copied;
      this.#partLength += copied;
      if (this.#partLength === this.#part.length) await this.#addPart(object);
    }
  }

  /** Hands the part that is being filled to the object. */
  async #addPart(object: ObjectUpload): Promise<void> {
    if (this.#partLength === 0) return;
    const part = this.#part.subarray(0, this.#partLength);
    this.#part = NO_PART;
    this.#partLength = 0;
    await object.add(part);
    // Not before: by now one of the parts on their way may have come back.
    this.#part = this.#parts.ring.take();
  }

  /** The object that row groups go to, begun if there is none. */
  async #object(): Promise<ObjectUpload> {
    if (!this.#current) {
      const { store, names, task, config } = this.#parts;
      const key = names.output(task.shardId, task.epoch, this.#opened++);
      this.#current = new ObjectUpload(store, key, config.objectHeaders, (bytes) =>
        this.#parts.ring.give(bytes),
      );
      await this.#put(this.#current, this.#head);
    }
    return this.#current;
  }

  /** Ends the current object; the next row group begins another. */
  async #seal(): Promise<void> {
    const object = this.#current;
    if (!object) return;
    await this.#put(object, this.#encoder.footer());
    await this.#addPart(object);
    await object.flush();
    this.#sealed.push(object.record());
    this.#current = this.#snapshot = undefined;
    this.#head = this.#encoder.begin();
  }

  #state(current: readonly UploadRecord[]): SinkState {
    return encodeState([...this.#prior, ...this.#sealed, ...current]);
  }
}
