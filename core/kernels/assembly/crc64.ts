/**
 * CRC-64 of ECMA-182, reflected, sixteen bytes a step: table k holds the effect of a byte that is followed by k zero
 * bytes.
 */
const POLYNOMIAL: u64 = 0xc96c5795d7870f42;
const SLICES: u32 = 16;
const TABLES: usize = memory.data(16 * 256 * 8, 16);

/** Where the memory is free. */
export function arena(): usize {
  return __heap_base;
}

/** Fills the tables; to be called once. */
export function prepare(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let value: u64 = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >> 1) ^ POLYNOMIAL : value >> 1;
    store<u64>(TABLES + (byte << 3), value);
  }
  for (let i: u32 = 256; i < SLICES * 256; i++) {
    const before = load<u64>(TABLES + ((i - 256) << 3));
    store<u64>(TABLES + (i << 3), (before >> 8) ^ entry(0, before));
  }
}

function entry(slice: u32, byte: u64): u64 {
  return load<u64>(TABLES + (slice << 11) + ((<usize>byte & 255) << 3));
}

/** The register after the bytes `[at, end)`, from the register before them. */
export function update(register: u64, at: usize, end: usize): u64 {
  let crc = register;
  for (; at + 16 <= end; at += 16) {
    const a = crc ^ load<u64>(at);
    const b = load<u64>(at, 8);
    crc =
      entry(15, a) ^
      entry(14, a >> 8) ^
      entry(13, a >> 16) ^
      entry(12, a >> 24) ^
      entry(11, a >> 32) ^
      entry(10, a >> 40) ^
      entry(9, a >> 48) ^
      entry(8, a >> 56) ^
      entry(7, b) ^
      entry(6, b >> 8) ^
      entry(5, b >> 16) ^
      entry(4, b >> 24) ^
      entry(3, b >> 32) ^
      entry(2, b >> 40) ^
      entry(1, b >> 48) ^
      entry(0, b >> 56);
  }
  for (; at < end; at++) crc = (crc >> 8) ^ entry(0, crc ^ load<u8>(at));
  return crc;
}
