/**
 * Names of objects with wildcards: `*` stands for any run of characters, slashes among them, and `?` for exactly one.
 * Every other character stands for itself.
 */

/** One entry of `object`. */
export interface ObjectPattern {
  readonly text: string;
  readonly hasWildcards: boolean;
  /** What every matching name begins with. */
  readonly prefix: string;
  matches(key: string): boolean;
}

/** The pattern of an entry of `object`. */
export function objectPattern(text: string): ObjectPattern {
  const first = text.search(/[*?]/);
  const prefix = first < 0 ? text : text.slice(0, first);
  const parts = [...text];
  return { text, hasWildcards: first >= 0, prefix, matches: (key) => matches(parts, [...key]) };
}

/** Greedy, with a return to the last `*`: at most pattern × key steps, whatever the pattern. */
function matches(pattern: readonly string[], key: readonly string[]): boolean {
  let p = 0;
  let k = 0;
  let star = -1;
  let starKey = 0;
  while (k < key.length) {
    if (pattern[p] === '*') {
      star = p++;
      starKey = k;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === key[k])) {
      p++;
      k++;
    } else if (star >= 0) {
      p = star + 1;
      k = ++starKey;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
