/** Digits that a double holds exactly, whatever they are. */
const EXACT_DIGITS = 15;
const MINUS = 0x2d;
const ZERO = 0x30;
const LOW_WORD = 2 ** 32;

/** Writes the integer whose decimal digits (`-?` digits, within 64 bits) are given as 8 bytes, little-endian. */
export function writeDecimalInt64(
  text: Uint8Array,
  start: number,
  end: number,
  out: Buffer,
  at: number,
): void {
  if (end - start > EXACT_DIGITS) {
    out.writeBigInt64LE(BigInt(Buffer.from(text.subarray(start, end)).toString('latin1')), at);
    return;
  }
  const negative = text[start] === MINUS;
  let value = 0;
  for (let i = negative ? start + 1 : start; i < end; i++) value = value * 10 + text[i]! - ZERO;
  if (negative) value = -value;
  const high = Math.floor(value / LOW_WORD);
  out.writeUInt32LE(value - high * LOW_WORD, at);
  out.writeInt32LE(high, at + 4);
}
