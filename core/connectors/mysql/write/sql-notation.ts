/**
 * Rows as the value lists of a statement: `(1,'text',x'ff',NULL),`. Text stands in quotes, where quote, backslash and
 * NUL are escaped by a backslash (https://dev.mysql.com/doc/refman/8.0/en/string-literals.html; sessions never have
 * NO_BACKSLASH_ESCAPES); all other bytes are as they are, UTF-8 by SET NAMES. Bytes are hexadecimal.
 */
import type { CastCell, TargetType } from '../../../convert/index.ts';
import type { EncodedRows } from '../../../relational/write/encoded-rows.ts';
import type { EncodedColumn, RowNotation } from '../../../relational/write/row-encoder.ts';

const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;
const QUOTE = 0x27;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const NULL_WORD = Buffer.from('NULL', 'latin1');
const HEX = Buffer.from('0123456789abcdef', 'latin1');
/** Bytes below which a loop is faster than a call of copy. */
const SHORT_BYTES = 48;
/** Brackets, quotes and separators around a cell. */
const MARGIN_BYTES = 16;

type Put = (out: EncodedRows, cell: CastCell) => void;

/** The notation of INSERT and REPLACE. */
export function sqlNotation(columns: readonly EncodedColumn[]): RowNotation {
  const puts = columns.map(({ target }) => putOf(target));
  const quoted = puts.map((put) => put !== putPlain);
  return {
    begin(out) {
      out.room(MARGIN_BYTES)[out.length++] = OPEN;
    },
    putNull(out) {
      const bytes = out.room(MARGIN_BYTES);
      bytes.set(NULL_WORD, out.length);
      bytes[out.length + NULL_WORD.length] = COMMA;
      out.length += NULL_WORD.length + 1;
    },
    put(out, column, cell) {
      puts[column]!(out, cell);
      out.bytes[out.length++] = COMMA;
    },
    copy(out, column, source, start, end) {
      const { lane, plainTextBytes } = columns[column]!;
      const bytes = out.room(2 * (end - start) + MARGIN_BYTES);
      const first = quoted[column] ? out.length + 1 : out.length;
      let at = -1;
      if (lane) at = lane(source, start, end, bytes, first);
      else if (end - start <= plainTextBytes) at = escapeText(source, start, end, bytes, first);
      if (at < 0) return false;
      if (quoted[column]) {
        bytes[out.length] = QUOTE;
        bytes[at++] = QUOTE;
      }
      bytes[at] = COMMA;
      out.length = at + 1;
      return true;
    },
    end(out) {
      // The last cell's comma becomes the bracket; each cell leaves room for what follows it.
      out.bytes[out.length - 1] = CLOSE;
      out.room(MARGIN_BYTES)[out.length++] = COMMA;
    },
  };
}

function putOf({ kind }: TargetType): Put {
  switch (kind) {
    case 'long':
    case 'decimal':
    case 'year':
    case 'bool':
      return putPlain;
    case 'bytes':
      return putHex;
    case 'string':
    case 'json':
    case 'any':
      return putEscaped;
    default:
      return putQuoted;
  }
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

/** Dates, times and floats hold nothing to escape. */
function putQuoted(out: EncodedRows, cell: CastCell): void {
  out.room(cell.end - cell.start + MARGIN_BYTES)[out.length++] = QUOTE;
  putPlain(out, cell);
  out.bytes[out.length++] = QUOTE;
}

function putEscaped(out: EncodedRows, { bytes: source, start, end }: CastCell): void {
  const bytes = out.room(2 * (end - start) + MARGIN_BYTES);
  bytes[out.length] = QUOTE;
  const at = escapeText(source, start, end, bytes, out.length + 1);
  bytes[at] = QUOTE;
  out.length = at + 1;
}

/** Copies text and returns the place behind it. */
function escapeText(source: Uint8Array, start: number, end: number, out: Buffer, from: number): number {
  let at = from;
  for (let i = start; i < end; i++) {
    const byte = source[i]!;
    if (byte === QUOTE || byte === BACKSLASH) {
      out[at++] = BACKSLASH;
      out[at++] = byte;
    } else if (byte === 0) {
      out[at++] = BACKSLASH;
      out[at++] = ZERO;
    } else out[at++] = byte;
  }
  return at;
}

function putHex(out: EncodedRows, { bytes: source, start, end }: CastCell): void {
  const bytes = out.room(2 * (end - start) + MARGIN_BYTES);
  let at = out.length;
  bytes[at++] = 0x78;
  bytes[at++] = QUOTE;
  for (let i = start; i < end; i++) {
    bytes[at++] = HEX[source[i]! >> 4]!;
    bytes[at++] = HEX[source[i]! & 15]!;
  }
  bytes[at++] = QUOTE;
  out.length = at;
}
