/** Comments in job files: `//` and `#` to the end of the line, and block comments. */

/** A text of the same length with comments replaced by blanks, so that offsets still hold. */
export interface BlankedText {
  readonly text: string;
  /** Offset of a block comment that never ends. */
  readonly openCommentAt?: number;
}

/** First offset after the string that begins at `start`; a line break ends it too, since JSON allows none inside. */
export function skipString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const c = text[at];
    if (c === '\\') at++;
    else if (c === '"') return at + 1;
    else if (c === '\n' || c === '\r') return at;
  }
  return text.length;
}

function lineEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\n' || text[at] === '\r') return at;
  }
  return text.length;
}

/** End of the comment that begins at `at`, `undefined` if none begins there, -1 if it never ends. */
function commentEnd(text: string, at: number): number | undefined {
  if (text[at] === '#') return lineEnd(text, at);
  if (text[at] !== '/') return undefined;
  if (text[at + 1] === '/') return lineEnd(text, at);
  if (text[at + 1] !== '*') return undefined;
  const close = text.indexOf('*/', at + 2);
  return close < 0 ? -1 : close + 2;
}

const blank = (comment: string): string => comment.replace(/[^\n\r]/g, ' ');

/** Replaces comments outside strings, and a leading byte order mark, by blanks. Line breaks stay. */
export function blankComments(source: string): BlankedText {
  const text = source.startsWith('\uFEFF') ? ` ${source.slice(1)}` : source;
  const pieces: string[] = [];
  let kept = 0;
  let at = 0;
  while (at < text.length) {
    const end = text[at] === '"' ? undefined : commentEnd(text, at);
    if (end === -1) return { text: pieces.join('') + text.slice(kept), openCommentAt: at };
    if (end === undefined) {
      at = text[at] === '"' ? skipString(text, at) : at + 1;
      continue;
    }
    pieces.push(text.slice(kept, at), blank(text.slice(at, end)));
    at = end;
    kept = end;
  }
  pieces.push(text.slice(kept));
  return { text: pieces.join('') };
}
