/**
 * Thrift's compact protocol, as far as Parquet's metadata needs it
 * (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md):
 *
 *     field   one byte: id delta (1 to 15) << 4 | type; or type alone, then the id as a zigzag varint; then the value
 *     bool    no value: its type is 1 (true) or 2 (false)
 *     i8      one byte · i16, i32, i64   zigzag varint · binary   varint length, bytes
 *     list    one byte: size << 4 | element type; or 0xf0 | element type, then the size as a varint; then the elements
 *     struct  fields in ascending order of their ids, then a byte 0
 */
import { assert } from '../../errors/index.ts';
import { ByteBuffer } from '../byte-buffer.ts';

/** Type codes of fields and of list elements. */
export const CompactType = {
  true: 1,
  false: 2,
  i8: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  binary: 8,
  list: 9,
  struct: 12,
} as const;

const STOP = 0;
const SHORT_LIST = 15;
/** Bytes of the longest varint of 64 bits. */
const MAX_VARINT_BYTES = 10;

/** Writes one struct after the other; fields in ascending order of their ids. */
export class CompactWriter {
  readonly #out = new ByteBuffer(1024);
  readonly #outer: number[] = [];
  #lastId = 0;

  bool(id: number, value: boolean): this {
    return this.#field(id, value ? CompactType.true : CompactType.false);
  }

  i8(id: number, value: number): this {
    this.#field(id, CompactType.i8);
    return this.#byte(value & 0xff);
  }

  i32(id: number, value: number): this {
    return this.#field(id, CompactType.i32).itemI32(value);
  }

  i64(id: number, value: number): this {
    assert(Number.isSafeInteger(value), 'a 64-bit field of the metadata is no exact integer');
    this.#field(id, CompactType.i64);
    return this.#varint(BigInt.asUintN(64, (BigInt(value) << 1n) ^ (value < 0 ? -1n : 0n)));
  }

  binary(id: number, value: Uint8Array | string): this {
    return this.#field(id, CompactType.binary).itemBinary(value);
  }

  /** Begins a struct as a field; `end` ends it. */
  begin(id: number): this {
    return this.#field(id, CompactType.struct).beginItem();
  }

  /** Begins a list as a field; its `size` elements follow. */
  list(id: number, elementType: number, size: number): this {
    this.#field(id, CompactType.list);
    if (size < SHORT_LIST) return this.#byte((size << 4) | elementType);
    return this.#byte((SHORT_LIST << 4) | elementType).#varint(BigInt(size));
  }

  /** Begins a struct as an element of a list. */
  beginItem(): this {
    this.#outer.push(this.#lastId);
    this.#lastId = 0;
    return this;
  }

  /** Ends a struct. */
  end(): this {
    this.#lastId = this.#outer.pop() ?? 0;
    return this.#byte(STOP);
  }

  itemI32(value: number): this {
    return this.#varint(BigInt(((value << 1) ^ (value >> 31)) >>> 0));
  }

  itemBinary(value: Uint8Array | string): this {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
    return this.#varint(BigInt(bytes.length)).raw(bytes);
  }

  /** Elements or structs that were written before. */
  raw(bytes: Uint8Array): this {
    this.#out.append(bytes);
    return this;
  }

  /** What was written so far. */
  take(): Buffer {
    return Buffer.from(this.#out.bytes.subarray(0, this.#out.length));
  }

  #field(id: number, type: number): this {
    const delta = id - this.#lastId;
    assert(delta > 0 && delta <= 15, 'fields of the metadata are out of order');
    this.#lastId = id;
    return this.#byte((delta << 4) | type);
  }

  #byte(value: number): this {
    this.#out.reserve(1)[this.#out.length++] = value;
    return this;
  }

  #varint(value: bigint): this {
    const bytes = this.#out.reserve(MAX_VARINT_BYTES);
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) bytes[this.#out.length++] = Number(rest & 0x7fn) | 0x80;
    bytes[this.#out.length++] = Number(rest);
    return this;
  }
}
