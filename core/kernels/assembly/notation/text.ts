/** Text with its escapes, and bytes as hexadecimal digits. */

const BACKSLASH: u8 = 92;
/** A letter of the style: the byte cannot be written. */
const REFUSED: u8 = 1;

/** Text of at most so many characters and bytes. Returns the place behind it; 0 = more, or not to be written. */
export function putText(
  style: usize,
  from: usize,
  end: usize,
  maxChars: u32,
  maxBytes: u32,
  begin: usize,
): usize {
  const size = end - from;
  if (size > <usize>maxBytes || (size > <usize>maxChars && charsOf(from, end) > maxChars)) return 0;
  const likely = i8x16.splat(load<i8>(style, 256));
  let out = begin;
  for (let at = from; at < end; ) {
    const text = v128.load(at);
    v128.store(out, text);
    const left = end - at;
    let special = specials(text, likely);
    if (left < 16) special &= (1 << (<u32>left)) - 1;
    if (special === 0) {
      const step = min<usize>(left, 16);
      at += step;
      out += step;
      continue;
    }
    const plain = <usize>ctz<u32>(special);
    at += plain;
    out = putSpecial(style, load<u8>(at++), out + plain);
    if (out === 0) return 0;
  }
  return out;
}

/** A bit for each byte that may have to be escaped. */
function specials(text: v128, likely: v128): u32 {
  const control = i8x16.lt_u(text, i8x16.splat(32));
  const named = v128.or(i8x16.eq(text, likely), i8x16.eq(text, i8x16.splat(BACKSLASH)));
  return <u32>i8x16.bitmask(v128.or(control, named));
}

function putSpecial(style: usize, byte: u8, out: usize): usize {
  const letter = load<u8>(style + byte);
  if (letter === REFUSED) return 0;
  if (letter === 0) {
    store<u8>(out, byte);
    return out + 1;
  }
  store<u8>(out, BACKSLASH);
  store<u8>(out, letter, 1);
  return out + 2;
}

/** Bytes that are not in the middle of a character. */
function charsOf(from: usize, end: usize): u32 {
  let count: u32 = 0;
  for (let at = from; at < end; at += 16) {
    const left = end - at;
    let first = <u32>i8x16.bitmask(i8x16.gt_s(v128.load(at), i8x16.splat(-65)));
    if (left < 16) first &= (1 << (<u32>left)) - 1;
    count += popcnt<u32>(first);
  }
  return count;
}

/** Two digits for each byte. */
export function putHex(from: usize, end: usize, out: usize): usize {
  const digits = i8x16(48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 97, 98, 99, 100, 101, 102);
  let to = out;
  for (let at = from; at < end; at += 16, to += 32) {
    const bytes = v128.load(at);
    const high = i8x16.swizzle(digits, i8x16.shr_u(bytes, 4));
    const low = i8x16.swizzle(digits, v128.and(bytes, i8x16.splat(15)));
    v128.store(to, i8x16.shuffle(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
    v128.store(
      to,
      i8x16.shuffle(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
      16,
    );
  }
  return out + 2 * (end - from);
}
