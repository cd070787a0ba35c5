/**
 * CRC-64 as OSS computes it (header x-oss-hash-crc64ecma, unsigned decimal): ECMA-182 polynomial, reflected
 * 0xC96C5795D7870F42, initial value and final xor all ones. "123456789" → 11051210869376104954, empty → 0.
 */
import { Kernel } from '../kernels/kernel.ts';
import { WASM } from '../kernels/wasm/crc64.ts';

const POLYNOMIAL = 0xc96c5795d7870f42n;
const ALL_ONES = 0xffffffffffffffffn;
/** Bytes copied into the memory of the kernel at a time: they stay in the cache of the processor. */
const PIECE_BYTES = 256 * 1024;

const kernel = new Kernel<{
  prepare(): void;
  windowBytes(): number;
  update(register: bigint, at: number, end: number): bigint;
}>(WASM, ({ prepare }) => prepare());

/** A running checksum. */
export class Crc64 {
  #register = ALL_ONES;

  update(data: Uint8Array): this {
    const { functions } = kernel;
    const window = functions.windowBytes();
    const [region = 0] = kernel.layOut(window + Math.min(data.length, PIECE_BYTES));
    const address = region + window;
    const { bytes } = kernel;
    for (let from = 0; from < data.length; from += PIECE_BYTES) {
      const piece = data.subarray(from, from + PIECE_BYTES);
      bytes.set(piece, address);
      this.#register = functions.update(this.#register, address, address + piece.length);
    }
    return this;
  }

  digest(): bigint {
    return BigInt.asUintN(64, ~this.#register);
  }
}

/** The checksum of some bytes. */
export const crc64 = (data: Uint8Array): bigint => new Crc64().update(data).digest();

/**
 * The checksum of `first` followed by `second`, from their checksums and the length of `second` in bytes. To append a
 * zero byte is to multiply by x^8 modulo the polynomial, so that any number of them is one product.
 */
export function crc64Combine(first: bigint, second: bigint, secondLength: number): bigint {
  let value = first;
  let length = secondLength;
  for (let power = 0; length > 0; power++, length = Math.floor(length / 2)) {
    if (length % 2 === 1) value = product(zeroBytes(power), value);
  }
  return value ^ second;
}

/** x^8, reflected: the highest bit of 64 is x^0. */
const ONE_ZERO_BYTE = 1n << 55n;

/** Factors for appending 2^power zero bytes, made when first needed. */
const zeroFactors: bigint[] = [ONE_ZERO_BYTE];

function zeroBytes(power: number): bigint {
  for (let last = zeroFactors.at(-1)!; zeroFactors.length <= power; zeroFactors.push(last)) {
    last = product(last, last);
  }
  return zeroFactors[power]!;
}

/** The product of two reflected polynomials modulo ours. */
function product(first: bigint, second: bigint): bigint {
  let result = 0n;
  let shifted = second;
  for (let bit = 1n << 63n; bit > 0n; bit >>= 1n) {
    if (first & bit) result ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ POLYNOMIAL : shifted >> 1n;
  }
  return result;
}
