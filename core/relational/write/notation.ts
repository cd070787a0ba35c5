/** How a server reads rows: what stands around cells, and how text, bytes and nulls are written. */
import type { TargetType } from '../../convert/index.ts';

/** A notation. Characters are byte values; 0 = none. */
export interface Notation {
  /** Before each row. */
  readonly open: number;
  /** Behind each cell. */
  readonly separator: number;
  /** Behind the last cell of a row, in place of the separator. */
  readonly last: number;
  /** Behind each row. */
  readonly tail: number;
  /** Whether the place of the row among the written ones is its last cell. */
  readonly ordinals: boolean;
  /** At most eight characters of ASCII. */
  readonly nullWord: string;
  /** What stands before the digits of bytes, at most eight characters of ASCII. */
  readonly hexPrefix: string;
  /** Behind those digits. */
  readonly hexEnd: number;
  /** Around text, moments and floats. */
  readonly quote: number;
  /** By byte of text: what stands for it behind a backslash; 0 = it stands for itself; `NO_LETTER`. */
  readonly letters: Uint8Array;
}

/** Text with this byte cannot be written: casters refuse it. */
export const NO_LETTER = 1;

/** A table of letters from pairs of byte and letter. */
export function lettersOf(pairs: readonly (readonly [byte: number, letter: number])[]): Uint8Array {
  const letters = new Uint8Array(256);
  for (const [byte, letter] of pairs) letters[byte] = letter;
  return letters;
}

/** What values of a target type look like: digits · words without anything to escape · text · bytes. */
export type Shape = 'digits' | 'word' | 'text' | 'bytes';

/** The shape of a target type. */
export function shapeOf({ kind }: TargetType): Shape {
  switch (kind) {
    case 'long':
    case 'decimal':
    case 'year':
    case 'bool':
      return 'digits';
    case 'bytes':
      return 'bytes';
    case 'string':
    case 'json':
    case 'any':
      return 'text';
    default:
      return 'word';
  }
}

/** What stands before and behind a value of that shape. */
export function framesOf(
  shape: Shape,
  { quote, hexEnd }: Notation,
): readonly [before: number, behind: number] {
  if (shape === 'bytes') return [0, hexEnd];
  return shape === 'digits' ? [0, 0] : [quote, quote];
}
