const LONGEST_WORD = '-infinity'.length;
const WORDS: Readonly<Record<string, string>> = {
  nan: 'NaN',
  infinity: 'Infinity',
  '+infinity': 'Infinity',
  '-infinity': '-Infinity',
};

/** `NaN`, `Infinity` or `-Infinity` if the bytes are one of these words in any case. */
export function specialWord(source: Buffer, from: number, to: number): string | undefined {
  if (to - from > LONGEST_WORD || to - from < 3) return undefined;
  const word = source.toString('latin1', from, to).toLowerCase();
  return Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
}
