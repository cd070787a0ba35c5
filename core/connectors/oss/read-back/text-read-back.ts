/** What a run wrote as csv or text, read back by shard. */
import { SyncError } from '../../../errors/index.ts';
import { ByteBuffer, createEncoder, type RowEncoder } from '../../../formats/index.ts';
import type { Column, RowBlock } from '../../../types/index.ts';
import type { Expected, ReadBack } from '../../contract.ts';
import { objectBytes } from './object-bytes.ts';
import { OutputObjects, type OutputParts, type PresentObject } from './output-objects.ts';
import { RecordBlocks, recordColumns } from './record-blocks.ts';

/**
 * Both sides pass through text: source rows are encoded as they were when written and parsed again, so that what the
 * format cannot tell apart is not told apart.
 */
export class TextReadBack implements ReadBack {
  readonly scope = 'shard';
  readonly holdsOthers = false;
  readonly unchecked: readonly string[] = [];
  readonly columns: readonly Column[];
  readonly oneToOne: boolean;
  readonly #parts: OutputParts;
  readonly #encoder: RowEncoder;
  readonly #objects: OutputObjects;
  readonly #text = new ByteBuffer();

  constructor(parts: OutputParts, columns: readonly Column[]) {
    this.#parts = parts;
    this.columns = recordColumns(columns);
    // In text a value may hold the line delimiter, which is not escaped: one row can be several records.
    this.oneToOne = parts.config.format.fileFormat === 'csv';
    this.#encoder = createEncoder(parts.config.format, columns);
    this.#objects = new OutputObjects(parts);
  }

  expected(block: RowBlock): Expected {
    this.#text.length = 0;
    const refused = this.#encoder.encode(block, 0, block.rowCount, this.#text);
    const { bytes, length } = this.#text;
    const blocks = new RecordBlocks(this.#parts.config.format, this.columns);
    const records = [...blocks.add(Buffer.from(bytes.subarray(0, length))), ...blocks.end()];
    return { blocks: records, refused: refused.length };
  }

  async *rows(shardId: string | undefined): AsyncGenerator<RowBlock> {
    for (const object of await this.#objects.of(shardId)) yield* this.#records(object);
  }

  problems(): Promise<readonly string[]> {
    return this.#objects.problems();
  }

  async *#records({ key, size }: PresentObject): AsyncGenerator<RowBlock> {
    const { config, store } = this.#parts;
    const records = new RecordBlocks(config.format, this.columns);
    const body = withoutHeader(objectBytes(store, key, size, config.gzip), this.#encoder.header());
    try {
      for await (const bytes of body) yield* records.add(bytes);
      yield* records.end();
    } catch (error) {
      // Damaged beyond reading: its CRC-64 differs, which is told, and the rows behind this place are missing.
      if (!(error instanceof SyncError) || error.code !== 'DST-4005') throw error;
    }
  }
}

/** The bytes behind the header. Without the header as it was written, all of them are rows, the foreign one too. */
async function* withoutHeader(body: AsyncIterable<Buffer>, header: Buffer): AsyncGenerator<Buffer> {
  let first: Buffer | undefined = Buffer.alloc(0);
  for await (const bytes of body) {
    if (first === undefined) {
      yield bytes;
      continue;
    }
    first = Buffer.concat([first, bytes]);
    if (first.length < header.length) continue;
    yield header.equals(first.subarray(0, header.length)) ? first.subarray(header.length) : first;
    first = undefined;
  }
  if (first !== undefined && first.length > 0) yield first;
}
