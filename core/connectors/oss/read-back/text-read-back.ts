/** What a run wrote as csv or text, read back by shard from the objects that its shards recorded. */
import pLimit from 'p-limit';
import { SyncError } from '../../../errors/index.ts';
import { ByteBuffer, createEncoder, type RowEncoder } from '../../../formats/index.ts';
import type { Column, RowBlock } from '../../../types/index.ts';
import type { Expected, ReadBack, RunRef, ShardOutput } from '../../contract.ts';
import type { OssWriterConfig } from '../config.ts';
import { encodeManifest, manifestOf } from '../manifest.ts';
import type { RunNames } from '../object-name.ts';
import type { ObjectStore } from '../object-store.ts';
import { decodeState, type ExpectedObject, expectedObject } from '../sink-state.ts';
import { objectBytes } from './object-bytes.ts';
import { RecordBlocks, recordColumns } from './record-blocks.ts';

/** What reading back works with. */
export interface ReadBackParts {
  readonly config: OssWriterConfig;
  readonly store: ObjectStore;
  readonly names: RunNames;
  readonly run: RunRef;
  readonly outputs: readonly ShardOutput[];
  readonly columns: readonly Column[];
}

/** Objects asked for size and checksum at once. */
const LOOKS_AT_ONCE = 8;
/** Name of the manifest in the control folder. */
const MANIFEST = 'manifest.json';

/**
 * Both sides pass through text: source rows are encoded as they were when written and parsed again, so that what the
 * format cannot tell apart is not told apart. Objects are found by the run's own records, never by listing.
 */
export class TextReadBack implements ReadBack {
  readonly scope = 'shard';
  readonly holdsOthers = false;
  readonly unchecked: readonly string[] = [];
  readonly columns: readonly Column[];
  readonly oneToOne: boolean;
  readonly #parts: ReadBackParts;
  readonly #encoder: RowEncoder;
  readonly #objects: ReadonlyMap<string, readonly ExpectedObject[]>;
  readonly #text = new ByteBuffer();
  /** Sizes as stored, of the objects that are there. */
  readonly #sizes = new Map<string, number>();
  #problems: Promise<readonly string[]> | undefined;

  constructor(parts: ReadBackParts) {
    this.#parts = parts;
    this.columns = recordColumns(parts.columns);
    // In text a value may hold the line delimiter, which is not escaped: one row can be several records.
    this.oneToOne = parts.config.format.fileFormat === 'csv';
    this.#encoder = createEncoder(parts.config.format, parts.columns);
    this.#objects = new Map(
      parts.outputs.map(({ shardId, state }) => [shardId, decodeState(state).map(expectedObject)]),
    );
  }

  expected(block: RowBlock): Expected {
    this.#text.length = 0;
    const refused = this.#encoder.encode(block, 0, block.rowCount, this.#text);
    const { bytes, length } = this.#text;
    const blocks = new RecordBlocks(this.#parts.config.format, this.columns);
    const records = [...blocks.add(Buffer.from(bytes.subarray(0, length))), ...blocks.end()];
    return { blocks: records, refused: refused.length };
  }

  /** Objects that are missing have no rows; `problems` tells of them. */
  async *rows(shardId: string | undefined): AsyncGenerator<RowBlock> {
    await this.problems();
    for (const { key } of this.#objects.get(shardId ?? '') ?? []) {
      const size = this.#sizes.get(key);
      if (size !== undefined) yield* this.#records(key, size);
    }
  }

  problems(): Promise<readonly string[]> {
    this.#problems ??= this.#look();
    return this.#problems;
  }

  async #look(): Promise<readonly string[]> {
    const limit = pLimit(LOOKS_AT_ONCE);
    const objects = [...this.#objects.values()].flat();
    const looks = objects.map((object) => limit(() => this.#objectProblems(object)));
    return [...(await this.#manifestProblems()), ...(await Promise.all(looks)).flat()];
  }

  async #manifestProblems(): Promise<readonly string[]> {
    const { config, store, names, run } = this.#parts;
    const key = names.control(MANIFEST);
    const inKeyOrder = [...this.#objects.values()].flat().sort(byKey);
    const stored = await store.read(key);
    if (!stored) return [`the manifest ${key} is missing`];
    const wanted = encodeManifest(manifestOf(run, config, inKeyOrder));
    return stored.equals(wanted) ? [] : [`the manifest ${key} is not the one that the run wrote`];
  }

  async #objectProblems({ key, size, crc64 }: ExpectedObject): Promise<readonly string[]> {
    const stored = await this.#parts.store.head(key);
    if (!stored) return [`the object ${key} is missing`];
    this.#sizes.set(key, stored.size);
    if (stored.size !== size) return [`the object ${key} has ${stored.size} bytes, ${size} were written`];
    if (stored.crc64 === undefined || BigInt(stored.crc64) === crc64) return [];
    return [`the object ${key} has other bytes than were written: its CRC-64 differs`];
  }

  async *#records(key: string, size: number): AsyncGenerator<RowBlock> {
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

/** The order in which a commit lists them. */
const byKey = (a: ExpectedObject, b: ExpectedObject): number => (a.key < b.key ? -1 : 1);

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
