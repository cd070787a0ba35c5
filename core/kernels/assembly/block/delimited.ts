/**
 * Rows as csv or text. The settings:
 *
 *     0    16 bytes: the special byte whose low half is this, else a byte with another low half
 *     16   16 bytes: what stands for null
 *     32   8 bytes: delimiter
 *     40   8 bytes: end of a line
 *     48   u32 each: their lengths: null, delimiter, end of a line
 *     60   u32: a field of this length may be the text for null and then needs quotes
 *     64   u32 each: the first 4 bytes of the text for null, as far as it has them, and a mask of those
 *     72   u32: 1 if fields are quoted
 *
 * A row that holds anything but text, int64, bool and null is left to the caller, and so is one without room.
 */
import { writeInt64 } from './integer';

const SETTINGS: usize = memory.data(80, 16);
const NULL_TEXT: usize = SETTINGS + 16;
const DELIMITER: usize = SETTINGS + 32;
const LINE_END: usize = SETTINGS + 40;

const NULL: u32 = 0;
const TEXT: u32 = 1;
const INT64: u32 = 2;
const BOOL: u32 = 5;

const QUOTE: u8 = 0x22;
const HASH: u8 = 0x23;
/** `true` and `fals`, little-endian. */
const TRUE: u32 = 0x65757274;
const FALS: u32 = 0x736c6166;
const LAST_E: u8 = 0x65;

/** Room that a cell takes beyond its text: delimiter, end of a line, quotes, digits; copies may be 16 bytes too long. */
const CELL_ROOM: usize = 64;
/** Returned instead of a position: the cell is not for this loop, or there is no room. */
const LEFT: usize = 0;

let rowsDone: u32 = 0;

/** Where the settings are written before a call of `encode`. */
export function settings(): usize {
  return SETTINGS;
}

/** Rows that the last `encode` wrote: fewer than it was given if one is not for it or there is no room. */
export function encodedRows(): u32 {
  return rowsDone;
}

/** Writes rows from their first cell on into `[out, limit)`; returns where the last whole row ends. */
export function encode(
  bytes: usize,
  starts: usize,
  ends: usize,
  forms: usize,
  rows: u32,
  width: u32,
  out: usize,
  limit: usize,
): usize {
  const special = v128.load(SETTINGS);
  const delimiter = load<u64>(DELIMITER);
  const delimiterLength = load<u32>(SETTINGS, 52);
  let rowStart = out;
  rowsDone = 0;
  for (; rowsDone < rows; rowsDone++) {
    let at = rowStart;
    for (let column: u32 = 0; column < width; column++, forms++, starts += 4, ends += 4) {
      const from = bytes + load<u32>(starts);
      const length = bytes + load<u32>(ends) - from;
      if (at + length + CELL_ROOM > limit) return rowStart;
      if (load<u8>(forms) !== TEXT) at = writeOther(load<u8>(forms), from, length, at);
      else if (!copyText(from, length, at, column, special)) at += length;
      else at = writeSuspicious(from, length, at, column, limit);
      if (at === LEFT) return rowStart;
      store<u64>(at, delimiter);
      at += delimiterLength;
    }
    // The last delimiter gives way to the end of the line.
    at -= delimiterLength;
    store<u64>(at, load<u64>(LINE_END));
    rowStart = at + load<u32>(SETTINGS, 56);
  }
  return rowStart;
}

/** Copies a field; not 0 if it may need quotes. Lengths are hard to foresee, so they decide few branches. */
function copyText(from: usize, length: u32, at: usize, column: u32, special: v128): u32 {
  let bytes = v128.load(from);
  v128.store(at, bytes);
  let found = specialBytes(bytes, special);
  let done: u32 = 16;
  for (; done < length; done += 16) {
    if (found) return found;
    bytes = v128.load(from + done);
    v128.store(at + done, bytes);
    found = specialBytes(bytes, special);
  }
  // Bytes behind the field do not count.
  found &= (1 << (length + 16 - done)) - 1;
  if (column === 0) found |= <u32>(length === 0) | <u32>(load<u8>(from) === HASH);
  const differs = (load<u32>(from) & load<u32>(SETTINGS, 68)) ^ load<u32>(SETTINGS, 64);
  return found | <u32>((differs | (length ^ load<u32>(SETTINGS, 60))) === 0);
}

/** A bit for each special byte. */
function specialBytes(bytes: v128, special: v128): u32 {
  return i8x16.bitmask(i8x16.eq(i8x16.swizzle(special, v128.and(bytes, i8x16.splat(15))), bytes));
}

function writeSuspicious(from: usize, length: u32, at: usize, column: u32, limit: usize): usize {
  if (load<u32>(SETTINGS, 72) && needsQuotes(from, length, column)) {
    return at + 2 * length + CELL_ROOM > limit ? LEFT : writeQuoted(from, length, at);
  }
  memory.copy(at, from, length);
  return at + length;
}

/** The whole rule: see core/formats/quoting.ts. */
function needsQuotes(from: usize, length: u32, column: u32): bool {
  if (column === 0 && (length === 0 || load<u8>(from) === HASH)) return true;
  let isNull = length === load<u32>(SETTINGS, 48);
  for (let i: u32 = 0; i < length; i++) {
    const byte = load<u8>(from + i);
    if (load<u8>(SETTINGS + (byte & 15)) === byte) return true;
    isNull = isNull && byte === load<u8>(NULL_TEXT + i);
  }
  return isNull;
}

/** A field in quotes, its quotes doubled. */
function writeQuoted(from: usize, length: u32, out: usize): usize {
  let at = out;
  store<u8>(at++, QUOTE);
  for (let i: u32 = 0; i < length; i++) {
    const byte = load<u8>(from + i);
    store<u8>(at++, byte);
    if (byte !== QUOTE) continue;
    store<u8>(at++, QUOTE);
  }
  store<u8>(at++, QUOTE);
  return at;
}

function writeOther(form: u32, from: usize, length: u32, at: usize): usize {
  if (form === NULL) return writeNull(at);
  if (form === INT64 && length === 8) return writeInt64(load<i64>(from), at);
  if (form === BOOL && length === 1) return writeBool(load<u8>(from), at);
  return LEFT;
}

function writeNull(at: usize): usize {
  v128.store(at, v128.load(NULL_TEXT));
  return at + load<u32>(SETTINGS, 48);
}

function writeBool(value: u8, at: usize): usize {
  store<u32>(at, value ? TRUE : FALS);
  store<u8>(at, LAST_E, 4);
  return at + (value ? 4 : 5);
}
