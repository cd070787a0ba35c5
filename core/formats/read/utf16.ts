/**
 * UTF-16 to UTF-8, byte by byte. A lone surrogate becomes the three bytes that UTF-8 forbids for it, so that the cell
 * that holds it is found not to be text; a half unit at the end becomes 0xFF for the same reason. The length in the
 * source follows from the bytes made: two bytes for each character, four for one of four bytes.
 */

/** Changes pieces of UTF-16 to UTF-8. */
export async function* utf8OfUtf16(
  source: AsyncIterable<Buffer>,
  bigEndian: boolean,
): AsyncGenerator<Buffer, void, void> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const piece of source) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const end = wholeLength(bytes, bigEndian);
    if (end > 0) yield convert(bytes, end, bigEndian);
    rest = bytes.subarray(end);
  }
  if (rest.length === 0) return;
  const whole = rest.length - (rest.length % 2);
  const tail = convert(rest, whole, bigEndian);
  yield whole === rest.length ? tail : Buffer.concat([tail, Uint8Array.of(0xff)]);
}

/** Bytes of the source that these bytes of UTF-8 were made of. */
export function utf16Length(bytes: Uint8Array, from: number, to: number): number {
  let units = 0;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 && byte !== 0xff ? 2 : 1;
  }
  return units * 2;
}

/** Whole units, without a first half of a pair at the end. */
function wholeLength(bytes: Uint8Array, bigEndian: boolean): number {
  const whole = bytes.length - (bytes.length % 2);
  if (whole < 2) return 0;
  return isHigh(unitAt(bytes, whole - 2, bigEndian)) ? whole - 2 : whole;
}

const isHigh = (unit: number): boolean => (unit & 0xfc00) === 0xd800;
const isLow = (unit: number): boolean => (unit & 0xfc00) === 0xdc00;

const unitAt = (bytes: Uint8Array, at: number, bigEndian: boolean): number =>
  bigEndian ? (bytes[at]! << 8) | bytes[at + 1]! : bytes[at]! | (bytes[at + 1]! << 8);

function convert(bytes: Uint8Array, end: number, bigEndian: boolean): Buffer {
  const out = Buffer.allocUnsafeSlow((end / 2) * 3);
  let length = 0;
  for (let at = 0; at < end; at += 2) {
    const unit = unitAt(bytes, at, bigEndian);
    const next = isHigh(unit) && at + 2 < end ? unitAt(bytes, at + 2, bigEndian) : 0;
    if (isLow(next)) {
      at += 2;
      length = put(0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff), out, length);
    } else length = put(unit, out, length);
  }
  return out.subarray(0, length);
}

function put(code: number, out: Uint8Array, at: number): number {
  if (code < 0x80) {
    out[at] = code;
    return at + 1;
  }
  if (code < 0x800) {
    out[at] = 0xc0 | (code >> 6);
    out[at + 1] = 0x80 | (code & 0x3f);
    return at + 2;
  }
  if (code < 0x10000) {
    out[at] = 0xe0 | (code >> 12);
    out[at + 1] = 0x80 | ((code >> 6) & 0x3f);
    out[at + 2] = 0x80 | (code & 0x3f);
    return at + 3;
  }
  out[at] = 0xf0 | (code >> 18);
  out[at + 1] = 0x80 | ((code >> 12) & 0x3f);
  out[at + 2] = 0x80 | ((code >> 6) & 0x3f);
  out[at + 3] = 0x80 | (code & 0x3f);
  return at + 4;
}
