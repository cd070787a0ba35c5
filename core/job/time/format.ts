import type { Civil } from './civil.ts';

/** The units a format can print. `hh24` is 0 to 23; `hh` and `hh12` are 1 to 12. */
export type FormatToken = 'yyyy' | 'yy' | 'mm' | 'dd' | 'hh24' | 'hh12' | 'hh' | 'mi' | 'ss';

/** A format in pieces: tokens, and separators as text. */
export type FormatPiece = { readonly token: FormatToken } | { readonly text: string };

/** Longest first: `yyyy` before `yy`, `hh24` before `hh`. `mm` is always the month, `mi` the minute. */
const TOKENS: readonly FormatToken[] = ['yyyy', 'hh24', 'hh12', 'yy', 'mm', 'dd', 'hh', 'mi', 'ss'];
const SEPARATORS = '-/:._ ';

/** The pieces of a format and the offset where it ends: at its end, or where an offset such as `-1` begins. */
export interface ParsedFormat {
  readonly pieces: readonly FormatPiece[];
  readonly end: number;
}

/** Parses the longest format at the start of `text`. A `-` before a digit begins an offset, any other separates. */
export function parseFormat(text: string): ParsedFormat {
  const lower = text.toLowerCase();
  const pieces: FormatPiece[] = [];
  let at = 0;
  while (at < text.length) {
    const token = TOKENS.find((name) => lower.startsWith(name, at));
    const c = text[at] ?? '';
    if (token) pieces.push({ token });
    else if (SEPARATORS.includes(c) && !/^-\d/.test(text.slice(at, at + 2))) pieces.push({ text: c });
    else break;
    at += token ? token.length : 1;
  }
  return { pieces, end: at };
}

/** The tokens of a format in order. */
export const tokensOf = (pieces: readonly FormatPiece[]): readonly FormatToken[] =>
  pieces.flatMap((piece) => ('token' in piece ? [piece.token] : []));

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

function printToken(token: FormatToken, at: Civil): string {
  switch (token) {
    case 'yyyy':
      return pad(at.year, 4);
    case 'yy':
      return pad(at.year % 100, 2);
    case 'mm':
      return pad(at.month, 2);
    case 'dd':
      return pad(at.day, 2);
    case 'hh24':
      return pad(at.hour, 2);
    case 'hh12':
    case 'hh':
      return pad(at.hour % 12 || 12, 2);
    case 'mi':
      return pad(at.minute, 2);
    case 'ss':
      return pad(at.second, 2);
    default:
      return token satisfies never;
  }
}

/** Prints a wall-clock reading. */
export const printFormat = (pieces: readonly FormatPiece[], at: Civil): string =>
  pieces.map((piece) => ('token' in piece ? printToken(piece.token, at) : piece.text)).join('');
