import { type OtsError, parameterInvalid } from '../ots-error.ts';

/**
 * Reader of protobuf messages (proto2 wire format).
 *
 *     field  := key payload          key := varint(number << 3 | wire type)
 *     payload: type 0 varint · type 1 eight bytes · type 2 varint length + bytes · type 5 four bytes
 */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const MAX_VARINT_BYTES = 10;

const malformed = (): OtsError => parameterInvalid('Failed to parse the ProtoBuf message.');

/**
 * Walks the fields of one message: `while (reader.next()) switch (reader.field) …`. Fields that are not taken
 * are skipped, as proto2 demands of unknown ones. Throws OTSParameterInvalid on a malformed message.
 */
export class ProtoReader {
  field = 0;
  readonly #bytes: Uint8Array;
  #position = 0;
  #wireType = -1;
  #taken = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (!this.#taken) this.#skip();
    if (this.#position >= this.#bytes.length) return false;
    const key = Number(this.#varint());
    this.field = Math.floor(key / 8);
    this.#wireType = key % 8;
    if (this.field === 0) throw malformed();
    this.#taken = false;
    return true;
  }

  int64(): bigint {
    this.#take(VARINT);
    return BigInt.asIntN(64, this.#varint());
  }

  /** A 32-bit integer or enum value. */
  int32(): number {
    return Number(BigInt.asIntN(32, this.int64()));
  }

  bool(): boolean {
    return this.int64() !== 0n;
  }

  /** A view into the message. */
  bytes(): Uint8Array {
    this.#take(BYTES);
    const length = Number(this.#varint());
    const start = this.#position;
    if (length > this.#bytes.length - start) throw malformed();
    this.#position = start + length;
    return this.#bytes.subarray(start, start + length);
  }

  string(): string {
    const bytes = this.bytes();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  }

  message(): ProtoReader {
    return new ProtoReader(this.bytes());
  }

  #take(wireType: number): void {
    if (this.#wireType !== wireType || this.#taken) throw malformed();
    this.#taken = true;
  }

  #varint(): bigint {
    let value = 0n;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.#bytes[this.#position++];
      if (byte === undefined) throw malformed();
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return value;
    }
    throw malformed();
  }

  #skip(): void {
    this.#taken = true;
    if (this.#wireType === VARINT) this.#varint();
    else if (this.#wireType === FIXED64) this.#position += 8;
    else if (this.#wireType === FIXED32) this.#position += 4;
    else if (this.#wireType === BYTES) {
      const length = Number(this.#varint());
      this.#position += length;
    } else throw malformed();
    if (this.#position > this.#bytes.length) throw malformed();
  }
}

/** The value of a required field; OTSParameterInvalid when the message lacks it. */
export const required = <T>(value: T | undefined): T => {
  if (value === undefined) throw malformed();
  return value;
};
