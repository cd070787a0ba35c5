/**
 * CRC-8 of PlainBuffer: polynomial 0x07, initial value 0, not reflected, no final xor.
 * Eight tables let eight bytes be folded in by independent look-ups: `TABLES[k * 256 + b]` is the CRC of
 * byte `b` followed by `k` zero bytes.
 */

const POLYNOMIAL = 0x07;
const TABLES = buildTables();

function buildTables(): Uint8Array {
  const tables = new Uint8Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x80 ? POLYNOMIAL : 0)) & 0xff;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) tables[i] = tables[tables[i - 256]!]!;
  return tables;
}

/** The CRC after one more byte. */
export function crc8Byte(crc: number, byte: number): number {
  return TABLES[(crc ^ byte) & 0xff]!;
}

/** The CRC after `bytes[start .. end)`, which must lie inside the array. */
export function crc8(crc: number, bytes: Uint8Array, start: number, end: number): number {
  let c = crc;
  let at = start;
  for (const last = end - 8; at <= last; at += 8) {
    c =
      TABLES[1792 + (c ^ bytes[at]!)]! ^
      TABLES[1536 + bytes[at + 1]!]! ^
      TABLES[1280 + bytes[at + 2]!]! ^
      TABLES[1024 + bytes[at + 3]!]! ^
      TABLES[768 + bytes[at + 4]!]! ^
      TABLES[512 + bytes[at + 5]!]! ^
      TABLES[256 + bytes[at + 6]!]! ^
      TABLES[bytes[at + 7]!]!;
  }
  for (; at < end; at++) c = TABLES[c ^ bytes[at]!]!;
  return c;
}
