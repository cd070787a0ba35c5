/**
 * The part of Java's SimpleDateFormat that job files use: `yyyy MM dd HH mm ss SSS`, quoted literals
 * (`'T'`, `''`), and any character that is not a letter. Every other letter is refused by name.
 */

/** Civil fields; absent parts are those of 1970-01-01 00:00:00, as in Java. */
export interface CivilFields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  milli: number;
}

type FieldName = keyof CivilFields;
type Token = { readonly literal: string } | { readonly field: FieldName; readonly width: number };

const FIELDS: Readonly<Record<string, { readonly field: FieldName; readonly width: number }>> = {
  yyyy: { field: 'year', width: 4 },
  MM: { field: 'month', width: 2 },
  dd: { field: 'day', width: 2 },
  HH: { field: 'hour', width: 2 },
  mm: { field: 'minute', width: 2 },
  ss: { field: 'second', width: 2 },
  SSS: { field: 'milli', width: 3 },
};

/** Why a pattern cannot be used, in words for the person, or `undefined` if it can. */
export function datePatternFault(pattern: string): string | undefined {
  const parsed = tokens(pattern);
  return typeof parsed === 'string' ? parsed : undefined;
}

/** Whether a pattern keeps every part that a value of this type may have. */
export function datePatternKeeps(pattern: string, parts: readonly FieldName[]): boolean {
  const parsed = tokens(pattern);
  if (typeof parsed === 'string') return false;
  return parts.every((part) => parsed.some((token) => 'field' in token && token.field === part));
}

/** A compiled pattern. */
export class DatePattern {
  readonly #tokens: readonly Token[];

  /** @throws RangeError for a pattern with a fault: check it with `datePatternFault` first. */
  constructor(pattern: string) {
    const parsed = tokens(pattern);
    if (typeof parsed === 'string') throw new RangeError(parsed);
    this.#tokens = parsed;
  }

  /** The text of a moment. */
  format(fields: Readonly<CivilFields>): string {
    let text = '';
    for (const token of this.#tokens) {
      text += 'literal' in token ? token.literal : String(fields[token.field]).padStart(token.width, '0');
    }
    return text;
  }

  /** The moment in a text that matches the pattern in full and names a real day, else `undefined`. */
  parse(text: string): CivilFields | undefined {
    const fields: CivilFields = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, milli: 0 };
    let at = 0;
    for (const token of this.#tokens) {
      if ('literal' in token) {
        if (!text.startsWith(token.literal, at)) return undefined;
        at += token.literal.length;
        continue;
      }
      const digits = text.slice(at, at + token.width);
      if (digits.length !== token.width || !/^\d+$/.test(digits)) return undefined;
      fields[token.field] = Number(digits);
      at += token.width;
    }
    return at === text.length && isRealMoment(fields) ? fields : undefined;
  }
}

/** Days in a month of the proleptic Gregorian calendar. */
export function daysInMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Whether the fields name a moment that exists on the calendar and the clock. */
export function isRealMoment(f: Readonly<CivilFields>): boolean {
  const realDay = f.month >= 1 && f.month <= 12 && f.day >= 1 && f.day <= daysInMonth(f.year, f.month);
  return realDay && f.hour <= 23 && f.minute <= 59 && f.second <= 59;
}

/** The tokens of a pattern, or its fault in words. */
function tokens(pattern: string): readonly Token[] | string {
  const result: Token[] = [];
  for (const [piece] of pattern.matchAll(/''|'(?:[^']|'')*'|'|([A-Za-z])\1*|[^A-Za-z']+/gs)) {
    if (piece === "'") return 'has a quote that is not closed';
    if (piece === "''") result.push({ literal: "'" });
    else if (piece.startsWith("'")) result.push({ literal: piece.slice(1, -1).replaceAll("''", "'") });
    else if (/^[A-Za-z]/.test(piece)) {
      const field = FIELDS[piece];
      if (!field) return `holds \`${piece}\`; known are yyyy MM dd HH mm ss SSS and 'quoted text'`;
      result.push(field);
    } else result.push({ literal: piece });
  }
  return result;
}
