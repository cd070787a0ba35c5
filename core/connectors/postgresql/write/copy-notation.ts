/**
 * Rows in the text format of COPY (https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2):
 * cells between tabs, rows end with a line feed, null is `\N`, backslash escapes backslash, tab, line feed and
 * carriage return. Bytes are `\x` and hex digits, whose backslash is escaped like any other. The server knows no
 * text with a zero character.
 */
import { lettersOf, NO_LETTER, type Notation } from '../../../relational/write/notation.ts';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BACKSLASH = 0x5c;

/** The notation of COPY; `ordinals` puts the place of each row among the encoded ones into a last column. */
export const copyNotation = (ordinals: boolean): Notation => ({
  open: 0,
  separator: TAB,
  last: LINE_FEED,
  tail: 0,
  ordinals,
  nullWord: '\\N',
  hexPrefix: '\\\\x',
  hexEnd: 0,
  quote: 0,
  letters: lettersOf([
    [0, NO_LETTER],
    [TAB, 0x74],
    [LINE_FEED, 0x6e],
    [CARRIAGE_RETURN, 0x72],
    [BACKSLASH, BACKSLASH],
  ]),
});
