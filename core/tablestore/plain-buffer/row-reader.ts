/**
 * Decodes PlainBuffer rows (layout: tags.ts) into values: single rows, keys and small pages. Bulk pages have
 * a decoder of their own in the reader that needs them.
 */
import { ProtocolFault } from '../errors.ts';
import { INF_MAX, INF_MIN, type KeyBound, type KeyColumn, type StoredRow, type Value } from '../values.ts';
import { crc8, crc8Byte } from './crc8.ts';
import { HEADER, Tag, ValueType } from './tags.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A decoded cell; infinities and values that no key may hold are sorted out by the callers. */
interface Cell {
  readonly name: string;
  readonly value: Value | typeof INF_MIN | typeof INF_MAX;
}

/** All rows of a buffer. Throws ProtocolFault for damage of any kind. */
export function readRows(bytes: Buffer): StoredRow[] {
  const reader = new RowReader(bytes);
  const rows: StoredRow[] = [];
  while (!reader.atEnd()) rows.push(reader.row());
  return rows;
}

/** The row of a buffer, `undefined` if it is empty (no such row). */
export function readRow(bytes: Buffer): StoredRow | undefined {
  return bytes.length === 0 ? undefined : new RowReader(bytes).only((reader) => reader.row());
}

/** A key, as continuation and split points carry it: infinities allowed, no attributes. */
export function readKey(bytes: Buffer): KeyColumn<KeyBound>[] {
  const { key, columns } = new RowReader(bytes).only((reader) => reader.parts());
  if (columns.size > 0) throw new ProtocolFault('attributes in a key', 0);
  return key.map(({ name, value }) => ({ name, value: keyBound(value) }));
}

class RowReader {
  readonly #bytes: Buffer;
  #at = 0;
  #rowCrc = 0;
  #cellCrc = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    if (this.#u32() !== HEADER) throw new ProtocolFault('not a PlainBuffer', 0);
  }

  /** One row and nothing behind it; zero bytes do not count, writers may leave some. */
  only<T>(read: (reader: RowReader) => T): T {
    const row = read(this);
    if (this.#bytes.subarray(this.#at).some((byte) => byte !== 0)) this.#fail('bytes behind the row');
    return row;
  }

  atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  row(): StoredRow {
    const { key, columns } = this.parts();
    return { key: key.map(({ name, value }) => ({ name, value: keyBound(finite(value)) })), columns };
  }

  parts(): { key: Cell[]; columns: Map<string, Value> } {
    this.#rowCrc = 0;
    const key: Cell[] = [];
    const columns = new Map<string, Value>();
    this.#tag(Tag.rowKey);
    while (this.#peek() === Tag.cell) key.push(this.#cell());
    if (this.#accept(Tag.rowData)) {
      while (this.#peek() === Tag.cell) addNewest(columns, this.#cell());
    }
    const deleted = this.#accept(Tag.deleteMarker);
    if (this.#accept(Tag.extension)) this.#skipExtension();
    this.#tag(Tag.rowCrc);
    if (this.#u8() !== crc8Byte(this.#rowCrc, deleted ? 1 : 0)) this.#fail('row checksum mismatch');
    return { key, columns };
  }

  #cell(): Cell {
    this.#tag(Tag.cell);
    this.#tag(Tag.cellName);
    this.#cellCrc = 0;
    const name = this.#text(this.#take(this.#u32()));
    this.#tag(Tag.cellValue);
    const value = this.#value();
    if (this.#accept(Tag.cellVersion)) this.#take(8);
    this.#tag(Tag.cellCrc);
    if (this.#u8() !== this.#cellCrc) this.#fail('cell checksum mismatch');
    this.#rowCrc = crc8Byte(this.#rowCrc, this.#cellCrc);
    return { name, value };
  }

  #value(): Cell['value'] {
    const length = this.#u32();
    if (length === 0) this.#fail('value without a type');
    const bytes = this.#take(length);
    const type = bytes[0];
    const body = bytes.subarray(1);
    if (type === ValueType.integer && length === 9) return body.readBigInt64LE();
    if (type === ValueType.double && length === 9) return body.readDoubleLE();
    if (type === ValueType.boolean && length === 2) return body[0] !== 0;
    if (type === ValueType.infMin && length === 1) return INF_MIN;
    if (type === ValueType.infMax && length === 1) return INF_MAX;
    if (length >= 5 && body.readUInt32LE() === length - 5) {
      if (type === ValueType.string) return this.#text(body.subarray(4));
      if (type === ValueType.binary) return body.subarray(4);
    }
    return this.#fail(`value type ${type} of ${length} bytes`);
  }

  /** Lengths of known parts are not trusted; unknown parts are passed over by their own length. */
  #skipExtension(): void {
    this.#u32();
    while (this.#peek() !== Tag.rowCrc) {
      const tag = this.#u8();
      if (tag === Tag.sequence || tag === Tag.sequenceEpoch || tag === Tag.sequenceRow) this.#u32();
      else if (tag === Tag.sequenceMicros) this.#skip(8);
      else this.#skip(this.#u32());
    }
  }

  /** The next bytes, which count for the cell checksum. */
  #take(length: number): Buffer {
    const start = this.#at;
    this.#skip(length);
    this.#cellCrc = crc8(this.#cellCrc, this.#bytes, start, this.#at);
    return this.#bytes.subarray(start, this.#at);
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.#at) this.#fail('buffer cut short');
    this.#at += length;
  }

  #text(bytes: Buffer): string {
    try {
      return utf8.decode(bytes);
    } catch (error) {
      throw new ProtocolFault('text is not UTF-8', this.#at, { cause: error });
    }
  }

  #peek(): number {
    return this.#bytes[this.#at] ?? -1;
  }

  #accept(tag: number): boolean {
    if (this.#peek() !== tag) return false;
    this.#at++;
    return true;
  }

  #tag(tag: number): void {
    if (!this.#accept(tag)) this.#fail(`byte ${this.#peek()} where tag ${tag} belongs`);
  }

  #u8(): number {
    this.#skip(1);
    return this.#bytes[this.#at - 1]!;
  }

  #u32(): number {
    this.#skip(4);
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  #fail(what: string): never {
    throw new ProtocolFault(what, this.#at);
  }
}

function finite(value: Cell['value']): Value {
  if (value === INF_MIN || value === INF_MAX) throw new ProtocolFault('infinity in a stored row', 0);
  return value;
}

function keyBound<T extends Cell['value']>(value: T): Exclude<T, number | boolean> {
  if (typeof value === 'number' || typeof value === 'boolean') {
    throw new ProtocolFault('a key value of a type that keys cannot have', 0);
  }
  return value as Exclude<T, number | boolean>;
}

/** Versions of a column come newest first. */
function addNewest(columns: Map<string, Value>, cell: Cell): void {
  if (!columns.has(cell.name)) columns.set(cell.name, finite(cell.value));
}
