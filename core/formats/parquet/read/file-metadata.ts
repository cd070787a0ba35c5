/** What the end of a file says: its columns, and where the chunks of its row groups are. */
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { MAGIC } from '../metadata-bytes.ts';
import { PHYSICAL_TYPES } from '../parquet-column.ts';
import { damaged, wellFormed } from './damage.ts';

/** Bytes of the metadata at most: parsed they take many times as much memory. */
export const MAX_METADATA_BYTES = 32 * 1024 * 1024;
/** Bytes at the end of a file behind its metadata: their length and the magic number. */
export const TAIL_BYTES = 8;

const ENCRYPTED_MAGIC = Buffer.from('PARE', 'latin1');
const NAMES = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'] as const;
const REPETITIONS = ['REQUIRED', 'OPTIONAL', 'REPEATED'] as const;

/** A physical type that is read. */
export type StoredType = (typeof PHYSICAL_TYPES)[number];
/** A compression by its name in the format. */
export type StoredCodec = (typeof NAMES)[number];

/** One element of the schema, as it is in the file. */
export interface SchemaField {
  readonly name: string;
  /** Absent for groups. */
  readonly type: StoredType | undefined;
  readonly length: number;
  readonly repetition: (typeof REPETITIONS)[number];
  /** Elements below this one. */
  readonly childCount: number;
  readonly convertedType: number | undefined;
  readonly scale: number;
  readonly precision: number;
  /** Number and content of the logical type. */
  readonly logical: readonly [number, Struct] | undefined;
}

/** Where the pages of a column chunk are. */
export interface ChunkPlace {
  readonly type: StoredType;
  readonly codec: StoredCodec;
  readonly valueCount: number;
  readonly from: number;
  readonly to: number;
  readonly rawBytes: number;
}

/** A row group; chunks in the order of the leaves of the schema. */
export interface RowGroupPlace {
  readonly rowCount: number;
  readonly from: number;
  readonly chunks: readonly ChunkPlace[];
}

/** The metadata of a file. */
export interface FileMetadata {
  readonly rowCount: number;
  /** Depth first; the first one is the root. */
  readonly schema: readonly SchemaField[];
  readonly rowGroups: readonly RowGroupPlace[];
}

/** A decoded struct of the compact protocol. */
export type Struct = Readonly<Record<`field_${number}`, unknown>>;

/** The length of the metadata, from the last bytes of a file. */
export function metadataLength(tail: Uint8Array, fileBytes: number): number {
  const bytes = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength);
  wellFormed(bytes.length === TAIL_BYTES, 'it is too short');
  const magic = bytes.subarray(4);
  wellFormed(!magic.equals(ENCRYPTED_MAGIC), 'it is encrypted');
  wellFormed(magic.equals(MAGIC), 'it does not end like one');
  const length = bytes.readUInt32LE(0);
  wellFormed(length + TAIL_BYTES + MAGIC.length <= fileBytes, 'it was cut off');
  wellFormed(
    length <= MAX_METADATA_BYTES,
    `its metadata has ${length} bytes, more than ${MAX_METADATA_BYTES}`,
  );
  return length;
}

/** Decodes the metadata of a file of this size. */
export function decodeMetadata(bytes: Uint8Array, fileBytes: number): FileMetadata {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let root: Struct;
  try {
    root = deserializeTCompactProtocol({ view, offset: 0 });
  } catch (error) {
    throw damaged('its metadata cannot be decoded', error);
  }
  const schema = structs(root.field_2, 'the schema').map(fieldOf);
  const leaves = schema.filter(({ type }) => type !== undefined);
  const rowGroups = structs(root.field_4, 'the row groups').map((group) =>
    rowGroupOf(group, leaves, fileBytes),
  );
  const rowCount = count(root.field_3, 'the number of rows');
  const sum = rowGroups.reduce((rows, group) => rows + group.rowCount, 0);
  wellFormed(sum === rowCount, `it says ${rowCount} rows and has ${sum}`);
  return { rowCount, schema, rowGroups };
}

function fieldOf(element: Struct): SchemaField {
  const type = optional(element.field_1, 'a type');
  const converted = optional(element.field_6, 'a converted type');
  const logical = element.field_10 as Struct | undefined;
  const [logicalKey] = Object.keys(logical ?? {}) as `field_${number}`[];
  const stored = type === undefined ? undefined : PHYSICAL_TYPES[type];
  wellFormed(type === undefined || stored !== undefined, `it has an unknown type ${type}`);
  wellFormed(element.field_4 instanceof Uint8Array, 'a column has no name');
  const repetition = REPETITIONS[optional(element.field_3, 'a repetition') ?? 0];
  wellFormed(repetition !== undefined, 'a column has an unknown repetition');
  return {
    name: Buffer.from(element.field_4).toString('utf8'),
    type: stored,
    length: optional(element.field_2, 'a length') ?? 0,
    repetition,
    childCount: optional(element.field_5, 'a number of children') ?? 0,
    convertedType: converted,
    scale: optional(element.field_7, 'a scale') ?? 0,
    precision: optional(element.field_8, 'a precision') ?? 0,
    logical: logicalKey && [Number(logicalKey.slice('field_'.length)), logical?.[logicalKey] as Struct],
  };
}

function rowGroupOf(group: Struct, leaves: readonly SchemaField[], fileBytes: number): RowGroupPlace {
  const columns = structs(group.field_1, 'the columns of a row group');
  wellFormed(columns.length === leaves.length, 'a row group has other columns than the schema');
  const chunks = columns.map((column, i) => chunkOf(column, leaves[i]!, fileBytes));
  const rowCount = count(group.field_3, 'the rows of a row group');
  return { rowCount, from: Math.min(fileBytes, ...chunks.map(({ from }) => from)), chunks };
}

function chunkOf(column: Struct, leaf: SchemaField, fileBytes: number): ChunkPlace {
  wellFormed(column.field_1 === undefined, 'a column is in another file');
  const facts = column.field_3 as Struct | undefined;
  wellFormed(facts !== undefined && column.field_8 === undefined, 'a column is encrypted');
  const type = PHYSICAL_TYPES[count(facts.field_1, 'a type')];
  wellFormed(
    type !== undefined && type === leaf.type,
    `column ${leaf.name} has another type than the schema says`,
  );
  const codec = NAMES[count(facts.field_4, 'a compression')];
  wellFormed(codec !== undefined, `column ${leaf.name} has an unknown compression`);
  const dataFrom = count(facts.field_9, 'the place of a column');
  const dictionaryFrom =
    facts.field_11 === undefined ? 0 : count(facts.field_11, 'the place of a dictionary');
  const from = dictionaryFrom > 0 && dictionaryFrom < dataFrom ? dictionaryFrom : dataFrom;
  const to = from + count(facts.field_7, 'the size of a column');
  wellFormed(from >= MAGIC.length && to <= fileBytes, `column ${leaf.name} lies outside the file`);
  const valueCount = count(facts.field_5, 'the number of values');
  return { type, codec, valueCount, from, to, rawBytes: count(facts.field_6, 'the size of a column') };
}

function structs(value: unknown, what: string): readonly Struct[] {
  wellFormed(Array.isArray(value), `${what} is missing`);
  return value as Struct[];
}

function count(value: unknown, what: string): number {
  const number = Number(value);
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  wellFormed(isNumber && Number.isSafeInteger(number) && number >= 0, `${what} is no count`);
  return number;
}

const optional = (value: unknown, what: string): number | undefined =>
  value === undefined ? undefined : count(value, what);
