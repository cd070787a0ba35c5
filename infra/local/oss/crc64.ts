/**
 * CRC-64/XZ, the checksum of x-oss-hash-crc64ecma: polynomial ECMA-182 reflected (0xC96C5795D7870F42),
 * initial value and final xor all ones. Check value of "123456789": 11051210869376104954.
 */

import { crc64Module, TABLE_COUNT, WINDOW_BYTES, WINDOW_OFFSET } from './crc64-module.ts';

const POLYNOMIAL = 0xc96c_5795_d787_0f42n;
const ONES = 0xffff_ffff_ffff_ffffn;
const TOP_BIT = 1n << 63n;

interface CrcExports {
  readonly m: { readonly buffer: ArrayBuffer };
  readonly u: (crc: bigint, at: number, end: number) => bigint;
}

/** The part of the WebAssembly interface used here; the Node type package does not declare it. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/** What another thread needs to run the same inner loop. */
export interface Crc64Kernel {
  readonly module: Uint8Array;
  /** To be written at offset 0 of the module's memory. */
  readonly tables: BigUint64Array;
  readonly windowOffset: number;
  readonly windowBytes: number;
}

/** The inner loop as plain data. */
export function crc64Kernel(): Crc64Kernel {
  return {
    module: crc64Module(),
    tables: crc64Tables(),
    windowOffset: WINDOW_OFFSET,
    windowBytes: WINDOW_BYTES,
  };
}

function instantiate(): CrcExports {
  const api = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;
  const { exports } = new api.Instance(new api.Module(crc64Module()));
  const loaded = exports as CrcExports;
  const tables = crc64Tables();
  new BigUint64Array(loaded.m.buffer, 0, tables.length).set(tables);
  return loaded;
}

/** table[0] steps one byte; table[k] steps the same byte and then k zero bytes. */
function crc64Tables(): BigUint64Array {
  const tables = new BigUint64Array(TABLE_COUNT * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = timesX(crc);
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i += 1) {
    const previous = tables[i - 256]!;
    tables[i] = (previous >> 8n) ^ tables[Number(previous & 0xffn)]!;
  }
  return tables;
}

const kernel = instantiate();
const inputWindow = new Uint8Array(kernel.m.buffer, WINDOW_OFFSET, WINDOW_BYTES);

/** A running checksum. */
export class Crc64 {
  private state = ONES;

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += WINDOW_BYTES) {
      const slice = bytes.subarray(at, Math.min(at + WINDOW_BYTES, bytes.length));
      inputWindow.set(slice);
      this.state = kernel.u(this.state, WINDOW_OFFSET, WINDOW_OFFSET + slice.length);
    }
  }

  /** The checksum of everything so far; more may follow. */
  digest(): bigint {
    return BigInt.asUintN(64, this.state) ^ ONES;
  }
}

/** Checksum of one block. */
export function crc64(bytes: Uint8Array): bigint {
  const crc = new Crc64();
  crc.update(bytes);
  return crc.digest();
}

/** Multiplies by x modulo the polynomial; in reflected form bit 63 is x^0, so this shifts right. */
function timesX(value: bigint): bigint {
  return value & 1n ? (value >> 1n) ^ POLYNOMIAL : value >> 1n;
}

function multiply(left: bigint, right: bigint): bigint {
  let product = 0n;
  let factor = right;
  for (let bit = TOP_BIT; bit > 0n; bit >>= 1n) {
    if (left & bit) product ^= factor;
    factor = timesX(factor);
  }
  return product;
}

/** x^(2^k) for k = 0…63: enough for lengths of 2^60 bytes. */
const SQUARES: readonly bigint[] = (() => {
  const squares = [1n << 62n];
  while (squares.length < 64) squares.push(multiply(squares.at(-1)!, squares.at(-1)!));
  return squares;
})();

/** Checksum of A followed by B, from their checksums and B's length in bytes; no data is read. */
export function crc64Combine(crcA: bigint, crcB: bigint, lengthB: number): bigint {
  let shift = TOP_BIT;
  let rest = BigInt(lengthB);
  for (let k = 3; rest > 0n; k += 1, rest >>= 1n) {
    if (rest & 1n) shift = multiply(SQUARES[k]!, shift);
  }
  return multiply(shift, crcA) ^ crcB;
}
