import { isAscii, isUtf8 } from 'node:buffer';
import type { RowFault } from '../../connectors/contract.ts';
import { CastCell } from '../../convert/index.ts';
import { type Code, SyncError } from '../../errors/index.ts';
import { Form } from '../../types/index.ts';
import type { BlockAssembly } from './block-assembly.ts';
import type { BoundColumn } from './column-binding.ts';
import { MAX_CELL_BYTES } from './limits.ts';
import { ESCAPED, QUOTED, type RecordScanner, unescapeField } from './record-scanner.ts';
import { decodeText, type SourceCharset } from './source-charset.ts';

const BLANK = 0x20;
const TAB = 0x09;
const ONE = 0x31;
const FALSE_BYTE = Uint8Array.of(0);
const TRUE_BYTE = Uint8Array.of(1);
/** Keys of shared cells: two booleans, then the constants of the job. */
const FIRST_CONSTANT = 2;

/** What the fields of a record are bound by. */
export interface BinderRules {
  readonly columns: readonly BoundColumn[];
  /** Fields that every record must have; `undefined` = as many as the columns need. */
  readonly width: number | undefined;
  readonly charset: SourceCharset;
  readonly nullText: Buffer | undefined;
  readonly trim: boolean;
  /** The byte that takes the meaning from the next one. */
  readonly escapeByte: number;
}

/** Makes cells of the fields that a scanner found. */
export class RecordBinder {
  readonly #rules: BinderRules;
  readonly #scanner: RecordScanner;
  readonly #assembly: BlockAssembly;
  readonly #out = new CastCell();
  #window: Buffer = Buffer.alloc(0);
  /** Whether every whole character of the window is known to be text. */
  #windowIsText = true;
  /** Whether a field without quotes is a cell as it stands, unless it is as long as the text for null. */
  #takesPlain = false;
  readonly #nullLength: number;
  #refused: RowFault[] = [];

  constructor(rules: BinderRules, scanner: RecordScanner, assembly: BlockAssembly) {
    this.#rules = rules;
    this.#nullLength = rules.nullText?.length ?? -1;
    this.#scanner = scanner;
    this.#assembly = assembly;
  }

  /** The bytes that the next records lie in, up to `end`; they begin at a character. */
  setWindow(window: Buffer, end: number): void {
    this.#window = window;
    const bytes = window.subarray(0, end);
    this.#windowIsText =
      this.#rules.charset.kind === 'other'
        ? isAscii(bytes)
        : isUtf8(bytes.subarray(0, wholeCharacters(bytes)));
    this.#takesPlain = this.#windowIsText && !this.#rules.trim;
  }

  /** Rows refused since the last call. */
  takeRefused(): readonly RowFault[] {
    return this.#refused.splice(0);
  }

  /** Adds the scanned record as a row. Refused ones are added too, as far as they go. */
  bind(): void {
    const { columns, width } = this.#rules;
    const { count, malformed } = this.#scanner;
    const row = this.#assembly.rowCount;
    const before = this.#refused.length;
    this.#assembly.beginRow();
    if (malformed) this.#refuse(row, -1, 'CNV-3022', 'something stands behind a closing quote');
    else if (width !== undefined && count !== width) {
      this.#refuse(row, -1, 'CNV-3021', `the record has ${count} fields instead of ${width}`);
    }
    for (let i = 0; i < columns.length; i++) {
      const bound = columns[i]!;
      if (bound.index < count && this.#plain(bound)) continue;
      const fault = this.#cell(bound, i, count);
      if (fault && this.#refused.length === before) this.#refuse(row, i, fault, faultText(fault));
    }
  }

  /** Adds the field if it is text as it stands, which most are. */
  #plain({ index, cast }: BoundColumn): boolean {
    if (!this.#takesPlain || index < 0 || cast.cast !== undefined || this.#scanner.flags[index] !== 0)
      return false;
    const start = this.#scanner.starts[index]!;
    const end = this.#scanner.ends[index]!;
    if (end - start === this.#nullLength || end - start > MAX_CELL_BYTES) return false;
    this.#assembly.addSlice(start, end, Form.text);
    return true;
  }

  #cell(bound: BoundColumn, column: number, count: number): Code | undefined {
    const { index, constant } = bound;
    if (constant) {
      if (constant.bytes) this.#assembly.addShared(FIRST_CONSTANT + column, constant.bytes, bound.cast.form);
      else this.#assembly.addNull();
      return undefined;
    }
    if (index < count) return this.#field(bound, index);
    this.#assembly.addNull();
    return 'CNV-3021';
  }

  #field(bound: BoundColumn, index: number): Code | undefined {
    const flags = this.#scanner.flags[index]!;
    let start = this.#scanner.starts[index]!;
    let end = this.#scanner.ends[index]!;
    if (end - start > MAX_CELL_BYTES) throw tooLong();
    if ((flags & QUOTED) === 0) {
      if (this.#rules.trim) [start, end] = this.#trimmed(start, end);
      if (this.#isNull(start, end)) {
        this.#assembly.addNull();
        return undefined;
      }
    }
    if ((flags & ESCAPED) !== 0) end = unescapeField(this.#window, start, end, this.#rules.escapeByte);
    const { cast, form } = bound.cast;
    if (cast === undefined) return this.#text(start, end);
    const fault = cast(this.#window, start, end, this.#out);
    if (fault) {
      this.#text(start, end);
      return fault;
    }
    this.#addResult(form);
    return undefined;
  }

  #addResult(form: BoundColumn['cast']['form']): void {
    const { bytes, start, end, isNull } = this.#out;
    if (isNull) this.#assembly.addNull();
    else if (form === Form.bool) {
      const isTrue = bytes[start] === ONE;
      this.#assembly.addShared(isTrue ? 1 : 0, isTrue ? TRUE_BYTE : FALSE_BYTE, form);
    } else if (bytes === this.#window) this.#assembly.addSlice(start, end, form);
    else this.#assembly.addCopy(bytes, start, end, form);
  }

  /** Adds bytes that must be text; what is none is added as bytes. */
  #text(start: number, end: number): Code | undefined {
    if (this.#windowIsText) {
      this.#assembly.addSlice(start, end, Form.text);
      return undefined;
    }
    const { charset } = this.#rules;
    const bytes = this.#window.subarray(start, end);
    if (charset.kind !== 'other' ? isUtf8(bytes) : isAscii(bytes)) {
      this.#assembly.addSlice(start, end, Form.text);
      return undefined;
    }
    const text = charset.kind === 'other' ? decodeText(charset, bytes) : undefined;
    if (text === undefined) {
      this.#assembly.addSlice(start, end, Form.bytes);
      return 'CNV-3023';
    }
    const utf8 = Buffer.from(text, 'utf8');
    this.#assembly.addCopy(utf8, 0, utf8.length, Form.text);
    return undefined;
  }

  #isNull(start: number, end: number): boolean {
    const { nullText } = this.#rules;
    if (nullText === undefined || end - start !== nullText.length) return false;
    for (let i = 0; i < nullText.length; i++) if (this.#window[start + i] !== nullText[i]) return false;
    return true;
  }

  #trimmed(start: number, end: number): [number, number] {
    const isBlank = (byte: number | undefined): boolean => byte === BLANK || byte === TAB;
    let from = start;
    let to = end;
    while (from < to && isBlank(this.#window[from])) from++;
    while (to > from && isBlank(this.#window[to - 1])) to--;
    return [from, to];
  }

  #refuse(row: number, column: number, code: Code, message: string): void {
    const bound = this.#rules.columns[column];
    const error = new SyncError(code, 'data', message, bound ? { column: bound.cast.column.name } : {});
    this.#refused.push({ row, column, error, targetType: bound?.cast.targetType ?? 'record' });
  }
}

function faultText(code: Code): string {
  if (code === 'CNV-3021') return 'the record has fewer fields than the job reads';
  if (code === 'CNV-3023') return 'the field is not text in the encoding of the file';
  return 'the field is not what the column says';
}

const tooLong = (): SyncError =>
  new SyncError('SRC-2017', 'config', `a field is longer than ${MAX_CELL_BYTES} bytes`);

/** The length without a character that is cut off at the end. */
function wholeCharacters(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let back = 1; back <= 3 && back <= length; back++) {
    const byte = bytes[length - back]!;
    if (byte < 0x80) return length;
    if (byte >= 0xc0) {
      const width = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return width > back ? length - back : length;
    }
  }
  return length;
}
