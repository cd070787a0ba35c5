/**
 * Rows in the text format of COPY (https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2):
 * cells between tabs, rows end with a line feed, null is `\N`, backslash escapes backslash, tab, line feed and
 * carriage return. Bytes are `\x` and hex digits, whose backslash is escaped like any other.
 */
import type { CastCell, TargetType } from '../../../convert/index.ts';
import { assert } from '../../../errors/index.ts';
import type { EncodedRows } from '../../../relational/write/encoded-rows.ts';
import type { EncodedColumn, RowNotation } from '../../../relational/write/row-encoder.ts';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BACKSLASH = 0x5c;
const LETTER_N = 0x4e;
const HEX = Buffer.from('0123456789abcdef', 'latin1');
/** Bytes below which a loop is faster than a call of copy. */
const SHORT_BYTES = 48;
/** Digits of an ordinal, its tab, and the ends of a cell. */
const MARGIN_BYTES = 16;

type Put = (out: EncodedRows, cell: CastCell) => void;

/** The notation of COPY; `ordinals` puts the place of each row among the encoded ones into a last column. */
export function copyNotation(columns: readonly EncodedColumn[], ordinals: boolean): RowNotation {
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
    end(out, ordinal) {
      if (ordinals) {
        const bytes = out.room(MARGIN_BYTES);
        out.length += bytes.write(String(ordinal), out.length, 'latin1');
        bytes[out.length++] = LINE_FEED;
      } else out.bytes[out.length - 1] = LINE_FEED;
    },
  };
}

function putOf({ kind }: TargetType): Put {
  if (kind === 'bytes') return putHex;
  return kind === 'string' || kind === 'json' || kind === 'any' ? putEscaped : putPlain;
}

/** Digits, dates and the like hold nothing to escape. */
function putPlain(out: EncodedRows, cell: CastCell): void {
  const { bytes: source, start, end } = cell;
  const bytes = out.room(end - start + MARGIN_BYTES);
  let at = out.length;
  if (end - start <= SHORT_BYTES) for (let i = start; i < end; i++) bytes[at++] = source[i]!;
  else {
    bytes.set(source.subarray(start, end), at);
    at += end - start;
  }
  out.length = at;
}

function putEscaped(out: EncodedRows, { bytes: source, start, end }: CastCell): void {
  const bytes = out.room(2 * (end - start) + MARGIN_BYTES);
  const at = escapeText(source, start, end, bytes, out.length);
  assert(at >= 0, 'a caster let a zero character through');
  out.length = at;
}

/** What stands behind a backslash for a byte; 0 for one that stands for itself. */
const ESCAPES = new Uint8Array(256);
ESCAPES[TAB] = 0x74;
ESCAPES[LINE_FEED] = 0x6e;
ESCAPES[CARRIAGE_RETURN] = 0x72;
ESCAPES[BACKSLASH] = BACKSLASH;

/** Copies text and returns the place behind it; -1 for text with a zero character, which the server knows none of. */
function escapeText(source: Uint8Array, start: number, end: number, out: Buffer, from: number): number {
  let at = from;
  for (let i = start; i < end; i++) {
    const byte = source[i]!;
    const letter = ESCAPES[byte]!;
    if (letter !== 0) {
      out[at++] = BACKSLASH;
      out[at++] = letter;
    } else if (byte === 0) return -1;
    else out[at++] = byte;
  }
  return at;
}

function putHex(out: EncodedRows, cell: CastCell): void {
  const { bytes: source, start, end } = cell;
  const bytes = out.room(2 * (end - start) + MARGIN_BYTES);
  let at = out.length;
  bytes[at++] = BACKSLASH;
  bytes[at++] = BACKSLASH;
  bytes[at++] = 0x78;
  for (let i = start; i < end; i++) {
    bytes[at++] = HEX[source[i]! >> 4]!;
    bytes[at++] = HEX[source[i]! & 15]!;
  }
  out.length = at;
}
