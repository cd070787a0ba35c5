/** What a column takes as it stands, with what its two bounds are. Columns of no lane have 0. */

/** Text: most characters, most bytes. */
export const TEXT: u8 = 1;
/** Integers: digits that fit whatever they are. */
export const INTEGER: u8 = 2;
/** Most digits before the point, most behind it. */
export const DECIMAL: u8 = 3;
export const DATE: u8 = 4;
/** Most digits of a fraction. */
export const TIME: u8 = 5;
export const DATETIME: u8 = 6;
/** Bytes: the second bound is the most of them. */
export const HEX: u8 = 7;
/** Truth: 1 = text of the digits 0 and 1 is a value too. */
export const BOOLEAN: u8 = 8;
