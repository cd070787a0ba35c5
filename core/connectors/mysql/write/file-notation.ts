/**
 * Rows in the form of LOAD DATA: cells between tabs, rows end with a line feed, null is `\N`, a backslash escapes
 * backslash, tab, line feed, NUL and quote (https://mariadb.com/kb/en/load-data-infile/). Bytes are hexadecimal digits
 * that the statement turns back, so that the character set of the file cannot touch them.
 *
 * The escapes are also those of SQL text: a row of the file becomes the value list of an INSERT by putting each cell
 * in quotes. Rows are encoded once, and written down as SQL only where the server has to name the refused ones.
 */
import type { CastCell, TargetType } from '../../../convert/index.ts';
import type { EncodedRows } from '../../../relational/write/encoded-rows.ts';
import type { EncodedColumn, RowNotation } from '../../../relational/write/row-encoder.ts';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const BACKSLASH = 0x5c;
const QUOTE = 0x27;
const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;
const LETTER_N = 0x4e;
const HEX = Buffer.from('0123456789abcdef', 'latin1');
const NULL_WORD = Buffer.from('NULL', 'latin1');
/** Bytes below which a loop is faster than a call of copy. */
const SHORT_BYTES = 48;
/** Separators and the like around a cell. */
const MARGIN_BYTES = 16;

type Put = (out: EncodedRows, cell: CastCell) => void;

/** The notation of LOAD DATA. */
export function fileNotation(columns: readonly EncodedColumn[]): RowNotation {
  const puts = columns.map(({ target }) => putOf(target));
  return {
    begin() {},
    putNull(out) {
      const bytes = out.room(MARGIN_BYTES);
      bytes[out.length] = BACKSLASH;
      bytes[out.length + 1] = LETTER_N;
      bytes[out.length + 2] = TAB;
      out.length += 3;
    },
    put(out, column, cell) {
      puts[column]!(out, cell);
      out.bytes[out.length++] = TAB;
    },
    copy(out, column, source, start, end) {
      const { lane, plainTextBytes } = columns[column]!;
      const bytes = out.room(2 * (end - start) + MARGIN_BYTES);
      let at = -1;
      if (lane) at = lane(source, start, end, bytes, out.length);
      else if (end - start <= plainTextBytes) at = escapeText(source, start, end, bytes, out.length);
      if (at < 0) return false;
      bytes[at] = TAB;
      out.length = at + 1;
      return true;
    },
    end(out) {
      out.bytes[out.length - 1] = LINE_FEED;
    },
  };
}

function putOf({ kind }: TargetType): Put {
  if (kind === 'bytes') return putHex;
  return kind === 'string' || kind === 'json' || kind === 'any' ? putEscaped : putPlain;
}

function putPlain(out: EncodedRows, { bytes: source, start, end }: CastCell): void {
  const bytes = out.room(end - start + MARGIN_BYTES);
  let at = out.length;
  if (end - start <= SHORT_BYTES) for (let i = start; i < end; i++) bytes[at++] = source[i]!;
  else {
    bytes.set(source.subarray(start, end), at);
    at += end - start;
  }
  out.length = at;
}

/** What stands behind the backslash for a byte; 0 for one that stands for itself. */
const ESCAPES = new Uint8Array(256);
ESCAPES[0] = 0x30;
ESCAPES[TAB] = 0x74;
ESCAPES[LINE_FEED] = 0x6e;
ESCAPES[QUOTE] = QUOTE;
ESCAPES[BACKSLASH] = BACKSLASH;

function putEscaped(out: EncodedRows, { bytes: source, start, end }: CastCell): void {
  const bytes = out.room(2 * (end - start) + MARGIN_BYTES);
  out.length = escapeText(source, start, end, bytes, out.length);
}

/** Copies text and returns the place behind it. */
function escapeText(source: Uint8Array, start: number, end: number, out: Buffer, from: number): number {
  let at = from;
  for (let i = start; i < end; i++) {
    const byte = source[i]!;
    const letter = ESCAPES[byte]!;
    if (letter !== 0) {
      out[at++] = BACKSLASH;
      out[at++] = letter;
    } else out[at++] = byte;
  }
  return at;
}

function putHex(out: EncodedRows, { bytes: source, start, end }: CastCell): void {
  const bytes = out.room(2 * (end - start) + MARGIN_BYTES);
  let at = out.length;
  for (let i = start; i < end; i++) {
    bytes[at++] = HEX[source[i]! >> 4]!;
    bytes[at++] = HEX[source[i]! & 15]!;
  }
  out.length = at;
}

/** How a cell of the file stands in SQL: in quotes, bare as a number, or as hexadecimal bytes. */
export type SqlCell = 'quoted' | 'bare' | 'hex';

/** How the cells of a target type stand in SQL. */
export function sqlCellOf({ kind }: TargetType): SqlCell {
  if (kind === 'bytes') return 'hex';
  return kind === 'long' || kind === 'decimal' || kind === 'year' || kind === 'bool' ? 'bare' : 'quoted';
}

/** Rows of the file as value lists of SQL, without a comma at the end. */
export function valueLists(file: Buffer, cells: readonly SqlCell[]): Buffer {
  const out = Buffer.allocUnsafe(file.length + countOf(file, TAB, LINE_FEED) * 6);
  let at = 0;
  let column = 0;
  for (let start = 0; start < file.length; ) {
    let end = start;
    while (file[end] !== TAB && file[end] !== LINE_FEED) end++;
    if (column === 0) out[at++] = OPEN;
    at = putSql(out, at, file.subarray(start, end), cells[column]!);
    const isLast = file[end] === LINE_FEED;
    if (isLast) out[at++] = CLOSE;
    out[at++] = COMMA;
    column = isLast ? 0 : column + 1;
    start = end + 1;
  }
  return out.subarray(0, at - 1);
}

function putSql(out: Buffer, from: number, cell: Buffer, kind: SqlCell): number {
  let at = from;
  if (cell.length === 2 && cell[0] === BACKSLASH && cell[1] === LETTER_N) {
    at += NULL_WORD.copy(out, at);
    return at;
  }
  if (kind === 'hex') out[at++] = 0x78;
  if (kind !== 'bare') out[at++] = QUOTE;
  at += cell.copy(out, at);
  if (kind !== 'bare') out[at++] = QUOTE;
  return at;
}

/** Separators: each cell has one, and grows by at most six bytes. */
function countOf(file: Buffer, ...separators: readonly number[]): number {
  let count = 0;
  for (const byte of file) if (separators.includes(byte)) count++;
  return count;
}
