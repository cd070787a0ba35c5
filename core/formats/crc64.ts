/**
 * CRC-64 as OSS computes it (header x-oss-hash-crc64ecma, unsigned decimal): ECMA-182 polynomial, reflected
 * 0xC96C5795D7870F42, initial value and final xor all ones. "123456789" → 11051210869376104954, empty → 0.
 * Slicing by 8 on pairs of 32-bit halves, because bigint is two orders of magnitude slower.
 */

const POLYNOMIAL = 0xc96c5795d7870f42n;
const ALL_ONES = 0xffffffffffffffffn;
const SLICES = 8;

/** Table `k` at 256·k: the effect of a byte that is followed by `k` zero bytes. */
const LOW = new Int32Array(SLICES * 256);
const HIGH = new Int32Array(SLICES * 256);

for (let byte = 0; byte < 256; byte++) {
  let value = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ POLYNOMIAL : value >> 1n;
  LOW[byte] = Number(value & 0xffffffffn) | 0;
  HIGH[byte] = Number(value >> 32n) | 0;
}
for (let i = 256; i < SLICES * 256; i++) {
  const low = LOW[i - 256]!;
  const high = HIGH[i - 256]!;
  LOW[i] = ((low >>> 8) | (high << 24)) ^ LOW[low & 255]!;
  HIGH[i] = (high >>> 8) ^ HIGH[low & 255]!;
}

/** A running checksum. */
export class Crc64 {
  #low = -1;
  #high = -1;

  update(data: Uint8Array): this {
    const unaligned = -data.byteOffset & 3;
    const head = Math.min(unaligned, data.length);
    const words = (data.length - head) >>> 2;
    this.#bytes(data, 0, head);
    const whole = words - (words % 2);
    if (whole > 0) this.#words(new Int32Array(data.buffer, data.byteOffset + head, whole));
    this.#bytes(data, head + 4 * whole, data.length);
    return this;
  }

  /** Pairs of little-endian words: all platforms that Node runs on are little-endian. */
  #words(words: Int32Array): void {
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < words.length; i += 2) {
      low ^= words[i]!;
      high ^= words[i + 1]!;
      const a = 1792 | (low & 255);
      const b = 1536 | ((low >>> 8) & 255);
      const c = 1280 | ((low >>> 16) & 255);
      const d = 1024 | (low >>> 24);
      const e = 768 | (high & 255);
      const f = 512 | ((high >>> 8) & 255);
      const g = 256 | ((high >>> 16) & 255);
      const h = high >>> 24;
      low = LOW[a]! ^ LOW[b]! ^ LOW[c]! ^ LOW[d]! ^ LOW[e]! ^ LOW[f]! ^ LOW[g]! ^ LOW[h]!;
      high = HIGH[a]! ^ HIGH[b]! ^ HIGH[c]! ^ HIGH[d]! ^ HIGH[e]! ^ HIGH[f]! ^ HIGH[g]! ^ HIGH[h]!;
    }
    this.#low = low;
    this.#high = high;
  }

  #bytes(data: Uint8Array, from: number, to: number): void {
    let low = this.#low;
    let high = this.#high;
    for (let i = from; i < to; i++) {
      const index = (low ^ data[i]!) & 255;
      low = ((low >>> 8) | (high << 24)) ^ LOW[index]!;
      high = (high >>> 8) ^ HIGH[index]!;
    }
    this.#low = low;
    this.#high = high;
  }

  digest(): bigint {
    return (BigInt(~this.#high >>> 0) << 32n) | BigInt(~this.#low >>> 0);
  }
}

/** The checksum of some bytes. */
export const crc64 = (data: Uint8Array): bigint => new Crc64().update(data).digest();

/** The checksum of `first` followed by `second`, from their checksums and the length of `second` in bytes. */
export function crc64Combine(first: bigint, second: bigint, secondLength: number): bigint {
  let value = first;
  let length = secondLength;
  for (let power = 0; length > 0; power++, length = Math.floor(length / 2)) {
    if (length % 2 === 1) value = apply(zeroBytes(power), value);
  }
  return value ^ second;
}

/** A linear map over GF(2): column `i` is the image of bit `i`. */
type BitMatrix = readonly bigint[];

/** Maps for appending 2^power zero bytes, made when first needed. */
const zeroMaps: BitMatrix[] = [];

function zeroBytes(power: number): BitMatrix {
  while (zeroMaps.length <= power) {
    const half = zeroMaps.at(-1);
    zeroMaps.push(half ? half.map((column) => apply(half, column)) : oneZeroByte());
  }
  return zeroMaps[power]!;
}

function oneZeroByte(): BitMatrix {
  const oneBit = (value: bigint): bigint => (value & 1n ? (value >> 1n) ^ POLYNOMIAL : value >> 1n);
  return Array.from({ length: 64 }, (_, i) => {
    let value = 1n << BigInt(i);
    for (let bit = 0; bit < 8; bit++) value = oneBit(value);
    return value & ALL_ONES;
  });
}

function apply(matrix: BitMatrix, vector: bigint): bigint {
  let result = 0n;
  for (let i = 0, rest = vector; rest > 0n; i++, rest >>= 1n) if (rest & 1n) result ^= matrix[i]!;
  return result;
}
