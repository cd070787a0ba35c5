import { AssertionError } from '../../../errors/index.ts';
import { ParquetReader } from '../../../formats/parquet/index.ts';
import { DelimitedReader } from '../../../formats/read/delimited-reader.ts';
import type { FormatBatch, FormatLayout, FormatReader } from '../../../formats/read/format-reader.ts';
import { type Column, shardIdOf } from '../../../types/index.ts';
import type {
  Batch,
  ConnectorContext,
  Cursor,
  Piece,
  PlanNote,
  Reader,
  ReadPlan,
  Shard,
} from '../../contract.ts';
import type { OssReaderConfig, SourceFormat } from './config.ts';
import { cutObjects, evenParts, MIN_PIECE_BYTES } from './object-cuts.ts';
import { listObjects, MAX_OBJECTS } from './object-list.ts';
import { decodeCursor, decodeRange, encodeCursor, encodeRange, type ObjectRange } from './position.ts';
import { RangedObject } from './ranged-object.ts';
import { SourceBucket, type SourceObject } from './source-bucket.ts';

/** The objects of a job as they are now, and what their rows are made of. */
interface Inventory {
  readonly objects: readonly SourceObject[];
  readonly layout: FormatLayout;
}

/** Reads the objects of a bucket; see docs/oss-reader.md. */
export class OssReader implements Reader {
  readonly #config: OssReaderConfig;
  readonly #bucket: SourceBucket;
  readonly #format: FormatReader;
  #inventory: Promise<Inventory> | undefined;

  constructor(config: OssReaderConfig, context: ConnectorContext) {
    this.#config = config;
    this.#bucket = new SourceBucket(config.connection, context);
    this.#format = formatReader(config.format, context.timeZone);
  }

  async columns(): Promise<readonly Column[]> {
    return (await this.#describe()).layout.columns;
  }

  async plan(want: number): Promise<ReadPlan> {
    const { objects, layout } = await this.#describe();
    const cuttable = this.#format.cuttable && this.#config.cutsObjects;
    const kept = JSON.stringify({ columns: layout.columns, text: layout.text });
    const ranges = cutObjects(objects, want, MAX_OBJECTS, cuttable).flatMap(({ object, parts }) =>
      parts.map(({ from, to }) => ({ ...rangeOf(object), from, to, layout: kept })),
    );
    const pieces = ranges.map(pieceOf);
    return {
      columns: layout.columns,
      sourceTypes: layout.sourceTypes,
      shards: (pieces.length > 0 ? pieces : [{ range: encodeRange('nothing') }]).map(shardOf),
      notes: planNotes(objects, ranges.length, want, cuttable),
    };
  }

  async *read(shard: Shard, from: Cursor | undefined): AsyncGenerator<Batch, void, void> {
    const range = decodeRange(shard.range);
    if (!range || range.from === range.to) return;
    const { key, etag, size } = range;
    const object = new RangedObject(this.#bucket, { key, etag, size, archived: false });
    const position = from === undefined ? undefined : decodeCursor(from);
    for await (const batch of this.#format.read(object, layoutIn(range), range, position)) {
      yield batchOf(batch, object.name);
    }
  }

  async split(shard: Shard, from: Cursor | undefined, pieces: number): Promise<readonly Piece[]> {
    const range = decodeRange(shard.range);
    if (!range || !this.#format.cuttable || !this.#config.cutsObjects || !this.#format.byteOf) return [];
    const at = from === undefined ? range.from : this.#format.byteOf(decodeCursor(from));
    const count = Math.min(pieces, Math.floor((range.to - at) / MIN_PIECE_BYTES));
    if (count < 2) return [];
    const parts = evenParts(at, range.to, count).map((part, i) =>
      i === 0 ? { ...part, from: range.from } : part,
    );
    return parts.map((part) => pieceOf({ ...range, ...part }));
  }

  async close(): Promise<void> {
    this.#bucket.close();
  }

  #describe(): Promise<Inventory> {
    this.#inventory ??= this.#load().catch((error: unknown) => {
      this.#inventory = undefined;
      throw error;
    });
    return this.#inventory;
  }

  async #load(): Promise<Inventory> {
    const { objects: entries, successOnNoObject } = this.#config;
    const objects = await listObjects(this.#bucket, entries, successOnNoObject);
    const first = objects.find(({ size }) => size > 0);
    const layout = await this.#format.layout(first && new RangedObject(this.#bucket, first));
    return { objects, layout };
  }
}

const formatReader = (format: SourceFormat, timeZone: string): FormatReader =>
  format.kind === 'parquet'
    ? new ParquetReader(format.columns === undefined ? {} : { columns: format.columns }, timeZone)
    : new DelimitedReader(format.text, timeZone);

const rangeOf = ({ key, etag, size }: SourceObject) => ({ key, etag, size });

const pieceOf = (range: Omit<ObjectRange, 'v'>): Piece => {
  const { key, etag, size, from, to, layout } = range;
  return { range: encodeRange({ key, etag, size, from, to, layout }), estimatedBytes: to - from };
};

const shardOf = (piece: Piece, index: number): Shard => ({
  shardId: shardIdOf(index),
  ...piece,
});

function layoutIn({ layout }: ObjectRange): FormatLayout {
  const { columns, text } = JSON.parse(layout) as Partial<FormatLayout>;
  if (columns === undefined || text === undefined)
    throw new AssertionError('the layout of a shard cannot be read');
  return { columns, text, sourceTypes: [] };
}

function batchOf({ block, position, placeOf, refused }: FormatBatch, name: string): Batch {
  return { block, refused, cursor: encodeCursor(position), keyOf: (row) => `${name} ${placeOf(row)}` };
}

function planNotes(
  objects: readonly SourceObject[],
  shards: number,
  want: number,
  cuttable: boolean,
): readonly PlanNote[] {
  const bytes = objects.reduce((sum, { size }) => sum + size, 0);
  const notes: PlanNote[] = [
    { level: 'info', message: `${objects.length} objects of ${bytes} bytes together` },
  ];
  if (objects.length === 0)
    notes.push({ level: 'warning', message: 'no object matches: the run will read nothing' });
  else if (!cuttable && shards < want) {
    notes.push({
      level: 'info',
      message: 'objects of this format are a shard each: they cannot be cut inside',
    });
  }
  return notes;
}
