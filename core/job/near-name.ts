/** Finds what somebody probably meant. */

/** Longest name that is compared, in characters: the comparison is quadratic. */
const MAX_COMPARED_CHARS = 64;

/**
 * Number of insertions, deletions, replacements and swaps of neighbours between two words
 * (optimal string alignment).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, beforeLast[j - 2]! + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/** The candidate nearest to `word`, ignoring case; none if all are further than a third of its length. */
export function nearestName(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_COMPARED_CHARS) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** A hint such as "did you mean `mbps`?", or all choices when none is near. */
export function nameHint(word: string, candidates: Iterable<string>): string {
  const all = [...candidates];
  const near = nearestName(word, all);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  return all.length === 0
    ? 'nothing is allowed here'
    : `allowed: ${all.map((name) => `\`${name}\``).join(', ')}`;
}
