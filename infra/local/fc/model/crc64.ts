/**
 * CRC-64/XZ: reflected polynomial 0xC96C5795D7870F42 (ECMA-182), initial value and final xor all ones.
 * Kept as two 32-bit halves: big integers would be a hundred times slower on code packages.
 */
const HIGH_POLYNOMIAL = 0xc96c5795;
const LOW_POLYNOMIAL = 0xd7870f42;

const tables = ((): { high: Uint32Array; low: Uint32Array } => {
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let h = 0;
    let l = byte;
    for (let bit = 0; bit < 8; bit++) {
      const odd = l & 1;
      l = ((l >>> 1) | (h << 31)) >>> 0;
      h >>>= 1;
      if (odd) {
        h = (h ^ HIGH_POLYNOMIAL) >>> 0;
        l = (l ^ LOW_POLYNOMIAL) >>> 0;
      }
    }
    high[byte] = h;
    low[byte] = l;
  }
  return { high, low };
})();

/** The checksum as an unsigned decimal, the form of `codeChecksum` and `x-fc-code-checksum`. */
export function crc64(bytes: Uint8Array): string {
  let h = 0xffffffff;
  let l = 0xffffffff;
  for (const byte of bytes) {
    const index = (l ^ byte) & 0xff;
    l = (((l >>> 8) | (h << 24)) ^ tables.low[index]!) >>> 0;
    h = ((h >>> 8) ^ tables.high[index]!) >>> 0;
  }
  const value = (BigInt(~h >>> 0) << 32n) | BigInt(~l >>> 0);
  return value.toString();
}
