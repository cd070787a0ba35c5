/**
 * Pieces of SQL that a person wrote: column expressions, `where`, `querySql`. They go into statements as they are, so
 * each is read token by token first: it must end where it seems to end. Not a parser; the server judges the rest.
 */
import type { Dialect } from './dialect.ts';

/** What a piece may be: a condition is put in parentheses, an expression stands in a list, a query alone. */
export type PieceKind = 'condition' | 'expression' | 'query';

/** Words that would end an expression of a select list, or make it more than that. */
const CLAUSES = new Set(
  'from where group having order limit offset fetch union intersect except window for into distinct procedure'.split(
    ' ',
  ),
);
/** A query that writes somewhere is none. */
const NOWHERE = new Set(['into']);

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** What is wrong with the piece, or `undefined`. */
export function pieceFault(dialect: Dialect, text: string, kind: PieceKind): string | undefined {
  if (text.trim() === '') return 'is empty';
  const scan = new Scan(dialect, text, kind);
  const fault = scan.run();
  if (fault !== undefined) return fault;
  if (kind === 'query' && !/^\s*(\(\s*)*(select|with|values|table)\b/i.test(text)) return 'is not a SELECT';
  return undefined;
}

/** A condition without the semicolon that old jobs end it with, or `undefined` if it is blank. */
export function trimmedCondition(text: string | undefined): string | undefined {
  const trimmed = text
    ?.trim()
    .replace(/[;；]$/, '')
    .trim();
  return trimmed === undefined || trimmed === '' ? undefined : trimmed;
}

class Scan {
  readonly #dialect: Dialect;
  readonly #text: string;
  readonly #kind: PieceKind;
  readonly #open: string[] = [];
  #at = 0;

  constructor(dialect: Dialect, text: string, kind: PieceKind) {
    this.#dialect = dialect;
    this.#text = text;
    this.#kind = kind;
  }

  run(): string | undefined {
    while (this.#at < this.#text.length) {
      const fault = this.#step(this.#text[this.#at]!);
      if (fault !== undefined) return fault;
    }
    const [left] = this.#open.slice(-1);
    return left === undefined ? undefined : `has no \`${left}\` to what it opens`;
  }

  #step(char: string): string | undefined {
    if (char === '\0') return 'holds a NUL character';
    if (char === ';') return 'holds a semicolon';
    if (this.#commentStarts()) return 'holds a comment';
    if (char === "'" || char === '"' || char === '`') return this.#quoted(char);
    if (char === '$' && this.#dialect === 'postgresql') return this.#dollar();
    if (/[\p{L}_]/u.test(char)) return this.#word();
    this.#at++;
    const closing = CLOSING[char];
    if (closing !== undefined) this.#open.push(closing);
    else if (char === ')' || char === ']' || char === '}') {
      if (this.#open.pop() !== char) return `has a \`${char}\` that nothing opens`;
    } else if (char === ',' && this.#kind === 'expression' && this.#open.length === 0) {
      return 'is a list; give each column as an entry of its own';
    }
    return undefined;
  }

  #commentStarts(): boolean {
    const two = this.#text.slice(this.#at, this.#at + 2);
    return two === '--' || two === '/*' || (two.startsWith('#') && this.#dialect === 'mysql');
  }

  #quoted(quote: string): string | undefined {
    if (quote === '`' && this.#dialect === 'postgresql') return 'holds a back quote; names are quoted with "';
    const escapes = this.#dialect === 'mysql' ? quote !== '`' : quote === "'" && this.#hasEscapePrefix();
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const char = this.#text[at];
      if (char === '\0') return 'holds a NUL character';
      if (escapes && char === '\\') at++;
      else if (char === quote) {
        if (this.#text[at + 1] !== quote) {
          this.#at = at + 1;
          return undefined;
        }
        at++;
      }
    }
    return `has a ${quote} without an end`;
  }

  /** `E'…'`: the letter stands alone before the quote. */
  #hasEscapePrefix(): boolean {
    return /(^|[^\p{L}\p{N}_$])e$/iu.test(this.#text.slice(Math.max(0, this.#at - 2), this.#at));
  }

  /** `$tag$ … $tag$` is text of PostgreSQL; `$1` would be a parameter, and there are none. */
  #dollar(): string | undefined {
    const [tag] = /^\$([\p{L}_][\p{L}\p{N}_]*)?\$/u.exec(this.#text.slice(this.#at)) ?? [];
    if (tag === undefined) return 'holds a `$` that begins no text';
    const end = this.#text.indexOf(tag, this.#at + tag.length);
    if (end < 0) return `has a ${tag} without an end`;
    this.#at = end + tag.length;
    return undefined;
  }

  #word(): string | undefined {
    const [word = ''] = /^[\p{L}_][\p{L}\p{N}_$]*/u.exec(this.#text.slice(this.#at)) ?? [];
    const lower = word.toLowerCase();
    this.#at += word.length;
    if (NOWHERE.has(lower)) return `holds ${word.toUpperCase()}`;
    if (this.#kind === 'expression' && this.#open.length === 0 && CLAUSES.has(lower)) {
      return `holds ${word.toUpperCase()} outside of parentheses`;
    }
    return undefined;
  }
}
