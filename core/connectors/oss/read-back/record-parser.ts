/**
 * Records of csv and text as this writer writes them, from UTF-8:
 *
 *     record = field *( fieldDelimiter field ) lineDelimiter        the last lineDelimiter may be missing
 *     field  = bytes without a delimiter                            csv and text
 *            | '"' *( any byte but '"' | '""' ) '"'                 csv
 *
 * A plain field that equals nullFormat is null. In text nothing is escaped: a value that holds a delimiter is several
 * fields or records here, on both sides of a comparison alike. What stands behind a closing quote belongs to the field.
 */
import type { TextFormat } from '../../../formats/index.ts';

/** Takes the fields of records, as places in the bytes that are parsed. */
export interface FieldSink {
  nullField(): void;
  /** A field; `doubled` = each of its quotes stands twice. */
  field(from: number, to: number, doubled: boolean): void;
  endRecord(): void;
  /** The record is not whole: its fields so far do not count. */
  dropRecord(): void;
}

const QUOTE = 0x22;
/** A place that is not in the bytes at hand. */
const BEYOND = -1;

/** Finds records in pieces of bytes. What is not a whole record is given again, with more behind it. */
export class RecordParser {
  readonly #quoted: boolean;
  readonly #delimiter: Buffer;
  readonly #lineEnd: Buffer;
  readonly #nullText: Buffer;

  constructor({ fileFormat, fieldDelimiter, lineDelimiter, nullFormat }: TextFormat) {
    this.#quoted = fileFormat === 'csv';
    this.#delimiter = Buffer.from(fieldDelimiter, 'utf8');
    this.#lineEnd = Buffer.from(lineDelimiter, 'utf8');
    this.#nullText = Buffer.from(nullFormat, 'utf8');
  }

  /**
   * Parses records from `from` on and returns where the first one begins that is not whole; `last` = no more bytes come.
   */
  parse(bytes: Buffer, from: number, last: boolean, sink: FieldSink, maxRecords: number): number {
    let at = from;
    for (let records = 0; at < bytes.length && records < maxRecords; records++) {
      const next = this.#record(bytes, at, last, sink);
      if (next === BEYOND) {
        sink.dropRecord();
        break;
      }
      sink.endRecord();
      at = next;
    }
    return at;
  }

  /** Gives the fields of a record and returns where the next one begins. */
  #record(bytes: Buffer, from: number, last: boolean, sink: FieldSink): number {
    const delimiter = this.#delimiter;
    for (let at = from; ; ) {
      const closing = this.#quoted && bytes[at] === QUOTE ? closingQuote(bytes, at, last) : BEYOND;
      if (closing === UNKNOWN) return BEYOND;
      const end = this.#fieldEnd(bytes, closing === BEYOND ? at : closing + 1);
      if (end === bytes.length && !last) return BEYOND;
      this.#give(bytes, at, end, closing, sink);
      if (end === bytes.length) return end;
      if (!isAt(bytes, end, delimiter)) return end + this.#lineEnd.length;
      at = end + delimiter.length;
    }
  }

  /** Where the next delimiter of either kind stands, or the end of the bytes. */
  #fieldEnd(bytes: Buffer, from: number): number {
    const first = this.#delimiter[0];
    const firstOfLine = this.#lineEnd[0];
    const { length } = bytes;
    for (let at = from; at < length; at++) {
      const byte = bytes[at];
      if (byte === first && isAt(bytes, at, this.#delimiter)) return at;
      if (byte === firstOfLine && isAt(bytes, at, this.#lineEnd)) return at;
    }
    return length;
  }

  /** A field whose quotes are not as we write them is taken as it is. */
  #give(bytes: Buffer, from: number, end: number, closing: number, sink: FieldSink): void {
    if (closing !== BEYOND) {
      const isOurs = closing === end - 1;
      if (!isOurs) sink.field(from, end, false);
      else sink.field(from + 1, closing, hasQuote(bytes, from + 1, closing));
    } else if (end - from === this.#nullText.length && isAt(bytes, from, this.#nullText)) sink.nullField();
    else sink.field(from, end, false);
  }
}

function isAt(bytes: Buffer, at: number, wanted: Buffer): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

function hasQuote(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === QUOTE) return true;
  return false;
}

/** The quote that ends the field is not among the bytes at hand, but may follow. */
const UNKNOWN = -2;

/** The quote that ends a field; a quote at the end of the bytes at hand may be the first of two. */
function closingQuote(bytes: Buffer, opening: number, last: boolean): number {
  for (let at = opening + 1; ; at += 2) {
    at = bytes.indexOf(QUOTE, at);
    if (at < 0) return last ? bytes.length : UNKNOWN;
    if (at + 1 >= bytes.length) return last ? at : UNKNOWN;
    if (bytes[at + 1] !== QUOTE) return at;
  }
}

/** Makes each two quotes one, in place, and returns the new end. */
export function undoubleQuotes(bytes: Buffer, from: number, to: number): number {
  let end = from;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    bytes[end++] = byte;
    if (byte === QUOTE) at++;
  }
  return end;
}
