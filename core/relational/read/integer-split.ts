/**
 * Cutting a range of whole numbers into ranges of about equal width, of any size. Bounds are inclusive; they are
 * swapped if they come in the wrong order. With `step = width div n` and `rest = width mod n`, the first `rest` ranges
 * are wider by one; a range narrower than `n` gives one range for each step.
 *
 *   (1, 10, 3)  → 1 4 7 10      that is [1, 4) [4, 7) [7, 10]
 *   (0, 9, 4)   → 0 3 5 7 9
 *   (-5, 5, 4)  → -5 -2 1 3 5
 *   (1, 3, 10)  → 1 2 3
 *   (5, 5, 4)   → 5 5
 */
export function splitIntegers(left: bigint, right: bigint, parts: number): bigint[] {
  if (!Number.isInteger(parts) || parts < 1) throw new RangeError('at least one range');
  const [low, high] = left <= right ? [left, right] : [right, left];
  if (low === high) return [low, high];
  const width = high - low;
  const wanted = BigInt(parts);
  const step = width / wanted;
  const rest = width % wanted;
  const ranges = step === 0n ? rest : wanted;
  const points = [low];
  for (let i = 1n; i < ranges; i++) points.push(points.at(-1)! + step + (rest >= i ? 1n : 0n));
  points.push(high);
  return points;
}
