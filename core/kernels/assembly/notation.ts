/**
 * Cells of a row block written down for a database: text of COPY, files of LOAD DATA, value lists of SQL. A cell that is
 * not plainly what its column holds stops the run: the caller casts and writes it, and goes on behind it. So nothing is
 * ever changed or refused here.
 *
 * Style, STYLE_BYTES:
 *   0    u8 × 256  what stands behind a backslash for a byte of text; 0 = it stands for itself, 1 = it cannot be written
 *   256  u8        a byte beside control characters and the backslash for which that may not be 0
 *   257  u8        before a row, 0 = nothing
 *   258  u8        behind a cell
 *   259  u8        behind the last cell instead
 *   260  u8        behind a row, 0 = nothing
 *   261  u8        1 = the place of the row is written as a last cell
 *   262  u8 × 2    bytes of the two words that follow
 *   264  u8 × 8    the word for null
 *   272  u8 × 8    what stands before hexadecimal digits
 *
 * Columns, COLUMN_BYTES each:
 *   0    u8        lane
 *   1    u8 × 2    before and behind a value, 0 = nothing
 *   4    u32 × 2   first and second bound of the lane (./notation/lanes.ts)
 *   16   u64 × 2   integers: the greatest, and the least without its sign
 *
 * Cells are those of `RowBlock`: u32 starts, u32 ends, u8 forms. Written are the text and, for each row that was ended,
 * the u32 offset of its end.
 */
import { BOOLEAN, DATE, DATETIME, DECIMAL, HEX, INTEGER, TEXT, TIME } from './notation/lanes';
import { putDate, putDatetime, putTime } from './notation/moments';
import { putDecimal, putInt64, putInteger } from './notation/numbers';
import { putHex, putText } from './notation/text';

const COLUMN_BYTES: usize = 32;
/** Most bytes of a cell without its text: words, quotes, digits of an integer, separators, the place and the row's end. */
const MARGIN_BYTES: usize = 96;

/** Physical forms of cells. */
const FORM_NULL: u8 = 0;
const FORM_TEXT: u8 = 1;
const FORM_INT64: u8 = 2;
const FORM_BYTES: u8 = 4;
const FORM_BOOL: u8 = 5;

/** How a run ended: with all rows; for want of room; at a cell for the caller; behind the last cell of a long row. */
const DONE: u32 = 0;
const FULL: u32 = 1;
const CELL: u32 = 2;
const LONG: u32 = 3;

let style: usize = 0;
let columns: usize = 0;
let width: u32 = 0;
let bytes: usize = 0;
let length: usize = 0;
let starts: usize = 0;
let ends: usize = 0;
let forms: usize = 0;
let rows: u32 = 0;
let outBegin: usize = 0;
let outEnd: usize = 0;
let rowEnds: usize = 0;
let maxRowBytes: usize = 0;

let stopRow: u32 = 0;
let stopColumn: u32 = 0;
let endedRows: u32 = 0;
let written: usize = 0;

/** Where the memory is free. */
export function arena(): usize {
  return __heap_base;
}

/** How rows are written: addresses of style and columns, columns, most bytes of a row. */
export function describe(styleAt: usize, columnsAt: usize, columnCount: u32, rowBytes: usize): void {
  style = styleAt;
  columns = columnsAt;
  width = columnCount;
  maxRowBytes = rowBytes;
}

/** The rows: their bytes, of which only so many are here, and their cells. */
export function take(at: usize, size: usize, from: usize, to: usize, formsAt: usize, count: u32): void {
  bytes = at;
  length = size;
  starts = from;
  ends = to;
  forms = formsAt;
  rows = count;
}

/** Where the text goes, how many bytes of it, and where the ends of rows go: room for one of each row. */
export function into(at: usize, size: usize, endsAt: usize): void {
  outBegin = at;
  outEnd = at + size;
  rowEnds = endsAt;
}

/** Where the run ended: the row, its column, the rows that were ended, and the bytes written. */
export function row(): u32 {
  return stopRow;
}
export function column(): u32 {
  return stopColumn;
}
export function ended(): u32 {
  return endedRows;
}
export function size(): usize {
  return written;
}

/**
 * Writes rows from a cell on. `carried` bytes of its row stand before the text already; `place` is that of the row among
 * the written ones.
 */
export function run(fromRow: u32, fromColumn: u32, carried: usize, place: u32): u32 {
  const separator = load<u8>(style, 258);
  let at = outBegin;
  let begin = at - carried;
  let column = fromColumn;
  let cell = fromRow * width + fromColumn;
  endedRows = 0;
  for (let row = fromRow; row < rows; row++) {
    if (column === 0) at = putByte(at, load<u8>(style, 257));
    for (; column < width; column++, cell++) {
      const next = putCell(cell, columns + <usize>column * COLUMN_BYTES, at);
      if (next === 0) return stopAt(row, column, cell, at);
      store<u8>(next, separator);
      at = next + 1;
    }
    at = endRow(at, place + endedRows);
    if (at - begin > maxRowBytes) return stop(row, column, at, LONG);
    store<u32>(rowEnds + (endedRows++ << 2), <u32>(at - outBegin));
    begin = at;
    column = 0;
  }
  return stop(rows, 0, at, DONE);
}

/** Stops before a cell; what begins a row is written with its first one. */
function stopAt(row: u32, column: u32, cell: u32, at: usize): u32 {
  const end = column === 0 ? at - <usize>(load<u8>(style, 257) !== 0) : at;
  return stop(row, column, end, end > outBegin && !hasRoom(cell, at) ? FULL : CELL);
}

function stop(row: u32, column: u32, at: usize, why: u32): u32 {
  stopRow = row;
  stopColumn = column;
  written = at - outBegin;
  return why;
}

/** Whether the cell, each byte doubled, and the end of its row have room. */
function hasRoom(cell: u32, at: usize): bool {
  const size = <usize>load<u32>(ends + (cell << 2)) - <usize>load<u32>(starts + (cell << 2));
  return size <= length && at + 2 * size + MARGIN_BYTES <= outEnd;
}

/** Writes a cell. Returns the place behind it; 0 = the cell is not for here, or has no room. */
function putCell(cell: u32, column: usize, out: usize): usize {
  const start = <usize>load<u32>(starts + (cell << 2));
  const end = <usize>load<u32>(ends + (cell << 2));
  if (start > end || end > length || out + 2 * (end - start) + MARGIN_BYTES > outEnd) return 0;
  const form = load<u8>(forms + cell);
  if (form === FORM_NULL) return putWord(out, 264, load<u8>(style, 262));
  let at = putByte(out, load<u8>(column, 1));
  if (form === FORM_TEXT) at = putPlain(column, bytes + start, bytes + end, at);
  else at = putForm(form, column, bytes + start, bytes + end, at);
  return at === 0 ? 0 : putByte(at, load<u8>(column, 2));
}

/** Text that is what the column holds. */
function putPlain(column: usize, at: usize, end: usize, out: usize): usize {
  const first = load<u32>(column, 4);
  const second = load<u32>(column, 8);
  switch (load<u8>(column)) {
    case TEXT:
      return putText(style, at, end, first, second, out);
    case INTEGER:
      return putInteger(column, at, end, out);
    case DECIMAL:
      return putDecimal(at, end, first, second, out);
    case DATE:
      return putDate(at, end, out);
    case TIME:
      return putTime(at, end, first, out);
    case DATETIME:
      return putDatetime(at, end, first, out);
    case BOOLEAN:
      return first !== 0 && end - at === 1 && (load<u8>(at) & 254) === 48 ? putByte(out, load<u8>(at)) : 0;
    default:
      return 0;
  }
}

/** Forms other than text. */
function putForm(form: u8, column: usize, at: usize, end: usize, out: usize): usize {
  const lane = load<u8>(column);
  if (form === FORM_INT64 && lane === INTEGER && end - at === 8) return putInt64(column, load<i64>(at), out);
  if (form === FORM_BOOL && lane === BOOLEAN && end - at === 1) return putByte(out, load<u8>(at) ? 49 : 48);
  if (form !== FORM_BYTES || lane !== HEX || end - at > load<u32>(column, 8)) return 0;
  return putHex(at, end, putWord(out, 272, load<u8>(style, 263)));
}

/** Writes a byte unless it is 0. */
function putByte(at: usize, byte: u8): usize {
  store<u8>(at, byte);
  return at + <usize>(byte !== 0);
}

/** Writes one of the words of the style. */
function putWord(at: usize, offset: usize, size: u8): usize {
  store<u64>(at, load<u64>(style + offset));
  return at + size;
}

function endRow(end: usize, place: u32): usize {
  let at = end;
  if (load<u8>(style, 261)) at = putPlace(at, place) + 1;
  store<u8>(at - 1, load<u8>(style, 259));
  return putByte(at, load<u8>(style, 260));
}

/** Digits of a number, the lowest first into place. */
function putPlace(out: usize, place: u32): usize {
  let size: usize = 1;
  for (let rest = place / 10; rest > 0; rest /= 10) size++;
  let rest = place;
  for (let at = out + size; at > out; rest /= 10) store<u8>(--at, <u8>(48 + (rest % 10)));
  return out + size;
}
