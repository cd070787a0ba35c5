import { blockKernel, type LoadedRows, loadRows, OUT_BYTES } from './block-memory.ts';
import type { RowBlock } from './row-block.ts';

/** The two sums stand before the hashes of the rows. */
const SUMS_BYTES = 16;
/** Rows hashed at a time: their hashes fill the room for results. */
const MAX_ROWS = (OUT_BYTES - SUMS_BYTES) / 8;

/**
 * Order-free checksum of rows: the sums modulo 2^64 of the hash of each row, and of that hash mixed once more. The hash
 * (64 bits, core/kernels/assembly/block/hash.ts) covers the form, the length and the bytes of each cell in column
 * order, so a changed, missing, extra or doubled row changes the sums, whatever the order of rows and blocks. It is a
 * guard against faults, not against forgery. Returned as 32 hex digits, the sum of the hashes first.
 */
export function rowChecksum(block: RowBlock, fromRow = 0, toRow = block.rowCount): string {
  let sum = 0n;
  let mixedSum = 0n;
  for (const { address } of hashed(block, fromRow, toRow)) {
    sum += blockKernel.bytes.readBigUInt64LE(address);
    mixedSum += blockKernel.bytes.readBigUInt64LE(address + 8);
  }
  return hex64(sum) + hex64(mixedSum);
}

/** The hash of each row, as two halves of 32 bits: the low one of row `r` at `2 * r`. */
export function hashRows(block: RowBlock): Uint32Array {
  const hashes = new Uint32Array(2 * block.rowCount);
  const bytes = new Uint8Array(hashes.buffer);
  for (const { address, row, rows } of hashed(block, 0, block.rowCount)) {
    const from = address + SUMS_BYTES;
    bytes.set(blockKernel.bytes.subarray(from, from + 8 * rows), 8 * row);
  }
  return hashes;
}

/** Sum of the cell lengths in bytes: what `speed.mbps` counts. */
export function cellBytes(block: RowBlock): number {
  let sum = 0;
  for (let row = 0; row < block.rowCount; ) {
    const rows = loadRows(block, row);
    sum += rows.cellBytes;
    row = rows.toRow;
  }
  return sum;
}

/** Rows whose hashes stand in the memory of the kernel, until the next step. */
interface Hashed {
  readonly row: number;
  readonly rows: number;
  readonly address: number;
}

function* hashed(block: RowBlock, fromRow: number, toRow: number): Generator<Hashed> {
  for (let row = fromRow; row < toRow; ) {
    const loaded = loadRows(block, row);
    const rows = Math.min(toRow, loaded.toRow, row + MAX_ROWS) - row;
    yield { row, rows, address: hash(loaded, row, rows, block.columns.length) };
    row += rows;
  }
}

function hash(
  { bytes, starts, ends, forms, fromRow, out }: LoadedRows,
  row: number,
  rows: number,
  width: number,
) {
  const cell = (row - fromRow) * width;
  const { functions } = blockKernel;
  functions.hashRows(bytes, starts + 4 * cell, ends + 4 * cell, forms + cell, rows, width, out);
  return out;
}

const hex64 = (value: bigint): string => BigInt.asUintN(64, value).toString(16).padStart(16, '0');
