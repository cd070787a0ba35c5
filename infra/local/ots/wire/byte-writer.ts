const INITIAL_CAPACITY_BYTES = 256;
/** Spans up to this length are copied byte by byte: cheaper than the call into native code. */
const SHORT_SPAN_BYTES = 48;
const ASCII_LIMIT = 0x80;

/** A growable little-endian byte sink; the shared base of the PlainBuffer, protobuf and log writers. */
export class ByteWriter {
  bytes: Buffer;
  length = 0;
  #view: DataView;

  constructor(capacityBytes = INITIAL_CAPACITY_BYTES) {
    this.bytes = Buffer.allocUnsafeSlow(Math.max(capacityBytes, 16));
    this.#view = viewOf(this.bytes);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
    this.#view = viewOf(grown);
  }

  u8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  u32(value: number): void {
    this.reserve(4);
    this.#view.setUint32(this.length, value, true);
    this.length += 4;
  }

  i64(value: bigint): void {
    this.reserve(8);
    this.#view.setBigInt64(this.length, value, true);
    this.length += 8;
  }

  f64(value: number): void {
    this.reserve(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Overwrites the four bytes at `at`: for lengths that are known only behind their content. */
  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** Appends `source[start, end)`. */
  copy(source: Uint8Array, start = 0, end = source.length): void {
    const count = end - start;
    this.reserve(count);
    if (count > SHORT_SPAN_BYTES) {
      this.bytes.set(count === source.length ? source : source.subarray(start, end), this.length);
      this.length += count;
      return;
    }
    const { bytes } = this;
    let at = this.length;
    for (let i = start; i < end; i++) bytes[at++] = source[i] as number;
    this.length = at;
  }

  /** Appends the UTF-8 bytes of `text` and returns how many they were. */
  text(text: string): number {
    this.reserve(text.length * 3);
    if (text.length <= SHORT_SPAN_BYTES && this.#ascii(text)) return text.length;
    const count = this.bytes.write(text, this.length, 'utf8');
    this.length += count;
    return count;
  }

  /** Appends `text` when it is pure ASCII; otherwise appends nothing and answers false. */
  #ascii(text: string): boolean {
    const { bytes } = this;
    const start = this.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= ASCII_LIMIT) return false;
      bytes[start + i] = code;
    }
    this.length = start + text.length;
    return true;
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

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
