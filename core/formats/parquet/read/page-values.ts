import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { damaged, wellFormed } from './damage.ts';
import type { StoredType } from './file-metadata.ts';

/** Numbers of the encodings that are read. */
export const ReadEncoding = {
  plain: 0,
  plainDictionary: 2,
  runLength: 3,
  deltaBinary: 5,
  deltaLength: 6,
  deltaBytes: 7,
  dictionary: 8,
  byteStreamSplit: 9,
} as const;

const WIDTHS: Readonly<Record<StoredType, number>> = {
  BOOLEAN: 1,
  INT32: 4,
  INT64: 8,
  INT96: 12,
  FLOAT: 4,
  DOUBLE: 8,
  BYTE_ARRAY: 0,
  FIXED_LEN_BYTE_ARRAY: 0,
};
/** Bits of an id at most. */
const MAX_ID_BITS = 24;

/** Stored values: value `i` is `bytes[starts[i] .. ends[i])`, of a fixed width `bytes[i * width .. (i + 1) * width)`. */
export interface PageValues {
  readonly bytes: Buffer;
  readonly count: number;
  /** 0 = the bounds are in `starts` and `ends`. A boolean takes a byte. */
  readonly width: number;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

const NO_BOUNDS = new Uint32Array(0);

/** What the bytes of values are of. */
export interface ValueType {
  readonly type: StoredType;
  /** Bytes of a FIXED_LEN_BYTE_ARRAY. */
  readonly length: number;
}

/** Decodes `count` values that are not ids. */
export function decodeValues(body: Buffer, encoding: number, count: number, of: ValueType): PageValues {
  const width = of.type === 'FIXED_LEN_BYTE_ARRAY' ? of.length : WIDTHS[of.type];
  switch (encoding) {
    case ReadEncoding.plain:
      if (of.type === 'BOOLEAN') return fixed(unpackedBits(body, count), 1, count);
      return width > 0 ? fixed(body, width, count) : lengthPrefixed(body, count);
    case ReadEncoding.runLength:
      wellFormed(of.type === 'BOOLEAN', 'only booleans have run lengths');
      return fixed(runLengths(body, count), 1, count);
    case ReadEncoding.deltaBinary:
      wellFormed(of.type === 'INT32' || of.type === 'INT64', 'only integers have deltas');
      return fixed(deltas(body, count, of.type), width, count);
    case ReadEncoding.deltaLength:
    case ReadEncoding.deltaBytes:
      return deltaStrings(body, encoding, count, width);
    case ReadEncoding.byteStreamSplit:
      wellFormed(width > 0, 'text was split into streams');
      return fixed(joinedStreams(body, width, count), width, count);
    default:
      throw damaged(`encoding ${encoding} is not supported`);
  }
}

/** Decodes `count` ids below `entryCount`: the width in a byte, then runs. */
export function decodeIds(body: Buffer, count: number, entryCount: number): Int32Array {
  const ids = new Int32Array(count);
  if (count === 0) return ids;
  wellFormed(body.length > 0, 'a page has no ids');
  const width = body[0]!;
  wellFormed(width <= MAX_ID_BITS, `ids have ${width} bits`);
  if (width > 0)
    guarded(() => readRleBitPackedHybrid({ view: viewOf(body), offset: 1 }, width, ids, body.length - 1));
  for (let i = 0; i < count; i++) wellFormed(ids[i]! >>> 0 < entryCount, 'an id is not in the dictionary');
  return ids;
}

/** Decodes levels of one bit. */
export function decodeLevels(body: Buffer, count: number): Uint8Array {
  const levels = new Uint8Array(count);
  guarded(() => readRleBitPackedHybrid({ view: viewOf(body), offset: 0 }, 1, levels, body.length));
  return levels;
}

function fixed(bytes: Buffer, width: number, count: number): PageValues {
  wellFormed(bytes.length >= count * width, 'a page is too short for its values');
  return { bytes, count, width, starts: NO_BOUNDS, ends: NO_BOUNDS };
}

function lengthPrefixed(bytes: Buffer, count: number): PageValues {
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    wellFormed(at + 4 <= bytes.length, 'a page is too short for its values');
    const start = at + 4;
    at = start + bytes.readUInt32LE(at);
    starts[i] = start;
    ends[i] = at;
  }
  wellFormed(at <= bytes.length, 'a page is too short for its values');
  return { bytes, count, width: 0, starts, ends };
}

function unpackedBits(body: Buffer, count: number): Buffer {
  wellFormed(body.length * 8 >= count, 'a page is too short for its values');
  const bits = Buffer.alloc(count);
  for (let i = 0; i < count; i++) bits[i] = (body[i >> 3]! >> (i & 7)) & 1;
  return bits;
}

function runLengths(body: Buffer, count: number): Buffer {
  const bits = Buffer.alloc(count);
  guarded(() => readRleBitPackedHybrid({ view: viewOf(body), offset: 0 }, 1, bits));
  return bits;
}

/**
 * Decodes in 64 bits also what is stored in 32: unsigned integers may begin beyond 31 bits, and deltas wrap around.
 */
function deltas(body: Buffer, count: number, type: 'INT32' | 'INT64'): Buffer {
  const wide = new BigInt64Array(count);
  if (count > 0) guarded(() => deltaBinaryUnpack({ view: viewOf(body), offset: 0 }, count, wide));
  if (type === 'INT64') return Buffer.from(wide.buffer);
  const words = new Int32Array(wide.buffer);
  const narrow = new Int32Array(count);
  for (let i = 0; i < count; i++) narrow[i] = words[2 * i]!;
  return Buffer.from(narrow.buffer);
}

function deltaStrings(body: Buffer, encoding: number, count: number, width: number): PageValues {
  const texts: Uint8Array[] = new Array(count);
  const decode = encoding === ReadEncoding.deltaLength ? deltaLengthByteArray : deltaByteArray;
  if (count > 0) guarded(() => decode({ view: viewOf(body), offset: 0 }, count, texts));
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    starts[i] = at;
    at += texts[i]!.length;
    ends[i] = at;
    wellFormed(width === 0 || texts[i]!.length === width, 'a value of fixed length has another one');
  }
  return { bytes: Buffer.concat(texts, at), count, width: 0, starts, ends };
}

/** Byte `b` of value `i` is in stream `b` at `i`. */
function joinedStreams(body: Buffer, width: number, count: number): Buffer {
  wellFormed(body.length >= width * count, 'a page is too short for its values');
  const bytes = Buffer.allocUnsafe(width * count);
  for (let stream = 0, from = 0; stream < width; stream++) {
    for (let i = stream; i < bytes.length; i += width) bytes[i] = body[from++]!;
  }
  return bytes;
}

const viewOf = (body: Buffer): DataView => new DataView(body.buffer, body.byteOffset, body.byteLength);

/** Runs a decoder of the library, which throws range errors where bytes are missing. */
function guarded(decode: () => void): void {
  try {
    decode();
  } catch (error) {
    throw damaged('a page cannot be decoded', error);
  }
}
