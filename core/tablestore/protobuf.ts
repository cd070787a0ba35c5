/**
 * Protocol Buffers wire format, the subset that Tablestore answers need.
 *
 *   message := (key value)*      key = varint(field << 3 | type)
 *   type 0 varint · 1 eight bytes · 2 varint length + bytes · 5 four bytes
 *
 * Unknown fields are skipped, so newer services stay readable.
 */
import { ProtocolFault } from './errors.ts';

const MAX_VARINT_BYTES = 10;

/** Reads the fields of one message in place; byte fields are views into `bytes`. */
export class MessageReader {
  readonly #bytes: Buffer;
  #at = 0;
  #type = 0;
  /** Number of the current field. */
  field = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    const key = Number(this.#varint());
    this.field = Math.floor(key / 8);
    this.#type = key % 8;
    if (this.field === 0) throw new ProtocolFault('field number 0', this.#at);
    return true;
  }

  /** The value of a varint field, unsigned. */
  uint(): bigint {
    this.#expect(0);
    return this.#varint();
  }

  /** The value of a varint field that is a small number or an enumeration. */
  int(): number {
    return Number(BigInt.asIntN(64, this.uint()));
  }

  /** The value of a bytes, string or message field. */
  view(): Buffer {
    this.#expect(2);
    const length = Number(this.#varint());
    const start = this.#at;
    this.#advance(length);
    return this.#bytes.subarray(start, this.#at);
  }

  text(): string {
    return this.view().toString('utf8');
  }

  /** Passes over the current field. */
  skip(): void {
    if (this.#type === 0) this.#varint();
    else if (this.#type === 1) this.#advance(8);
    else if (this.#type === 2) this.view();
    else if (this.#type === 5) this.#advance(4);
    else throw new ProtocolFault(`wire type ${this.#type}`, this.#at);
  }

  #expect(type: number): void {
    if (this.#type !== type) {
      throw new ProtocolFault(`field ${this.field} has wire type ${this.#type}, not ${type}`, this.#at);
    }
  }

  #advance(length: number): void {
    if (length > this.#bytes.length - this.#at) throw new ProtocolFault('message cut short', this.#at);
    this.#at += length;
  }

  #varint(): bigint {
    let value = 0n;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new ProtocolFault('varint cut short', this.#at);
      this.#at++;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtocolFault('varint longer than ten bytes', this.#at);
  }
}

/** One varint field: key and value. */
export function varintField(field: number, value: bigint): Buffer {
  return Buffer.concat([varint(BigInt(field << 3)), varint(value)]);
}

/** One length-delimited field: key, length and content. */
export function bytesField(field: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint(BigInt((field << 3) | 2)), varint(BigInt(value.length)), value]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
