/**
 * Rows of text in the notations of the bench's programs, reduced to a checksum that depends neither on the notation nor on
 * the order of the rows: every field is unquoted and unescaped byte by byte while it is hashed. The table has no nulls.
 *
 *     csv    RFC 4180, lines end with \n
 *     tsv    tabs between, \t \n \\ \0 escaped by a backslash: the MariaDB client, and PostgreSQL's COPY text
 *     sql    mydumper: a line per row, (1,"text","2020-01-01"), between lines that begin otherwise
 */

export type Notation = 'csv' | 'tsv' | 'sql';

const TAB = 0x09;
const NEWLINE = 0x0a;
const QUOTE = 0x22;
const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** Stands for the border between two fields. */
const BORDER = 0x1f;
/** What the letter after a backslash stands for, by its code; others stand for themselves. */
const ESCAPED = new Uint8Array(256).map((_, code) => code);
for (const [letter, code] of Object.entries({ n: NEWLINE, t: TAB, '0': 0, r: 0x0d, Z: 0x1a, b: 0x08 })) {
  ESCAPED[letter.charCodeAt(0)] = code;
}

const SEED_A = 0x811c9dc5 | 0;
const SEED_B = 0x9747b28c | 0;
/** Sums stay exact in a double. */
const MODULUS = 2 ** 48;

/** Where a reader of a notation is. */
const OUTSIDE = 0;
const PLAIN = 1;
const QUOTED = 2;
/** After a quote inside of quotes: its end, or the first half of a doubled one. */
const HALF = 3;
const ESCAPE = 4;
/** After a backslash inside of quotes. */
const QUOTED_ESCAPE = 5;

/** A running checksum of rows. */
export class RowSum {
  rows = 0;
  readonly #take: (bytes: Uint8Array) => void;
  #state: number;
  #a = SEED_A;
  #b = SEED_B;
  #sumA = 0;
  #sumB = 0;

  constructor(notation: Notation) {
    this.#state = notation === 'tsv' ? PLAIN : OUTSIDE;
    this.#take = {
      csv: (bytes: Uint8Array) => this.#csv(bytes),
      tsv: (bytes: Uint8Array) => this.#tsv(bytes),
      sql: (bytes: Uint8Array) => this.#sql(bytes),
    }[notation];
    this.#isWhole = { csv: OUTSIDE, tsv: PLAIN, sql: OUTSIDE }[notation];
  }

  readonly #isWhole: number;

  /** Takes a piece of the text, cut anywhere. */
  add(bytes: Uint8Array): void {
    this.#take(bytes);
  }

  /** Rows and their checksum. @throws if the text ends inside of a row. */
  toString(): string {
    if (this.#state !== this.#isWhole) throw new Error('the text ends inside of a row');
    return `${this.rows} rows, checksum ${this.#sumA.toString(16)}-${this.#sumB.toString(16)}`;
  }

  #byte(byte: number): void {
    this.#a = Math.imul(this.#a ^ byte, 0x01000193);
    this.#b = Math.imul((this.#b << 5) ^ (this.#b >>> 27) ^ byte, 0x9e3779b1);
  }

  #row(): void {
    this.rows++;
    this.#sumA = (this.#sumA + mixed(this.#a)) % MODULUS;
    this.#sumB = (this.#sumB + mixed(this.#b)) % MODULUS;
    this.#a = SEED_A;
    this.#b = SEED_B;
  }

  #csv(bytes: Uint8Array): void {
    let state = this.#state;
    for (const byte of bytes) {
      if (state === QUOTED) {
        if (byte === QUOTE) state = HALF;
        else this.#byte(byte);
      } else if (byte === QUOTE && state !== PLAIN) {
        // The second half of a doubled quote, or the beginning of a quoted field.
        if (state === HALF) this.#byte(QUOTE);
        state = QUOTED;
      } else if (byte === COMMA) {
        this.#byte(BORDER);
        state = OUTSIDE;
      } else if (byte === NEWLINE) {
        this.#row();
        state = OUTSIDE;
      } else {
        this.#byte(byte);
        state = PLAIN;
      }
    }
    this.#state = state;
  }

  #tsv(bytes: Uint8Array): void {
    let state = this.#state;
    for (const byte of bytes) {
      if (state === ESCAPE) {
        this.#byte(ESCAPED[byte]!);
        state = PLAIN;
      } else if (byte === BACKSLASH) state = ESCAPE;
      else if (byte === TAB) this.#byte(BORDER);
      else if (byte === NEWLINE) this.#row();
      else this.#byte(byte);
    }
    this.#state = state;
  }

  #sql(bytes: Uint8Array): void {
    let state = this.#state;
    let isLineStart = this.#isLineStart;
    for (const byte of bytes) {
      if (state === QUOTED) {
        if (byte === QUOTE) state = PLAIN;
        else if (byte === BACKSLASH) state = QUOTED_ESCAPE;
        else this.#byte(byte);
      } else if (state === QUOTED_ESCAPE) {
        this.#byte(ESCAPED[byte]!);
        state = QUOTED;
      } else if (state === PLAIN) {
        if (byte === QUOTE) state = QUOTED;
        else if (byte === COMMA) this.#byte(BORDER);
        else if (byte === CLOSE) {
          this.#row();
          state = OUTSIDE;
        } else this.#byte(byte);
      } else if (byte === OPEN && isLineStart) state = PLAIN;
      isLineStart = state === OUTSIDE && byte === NEWLINE;
    }
    this.#state = state;
    this.#isLineStart = isLineStart;
  }

  #isLineStart = true;
}

/** Spreads every bit over all of them (the last step of MurmurHash3); unsigned. */
function mixed(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The checksum of all pieces of a text. */
export async function rowSum(notation: Notation, pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const sum = new RowSum(notation);
  for await (const piece of pieces) sum.add(piece);
  return sum.toString();
}

/** Throws unless both have the same rows. */
export function expectEqual(what: string, ours: string, theirs: string): void {
  if (ours !== theirs) throw new Error(`${what} is not exact: ${ours}; the peer has ${theirs}`);
}
