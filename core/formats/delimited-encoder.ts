import { isUtf8 } from 'node:buffer';
import type { RowFault } from '../connectors/contract.ts';
import { type Code, SyncError } from '../errors/index.ts';
import { type CellForm, type Column, Form, type RowBlock } from '../types/index.ts';
import { writeBase64 } from './base64-text.ts';
import type { ByteBuffer } from './byte-buffer.ts';
import { isCivil, parseCivilText } from './civil-text.ts';
import { DatePattern } from './date-pattern.ts';
import { MAX_DOUBLE_TEXT_BYTES, writeDouble } from './double-text.ts';
import { writeInt64 } from './integer-text.ts';
import { QuoteRules, writeQuoted } from './quoting.ts';
import type { RowEncoder } from './row-encoder.ts';
import type { TextFormat } from './text-format.ts';

/** Bytes in quotes that one character of a date pattern can become: at most a doubled quote or 4 bytes of UTF-8. */
const MAX_PATTERN_GROWTH = 8;

/** Why a cell cannot be written, as a negative position. */
const NOT_TEXT = -1;
const NOT_A_MOMENT = -2;

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/** csv and text in UTF-8, straight from the bytes of a block. */
export class DelimitedEncoder implements RowEncoder {
  readonly #columns: readonly Column[];
  readonly #rules: QuoteRules | undefined;
  readonly #special: Uint8Array;
  /** Numbers and booleans need no look at the quoting rules. */
  readonly #plainNumbers: boolean;
  readonly #delimiter: Buffer;
  readonly #lineEnd: Buffer;
  readonly #nullText: Buffer;
  readonly #base64: boolean;
  readonly #pattern: DatePattern | undefined;
  /** Room for one cell beyond twice its length: numbers, delimiter, quotes, null text. */
  readonly #cellSlack: number;
  readonly #headerNames: readonly string[];
  /** Cells whose text must exist before it can be judged. */
  #scratch = Buffer.allocUnsafeSlow(1024);
  /** 1 = a date, time or datetime that the pattern applies to. */
  readonly #patterned: Uint8Array;

  constructor(format: TextFormat, columns: readonly Column[]) {
    this.#columns = columns;
    const { fieldDelimiter, lineDelimiter, nullFormat } = format;
    this.#rules =
      format.fileFormat === 'csv' ? new QuoteRules(fieldDelimiter, lineDelimiter, nullFormat) : undefined;
    this.#special = this.#rules?.special ?? new Uint8Array(256);
    this.#plainNumbers = this.#rules?.numbersArePlain ?? true;
    this.#delimiter = Buffer.from(fieldDelimiter, 'utf8');
    this.#lineEnd = Buffer.from(lineDelimiter, 'utf8');
    this.#nullText = Buffer.from(nullFormat, 'utf8');
    this.#base64 = format.byteEncoding === 'base64';
    this.#pattern = format.dateFormat === undefined ? undefined : new DatePattern(format.dateFormat);
    const patterned = columns.map((column) => (this.#pattern && isCivil(column.type) ? 1 : 0));
    this.#patterned = Uint8Array.from(patterned);
    this.#cellSlack =
      MAX_DOUBLE_TEXT_BYTES +
      MAX_PATTERN_GROWTH * (format.dateFormat?.length ?? 0) +
      this.#delimiter.length +
      this.#lineEnd.length +
      this.#nullText.length +
      8;
    this.#headerNames = format.header ?? [];
  }

  header(): Buffer {
    if (this.#headerNames.length === 0) return Buffer.alloc(0);
    const fields = this.#headerNames.map((name, column) =>
      this.#headerField(Buffer.from(name, 'utf8'), column),
    );
    const joined = fields.flatMap((field, i) => (i === 0 ? [field] : [this.#delimiter, field]));
    return Buffer.concat([...joined, this.#lineEnd]);
  }

  encode(block: RowBlock, fromRow: number, toRow: number, out: ByteBuffer): readonly RowFault[] {
    const faults: RowFault[] = [];
    for (let row = fromRow; row < toRow; row++) {
      const start = out.length;
      const fault = this.#row(block, row, out);
      if (fault) {
        out.length = start;
        faults.push(fault);
      }
    }
    return faults;
  }

  #row(block: RowBlock, row: number, out: ByteBuffer): RowFault | undefined {
    const { starts, ends, forms, bytes } = block;
    const width = this.#columns.length;
    const delimiterByte = this.#delimiter.length === 1 ? this.#delimiter[0]! : -1;
    let cell = row * width;
    let dst: Uint8Array = out.bytes;
    let at = out.length;
    for (let column = 0; column < width; column++, cell++) {
      const from = starts[cell]!;
      const to = ends[cell]!;
      if (at + 2 * (to - from) + this.#cellSlack > dst.length) {
        out.length = at;
        dst = out.reserve(2 * (to - from) + this.#cellSlack);
      }
      if (column > 0) {
        if (delimiterByte >= 0) dst[at++] = delimiterByte;
        else at = put(this.#delimiter, dst, at);
      }
      const end = this.#cell(forms[cell]! as CellForm, bytes, from, to, dst, at, column);
      if (end < 0) return this.#fault(row, column, end);
      at = end;
    }
    out.length = put(this.#lineEnd, dst, at);
    return undefined;
  }

  #cell(
    form: CellForm,
    src: Buffer,
    from: number,
    to: number,
    dst: Uint8Array,
    at: number,
    column: number,
  ): number {
    switch (form) {
      case Form.text:
        return this.#patterned[column] === 1
          ? this.#moment(src.toString('utf8', from, to), dst, at, column)
          : this.#text(src, from, to, dst, at, column);
      case Form.int64:
        return this.#number(writeInt64(src, from, dst, at), dst, at, column);
      case Form.null:
        return put(this.#nullText, dst, at);
      case Form.float64:
        return this.#number(writeDouble(src.readDoubleLE(from), dst, at), dst, at, column);
      case Form.bool:
        return this.#number(put(src[from] === 0 ? FALSE : TRUE, dst, at), dst, at, column);
      case Form.bytes:
        return this.#binary(src, from, to, dst, at, column);
      default:
        return form satisfies never;
    }
  }

  /** Copies text, looking for bytes that need quoting on the way. */
  #text(src: Uint8Array, from: number, to: number, dst: Uint8Array, at: number, column: number): number {
    const position = copyPlain(src, from, to, dst, at, this.#special);
    if (position < 0) return this.#suspicious(src, from, to, dst, at, column);
    if (column > 0 && to - from !== this.#nullText.length) return position;
    return this.#rules?.quotesPlain(src, from, to, column) ? writeQuoted(src, from, to, dst, at) : position;
  }

  /** A field with a byte that may need quoting. */
  #suspicious(
    src: Uint8Array,
    from: number,
    to: number,
    dst: Uint8Array,
    at: number,
    column: number,
  ): number {
    if (this.#rules?.needsQuotes(src, from, to, column)) return writeQuoted(src, from, to, dst, at);
    dst.set(src.subarray(from, to), at);
    return at + to - from;
  }

  /** Looks again at a number already written, in the rare formats where one may need quotes. */
  #number(end: number, dst: Uint8Array, at: number, column: number): number {
    if (this.#plainNumbers) return end;
    const written = Buffer.from(dst.subarray(at, end));
    return this.#text(written, 0, written.length, dst, at, column);
  }

  #binary(src: Buffer, from: number, to: number, dst: Uint8Array, at: number, column: number): number {
    if (this.#base64) {
      const scratch = this.#reserveScratch(4 * Math.ceil((to - from) / 3));
      return this.#text(scratch, 0, writeBase64(src, from, to, scratch, 0), dst, at, column);
    }
    if (!isUtf8(src.subarray(from, to))) return NOT_TEXT;
    return this.#text(src, from, to, dst, at, column);
  }

  #moment(text: string, dst: Uint8Array, at: number, column: number): number {
    const fields = parseCivilText(text, this.#columns[column]!.type);
    if (!fields || !this.#pattern) return NOT_A_MOMENT;
    const scratch = Buffer.from(this.#pattern.format(fields), 'utf8');
    return this.#text(scratch, 0, scratch.length, dst, at, column);
  }

  #reserveScratch(bytes: number): Buffer {
    if (this.#scratch.length < bytes) this.#scratch = Buffer.allocUnsafeSlow(2 * bytes);
    return this.#scratch;
  }

  #headerField(name: Buffer, column: number): Buffer {
    if (!this.#rules?.needsQuotes(name, 0, name.length, column)) return name;
    const quoted = Buffer.alloc(2 * name.length + 2);
    return quoted.subarray(0, writeQuoted(name, 0, name.length, quoted, 0));
  }

  #fault(row: number, column: number, reason: number): RowFault {
    const name = this.#columns[column]!.name;
    const [code, message]: [Code, string] =
      reason === NOT_TEXT
        ? ['CNV-3001', `the bytes of column ${name} are not valid UTF-8 text`]
        : ['CNV-3003', `column ${name} holds no date or time that dateFormat could write`];
    return { row, column, error: new SyncError(code, 'data', message, { column: name }), targetType: 'text' };
  }
}

function put(text: Uint8Array, out: Uint8Array, at: number): number {
  const { length } = text;
  for (let i = 0; i < length; i++) out[at + i] = text[i]!;
  return at + length;
}

/** Copies bytes as long as none is special; -1 if one is. Four at a time, so that one branch serves four. */
function copyPlain(
  src: Uint8Array,
  from: number,
  to: number,
  dst: Uint8Array,
  at: number,
  special: Uint8Array,
): number {
  let position = at;
  let i = from;
  for (const last = to - 3; i < last; i += 4) {
    const a = src[i]!;
    const b = src[i + 1]!;
    const c = src[i + 2]!;
    const d = src[i + 3]!;
    if ((special[a]! | special[b]! | special[c]! | special[d]!) !== 0) return -1;
    dst[position] = a;
    dst[position + 1] = b;
    dst[position + 2] = c;
    dst[position + 3] = d;
    position += 4;
  }
  for (; i < to; i++) {
    const byte = src[i]!;
    if (special[byte] !== 0) return -1;
    dst[position++] = byte;
  }
  return position;
}
