const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PAD = 0x3d;

/** Writes standard base64 with padding; needs `4 * ceil(length / 3)` bytes. Returns the end position. */
export function writeBase64(
  source: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
): number {
  let position = at;
  let i = from;
  for (; i + 2 < to; i += 3) {
    const triple = (source[i]! << 16) | (source[i + 1]! << 8) | source[i + 2]!;
    out[position++] = ALPHABET[triple >>> 18]!;
    out[position++] = ALPHABET[(triple >>> 12) & 63]!;
    out[position++] = ALPHABET[(triple >>> 6) & 63]!;
    out[position++] = ALPHABET[triple & 63]!;
  }
  const left = to - i;
  if (left === 0) return position;
  const tail = (source[i]! << 16) | (left === 2 ? source[i + 1]! << 8 : 0);
  out[position++] = ALPHABET[tail >>> 18]!;
  out[position++] = ALPHABET[(tail >>> 12) & 63]!;
  out[position++] = left === 2 ? ALPHABET[(tail >>> 6) & 63]! : PAD;
  out[position++] = PAD;
  return position;
}
