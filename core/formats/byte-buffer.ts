/** A growing output buffer. Writers use `bytes` and `length` directly after `reserve`. */
export class ByteBuffer {
  bytes: Buffer;
  /** Bytes in use. */
  length = 0;

  /** `storage`: room to begin with, or how many bytes of it. */
  constructor(storage: Buffer | number = 64 * 1024) {
    this.bytes = typeof storage === 'number' ? Buffer.allocUnsafeSlow(storage) : storage;
  }

  /** Makes room for `extra` more bytes and returns the (possibly new) storage. */
  reserve(extra: number): Buffer {
    const wanted = this.length + extra;
    if (wanted > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, wanted));
      this.bytes.copy(grown, 0, 0, this.length);
      this.bytes = grown;
    }
    return this.bytes;
  }

  /** Appends whole bytes. */
  append(source: Uint8Array): void {
    this.reserve(source.length).set(source, this.length);
    this.length += source.length;
  }

  /** Hands the content over and starts anew in `next`; the caller owns the returned bytes. */
  take(next: Buffer = Buffer.allocUnsafeSlow(this.bytes.length)): Buffer {
    const content = this.bytes.subarray(0, this.length);
    this.bytes = next;
    this.length = 0;
    return content;
  }
}
