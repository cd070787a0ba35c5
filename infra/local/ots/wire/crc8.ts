/**
 * CRC-8 of PlainBuffer: polynomial 0x07 (x^8 + x^2 + x + 1), start 0, not reflected, no final xor.
 * A cell is summed in the order name, value payload, timestamp, operation; a row over its cell sums and
 * then one byte for the delete marker.
 */
const POLYNOMIAL = 0x07;

const buildTable = (): Uint8Array => {
  const table = new Uint8Array(256);
  for (let value = 0; value < 256; value++) {
    let crc = value;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ POLYNOMIAL) & 0xff : (crc << 1) & 0xff;
    table[value] = crc;
  }
  return table;
};

/** The 256 sums of single bytes; `table[1] = 0x07`, `table[255] = 0xf3`. */
export const CRC8_TABLE: Uint8Array = buildTable();

/** Continues `crc` with one byte. */
export const crc8Byte = (crc: number, byte: number): number => CRC8_TABLE[crc ^ byte] as number;

/** Continues `crc` over `bytes[start, end)`. */
export const crc8 = (crc: number, bytes: Uint8Array, start: number, end: number): number => {
  let sum = crc;
  for (let i = start; i < end; i++) sum = CRC8_TABLE[sum ^ (bytes[i] as number)] as number;
  return sum;
};
