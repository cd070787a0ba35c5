/**
 * Finds the fields of one record in bytes:
 *
 *     record := field (delimiter field)* (line end | end of file)
 *     field  := quote (any byte but quote | escape quote)* quote  |  bytes without delimiter and line end
 *
 * after RFC 4180. A quote counts only at the first byte of a field. Nothing is copied and nothing is trimmed.
 */
import { SyncError } from '../../errors/index.ts';
import { MAX_FIELDS } from './limits.ts';

const LF = 0x0a;
const CR = 0x0d;
const BACKSLASH = 0x5c;
const NO_BYTE = -1;

/** Flags of fields. */
export const QUOTED = 1;
/** The field holds an escape that has to be taken out. */
export const ESCAPED = 2;

/** Flags of bytes that may not be plain. */
const MAY_END_FIELD = 1;
const MAY_END_LINE = 2;
const MAY_ESCAPE = 4;
/** The byte alone is the delimiter, or the line end, and can be nothing else. */
const ENDS_FIELD = 8;
const ENDS_LINE = 16;

/** What follows a field. */
const NOTHING = 0;
const FIELD = 1;
const LINE = 2;
const UNKNOWN = 3;

/** How records are told apart, in bytes of the file's encoding. */
export interface ScanRules {
  readonly delimiter: Uint8Array;
  /** Absent = `\n`, with or without `\r` before it. */
  readonly lineEnd?: Uint8Array;
  /** Absent = no field is quoted. */
  readonly quote?: number;
  /** Whether a backslash takes the meaning from the byte after it; else a doubled quote stands for one. */
  readonly backslash: boolean;
  /** Whether a quoted field may hold line ends. */
  readonly multiLine: boolean;
}

/** Scans record after record; the fields of the last one are in its arrays. */
export class RecordScanner {
  readonly starts = new Int32Array(MAX_FIELDS);
  readonly ends = new Int32Array(MAX_FIELDS);
  readonly flags = new Uint8Array(MAX_FIELDS);
  /** Fields of the record. */
  count = 0;
  /** Whether something stands between a closing quote and the end of its field. */
  malformed = false;

  readonly #rules: ScanRules;
  readonly #quote: number;
  readonly #special = new Uint8Array(256);
  readonly #autoLine: boolean;
  /** Where the next field or record begins after a boundary. */
  #next = 0;
  #sawEscape = false;

  constructor(rules: ScanRules) {
    this.#rules = rules;
    this.#quote = rules.quote ?? NO_BYTE;
    this.#autoLine = rules.lineEnd === undefined;
    this.#special[rules.delimiter[0]!]! |= MAY_END_FIELD;
    this.#special[rules.lineEnd?.[0] ?? LF]! |= MAY_END_LINE;
    if (rules.backslash) this.#special[BACKSLASH]! |= MAY_ESCAPE;
    this.#markCertain(rules);
  }

  /**
   * Scans the record at `from` and returns the position of the next one, or -1 if the bytes up to `end` do not hold
   * all of it. `final` says that nothing comes after them.
   * @throws SyncError SRC-2017 for too many fields, SRC-2018 for a quote that is never closed.
   */
  scan(bytes: Uint8Array, from: number, end: number, final: boolean): number {
    this.count = 0;
    this.malformed = false;
    let at = this.#certain(bytes, from, end);
    if (at < 0) return -at;
    for (;;) {
      const follows =
        at < end && bytes[at] === this.#quote
          ? this.#quoted(bytes, at, end, final)
          : this.#plain(bytes, at, at, end, final);
      if (follows === UNKNOWN) return -1;
      at = this.#next;
      if (follows === LINE) return at;
      if (this.count >= MAX_FIELDS) throw tooManyFields();
      at = this.#certain(bytes, at, end);
      if (at < 0) return -at;
    }
  }

  /**
   * Scans the fields about which there is no doubt, which are most of them. Returns the beginning of the first other
   * one, or the position after the record, negated, if there is none.
   */
  #certain(bytes: Uint8Array, from: number, end: number): number {
    const { starts, ends, flags } = this;
    const special = this.#special;
    const quote = this.#quote;
    let { count } = this;
    let start = from;
    while (start < end && bytes[start] !== quote && count < MAX_FIELDS) {
      let at = start;
      let kind = 0;
      while (at < end) {
        kind = special[bytes[at]!]!;
        if (kind !== 0) break;
        at++;
      }
      if (kind !== ENDS_FIELD && kind !== ENDS_LINE) break;
      const isLine = kind === ENDS_LINE;
      starts[count] = start;
      ends[count] = isLine && this.#autoLine && at > start && bytes[at - 1] === CR ? at - 1 : at;
      flags[count++] = 0;
      start = at + 1;
      if (!isLine) continue;
      this.count = count;
      return -start;
    }
    this.count = count;
    if (count >= MAX_FIELDS) throw tooManyFields();
    return start;
  }

  #markCertain({ delimiter, lineEnd }: ScanRules): void {
    const field = delimiter[0]!;
    const line = lineEnd?.[0] ?? LF;
    if (delimiter.length === 1 && this.#special[field] === MAY_END_FIELD) this.#special[field] = ENDS_FIELD;
    if ((lineEnd?.length ?? 1) === 1 && this.#special[line] === MAY_END_LINE) this.#special[line] = ENDS_LINE;
  }

  /** Scans a field without quotes; `start` is where it begins, `from` where looking begins. */
  #plain(bytes: Uint8Array, start: number, from: number, end: number, final: boolean): number {
    const special = this.#special;
    let flags = 0;
    for (let at = from; at < end; at++) {
      const kind = special[bytes[at]!]!;
      if (kind === 0) continue;
      if ((kind & MAY_ESCAPE) !== 0) {
        flags = ESCAPED;
        at++;
        continue;
      }
      const follows = this.#boundary(bytes, at, end, final, kind);
      if (follows === NOTHING) continue;
      if (follows === UNKNOWN) return UNKNOWN;
      const strip = follows === LINE && this.#autoLine && at > start && bytes[at - 1] === CR;
      this.#add(start, strip ? at - 1 : at, flags);
      return follows;
    }
    if (!final) return UNKNOWN;
    this.#add(start, end, flags);
    this.#next = end;
    return LINE;
  }

  #quoted(bytes: Uint8Array, start: number, end: number, final: boolean): number {
    const close = this.#closing(bytes, start + 1, end, final);
    if (close < 0) {
      if (close === UNCLOSED_LINE) return this.#malformed(bytes, start, start + 1, end, final);
      if (!final) return UNKNOWN;
      throw unclosedQuote();
    }
    const after = close + 1;
    if (after >= end) {
      if (!final) return UNKNOWN;
      this.#add(start + 1, close, this.#sawEscape ? QUOTED | ESCAPED : QUOTED);
      this.#next = end;
      return LINE;
    }
    const follows = this.#afterQuote(bytes, after, end, final);
    if (follows === UNKNOWN) return UNKNOWN;
    if (follows === NOTHING) return this.#malformed(bytes, start, after, end, final);
    this.#add(start + 1, close, this.#sawEscape ? QUOTED | ESCAPED : QUOTED);
    return follows;
  }

  #afterQuote(bytes: Uint8Array, at: number, end: number, final: boolean): number {
    if (this.#autoLine && bytes[at] === CR) {
      if (at + 1 >= end && !final) return UNKNOWN;
      this.#next = at + 2;
      return bytes[at + 1] === LF && at + 1 < end ? LINE : NOTHING;
    }
    const kind = this.#special[bytes[at]!]!;
    return kind === 0 ? NOTHING : this.#boundary(bytes, at, end, final, kind);
  }

  /** The rest of the line belongs to a record that is no record. */
  #malformed(bytes: Uint8Array, start: number, from: number, end: number, final: boolean): number {
    this.malformed = true;
    return this.#plain(bytes, start, from, end, final);
  }

  /** The closing quote of a field, -1 if it has not come yet, `UNCLOSED_LINE` if the line ended first. */
  #closing(bytes: Uint8Array, from: number, end: number, final: boolean): number {
    const quote = this.#quote;
    const { backslash, multiLine } = this.#rules;
    this.#sawEscape = false;
    for (let at = from; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === quote) {
        if (backslash) return at;
        if (at + 1 >= end) return final ? at : -1;
        if (bytes[at + 1] !== quote) return at;
        this.#sawEscape = true;
        at++;
      } else if (backslash && byte === BACKSLASH) {
        this.#sawEscape = true;
        at++;
      } else if (!multiLine && this.#isLineEnd(bytes, at, end, final)) return UNCLOSED_LINE;
    }
    return -1;
  }

  #isLineEnd(bytes: Uint8Array, at: number, end: number, final: boolean): boolean {
    const kind = this.#special[bytes[at]!]! & (MAY_END_LINE | ENDS_LINE);
    return kind !== 0 && this.#boundary(bytes, at, end, final, kind) === LINE;
  }

  /** What begins at a byte that may begin a delimiter or a line end. */
  #boundary(bytes: Uint8Array, at: number, end: number, final: boolean, kind: number): number {
    const { delimiter, lineEnd } = this.#rules;
    let cut = false;
    if ((kind & (MAY_END_LINE | ENDS_LINE)) !== 0) {
      const length = lineEnd?.length ?? 1;
      if (length === 1 || (at + length <= end && matches(bytes, at, lineEnd!))) {
        this.#next = at + length;
        return LINE;
      }
      cut = at + length > end;
    }
    if ((kind & (MAY_END_FIELD | ENDS_FIELD)) !== 0) {
      const { length } = delimiter;
      if (length === 1 || (at + length <= end && matches(bytes, at, delimiter))) {
        // A longer line end that has not arrived in full would take precedence.
        if (cut && !final) return UNKNOWN;
        this.#next = at + length;
        return FIELD;
      }
      cut ||= at + length > end;
    }
    return cut && !final ? UNKNOWN : NOTHING;
  }

  #add(start: number, end: number, flags: number): void {
    const i = this.count++;
    this.starts[i] = start;
    this.ends[i] = end;
    this.flags[i] = flags;
  }
}

const UNCLOSED_LINE = -2;

function matches(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 1; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

/** Takes the escapes out of a field, in place; returns its new end. */
export function unescapeField(bytes: Uint8Array, from: number, to: number, escapeByte: number): number {
  let out = from;
  for (let at = from; at < to; at++) {
    if (bytes[at] === escapeByte && at + 1 < to) at++;
    bytes[out++] = bytes[at]!;
  }
  return out;
}

const tooManyFields = (): SyncError =>
  new SyncError('SRC-2017', 'config', `a record has more than ${MAX_FIELDS} fields`);

const unclosedQuote = (): SyncError =>
  new SyncError('SRC-2018', 'config', 'a quote is opened and never closed before the end of the object');
