const INITIAL_CAPACITY_BYTES = 256;

/** A growable little-endian byte sink; the shared base of the PlainBuffer, protobuf and log writers. */
export class ByteWriter {
  bytes: Buffer;
  length = 0;

  constructor(capacityBytes = INITIAL_CAPACITY_BYTES) {
    this.bytes = Buffer.allocUnsafeSlow(Math.max(capacityBytes, 16));
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  u8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  u32(value: number): void {
    this.reserve(4);
    this.length = this.bytes.writeUInt32LE(value >>> 0, this.length);
  }

  i64(value: bigint): void {
    this.reserve(8);
    this.length = this.bytes.writeBigInt64LE(value, this.length);
  }

  f64(value: number): void {
    this.reserve(8);
    this.length = this.bytes.writeDoubleLE(value, this.length);
  }

  /** Appends `source[start, end)`. */
  copy(source: Uint8Array, start = 0, end = source.length): void {
    const count = end - start;
    this.reserve(count);
    this.bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end), this.length);
    this.length += count;
  }

  /** Appends the UTF-8 bytes of `text` and returns how many they were. */
  text(text: string): number {
    this.reserve(text.length * 3);
    const count = this.bytes.write(text, this.length, 'utf8');
    this.length += count;
    return count;
  }

  /** The bytes so far as a view that the next write may overwrite or abandon. */
  view(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** The bytes so far as an own copy of exact size. */
  toBytes(): Buffer {
    const copy = Buffer.allocUnsafeSlow(this.length);
    this.bytes.copy(copy, 0, 0, this.length);
    return copy;
  }
}
