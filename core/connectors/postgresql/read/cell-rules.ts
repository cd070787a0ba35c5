/** From the server's text to the forms of a row block, by the type of the column. */
import { eachCell } from '../../../relational/read/cell-rules.ts';
import type { ColumnRule } from '../../../relational/read/row-buffer.ts';
import type { ReadColumn } from '../../../relational/read/source.ts';
import { Form } from '../../../types/index.ts';

/** The rule of a column; `undefined` if the text is right as it is. */
export function ruleOf({ type, facts }: ReadColumn): ColumnRule | undefined {
  if (type === 'bool') return asBool;
  if (type === 'bytes') return fromHex;
  if (type === 'datetime' && facts?.zoned) return withoutOffset;
  return undefined;
}

const LETTER_T = 0x74;

/** `t` and `f`. */
const asBool: ColumnRule = (cells) =>
  eachCell(cells, (cell, start) => {
    cells.bytes[start] = cells.bytes[start] === LETTER_T ? 1 : 0;
    cells.forms[cell] = Form.bool;
  });

/** Values of hexadecimal digits by their byte. */
const DIGITS = new Uint8Array(256);
for (let i = 0; i < 16; i++) DIGITS[i.toString(16).charCodeAt(0)] = i;

/** `\x` is before the digits. */
const HEX_PREFIX = 2;

/** `\x00ff` in place: two digits become the byte that they write. */
const fromHex: ColumnRule = (cells) =>
  eachCell(cells, (cell, start, end) => {
    const { bytes, ends, forms } = cells;
    let to = start;
    for (let at = start + HEX_PREFIX; at < end; at += 2) {
      bytes[to++] = (DIGITS[bytes[at]!]! << 4) | DIGITS[bytes[at + 1]!]!;
    }
    ends[cell] = to;
    forms[cell] = Form.bytes;
  });

const PLUS = 0x2b;
const MINUS = 0x2d;
const COLON = 0x3a;
/** Where the offset begins at the earliest: after `yyyy-MM-dd HH:mm:ss`. */
const SECONDS_LENGTH = 19;

/**
 * `2024-01-01 20:34:56+08`: the session is in the job's zone, so the offset says nothing new. Texts of another shape,
 * such as `infinity` and years before Christ, stay as they are for the target to judge.
 */
const withoutOffset: ColumnRule = (cells) =>
  eachCell(cells, (cell, start, end) => {
    const { bytes, ends } = cells;
    if (end - start <= SECONDS_LENGTH || bytes[start + 13] !== COLON) return;
    let at = start + SECONDS_LENGTH;
    while (at < end && bytes[at] !== PLUS && bytes[at] !== MINUS) at++;
    if (bytes[end - 1] !== 0x43) ends[cell] = at;
  });
