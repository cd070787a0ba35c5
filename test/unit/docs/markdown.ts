/** Just enough of Markdown to check pages: links, headings, and what is set in code style. */
import { readdirSync } from 'node:fs';
import path from 'node:path';

/** Folders of the repository whose files the pages may name. */
export const TOP_FOLDERS = [
  'bench',
  'cli',
  'core',
  'docs',
  'events',
  'examples',
  'functions',
  'infra',
  'test',
  'types',
] as const;

/** A link of a page: file part and anchor part, either of which may be empty. */
export interface PageLink {
  readonly target: string;
  readonly anchor: string;
}

/** A test named as `file` › `title`. */
export interface NamedTest {
  readonly file: string;
  readonly title: string;
}

/** All pages: those at the root and those in the folders of the project. */
export function pagePaths(): readonly string[] {
  const atRoot = readdirSync('.').filter((name) => name.endsWith('.md') || name === 'llms.txt');
  const inFolders = TOP_FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => path.posix.join(folder, name.split(path.sep).join('/'))),
  );
  return [...atRoot, ...inFolders].sort();
}

/** The page without its fenced blocks and comments. */
export const withoutBlocks = (text: string): string =>
  text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').replaceAll(/<!--[\s\S]*?-->/g, '');

/** Links to other places than the web, with inline code taken out first. */
export function localLinks(text: string): readonly PageLink[] {
  const prose = withoutBlocks(text).replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', anchor = ''] = target.split('#');
      return { target: file, anchor };
    });
}

/** Anchors of the headings, formed as GitHub does. */
export function anchors(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, title = ''] of withoutBlocks(text).matchAll(/^#{1,6} +(.+)$/gm)) {
    const base = title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    let anchor = base;
    for (let n = 1; found.has(anchor); n++) anchor = `${base}-${n}`;
    found.add(anchor);
  }
  return found;
}

/** Texts in code style, and the lines of fenced blocks that hold commands. */
export function codeTexts(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^ *```(?:sh|bash|console)\n([\s\S]*?)^ *```/gm)].map((m) => m[1] ?? '');
  const inline = [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
  return [...inline, ...blocks.flatMap((block) => block.split('\n'))];
}

/** Paths of the repository in a text: whole words that begin with one of its folders, patterns left out. */
export function repositoryPaths(code: string): readonly string[] {
  return code
    .split(/[\s()"']+/)
    .map((word) => word.replace(/[,;.:]+$/, ''))
    .filter((word) => TOP_FOLDERS.some((folder) => word.startsWith(`${folder}/`)))
    .filter((word) => !/[*{}<>$…]|\bNAME\b/.test(word));
}

/** Tests that a page gives as proof. */
export const namedTests = (text: string): readonly NamedTest[] =>
  [...text.matchAll(/`(test\/[^`]+\.ts)` › `([^`]+)`/g)].map((match) => ({
    file: match[1] ?? '',
    title: match[2] ?? '',
  }));
