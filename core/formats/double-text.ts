/**
 * Text of doubles as DataX writes them: the shortest digits that read back as the same double, never with an
 * exponent. From 1e-3 up to (not including) 1e7 there is at least one fraction digit (`1.0`); outside, the
 * scientific form `d.ddd` (at least one fraction digit) is written out plainly, so that 1e-7 is `0.00000010`
 * and 1e21 is `1000000000000000000000`. NaN, Infinity and -Infinity are these words; -0 is `-0.0`.
 */
import { writeUint31 } from './integer-text.ts';

/** Longest text: sign, `0.`, 323 zeros and 17 digits, rounded up. */
export const MAX_DOUBLE_TEXT_BYTES = 352;

const PLAIN_FROM = 1e-3;
const PLAIN_BELOW = 1e7;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;

/** Writes the text of a double and returns the position after it. */
export function writeDouble(value: number, out: Uint8Array, at: number): number {
  if (!Number.isFinite(value)) return writeAscii(String(value), out, at);
  let position = at;
  if (value < 0 || Object.is(value, -0)) out[position++] = MINUS;
  const magnitude = Math.abs(value);
  if (magnitude < PLAIN_BELOW && Math.trunc(magnitude) === magnitude) {
    position = writeUint31(magnitude, out, position);
    out[position] = DOT;
    out[position + 1] = ZERO;
    return position + 2;
  }
  const shortest = String(magnitude);
  if (magnitude >= PLAIN_FROM && magnitude < PLAIN_BELOW) return writeAscii(shortest, out, position);
  return writeAscii(plainText(shortest), out, position);
}

/** `1.5e-7` → `0.00000015`, `1e+21` → `1` and 21 zeros. */
function plainText(shortest: string): string {
  const [mantissa = '', exponentText] = shortest.split('e');
  const dot = mantissa.indexOf('.');
  const integerDigits = dot < 0 ? mantissa.length : dot;
  const all = mantissa.replace('.', '');
  const leading = all.length - all.replace(/^0+/, '').length;
  const exponent = Number(exponentText ?? 0) + integerDigits - 1 - leading;
  const digits = all.slice(leading).replace(/0+$/, '').padEnd(2, '0');
  const scale = digits.length - 1 - exponent;
  if (scale <= 0) return digits + '0'.repeat(-scale);
  if (scale < digits.length) return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return `0.${'0'.repeat(scale - digits.length)}${digits}`;
}

function writeAscii(text: string, out: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
  return at + text.length;
}
