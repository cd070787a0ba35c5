/** Names in SQL: the one place where they are quoted, and where names of tables in job files are taken apart. */
import { SyncError } from '../errors/index.ts';
import type { Dialect } from './dialect.ts';

/** A table, or anything that can be selected from like one. */
export interface TableName {
  /** Schema of PostgreSQL, database of MySQL; absent = that of the connection. */
  readonly schema?: string;
  readonly name: string;
}

const QUOTES: Readonly<Record<Dialect, string>> = { mysql: '`', postgresql: '"' };

/** A name as SQL text, whatever characters it has. Throws for the empty name and for NUL, which no server takes. */
export function quoteIdentifier(dialect: Dialect, name: string): string {
  if (name === '' || name.includes('\0')) throw unusable(name);
  const quote = QUOTES[dialect];
  return quote + name.replaceAll(quote, quote + quote) + quote;
}

/** A table as SQL text. */
export function quoteTable(dialect: Dialect, table: TableName): string {
  const name = quoteIdentifier(dialect, table.name);
  return table.schema === undefined ? name : `${quoteIdentifier(dialect, table.schema)}.${name}`;
}

/** A table in plain words. */
export const tableText = ({ schema, name }: TableName): string =>
  schema === undefined ? name : `${schema}.${name}`;

/**
 * Reads `name`, `schema.name` or the same in the quotes of the dialect. Unquoted names of PostgreSQL are folded to
 * lower case as the server does. Throws SRC-2020.
 */
export function parseTableName(dialect: Dialect, text: string): TableName {
  const parts = nameParts(dialect, text);
  if (parts === undefined || parts.length > 2) throw unusable(text);
  const [first, second] = parts;
  if (first === undefined || parts.includes('')) throw unusable(text);
  return second === undefined ? { name: first } : { schema: first, name: second };
}

/** The name that a text is as a whole, unquoted, or `undefined` if it is no plain name. */
export function plainName(dialect: Dialect, text: string): string | undefined {
  const parts = nameParts(dialect, text);
  return parts?.length === 1 && parts[0] !== '' ? parts[0] : undefined;
}

/** Characters of an unquoted name; servers allow `$` and letters of all scripts. */
const BARE = /^[\p{L}\p{N}_$][\p{L}\p{N}_$-]*$/u;

function nameParts(dialect: Dialect, text: string): readonly string[] | undefined {
  const quote = QUOTES[dialect];
  const parts: string[] = [];
  let rest = text.trim();
  for (;;) {
    const quoted = rest.startsWith(quote);
    const end = quoted ? closingQuote(rest, quote) : bareEnd(rest);
    if (end === undefined) return undefined;
    const raw = rest.slice(0, end);
    if (!quoted && !BARE.test(raw)) return undefined;
    parts.push(quoted ? raw.slice(1, -1).replaceAll(quote + quote, quote) : folded(dialect, raw));
    rest = rest.slice(end);
    if (rest === '') return parts;
    if (!rest.startsWith('.')) return undefined;
    rest = rest.slice(1);
  }
}

const folded = (dialect: Dialect, name: string): string =>
  dialect === 'postgresql' ? name.toLowerCase() : name;

function bareEnd(text: string): number | undefined {
  const dot = text.indexOf('.');
  return dot < 0 ? text.length : dot;
}

/** Position after the quote that ends the name at the beginning of the text. */
function closingQuote(text: string, quote: string): number | undefined {
  for (let at = 1; at < text.length; at++) {
    if (text[at] !== quote) continue;
    if (text[at + 1] !== quote) return at + 1;
    at++;
  }
  return undefined;
}

const unusable = (text: string): SyncError =>
  new SyncError('SRC-2020', 'config', `\`${text.slice(0, 80)}\` is not a name`);
