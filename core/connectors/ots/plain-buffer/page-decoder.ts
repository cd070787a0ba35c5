/**
 * Decodes the rows of a GetRange answer into a row block without copying a value: the cells of the block point
 * into the answer, whose values already have the physical forms of a block (little-endian integers and
 * doubles, UTF-8, bytes). Every checksum is verified. Layout: core/tablestore/plain-buffer/tags.ts.
 */
import {
  crc8,
  crc8Byte,
  HEADER,
  type KeyType,
  ProtocolFault,
  type TableSchema,
  Tag,
  ValueType,
} from '../../../tablestore/index.ts';
import { type CellForm, Form, type RowBlock } from '../../../types/index.ts';
import type { Projection } from '../projection.ts';
import { KeyCells } from './key-cells.ts';
import { NameTable, UNKNOWN_NAME } from './name-table.ts';

/** The rows of one page. */
export interface DecodedRows {
  readonly block: RowBlock;
  readonly keys: KeyCells;
}

const KEY_FORMS: Readonly<Record<KeyType, CellForm>> = {
  INTEGER: Form.int64,
  STRING: Form.text,
  BINARY: Form.bytes,
};
/** Room for rows at first; grows when a page has more. */
const INITIAL_ROWS = 1024;
/** Type byte and length of a string or binary value. */
const TEXT_HEAD_BYTES = 5;

/** Decodes the pages of one shard; it remembers the order in which the columns of a table come. */
export class PageDecoder {
  readonly #projection: Projection;
  readonly #schema: TableSchema;
  readonly #names: NameTable;
  readonly #keyForms: readonly CellForm[];
  /** The name that came after each name last time; the last entry is the first attribute. */
  readonly #following: Int32Array;
  /** Block column of each name, -1 for key columns that are not configured. */
  readonly #targets: Int32Array;
  /** Pairs of block columns: a name configured twice is filled once and copied. */
  readonly #copies: readonly (readonly [number, number])[];
  #rowsExpected = INITIAL_ROWS;

  #bytes: Buffer = Buffer.alloc(0);
  #starts = new Uint32Array(0);
  #ends = new Uint32Array(0);
  #forms = new Uint8Array(0);
  #keyStarts = new Uint32Array(0);
  #keyEnds = new Uint32Array(0);
  #capacity = 0;
  #rows = 0;

  /** The cell read last. */
  #name = UNKNOWN_NAME;
  #start = 0;
  #end = 0;
  #form: CellForm = Form.null;
  #crc = 0;

  constructor(schema: TableSchema, projection: Projection) {
    this.#schema = schema;
    this.#projection = projection;
    this.#keyForms = schema.key.map((column) => KEY_FORMS[column.type]);
    const keys = schema.key.map((column) => column.name);
    const attributes = attributeNames(projection);
    const first = firstColumns(projection, keys);
    this.#names = new NameTable([...keys, ...attributes]);
    this.#targets = Int32Array.from([...keys, ...attributes], (name) => first.get(name) ?? -1);
    this.#copies = copyPairs(projection, keys, first);
    this.#following = initialOrder(keys.length, attributes.length);
  }

  /** Decodes one page. Throws ProtocolFault with the offset of the damage. */
  decode(rows: Buffer): DecodedRows {
    const bytes = this.#withConstants(rows);
    this.#begin(bytes);
    if (rows.length > 0) {
      if (rows.length < 4 || rows.readUInt32LE() !== HEADER) throw new ProtocolFault('not a PlainBuffer', 0);
      // The section read is exactly the answer's rows: constants behind it are out of reach.
      this.#bytes = rows;
      for (let at = 4; at < rows.length; ) at = this.#row(at);
    }
    this.#rowsExpected = Math.max(INITIAL_ROWS, this.#rows);
    this.#fillConstants(rows.length);
    this.#fillCopies();
    return this.#finish(bytes);
  }

  #row(from: number): number {
    const bytes = this.#bytes;
    const keyCount = this.#keyForms.length;
    if (this.#rows === this.#capacity) this.#grow();
    const base = this.#rows * this.#projection.columns.length;
    const keyBase = this.#rows * keyCount;
    if (bytes[from] !== Tag.rowKey) return this.#fail('no row', from);
    let at = from + 1;
    let rowCrc = 0;
    for (let k = 0; k < keyCount; k++) {
      at = this.#cell(at, k);
      if (this.#name !== k || this.#form !== this.#keyForms[k])
        return this.#fail('a key unlike the schema', at);
      rowCrc = crc8Byte(rowCrc, this.#crc);
      this.#keyStarts[keyBase + k] = this.#start;
      this.#keyEnds[keyBase + k] = this.#end;
      this.#store(base);
    }
    if (bytes[at] === Tag.rowData) {
      let previous = this.#names.size;
      for (at++; bytes[at] === Tag.cell; ) {
        at = this.#cell(at, this.#following[previous]!);
        rowCrc = crc8Byte(rowCrc, this.#crc);
        if (this.#name === UNKNOWN_NAME) continue;
        this.#following[previous] = this.#name;
        previous = this.#name;
        this.#store(base);
      }
    }
    return this.#rowEnd(at, rowCrc);
  }

  /** Extension and checksum. A delete marker has no place in stored rows. */
  #rowEnd(from: number, rowCrc: number): number {
    const at = this.#bytes[from] === Tag.extension ? this.#afterExtension(from + 1) : from;
    if (this.#bytes[at] !== Tag.rowCrc) return this.#fail('an unexpected tag in a row', at);
    if (this.#bytes[at + 1] !== crc8Byte(rowCrc, 0)) return this.#fail('row checksum mismatch', at);
    this.#rows++;
    return at + 2;
  }

  /**
   * Reads the cell at `from`, guessing that its name is number `guess`. Leaves its name, form, bounds and CRC
   * in the fields and returns the offset behind it.
   */
  #cell(from: number, guess: number): number {
    const bytes = this.#bytes;
    const names = this.#names;
    if (bytes[from] !== Tag.cell || bytes[from + 1] !== Tag.cellName) return this.#fail('no cell', from);
    const nameAt = from + 6;
    const nameLength = this.#length(from + 2);
    let crc: number;
    if (guess >= 0 && names.lengths[guess] === nameLength && names.matches(guess, bytes, nameAt)) {
      this.#name = guess;
      crc = names.crcs[guess]!;
    } else {
      crc = crc8(0, bytes, nameAt, nameAt + nameLength);
      this.#name = names.find(crc, bytes, nameAt, nameLength);
    }
    let at = nameAt + nameLength;
    if (bytes[at] !== Tag.cellValue) return this.#fail('a cell without a value', at);
    const length = this.#length(at + 1);
    at += 5;
    this.#value(at, length);
    crc = crc8(crc, bytes, at, at + length);
    at += length;
    if (bytes[at] === Tag.cellVersion) {
      if (at + 9 > bytes.length) return this.#fail('answer cut short', at);
      crc = crc8(crc, bytes, at + 1, at + 9);
      at += 9;
    }
    if (bytes[at] !== Tag.cellCrc) return this.#fail('an unexpected tag in a cell', at);
    if (bytes[at + 1] !== crc) return this.#fail('cell checksum mismatch', at);
    this.#crc = crc;
    return at + 2;
  }

  /** Bounds and form of the value of `length` bytes at `at`. */
  #value(at: number, length: number): void {
    const type = this.#bytes[at];
    if (type === ValueType.string || type === ValueType.binary) {
      if (length < TEXT_HEAD_BYTES || this.#length(at + 1) !== length - TEXT_HEAD_BYTES) {
        this.#fail('a text with two lengths', at);
      }
      this.#start = at + TEXT_HEAD_BYTES;
      this.#form = type === ValueType.string ? Form.text : Form.bytes;
    } else {
      this.#start = at + 1;
      if (type === ValueType.integer && length === 9) this.#form = Form.int64;
      else if (type === ValueType.double && length === 9) this.#form = Form.float64;
      else if (type === ValueType.boolean && length === 2) this.#form = Form.bool;
      else this.#fail(`value type ${type} of ${length} bytes`, at);
    }
    this.#end = at + length;
  }

  /** Keeps the cell read last. Versions of a column come newest first: the first one stands. */
  #store(base: number): void {
    const target = this.#targets[this.#name]!;
    if (target < 0) return;
    const i = base + target;
    if (this.#forms[i] !== Form.null) return;
    this.#starts[i] = this.#start;
    this.#ends[i] = this.#end;
    this.#forms[i] = this.#form;
  }

  /** The length at `at`, checked against the bytes behind it. */
  #length(at: number): number {
    const bytes = this.#bytes;
    const length =
      (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
    if (!(length <= bytes.length - at - 4)) this.#fail('answer cut short', at);
    return length;
  }

  /** Known parts have fixed sizes; unknown ones are passed over by their own length. */
  #afterExtension(from: number): number {
    let at = from + 4;
    while (this.#bytes[at] !== Tag.rowCrc) {
      const tag = this.#bytes[at];
      if (tag === undefined) return this.#fail('answer cut short', at);
      if (tag === Tag.sequence || tag === Tag.sequenceEpoch || tag === Tag.sequenceRow) at += 5;
      else if (tag === Tag.sequenceMicros) at += 9;
      else at += 5 + this.#length(at + 1);
    }
    return at;
  }

  #begin(bytes: Buffer): void {
    this.#rows = 0;
    this.#capacity = this.#rowsExpected;
    const cells = this.#capacity * this.#projection.columns.length;
    const keys = this.#capacity * this.#keyForms.length;
    this.#bytes = bytes;
    this.#starts = new Uint32Array(cells);
    this.#ends = new Uint32Array(cells);
    this.#forms = new Uint8Array(cells);
    this.#keyStarts = new Uint32Array(keys);
    this.#keyEnds = new Uint32Array(keys);
  }

  #grow(): void {
    this.#capacity *= 2;
    const cells = this.#capacity * this.#projection.columns.length;
    const keys = this.#capacity * this.#keyForms.length;
    this.#starts = grown(this.#starts, new Uint32Array(cells));
    this.#ends = grown(this.#ends, new Uint32Array(cells));
    this.#forms = grown(this.#forms, new Uint8Array(cells));
    this.#keyStarts = grown(this.#keyStarts, new Uint32Array(keys));
    this.#keyEnds = grown(this.#keyEnds, new Uint32Array(keys));
  }

  /** The answer, with the bytes of all constants once behind it. */
  #withConstants(rows: Buffer): Buffer {
    const constants = this.#projection.sources.flatMap((s) => (s.kind === 'constant' ? [s.bytes] : []));
    return constants.length === 0 ? rows : Buffer.concat([rows, ...constants]);
  }

  #fillConstants(from: number): void {
    const width = this.#projection.columns.length;
    let start = from;
    for (const [column, source] of this.#projection.sources.entries()) {
      if (source.kind !== 'constant') continue;
      const end = start + source.bytes.length;
      for (let row = 0, i = column; row < this.#rows; row++, i += width) {
        this.#starts[i] = start;
        this.#ends[i] = end;
        this.#forms[i] = source.form;
      }
      start = end;
    }
  }

  #fillCopies(): void {
    const width = this.#projection.columns.length;
    for (const [from, to] of this.#copies) {
      for (let row = 0, base = 0; row < this.#rows; row++, base += width) {
        this.#starts[base + to] = this.#starts[base + from]!;
        this.#ends[base + to] = this.#ends[base + from]!;
        this.#forms[base + to] = this.#forms[base + from]!;
      }
    }
  }

  #finish(bytes: Buffer): DecodedRows {
    const cells = this.#rows * this.#projection.columns.length;
    const block: RowBlock = {
      columns: this.#projection.columns,
      rowCount: this.#rows,
      bytes,
      starts: this.#starts.subarray(0, cells),
      ends: this.#ends.subarray(0, cells),
      forms: this.#forms.subarray(0, cells),
    };
    return { block, keys: new KeyCells(this.#schema.key, bytes, this.#keyStarts, this.#keyEnds) };
  }

  #fail(what: string, at: number): never {
    throw new ProtocolFault(what, at);
  }
}

function grown<T extends Uint8Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Wanted attributes, sorted by name as the service sends them. */
function attributeNames(projection: Projection): string[] {
  const names = projection.sources.flatMap((s) => (s.kind === 'attribute' ? [s.name] : []));
  return [...new Set(names)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function nameOf(source: Projection['sources'][number], keys: readonly string[]): string | undefined {
  if (source.kind === 'constant') return undefined;
  return source.kind === 'key' ? keys[source.index] : source.name;
}

/** The first block column of each name. */
function firstColumns(projection: Projection, keys: readonly string[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const [column, source] of projection.sources.entries()) {
    const name = nameOf(source, keys);
    if (name !== undefined && !first.has(name)) first.set(name, column);
  }
  return first;
}

function copyPairs(
  projection: Projection,
  keys: readonly string[],
  first: ReadonlyMap<string, number>,
): (readonly [number, number])[] {
  return projection.sources.flatMap((source, column) => {
    const name = nameOf(source, keys);
    const from = name === undefined ? column : first.get(name)!;
    return from === column ? [] : [[from, column] as const];
  });
}

/** Attributes one after the other; after the last one, and where there are none, no guess. */
function initialOrder(keys: number, attributes: number): Int32Array {
  const size = keys + attributes;
  const following = new Int32Array(size + 1).fill(UNKNOWN_NAME);
  for (let id = keys; id + 1 < size; id++) following[id] = id + 1;
  if (attributes > 0) following[size] = keys;
  return following;
}
