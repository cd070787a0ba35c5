import { ByteWriter } from './byte-writer.ts';

/**
 * Writer of protobuf messages (proto2 wire format).
 *
 *     field  := key payload          key := varint(number << 3 | wire type)
 *     payload: type 0 varint · type 2 varint length + bytes
 */
const VARINT = 0;
const BYTES = 2;
const INT64_MASK = (1n << 64n) - 1n;

/** Builds one message field by field; embedded messages are written through {@link ProtoWriter.message}. */
export class ProtoWriter {
  readonly out: ByteWriter;

  constructor(capacityBytes?: number) {
    this.out = new ByteWriter(capacityBytes);
  }

  /** An unsigned or non-negative number up to 2^53. */
  uint(field: number, value: number): this {
    this.#key(field, VARINT);
    this.#varint(value);
    return this;
  }

  /** A signed integer of 32 or 64 bits; negatives take ten bytes as proto2 demands. */
  int64(field: number, value: bigint): this {
    this.#key(field, VARINT);
    let rest = value & INT64_MASK;
    while (rest > 0x7fn) {
      this.out.u8(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.out.u8(Number(rest));
    return this;
  }

  /** A zigzag-coded signed integer (`sint64`). */
  sint(field: number, value: number): this {
    return this.uint(field, value < 0 ? -value * 2 - 1 : value * 2);
  }

  bool(field: number, value: boolean): this {
    return this.uint(field, value ? 1 : 0);
  }

  bytes(field: number, value: Uint8Array): this {
    this.#key(field, BYTES);
    this.#varint(value.length);
    this.out.copy(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, 'utf8'));
  }

  message(field: number, build: (inner: ProtoWriter) => void): this {
    const inner = new ProtoWriter();
    build(inner);
    return this.bytes(field, inner.out.view());
  }

  finish(): Buffer {
    return this.out.toBytes();
  }

  #key(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not an unsigned integer: ${value}`);
    let rest = value;
    while (rest > 0x7f) {
      this.out.u8((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.out.u8(rest);
  }
}
