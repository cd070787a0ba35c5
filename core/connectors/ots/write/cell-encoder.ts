/**
 * One column's cells in PlainBuffer (core/tablestore/plain-buffer/tags.ts):
 *
 *   value  := 03  04 u32 n name  05 u32 L value  [07 i64 version]  0A u8 crc
 *   remove := 03  04 u32 n name  06 01                             0A u8 crc
 *
 * The crc covers name, value without its length, version, operation.
 */
import { CastCell, type Caster } from '../../../convert/index.ts';
import type { Code } from '../../../errors/index.ts';
import { crc8, crc8Byte, type DefinedType, Tag, ValueType } from '../../../tablestore/index.ts';
import { type CellForm, Form, type RowBlock } from '../../../types/index.ts';
import type { EncodedRows } from './encoded-rows.ts';
import { writeDecimalInt64 } from './int64-text.ts';

/** Operation of a cell: all versions go. */
const REMOVE_ALL_VERSIONS = 1;
/** Everything of a cell but its name and its content, at most: tags, lengths, version, checksum. */
const FRAME_BYTES = 40;
const DIGIT_ONE = 0x31;

/** The form whose bytes are the value as they stand. */
const PLAIN_FORMS: Readonly<Record<DefinedType, CellForm>> = {
  INTEGER: Form.int64,
  DOUBLE: Form.float64,
  BOOLEAN: Form.bool,
  STRING: Form.text,
  BINARY: Form.bytes,
};
const VALUE_TYPES: Readonly<Record<DefinedType, number>> = {
  INTEGER: ValueType.integer,
  DOUBLE: ValueType.double,
  BOOLEAN: ValueType.boolean,
  STRING: ValueType.string,
  BINARY: ValueType.binary,
};

/** What a column is and how its cells are cast. */
export interface CellColumn {
  readonly name: string;
  readonly type: DefinedType;
  readonly caster: Caster;
  /** Bytes that a string or binary value may have. */
  readonly maxBytes: number;
  /** Version of every value; absent = the service's time. */
  readonly version?: bigint | undefined;
}

/** Encodes the cells of one column. */
export class CellEncoder {
  /** Checksum of the cell encoded last. */
  crc = 0;
  /** Bytes of name and value of the cell encoded last, as the service counts them. */
  size = 0;
  readonly #type: DefinedType;
  readonly #plainForm: CellForm;
  readonly #caster: Caster;
  readonly #maxBytes: number;
  /** Cell and name, tags included. */
  readonly #head: Buffer;
  readonly #nameBytes: number;
  readonly #nameCrc: number;
  readonly #version: Buffer | undefined;
  readonly #cell = new CastCell();

  constructor({ name, type, caster, maxBytes, version }: CellColumn) {
    const nameBytes = Buffer.from(name, 'utf8');
    this.#type = type;
    this.#plainForm = PLAIN_FORMS[type];
    this.#caster = caster;
    this.#maxBytes = type === 'STRING' || type === 'BINARY' ? maxBytes : Number.POSITIVE_INFINITY;
    this.#head = Buffer.concat([Buffer.of(Tag.cell, Tag.cellName, 0, 0, 0, 0), nameBytes]);
    this.#head.writeUInt32LE(nameBytes.length, 2);
    this.#nameBytes = nameBytes.length;
    this.#nameCrc = crc8(0, nameBytes, 0, nameBytes.length);
    if (version !== undefined) {
      this.#version = Buffer.alloc(8);
      this.#version.writeBigInt64LE(version);
    }
  }

  /** Appends the value of a cell of the block. `null` = it has none; a code = it has none that fits. */
  put(out: EncodedRows, block: RowBlock, cell: number): Code | null | undefined {
    const form = block.forms[cell]!;
    if (form === Form.null) return null;
    const start = block.starts[cell]!;
    const end = block.ends[cell]!;
    if (form === this.#plainForm && end - start <= this.#maxBytes) {
      this.#putPlain(out, block.bytes, start, end);
      return undefined;
    }
    const cast = this.#cell;
    const code = this.#caster.cast(block, cell, cast);
    if (code !== undefined) return code;
    if (cast.isNull) return null;
    this.#putCast(out, cast);
    return undefined;
  }

  /** Appends the removal of the attribute. */
  remove(out: EncodedRows): void {
    const bytes = out.reserve(this.#head.length + FRAME_BYTES);
    let at = this.#putHead(bytes, out.length);
    bytes[at++] = Tag.cellOp;
    bytes[at++] = REMOVE_ALL_VERSIONS;
    this.size = this.#nameBytes;
    this.#end(out, bytes, at, crc8Byte(this.#nameCrc, REMOVE_ALL_VERSIONS));
  }

  /** The bytes are the value in the form of the wire, booleans apart, which may be any byte but 0. */
  #putPlain(out: EncodedRows, source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const bytes = out.reserve(this.#head.length + FRAME_BYTES + length);
    const value = this.#putValueHead(bytes, out.length, length);
    if (this.#type === 'BOOLEAN') bytes[value] = source[start] === 0 ? 0 : 1;
    else copy(source, start, end, bytes, value);
    this.#endValue(out, bytes, value, length);
  }

  #putCast(out: EncodedRows, { bytes: text, start, end }: CastCell): void {
    if (this.#type === 'STRING' || this.#type === 'BINARY') {
      this.#putPlain(out, text, start, end);
      return;
    }
    const length = this.#type === 'BOOLEAN' ? 1 : 8;
    const bytes = out.reserve(this.#head.length + FRAME_BYTES);
    const value = this.#putValueHead(bytes, out.length, length);
    if (this.#type === 'INTEGER') writeDecimalInt64(text, start, end, bytes, value);
    else if (this.#type === 'BOOLEAN') bytes[value] = text[start] === DIGIT_ONE ? 1 : 0;
    else bytes.writeDoubleLE(Number(Buffer.from(text.subarray(start, end)).toString('latin1')), value);
    this.#endValue(out, bytes, value, length);
  }

  #putHead(bytes: Buffer, at: number): number {
    bytes.set(this.#head, at);
    return at + this.#head.length;
  }

  /** Returns where the content begins. */
  #putValueHead(bytes: Buffer, from: number, length: number): number {
    let at = this.#putHead(bytes, from);
    const hasLength = this.#type === 'STRING' || this.#type === 'BINARY';
    bytes[at++] = Tag.cellValue;
    at = bytes.writeUInt32LE(length + (hasLength ? 5 : 1), at);
    bytes[at++] = VALUE_TYPES[this.#type];
    return hasLength ? bytes.writeUInt32LE(length, at) : at;
  }

  #endValue(out: EncodedRows, bytes: Buffer, value: number, length: number): void {
    const hasLength = this.#type === 'STRING' || this.#type === 'BINARY';
    let at = value + length;
    let crc = crc8(this.#nameCrc, bytes, value - (hasLength ? 5 : 1), at);
    this.size = this.#nameBytes + length;
    if (this.#version) {
      bytes[at++] = Tag.cellVersion;
      bytes.set(this.#version, at);
      crc = crc8(crc, bytes, at, at + 8);
      at += 8;
      this.size += 8;
    }
    this.#end(out, bytes, at, crc);
  }

  #end(out: EncodedRows, bytes: Buffer, from: number, crc: number): void {
    bytes[from] = Tag.cellCrc;
    bytes[from + 1] = crc;
    this.crc = crc;
    out.length = from + 2;
  }
}

/** Short values byte by byte: a call of the engine costs more than they do. */
function copy(source: Uint8Array, start: number, end: number, target: Buffer, at: number): void {
  if (end - start > 32) {
    target.set(source.subarray(start, end), at);
    return;
  }
  for (let i = start, to = at; i < end; i++, to++) target[to] = source[i]!;
}
