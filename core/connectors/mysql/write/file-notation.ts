/**
 * Rows in the form of LOAD DATA: cells between tabs, rows end with a line feed, null is `\N`, a backslash escapes
 * backslash, tab, line feed, NUL and quote (https://mariadb.com/kb/en/load-data-infile/). Bytes are hexadecimal digits
 * that the statement turns back, so that the character set of the file cannot touch them.
 *
 * The escapes are also those of SQL text: a row of the file becomes the value list of an INSERT by putting each cell
 * in quotes. Rows are encoded once, and written down as SQL only where the server has to name the refused ones.
 */
import type { TargetType } from '../../../convert/index.ts';
import { lettersOf, type Notation, type Shape, shapeOf } from '../../../relational/write/notation.ts';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const BACKSLASH = 0x5c;
const QUOTE = 0x27;
const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;
const ZERO = 0x30;
const LETTER_N = 0x4e;
const NULL_WORD = Buffer.from('NULL', 'latin1');

/** The notation of LOAD DATA. */
export const FILE_NOTATION: Notation = {
  open: 0,
  separator: TAB,
  last: LINE_FEED,
  tail: 0,
  ordinals: false,
  nullWord: '\\N',
  hexPrefix: '',
  hexEnd: 0,
  quote: 0,
  letters: lettersOf([
    [0, ZERO],
    [TAB, 0x74],
    [LINE_FEED, 0x6e],
    [QUOTE, QUOTE],
    [BACKSLASH, BACKSLASH],
  ]),
};

/** Rows of the file, with cells of these target types, as value lists of SQL, without a comma at the end. */
export function valueLists(file: Buffer, targets: readonly TargetType[]): Buffer {
  const shapes = targets.map(shapeOf);
  const out = Buffer.allocUnsafe(file.length + countOf(file, TAB, LINE_FEED) * 6);
  let at = 0;
  let column = 0;
  for (let start = 0; start < file.length; ) {
    let end = start;
    while (file[end] !== TAB && file[end] !== LINE_FEED) end++;
    if (column === 0) out[at++] = OPEN;
    at = putSql(out, at, file.subarray(start, end), shapes[column]!);
    const isLast = file[end] === LINE_FEED;
    if (isLast) out[at++] = CLOSE;
    out[at++] = COMMA;
    column = isLast ? 0 : column + 1;
    start = end + 1;
  }
  return out.subarray(0, at - 1);
}

function putSql(out: Buffer, from: number, cell: Buffer, shape: Shape): number {
  let at = from;
  if (cell.length === 2 && cell[0] === BACKSLASH && cell[1] === LETTER_N) {
    at += NULL_WORD.copy(out, at);
    return at;
  }
  if (shape === 'bytes') out[at++] = 0x78;
  if (shape !== 'digits') out[at++] = QUOTE;
  at += cell.copy(out, at);
  if (shape !== 'digits') out[at++] = QUOTE;
  return at;
}

/** Separators: each cell has one, and grows by at most six bytes. */
function countOf(file: Buffer, ...separators: readonly number[]): number {
  let count = 0;
  for (const byte of file) if (separators.includes(byte)) count++;
  return count;
}
