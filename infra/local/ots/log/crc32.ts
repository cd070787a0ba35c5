/** CRC-32 (IEEE, reflected polynomial 0xedb88320), four bytes per step. */
const POLYNOMIAL = 0xedb88320;
const SLICES = 4;

const buildTables = (): Int32Array[] => {
  const tables = Array.from({ length: SLICES }, () => new Int32Array(256));
  for (let value = 0; value < 256; value++) {
    let crc = value;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    (tables[0] as Int32Array)[value] = crc;
  }
  for (let slice = 1; slice < SLICES; slice++) {
    for (let value = 0; value < 256; value++) {
      const before = tables[slice - 1]?.[value] as number;
      (tables[slice] as Int32Array)[value] = (before >>> 8) ^ (tables[0]?.[before & 0xff] as number);
    }
  }
  return tables;
};

const [T0, T1, T2, T3] = buildTables() as [Int32Array, Int32Array, Int32Array, Int32Array];

/** The checksum of `bytes[start, end)` as an unsigned number. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  let at = start;
  for (; at + SLICES <= end; at += SLICES) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    crc =
      (T3[crc & 0xff] as number) ^
      (T2[(crc >>> 8) & 0xff] as number) ^
      (T1[(crc >>> 16) & 0xff] as number) ^
      (T0[crc >>> 24] as number);
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ (T0[(crc ^ (bytes[at] as number)) & 0xff] as number);
  return ~crc >>> 0;
}
