/**
 * When a csv field is quoted and how. A field is quoted when it holds a quote, the delimiter, `\r`, `\n` or a
 * character of the line delimiter; when it is the text that stands for null; and in the first column when it is
 * empty (else the line could look blank) or begins with `#` (else it could look like a comment).
 */

const QUOTE = 0x22;
const HASH = 0x23;

/** Flags of the first bytes of special characters. */
const ALWAYS = 1;
const CHECK = 2;

/** The csv rules of one format, ready for bytes. */
export class QuoteRules {
  /** Per byte: 0 = plain, 1 = the field must be quoted, 2 = it may be the start of a longer delimiter. */
  readonly special = new Uint8Array(256);
  readonly #long: readonly Buffer[];
  readonly #nullText: Buffer;

  constructor(fieldDelimiter: string, lineDelimiter: string, nullFormat: string) {
    const characters = ['"', '\r', '\n', fieldDelimiter, ...lineDelimiter].map((c) => Buffer.from(c, 'utf8'));
    this.#long = characters.filter((bytes) => bytes.length > 1);
    for (const bytes of characters) this.special[bytes[0]!] = bytes.length > 1 ? CHECK : ALWAYS;
    this.#nullText = Buffer.from(nullFormat, 'utf8');
  }

  /** Whether digits, signs and the words true, false, NaN, Infinity are free of special characters. */
  get numbersArePlain(): boolean {
    const isPlain = (c: string): boolean => this.special[c.charCodeAt(0)] === 0;
    const nullText = this.#nullText.toString('utf8');
    const collides = /^(-?\d+(\.\d+)?|true|false|NaN|-?Infinity)$/.test(nullText);
    return [...'0123456789-.truefalsNaInfity'].every(isPlain) && !collides;
  }

  /** Whether a field without special bytes needs quotes because of where it stands or what it equals. */
  quotesPlain(source: Uint8Array, from: number, to: number, column: number): boolean {
    if (column === 0 && (from === to || source[from] === HASH)) return true;
    const { length } = this.#nullText;
    if (to - from !== length) return false;
    for (let i = 0; i < length; i++) if (source[from + i] !== this.#nullText[i]) return false;
    return true;
  }

  /** The whole rule, for fields that hold a byte marked in `special`. */
  needsQuotes(source: Uint8Array, from: number, to: number, column: number): boolean {
    for (let i = from; i < to; i++) {
      const flag = this.special[source[i]!];
      if (flag === ALWAYS || (flag === CHECK && this.#longAt(source, i, to))) return true;
    }
    return this.quotesPlain(source, from, to, column);
  }

  #longAt(source: Uint8Array, at: number, to: number): boolean {
    return this.#long.some(
      (bytes) => at + bytes.length <= to && bytes.every((byte, i) => source[at + i] === byte),
    );
  }
}

/** Writes a field in quotes, its quotes doubled; needs twice its length and 2 bytes. Returns the end position. */
export function writeQuoted(
  source: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
): number {
  let position = at;
  out[position++] = QUOTE;
  for (let i = from; i < to; i++) {
    const byte = source[i]!;
    if (byte === QUOTE) out[position++] = QUOTE;
    out[position++] = byte;
  }
  out[position++] = QUOTE;
  return position;
}
