import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { codes } from '../../../core/errors/index.ts';
import { anchors, codeTexts, localLinks, namedTests, pagePaths, repositoryPaths } from './markdown.ts';

const pages = pagePaths().map((page) => ({ page, text: readFileSync(page, 'utf8') }));

/** What is wrong on all pages, as `page: what`, so that one run tells everything. */
const faultsOf = (find: (text: string, page: string) => readonly string[]): readonly string[] =>
  pages.flatMap(({ page, text }) => find(text, page).map((fault) => `${page}: ${fault}`));

const missing = (names: readonly string[], known: (name: string) => boolean): readonly string[] => [
  ...new Set(names.filter((name) => !known(name))),
];

describe('what the pages name', () => {
  it('is looked for on all of them', () => {
    const found = pages.map(({ page }) => page);
    for (const page of ['README.md', 'README.zh-CN.md', 'docs/README.md', 'core/README.md', 'llms.txt'])
      expect(found).toContain(page);
  });

  it('by links exists, with its heading', () => {
    const broken = faultsOf((text, page) =>
      localLinks(text).flatMap(({ target, anchor }) => {
        const file = target === '' ? page : path.posix.join(path.posix.dirname(page), target);
        if (!existsSync(file)) return [`no file ${target}`];
        const isPage = anchor !== '' && file.endsWith('.md');
        return isPage && !anchors(readFileSync(file, 'utf8')).has(decodeURIComponent(anchor))
          ? [`no heading ${target}#${anchor}`]
          : [];
      }),
    );
    expect(broken).toEqual([]);
  });

  it('by paths exists', () => {
    const broken = faultsOf((text) => missing(codeTexts(text).flatMap(repositoryPaths), existsSync));
    expect(broken).toEqual([]);
  });

  it('as scripts of npm exists', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object };
    const broken = faultsOf((text) =>
      missing(
        [...text.matchAll(/\bnpm run ([a-z][a-z0-9:-]*)/g)].map((match) => match[1] ?? ''),
        (name) => Object.hasOwn(scripts, name),
      ),
    );
    expect(broken).toEqual([]);
  });

  it('as error codes exists', () => {
    const broken = faultsOf((text) =>
      missing(text.match(/\b(?:CLI|JOB|SRC|CNV|DST|RUN|SEC|BUG)-\d{4}\b/g) ?? [], (code) =>
        Object.hasOwn(codes, code),
      ),
    );
    expect(broken).toEqual([]);
  });

  it('as commands of millrace exists', () => {
    const program = readFileSync('cli/program.ts', 'utf8');
    const names = [...program.matchAll(/name: '([a-z]+)(?: [a-z]+)?/g)].map((match) => match[1] ?? '');
    const known = new Set([...names, 'help']);
    const broken = faultsOf((text) =>
      missing(
        codeTexts(text).flatMap((code) =>
          [...code.matchAll(/(?<![\w./-])millrace(?: --local)? ([a-z]+)\b/g)].map((match) => match[1] ?? ''),
        ),
        (name) => known.has(name),
      ),
    );
    expect(names.length).toBeGreaterThan(10);
    expect(broken).toEqual([]);
  });

  it('as proof is a test of that title', () => {
    const proofs = pages.flatMap(({ text }) => namedTests(text));
    expect(proofs.length).toBeGreaterThan(20);
    const broken = faultsOf((text) =>
      namedTests(text)
        .filter(({ file, title }) => !existsSync(file) || !readFileSync(file, 'utf8').includes(title))
        .map(({ file, title }) => `${file} has no "${title}"`),
    );
    expect(broken).toEqual([]);
  });
});

describe('the checks', () => {
  it('see links, anchors, paths and proofs', () => {
    const text =
      '# A *b* `c`!\n[x](y.md#z) `[n](o)` `core/run/a.ts, core/{b}` ```\n`test/a.test.ts` › `it works`\n';
    expect(localLinks(text)).toEqual([{ target: 'y.md', anchor: 'z' }]);
    expect([...anchors(text)]).toEqual(['a-b-c']);
    expect(codeTexts(text).flatMap(repositoryPaths)).toEqual(['core/run/a.ts', 'test/a.test.ts']);
    expect(namedTests(text)).toEqual([{ file: 'test/a.test.ts', title: 'it works' }]);
  });
});
