import { assert } from '../../errors/index.ts';
import { Kernel } from '../../kernels/kernel.ts';
import { WASM } from '../../kernels/wasm/parquet-pages.ts';
import type { ByteBuffer } from '../byte-buffer.ts';
import type { Bounds } from './metadata-bytes.ts';

interface Functions {
  fullLevels(rows: number, out: number): number;
  mixedLevels(at: number, rows: number, space: number, out: number): number;
  packedIds(ids: number, count: number, width: number, out: number): number;
  plain(at: number, end: number, out: number): number;
  bits(at: number, end: number, out: number): number;
  setDictionary(at: number, limit: number, slots: number, slotCount: number, places: number): void;
  ids32(at: number, end: number, ids: number, isJudged: number): number;
  ids64(at: number, end: number, ids: number, isJudged: number): number;
  idsBytes(at: number, end: number, fixed: number, ids: number, isJudged: number): number;
  entryCount(): number;
  entryEnd(): number;
  bounds32(at: number, end: number, to: number): void;
  boundsU32(at: number, end: number, to: number): void;
  bounds64(at: number, end: number, flip: bigint, to: number): void;
  boundsF64(at: number, end: number, to: number): number;
  boundsBytes(at: number, end: number, fixed: number, isNumber: number, to: number): number;
}

/** Bytes of a dictionary at most. */
const MAX_DICTIONARY_BYTES = 1024 * 1024;
/** Least bytes of a value that is not fixed: its length. */
const HEAD_BYTES = 4;
const SLOT_BYTES = 8;
const ID_BYTES = 4;
/** Slots that the kernel wants at least. */
const MIN_SLOTS = 4096;
/** Written behind ids. */
const IDS_SPACE_BYTES = 64;
/** Bytes that levels take at most, per row and besides; and ids, the longest runs included. */
const LEVEL_BYTES = 1;
const PACKED_ID_BYTES = 5;
const PAGE_SPACE_BYTES = 1024;

const kernel = new Kernel<Functions>(WASM);

/** How the values of a column lie in PLAIN form, and how they are ordered. */
export interface ValueShape {
  /** Bytes of a value; 0 = its length is before it. Bits lie a byte each until they are on a page. */
  readonly size: number;
  readonly order: 'signed' | 'unsigned' | 'float' | 'bytes' | 'number' | 'bits';
}

/** The distinct values of a column chunk so far. */
export interface Dictionary {
  /** In PLAIN form, in the order of their ids. */
  readonly entries: ByteBuffer;
  count: number;
}

/** Values of a page that is made. */
export interface PageContent {
  readonly values: ByteBuffer;
  /** A byte per row: 1 with a value. */
  readonly levels: ByteBuffer;
  readonly nulls: number;
  readonly isRequired: boolean;
}

/** Of the values that are new, on the page or in the dictionary; there may be none, or one that has no order. */
export type PageBounds = Bounds | 'empty' | 'unordered';

/** A page in the memory of the kernel, before compression. Valid until the next is made. */
export interface Page {
  readonly bytes: Uint8Array;
  readonly kind: 'ids' | 'plain';
  readonly bounds: PageBounds;
}

/** Makes a page; of ids if there is a dictionary and it pays. Its new entries are appended then. */
export function makePage(shape: ValueShape, content: PageContent, dictionary: Dictionary | undefined): Page {
  const { values, levels, nulls, isRequired } = content;
  const rows = levels.length;
  const at = layOut(shape, values.length, rows, dictionary);
  const { functions, bytes } = kernel;
  bytes.set(values.bytes.subarray(0, values.length), at.values);
  const end = at.values + values.length;
  let next = at.out;
  if (!isRequired && nulls === 0) next = functions.fullLevels(rows, next);
  else if (!isRequired) {
    bytes.set(levels.bytes.subarray(0, rows), at.levels);
    next = functions.mixedLevels(at.levels, rows, at.ids, next);
  }
  const count = rows - nulls;
  const isOfIds = dictionary !== undefined && takeValues(shape, dictionary, at, end, count);
  if (isOfIds) {
    const from = at.entries + dictionary.entries.length;
    const bounds = boundsOf(shape, from, functions.entryEnd(), at.bounds);
    keepEntries(dictionary, at.entries);
    next = functions.packedIds(at.ids, count, bitWidth(dictionary.count - 1), next);
    return { bytes: bytes.subarray(at.out, next), kind: 'ids', bounds };
  }
  const bounds = boundsOf(shape, at.values, end, at.bounds);
  const write = shape.order === 'bits' ? functions.bits : functions.plain;
  return { bytes: bytes.subarray(at.out, write(at.values, end, next)), kind: 'plain', bounds };
}

/** Bits that values up to `max` need. */
export const bitWidth = (max: number): number => 32 - Math.clz32(Math.max(0, max));

interface Layout {
  readonly out: number;
  readonly values: number;
  readonly levels: number;
  readonly ids: number;
  readonly known: number;
  readonly entries: number;
  readonly entryLimit: number;
  readonly places: number;
  readonly slots: number;
  readonly slotCount: number;
  readonly bounds: number;
}

function layOut(
  { size }: ValueShape,
  valueBytes: number,
  rows: number,
  dictionary: Dictionary | undefined,
): Layout {
  const knownBytes = dictionary?.entries.length ?? 0;
  const entryBytes = dictionary ? Math.min(MAX_DICTIONARY_BYTES, knownBytes + valueBytes) : 0;
  const entryLimit = dictionary
    ? Math.min(Math.floor(entryBytes / (size || HEAD_BYTES)), dictionary.count + rows)
    : 0;
  const slotCount = 2 ** Math.ceil(Math.log2(Math.max(MIN_SLOTS, 2 * entryLimit + 2)));
  const idCount = Math.max(rows, dictionary?.count ?? 0);
  const [
    out = 0,
    values = 0,
    levels = 0,
    ids = 0,
    known = 0,
    entries = 0,
    places = 0,
    bounds = 0,
    slots = 0,
  ] = kernel.layOut(
    PAGE_SPACE_BYTES + LEVEL_BYTES * rows + Math.max(valueBytes, PACKED_ID_BYTES * rows),
    valueBytes,
    rows,
    ID_BYTES * idCount + IDS_SPACE_BYTES,
    knownBytes,
    entryBytes,
    ID_BYTES * (entryLimit + 1),
    2 * 8,
    // Half as many again: where the old slots lie while they become more.
    1.5 * SLOT_BYTES * slotCount,
  );
  return {
    out,
    values,
    levels,
    ids,
    known,
    entries,
    entryLimit: entries + entryBytes,
    places,
    slots,
    slotCount,
    bounds,
  };
}

/** Writes the ids of the values. False if the dictionary is full, holds too much, or does not pay. */
function takeValues(
  shape: ValueShape,
  dictionary: Dictionary,
  at: Layout,
  end: number,
  count: number,
): boolean {
  const { functions, bytes } = kernel;
  const { entries } = dictionary;
  functions.setDictionary(at.entries, at.entryLimit, at.slots, at.slotCount, at.places);
  bytes.set(entries.bytes.subarray(0, entries.length), at.known);
  const isNew = dictionary.count === 0;
  if (!takeIds(shape, at.known, at.known + entries.length, at.ids, false)) return false;
  assert(functions.entryCount() === dictionary.count, 'a dictionary holds a value twice');
  if (!takeIds(shape, at.values, end, at.ids, isNew)) return false;
  const idBytes = (count * bitWidth(functions.entryCount() - 1)) / 8;
  return !isNew || functions.entryEnd() - at.entries + idBytes <= end - at.values;
}

function takeIds(
  { size, order }: ValueShape,
  from: number,
  end: number,
  ids: number,
  isJudged: boolean,
): boolean {
  const { functions } = kernel;
  const judged = Number(isJudged);
  const isWord = order !== 'bytes' && order !== 'number';
  if (!isWord) return functions.idsBytes(from, end, size, ids, judged) !== 0;
  return (size === 4 ? functions.ids32 : functions.ids64)(from, end, ids, judged) !== 0;
}

function keepEntries(dictionary: Dictionary, at: number): void {
  const { functions, bytes } = kernel;
  const { entries } = dictionary;
  entries.append(bytes.subarray(at + entries.length, functions.entryEnd()));
  dictionary.count = functions.entryCount();
}

/** The bounds of values in PLAIN form. */
function boundsOf({ size, order }: ValueShape, from: number, end: number, to: number): PageBounds {
  if (from === end) return 'empty';
  const { functions, bytes } = kernel;
  const copy = (start: number, length: number): Buffer => Buffer.from(bytes.subarray(start, start + length));
  if (order === 'bytes' || order === 'number') {
    assert(
      functions.boundsBytes(from, end, size, Number(order === 'number'), to) !== 0,
      'values are damaged',
    );
    const [a = 0, b = 0, c = 0, d = 0] = [0, 4, 8, 12].map((i) => bytes.readUInt32LE(to + i));
    return { min: copy(a, b - a), max: copy(c, d - c) };
  }
  if (order === 'bits') return bitBounds(bytes.subarray(from, end));
  if (order === 'float') {
    if (functions.boundsF64(from, end, to) === 0) return 'unordered';
  } else if (size === 8) functions.bounds64(from, end, order === 'signed' ? 0n : 1n << 63n, to);
  else if (order === 'signed') functions.bounds32(from, end, to);
  else functions.boundsU32(from, end, to);
  return { min: copy(to, size), max: copy(to + 8, size) };
}

const bitBounds = (values: Uint8Array): Bounds => ({
  min: Buffer.from([values.includes(0) ? 0 : 1]),
  max: Buffer.from([values.includes(1) ? 1 : 0]),
});
