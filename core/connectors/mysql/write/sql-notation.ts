/**
 * Rows as the value lists of a statement: `(1,'text',x'ff',NULL),`. Text stands in quotes, where quote, backslash and
 * NUL are escaped by a backslash (https://dev.mysql.com/doc/refman/8.0/en/string-literals.html; sessions never have
 * NO_BACKSLASH_ESCAPES); all other bytes are as they are, UTF-8 by SET NAMES. Bytes are hexadecimal.
 */
import { lettersOf, type Notation } from '../../../relational/write/notation.ts';

const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;
const QUOTE = 0x27;
const BACKSLASH = 0x5c;
const ZERO = 0x30;

/** The notation of INSERT and REPLACE. */
export const SQL_NOTATION: Notation = {
  open: OPEN,
  separator: COMMA,
  last: CLOSE,
  tail: COMMA,
  ordinals: false,
  nullWord: 'NULL',
  hexPrefix: "x'",
  hexEnd: QUOTE,
  quote: QUOTE,
  letters: lettersOf([
    [0, ZERO],
    [QUOTE, QUOTE],
    [BACKSLASH, BACKSLASH],
  ]),
};
