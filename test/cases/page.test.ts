/** The page of the cases says what the tests are. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const FOLDER = 'test/cases';
const CASES = 80;

/** `file number title` of every case, in order. */
const sorted = (entries: readonly { file: string; number: string; title: string }[]): string[] =>
  entries
    .toSorted((a, b) => Number(a.number) - Number(b.number))
    .map(({ file, number, title }) => `${file} ${number} ${title}`);

/** The cases that the test files have. */
const tested = (): string[] =>
  sorted(
    readdirSync(FOLDER)
      .filter((name) => name.endsWith('.test.ts'))
      .flatMap((name) => {
        const file = `${FOLDER}/${name}`;
        const titles = readFileSync(file, 'utf8').matchAll(/\bit\('case (\d+): ([^']+)'/g);
        return [...titles].map(([, number, title]) => ({ file, number: number!, title: title! }));
      }),
  );

/** The rows of the page, each under the file of its section. */
function told(): string[] {
  const sections = readFileSync('docs/conformance-cases.md', 'utf8').split('\n## ').slice(1);
  return sorted(
    sections.flatMap((section) => {
      const file = /`(test\/cases\/[^`]+)`/.exec(section)?.[1] ?? '';
      const rows = section.matchAll(/^\| (\d+) \| (.+?) \| (?:As|Differs|Same)/gm);
      return [...rows].map(([, number, title]) => ({ file, number: number!, title: title! }));
    }),
  );
}

describe('the page of the cases', () => {
  it('has every case once, with the title of its test', () => {
    expect(told()).toEqual(tested());
    const numbers = tested().map((entry) => Number(entry.split(' ')[1]));
    expect(numbers).toEqual(Array.from({ length: CASES }, (_, i) => i + 1));
  });
});
