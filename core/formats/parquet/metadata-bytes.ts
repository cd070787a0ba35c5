/**
 * A Parquet file, as far as we write one (https://github.com/apache/parquet-format):
 *
 *     PAR1
 *     per row group, per column:  [page header, dictionary]  page header, page  page header, page …
 *     FileMetaData · its length in 4 bytes, little-endian · PAR1
 *
 * Page headers and FileMetaData are structs in Thrift's compact protocol; the field numbers below are those of
 * parquet.thrift.
 */
import { ConvertedType, LogicalType, UNIT_NUMBERS } from './annotation-numbers.ts';
import { CompactType, CompactWriter } from './compact-struct.ts';
import { type Annotation, type ParquetColumn, PHYSICAL_TYPES, type TimeUnit } from './parquet-column.ts';

/** First and last bytes of a file. */
export const MAGIC = Buffer.from('PAR1', 'latin1');

/** Numbers of the encodings that are written. */
export const Encoding = { plain: 0, runLength: 3, dictionary: 8 } as const;
/** Numbers of the compressions that are written. */
export const CODEC_NUMBERS = { none: 0, snappy: 1, gzip: 2, zstd: 6 } as const;
/** Names of the compressions that are written. */
export type CodecName = keyof typeof CODEC_NUMBERS;

const PageType = { data: 0, dictionary: 2 } as const;
const Repetition = { required: 0, optional: 1 } as const;
const FORMAT_VERSION = 1;
const CREATED_BY = 'millrace';

/** What a page is, for its header. */
export interface PageFacts {
  /** `dictionary` is the page of the values themselves; `ids` refers to it. */
  readonly kind: 'plain' | 'ids' | 'dictionary';
  /** Rows, nulls included; of a dictionary its values. */
  readonly valueCount: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
}

/** Lowest and highest value of a column chunk in PLAIN form. */
export interface Bounds {
  readonly min: Buffer;
  readonly max: Buffer;
}

/** What the metadata says about a column chunk. */
export interface ChunkFacts {
  readonly codec: CodecName;
  /** Rows, nulls included. */
  readonly valueCount: number;
  readonly nullCount: number;
  readonly bounds: Bounds | undefined;
  /** With page headers, uncompressed and as stored. */
  readonly rawBytes: number;
  readonly storedBytes: number;
  /** Bytes of the dictionary page with its header; 0 without one. */
  readonly dictionaryBytes: number;
  readonly idPages: number;
  readonly plainPages: number;
}

/** The header of a page. */
export function pageHeader({ kind, valueCount, rawBytes, storedBytes }: PageFacts): Buffer {
  const isDictionary = kind === 'dictionary';
  const out = new CompactWriter()
    .beginItem()
    .i32(1, isDictionary ? PageType.dictionary : PageType.data)
    .i32(2, rawBytes)
    .i32(3, storedBytes)
    .begin(isDictionary ? 7 : 5)
    .i32(1, valueCount)
    .i32(2, kind === 'ids' ? Encoding.dictionary : Encoding.plain);
  if (!isDictionary) out.i32(3, Encoding.runLength).i32(4, Encoding.runLength);
  return out.end().end().take();
}

/** The metadata of a row group that begins at `offset` of its file, its chunks one after the other. */
export function rowGroupBytes(
  columns: readonly ParquetColumn[],
  chunks: readonly ChunkFacts[],
  rowCount: number,
  offset: number,
): Buffer {
  const sum = (of: (chunk: ChunkFacts) => number): number => chunks.reduce((n, chunk) => n + of(chunk), 0);
  const out = new CompactWriter().beginItem().list(1, CompactType.struct, chunks.length);
  let at = offset;
  for (const [i, chunk] of chunks.entries()) {
    writeChunk(out, columns[i]!, chunk, at);
    at += chunk.storedBytes;
  }
  out
    .i64(
      2,
      sum((c) => c.rawBytes),
    )
    .i64(3, rowCount)
    .i64(5, offset)
    .i64(
      6,
      sum((c) => c.storedBytes),
    );
  return out.end().take();
}

function writeChunk(out: CompactWriter, column: ParquetColumn, chunk: ChunkFacts, offset: number): void {
  const { codec, valueCount, nullCount, bounds, rawBytes, storedBytes, dictionaryBytes } = chunk;
  const dataOffset = offset + dictionaryBytes;
  out.beginItem().i64(2, dataOffset).begin(3).i32(1, PHYSICAL_TYPES.indexOf(column.physical));
  const encodings = encodingsOf(chunk);
  out.list(2, CompactType.i32, encodings.length);
  for (const encoding of encodings) out.itemI32(encoding);
  out.list(3, CompactType.binary, 1).itemBinary(column.name);
  out.i32(4, CODEC_NUMBERS[codec]).i64(5, valueCount).i64(6, rawBytes).i64(7, storedBytes).i64(9, dataOffset);
  if (dictionaryBytes > 0) out.i64(11, offset);
  out.begin(12).i64(3, nullCount);
  if (bounds) out.binary(5, bounds.max).binary(6, bounds.min).bool(7, true).bool(8, true);
  out.end();
  writePageCounts(out, chunk);
  out.end().end();
}

const encodingsOf = ({ dictionaryBytes, plainPages, idPages }: ChunkFacts): readonly number[] => [
  ...(dictionaryBytes > 0 || plainPages > 0 ? [Encoding.plain] : []),
  Encoding.runLength,
  ...(idPages > 0 ? [Encoding.dictionary] : []),
];

function writePageCounts(out: CompactWriter, { dictionaryBytes, idPages, plainPages }: ChunkFacts): void {
  const counts = [
    [PageType.dictionary, Encoding.plain, dictionaryBytes > 0 ? 1 : 0],
    [PageType.data, Encoding.dictionary, idPages],
    [PageType.data, Encoding.plain, plainPages],
  ].filter((count) => count[2] !== 0) as [number, number, number][];
  out.list(13, CompactType.struct, counts.length);
  for (const [type, encoding, count] of counts) {
    out.beginItem().i32(1, type).i32(2, encoding).i32(3, count).end();
  }
}

/** The end of a file with these row groups. */
export function footerBytes(
  columns: readonly ParquetColumn[],
  rowGroups: readonly Buffer[],
  rowCount: number,
): Buffer {
  const out = new CompactWriter().beginItem().i32(1, FORMAT_VERSION);
  out.list(2, CompactType.struct, columns.length + 1);
  out.beginItem().binary(4, 'schema').i32(5, columns.length).end();
  for (const column of columns) writeSchemaElement(out, column);
  out.i64(3, rowCount).list(4, CompactType.struct, rowGroups.length);
  for (const rowGroup of rowGroups) out.raw(rowGroup);
  out.binary(6, CREATED_BY).list(7, CompactType.struct, columns.length);
  // Every column has the order that its type defines: without this, readers ignore the bounds.
  for (const _ of columns) out.beginItem().begin(1).end().end();
  const metadata = out.end().take();
  const length = Buffer.alloc(4);
  length.writeUInt32LE(metadata.length);
  return Buffer.concat([metadata, length, MAGIC]);
}

function writeSchemaElement(
  out: CompactWriter,
  { name, physical, length, annotation, required }: ParquetColumn,
): void {
  out.beginItem().i32(1, PHYSICAL_TYPES.indexOf(physical));
  if (length !== undefined) out.i32(2, length);
  out.i32(3, required ? Repetition.required : Repetition.optional).binary(4, name);
  const converted = convertedType(annotation);
  if (converted !== undefined) out.i32(6, converted);
  if (annotation.kind === 'decimal') out.i32(7, annotation.scale).i32(8, annotation.precision);
  if (annotation.kind !== 'none') {
    out.begin(10);
    writeLogicalType(out, annotation);
    out.end();
  }
  out.end();
}

/** The older form of an annotation; wall-clock readings have none. */
function convertedType(annotation: Annotation): number | undefined {
  switch (annotation.kind) {
    case 'string':
      return ConvertedType.utf8;
    case 'json':
      return ConvertedType.json;
    case 'decimal':
      return ConvertedType.decimal;
    case 'date':
      return ConvertedType.date;
    case 'integer':
      return (annotation.signed ? ConvertedType.int8 : ConvertedType.uint8) + Math.log2(annotation.bits / 8);
    case 'timestamp':
      if (!annotation.utc || annotation.unit === 'NANOS') return undefined;
      return annotation.unit === 'MILLIS' ? ConvertedType.timestampMillis : ConvertedType.timestampMicros;
    case 'time':
    case 'none':
      return undefined;
    default:
      return annotation satisfies never;
  }
}

function writeLogicalType(out: CompactWriter, annotation: Annotation): void {
  switch (annotation.kind) {
    case 'string':
      out.begin(LogicalType.string).end();
      return;
    case 'decimal':
      out.begin(LogicalType.decimal).i32(1, annotation.scale).i32(2, annotation.precision).end();
      return;
    case 'date':
      out.begin(LogicalType.date).end();
      return;
    case 'time':
      writeUnit(out.begin(LogicalType.time).bool(1, false), annotation.unit);
      return;
    case 'timestamp':
      writeUnit(out.begin(LogicalType.timestamp).bool(1, annotation.utc), annotation.unit);
      return;
    case 'integer':
      out.begin(LogicalType.integer).i8(1, annotation.bits).bool(2, annotation.signed).end();
      return;
    case 'json':
      out.begin(LogicalType.json).end();
      return;
    case 'none':
      return;
    default:
      annotation satisfies never;
  }
}

/** The unit of a time or timestamp, which it also ends. */
function writeUnit(out: CompactWriter, unit: TimeUnit): void {
  out.begin(2).begin(UNIT_NUMBERS[unit]).end().end().end();
}
