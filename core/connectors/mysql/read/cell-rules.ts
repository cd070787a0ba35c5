/** From the server's text to the forms of a row block, by the type of the column. */
import type { ZoneClock } from '../../../convert/zone-clock.ts';
import { eachCell, inTurn, withoutPadding } from '../../../relational/read/cell-rules.ts';
import type { ColumnCells, ColumnRule } from '../../../relational/read/row-buffer.ts';
import type { ReadColumn } from '../../../relational/read/source.ts';
import { Form } from '../../../types/index.ts';
import { FieldKind, isNoDate } from './field-kind.ts';

/** What rules need to know of the session. */
export interface RuleContext {
  /** Set if TIMESTAMPs come at a fixed distance from UTC and have to be moved into the job's zone. */
  readonly shift?: { readonly fromSeconds: number; readonly zone: ZoneClock };
}

/** What becomes of a column: by the scanner, for every field at once, and by a rule for what is rare. */
export interface FieldReading {
  readonly kind: number;
  readonly rule?: ColumnRule;
}

/** How to read a column. The text of a key stays where it is, so there even dates that are none are left to a rule. */
export function readingOf(column: ReadColumn, { shift }: RuleContext, isKey: boolean): FieldReading {
  const date: FieldReading = isKey ? { kind: FieldKind.text, rule: zeroToNull } : { kind: FieldKind.date };
  switch (column.type) {
    case 'bool':
      // BIT(1) comes as the byte 0 or 1, which is what the form wants.
      return { kind: FieldKind.bool };
    case 'bytes':
      return { kind: FieldKind.bytes };
    case 'long':
    case 'decimal':
      return /zerofill|^year/i.test(column.sourceType) ? { ...PLAIN, rule: withoutPadding } : PLAIN;
    case 'double':
      return column.facts?.width === 4 ? { ...PLAIN, rule: shortestFloat } : PLAIN;
    case 'date':
      return date;
    case 'datetime':
      return shift && column.facts?.zoned
        ? { kind: FieldKind.text, rule: inTurn(zeroToNull, toZone(shift)) }
        : date;
    default:
      return PLAIN;
  }
}

const PLAIN: FieldReading = { kind: FieldKind.text };

const zeroToNull: ColumnRule = (cells) =>
  eachCell(cells, (cell, start, end) => {
    const { bytes, forms, starts, ends } = cells;
    if (!isNoDate(bytes, start, end)) return;
    forms[cell] = Form.null;
    ends[cell] = starts[cell]!;
  });

/** Significant digits that tell all single-precision numbers apart, and the least that may. */
const MOST_DIGITS = 9;
const LEAST_DIGITS = 6;

/**
 * FLOATs are read as doubles, because the server shows only six digits of them; here they get the shortest text that
 * reads back as the same single-precision number.
 */
const shortestFloat: ColumnRule = (cells) =>
  eachCell(cells, (cell, start, end) => {
    const { bytes, ends } = cells;
    const value = Number(bytes.toString('latin1', start, end));
    const text = shortestText(value, end - start);
    if (text !== undefined) ends[cell] = start + bytes.write(text, start, 'latin1');
  });

function shortestText(value: number, room: number): string | undefined {
  for (let digits = LEAST_DIGITS; digits <= MOST_DIGITS; digits++) {
    const near = Number(value.toPrecision(digits));
    if (Math.fround(near) !== value) continue;
    const texts = [String(near), near.toExponential()].map((text) => text.replace('e+', 'e'));
    return texts.find((text) => text.length <= room);
  }
  return undefined;
}

/** `yyyy-MM-dd HH:mm:ss`, without the fraction, which no zone changes. */
const SECONDS_LENGTH = 19;

/** Moves a wall clock at a fixed distance from UTC to that of the zone. */
function toZone({ fromSeconds, zone }: NonNullable<RuleContext['shift']>): ColumnRule {
  return (cells: ColumnCells) =>
    eachCell(cells, (_cell, start, end) => {
      const { bytes } = cells;
      if (end - start < SECONDS_LENGTH) return;
      const text = bytes.toString('latin1', start, start + SECONDS_LENGTH);
      const instant = Date.parse(`${text.replace(' ', 'T')}Z`) / 1000 - fromSeconds;
      if (!Number.isFinite(instant)) return;
      const civil = zone.civilAt(instant);
      if (civil === instant + fromSeconds) return;
      const moved = new Date(civil * 1000).toISOString();
      bytes.write(moved.slice(0, SECONDS_LENGTH).replace('T', ' '), start, 'latin1');
    });
}
