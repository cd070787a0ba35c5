/**
 * Hashes of rows, 64 bits each. Per cell, sixteen bytes a step, zeros after its last byte:
 *
 *     word = first half · A  xor  rotate(second half · B, 32)
 *     h    = rotate(h xor (word + head), 27) · C            head = form · 2^32 + length, in the last step
 *
 * Multipliers are odd, so each step is a bijection of h and of either half: a change of one half alone always shows.
 */
const A: u64 = 0x9e3779b185ebca87;
const B: u64 = 0xc2b2ae3d27d4eb4f;
const C: u64 = 0x9fb21c651e98df25;
const SEED: u64 = 0x27d4eb2f165667c5;

/** Sixteen bytes of ones, then sixteen of zeros: the window at 16 - n keeps n bytes. */
const KEEP: usize = memory.data<u64>([-1, -1, 0, 0], 16);

/**
 * Hashes rows whose cells begin at these addresses. Writes the sum of the hashes (u64), the sum of the hashes mixed
 * once more (u64), then the hash of each row (u64).
 */
export function hashRows(
  bytes: usize,
  starts: usize,
  ends: usize,
  forms: usize,
  rows: u32,
  width: u32,
  out: usize,
): void {
  let sum: u64 = 0;
  let mixedSum: u64 = 0;
  let at = out + 16;
  for (let row: u32 = 0; row < rows; row++, at += 8) {
    let h: u64 = SEED;
    for (const last = forms + width; forms < last; forms++, starts += 4, ends += 4) {
      const from = load<u32>(starts);
      h = hashCell(h, bytes + from, load<u32>(ends) - from, load<u8>(forms));
    }
    h = finished(h);
    sum += h;
    mixedSum += finished(h ^ B);
    store<u64>(at, h);
  }
  store<u64>(out, sum);
  store<u64>(out, mixedSum, 8);
}

function hashCell(before: u64, from: usize, bytes: u32, form: u32): u64 {
  let h = before;
  let at = from;
  let length = bytes;
  for (; length > 16; length -= 16, at += 16) h = step(h, load<u64>(at), load<u64>(at, 8), 0);
  const kept = v128.and(v128.load(at), v128.load(KEEP + 16 - length));
  const head = ((<u64>form) << 32) | bytes;
  return step(h, i64x2.extract_lane(kept, 0), i64x2.extract_lane(kept, 1), head);
}

function step(h: u64, low: u64, high: u64, head: u64): u64 {
  return rotl<u64>(h ^ (((low * A) ^ rotl<u64>(high * B, 32)) + head), 27) * C;
}

/** Spreads every bit over the word. */
function finished(h: u64): u64 {
  const mixed = (h ^ (h >> 32)) * A;
  return mixed ^ (mixed >> 29);
}
