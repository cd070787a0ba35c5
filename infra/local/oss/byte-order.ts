/** Keys are listed in the order of their UTF-8 bytes, which differs from JavaScript's order of UTF-16 units. */

/** Units of a surrogate pair encode points above U+FFFF: they come after U+E000…U+FFFF, not before. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Compares two strings as their UTF-8 encodings. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}
