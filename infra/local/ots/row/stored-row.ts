import { crc8Byte } from '../wire/crc8.ts';
import { readU32 } from '../wire/plain-format.ts';

/**
 * How a row lies in memory and in the log: exactly the PlainBuffer row that a read of the whole row answers,
 * so serving it is copying.
 *
 *     row  := 01 keyCell{n}  [02 cell*]  09 rowCrc           n = key columns of the table
 *     cell := 03 04 u32 n name  05 u32 L value  [07 i64 ts]  0a crc      (ts: attribute cells only)
 *
 * Attribute cells are sorted by name bytes, versions of a column newest first; every one has a timestamp.
 */
const NAME_LENGTH_AT = 2;
const NAME_AT = 6;
/** Tag and length before the value bytes. */
const VALUE_PREFIX_BYTES = 5;
const CHECKSUM_BYTES = 2;
const TIMESTAMP_BYTES = 9;

/** First byte of the name of the cell at `cell`. */
export const cellNameStart = (cell: number): number => cell + NAME_AT;

/** First byte behind the name of the cell at `cell`. */
export const cellNameEnd = (bytes: Uint8Array, cell: number): number =>
  cell + NAME_AT + readU32(bytes, cell + NAME_LENGTH_AT);

/** The type byte of the value of the cell whose name ends at `nameEnd`. */
export const cellValueStart = (nameEnd: number): number => nameEnd + VALUE_PREFIX_BYTES;

/** First byte behind the value of the cell whose name ends at `nameEnd`. */
export const cellValueEnd = (bytes: Uint8Array, nameEnd: number): number =>
  nameEnd + VALUE_PREFIX_BYTES + readU32(bytes, nameEnd + 1);

/** First byte behind a key cell. */
export const keyCellEnd = (bytes: Uint8Array, cell: number): number =>
  cellValueEnd(bytes, cellNameEnd(bytes, cell)) + CHECKSUM_BYTES;

/** First byte behind the attribute cell whose name ends at `nameEnd`. */
export const cellEndAfterName = (bytes: Uint8Array, nameEnd: number): number =>
  cellValueEnd(bytes, nameEnd) + TIMESTAMP_BYTES + CHECKSUM_BYTES;

/** The timestamp of the attribute cell that ends at `end`. */
export const cellTimestamp = (bytes: Uint8Array, end: number): bigint =>
  (BigInt(readU32(bytes, end - CHECKSUM_BYTES - 4)) << 32n) |
  BigInt(readU32(bytes, end - CHECKSUM_BYTES - 8));

/** High and low halves of that timestamp, for comparisons without a bigint. */
export const cellTimestampHigh = (bytes: Uint8Array, end: number): number =>
  readU32(bytes, end - CHECKSUM_BYTES - 4);
export const cellTimestampLow = (bytes: Uint8Array, end: number): number =>
  readU32(bytes, end - CHECKSUM_BYTES - 8);

/** First byte behind the key cells of the row at `start`. */
export function keyEnd(bytes: Uint8Array, start: number, keyColumns: number): number {
  let at = start + 1;
  for (let i = 0; i < keyColumns; i++) at = keyCellEnd(bytes, at);
  return at;
}

/** Continues a row checksum over the checksums of `count` key cells from `start`. */
export function keyCellsChecksum(bytes: Uint8Array, start: number, count: number): number {
  let sum = 0;
  let at = start + 1;
  for (let i = 0; i < count; i++) {
    at = keyCellEnd(bytes, at);
    sum = crc8Byte(sum, bytes[at - 1] as number);
  }
  return sum;
}
