/**
 * CRC-64 of ECMA-182, reflected.
 *
 * Long input is folded first: a unit of sixteen bytes that is followed by e units of zeros counts as x^128e modulo the
 * polynomial, and the sum of these over the exponents in `before` and WINDOW_UNITS is zero. So a unit may be taken away
 * if it is added to those that stand behind it in place of the other exponents: eleven additions, no table. What is left
 * are the last WINDOW_UNITS units, for which there are tables, sixteen bytes a step: table k holds the effect of a byte
 * that is followed by k zero bytes.
 */
const POLYNOMIAL: u64 = 0xc96c5795d7870f42;
const SLICES: u32 = 16;
const TABLES: usize = memory.data(16 * 256 * 8, 16);

/** Units of sixteen bytes that folding leaves. */
const WINDOW_UNITS: usize = 654;
const WINDOW: usize = WINDOW_UNITS * 16;
/** Below this length the tables alone are as fast. */
const LEAST_TO_FOLD: usize = 3 * WINDOW;

/** Where the memory is free. */
export function arena(): usize {
  return __heap_base;
}

/** Bytes that must be free in front of the input of `update`. */
export function windowBytes(): usize {
  return WINDOW;
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

/** The register after the bytes `[at, end)`, from the register before them. Uses up the bytes and the window before. */
export function update(register: u64, at: usize, end: usize): u64 {
  if (end - at < LEAST_TO_FOLD) return divided(register, at, end);
  const units = at + ((end - at) & ~15);
  store<u64>(at, load<u64>(at) ^ register);
  fold(at, units);
  return divided(divided(0, at - WINDOW, at), units, end);
}

/** Moves all units into the window in front of them. */
function fold(at: usize, end: usize): void {
  const window = at - WINDOW;
  const last = end - WINDOW;
  memory.fill(window, 0, WINDOW);
  for (let unit = at; unit < last; unit += 16) {
    v128.store(unit, v128.xor(v128.load(unit), before(unit - WINDOW)));
  }
  // The rest receives what was taken away, but is not taken away itself.
  memory.copy(window, last, WINDOW);
  memory.fill(last, 0, WINDOW);
  for (let left = window; left < at; left += 16) {
    v128.store(left, v128.xor(v128.load(left), before(last - WINDOW + (left - window))));
  }
}

/** The units that are added to the one a window behind: all exponents but the highest. */
function before(at: usize): v128 {
  const first = v128.xor(v128.load(at), v128.load(at, 14 * 16));
  const second = v128.xor(v128.load(at, 38 * 16), v128.load(at, 112 * 16));
  const third = v128.xor(v128.load(at, 119 * 16), v128.load(at, 300 * 16));
  const fourth = v128.xor(v128.load(at, 348 * 16), v128.load(at, 373 * 16));
  const fifth = v128.xor(v128.load(at, 386 * 16), v128.load(at, 630 * 16));
  const sixth = v128.xor(v128.load(at, 641 * 16), v128.xor(first, second));
  return v128.xor(v128.xor(third, fourth), v128.xor(fifth, sixth));
}

/** The register after bytes, by the tables. */
function divided(register: u64, from: usize, end: usize): u64 {
  let crc = register;
  let at = from;
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
