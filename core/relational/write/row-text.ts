/** Writes cells in a notation, one by one: those that the kernel leaves. */
import type { CastCell } from '../../convert/index.ts';
import { assert } from '../../errors/index.ts';
import type { EncodedColumn } from './encoded-column.ts';
import type { EncodedRows } from './encoded-rows.ts';
import { framesOf, NO_LETTER, type Notation, shapeOf } from './notation.ts';

const BACKSLASH = 0x5c;
const HEX = Buffer.from('0123456789abcdef', 'latin1');
/** What stands around a cell, the place of a row and the row's end at most. */
const MARGIN_BYTES = 48;

type Put = (out: EncodedRows, cell: CastCell) => void;

/** Rows in one notation. A row begins before its first cell and ends behind its last one. */
export class RowText {
  readonly #notation: Notation;
  readonly #nullWord: Buffer;
  readonly #hexPrefix: Buffer;
  readonly #puts: readonly Put[];

  constructor(notation: Notation, columns: readonly EncodedColumn[]) {
    this.#notation = notation;
    this.#nullWord = Buffer.from(notation.nullWord, 'latin1');
    this.#hexPrefix = Buffer.from(notation.hexPrefix, 'latin1');
    this.#puts = columns.map(({ target }) => this.#putOf(target));
  }

  /** Begins a row. */
  begin(out: EncodedRows): void {
    out.reserve(MARGIN_BYTES);
    putByte(out, this.#notation.open);
  }

  /** Writes a null. */
  putNull(out: EncodedRows): void {
    out.reserve(MARGIN_BYTES).set(this.#nullWord, out.length);
    out.length += this.#nullWord.length;
    putByte(out, this.#notation.separator);
  }

  /** Writes a value of that column. */
  put(out: EncodedRows, column: number, cell: CastCell): void {
    out.reserve(2 * (cell.end - cell.start) + MARGIN_BYTES);
    this.#puts[column]!(out, cell);
    putByte(out, this.#notation.separator);
  }

  /** Ends the row, which is the one of that place. */
  end(out: EncodedRows, place: number): void {
    const { ordinals, last, tail } = this.#notation;
    const bytes = out.reserve(MARGIN_BYTES);
    if (ordinals) out.length += bytes.write(String(place), out.length, 'latin1') + 1;
    bytes[out.length - 1] = last;
    putByte(out, tail);
  }

  #putOf(target: EncodedColumn['target']): Put {
    const shape = shapeOf(target);
    const [before, behind] = framesOf(shape, this.#notation);
    const put: Put =
      shape === 'text'
        ? this.#putEscaped
        : shape === 'bytes'
          ? this.#putHex
          : (out, cell) => putPlain(out, cell);
    return (out, cell) => {
      putByte(out, before);
      put(out, cell);
      putByte(out, behind);
    };
  }

  readonly #putEscaped: Put = (out, { bytes: source, start, end }) => {
    const { letters } = this.#notation;
    const { bytes } = out;
    let at = out.length;
    for (let i = start; i < end; i++) {
      const byte = source[i]!;
      const letter = letters[byte]!;
      if (letter === 0) bytes[at++] = byte;
      else {
        assert(letter !== NO_LETTER, 'a caster let a character through that cannot be written');
        bytes[at++] = BACKSLASH;
        bytes[at++] = letter;
      }
    }
    out.length = at;
  };

  readonly #putHex: Put = (out, { bytes: source, start, end }) => {
    const { bytes } = out;
    bytes.set(this.#hexPrefix, out.length);
    let at = out.length + this.#hexPrefix.length;
    for (let i = start; i < end; i++) {
      bytes[at++] = HEX[source[i]! >> 4]!;
      bytes[at++] = HEX[source[i]! & 15]!;
    }
    out.length = at;
  };
}

/** Digits, dates and the like hold nothing to escape. */
function putPlain(out: EncodedRows, { bytes, start, end }: CastCell): void {
  out.bytes.set(bytes.subarray(start, end), out.length);
  out.length += end - start;
}

function putByte(out: EncodedRows, byte: number): void {
  if (byte !== 0) out.bytes[out.length++] = byte;
}
