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

/** Takes the fields of records. */
export interface FieldSink {
  /** A field of these bytes, or null. The bytes are only valid during the call. */
  field(bytes: Buffer | null): void;
  endRecord(): void;
}

const QUOTE = 0x22;
/** A place that is not in the bytes at hand. */
const BEYOND = -1;

/** Finds records in pieces of bytes. Holds no state between calls: what is not a whole record is given again. */
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

  /** Parses whole records and returns where the first one begins that is not whole; `last` = no more bytes come. */
  parse(bytes: Buffer, last: boolean, sink: FieldSink, maxRecords: number): number {
    let from = 0;
    for (let records = 0; from < bytes.length && records < maxRecords; records++) {
      const end = this.#recordEnd(bytes, from, last);
      if (end === BEYOND) return from;
      this.#fields(bytes, from, end, sink);
      sink.endRecord();
      from = end + this.#lineEnd.length;
    }
    return Math.min(from, bytes.length);
  }

  /** Where the line delimiter of the record stands; the end of the bytes if they are the last ones. */
  #recordEnd(bytes: Buffer, from: number, last: boolean): number {
    const beyond = last ? bytes.length : BEYOND;
    if (!this.#quoted) {
      const end = bytes.indexOf(this.#lineEnd, from);
      return end < 0 ? beyond : end;
    }
    for (let at = from; ; ) {
      const end = this.#fieldEnd(bytes, at, last);
      if (end === BEYOND || end >= bytes.length) return beyond;
      if (!isAt(bytes, end, this.#delimiter)) return end;
      at = end + this.#delimiter.length;
    }
  }

  /** Where the delimiter behind a csv field stands, of either kind. */
  #fieldEnd(bytes: Buffer, from: number, last: boolean): number {
    let at = from;
    if (bytes[at] === QUOTE) {
      at = closingQuote(bytes, at, last);
      if (at === BEYOND) return last ? bytes.length : BEYOND;
      at++;
    }
    const first = this.#delimiter[0];
    const firstOfLine = this.#lineEnd[0];
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === first && isAt(bytes, at, this.#delimiter)) return at;
      if (byte === firstOfLine && isAt(bytes, at, this.#lineEnd)) return at;
    }
    return last ? bytes.length : BEYOND;
  }

  #fields(bytes: Buffer, from: number, end: number, sink: FieldSink): void {
    const record = bytes.subarray(from, end);
    for (let at = 0; ; ) {
      const next = this.#quoted ? this.#fieldEnd(record, at, true) : record.indexOf(this.#delimiter, at);
      const to = next < 0 ? record.length : next;
      sink.field(this.#value(record.subarray(at, to)));
      if (to >= record.length) return;
      at = to + this.#delimiter.length;
    }
  }

  #value(field: Buffer): Buffer | null {
    if (this.#quoted && field[0] === QUOTE) return unquoted(field);
    return field.equals(this.#nullText) ? null : field;
  }
}

const isAt = (bytes: Buffer, at: number, wanted: Buffer): boolean => {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
};

/** The quote that ends a field; a quote at the end of the bytes at hand may be the first of two. */
function closingQuote(bytes: Buffer, opening: number, last: boolean): number {
  for (let at = opening + 1; ; at += 2) {
    at = bytes.indexOf(QUOTE, at);
    if (at < 0) return BEYOND;
    if (at + 1 >= bytes.length) return last ? at : BEYOND;
    if (bytes[at + 1] !== QUOTE) return at;
  }
}

/** The text of a quoted field; without its end quote, or with bytes behind it, it is no text of ours and taken as it is. */
function unquoted(field: Buffer): Buffer {
  const closing = closingQuote(field, 0, true);
  if (closing !== field.length - 1 || closing < 1) return field;
  const inner = field.subarray(1, closing);
  return inner.includes(QUOTE) ? withSingleQuotes(inner) : inner;
}

function withSingleQuotes(inner: Buffer): Buffer {
  const out = Buffer.allocUnsafe(inner.length);
  let to = 0;
  for (let at = 0; at < inner.length; at++) {
    out[to++] = inner[at]!;
    if (inner[at] === QUOTE) at++;
  }
  return out.subarray(0, to);
}
