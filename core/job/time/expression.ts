// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is the notation of variables
import { type Civil, civilAt, instantOf, isPrintable, MAX_YEAR, MIN_YEAR, shiftCivil } from './civil.ts';
import { type FormatPiece, parseFormat, printFormat, tokensOf } from './format.ts';
import type { ScheduleTime } from './schedule.ts';

/**
 * Scheduling parameter expressions:
 *   brace   ${ format offset? }                          base: the business date, unit: the smallest in the format
 *   bracket $[ format offset* ]                          base: the scheduled time, unit: days and parts of a day
 *   bracket $[ add_months(format, months) offset* ]
 *   offset  (+|-) ( N | N*M | N/24 | N/24/60 )           in braces only N and 7*N
 */

/** A value with what a check across several expressions needs to know, or why there is none. */
export type Evaluated =
  | { readonly ok: true; readonly text: string; readonly clock?: ClockUse }
  | { readonly ok: false; readonly why: string; readonly hint: string };

/** How a bracket uses the scheduled time. */
export type ClockUse = 'plain-date' | 'shifted-hour' | 'other';

/** Longest expression, in characters: the patterns below are not meant for more. */
export const MAX_EXPRESSION_CHARS = 128;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Whole days by the calendar, parts of a day by the clock: a day with a clock change has not 24 hours. */
interface Shift {
  readonly days: number;
  readonly ms: number;
  /** An offset without `/24`. */
  readonly hasWholeDays: boolean;
}

const bad = (why: string, hint: string): Evaluated => ({ ok: false, why, hint });

const tooFar = (text: string, hint: string): Evaluated =>
  bad(`\`${text}\` leaves the years ${MIN_YEAR} to ${MAX_YEAR}`, hint);

const tooLong = (hint: string): Evaluated =>
  bad(`the expression is longer than ${MAX_EXPRESSION_CHARS} characters`, hint);

/** Whether `text` begins like a time format, so that a fault in it is worth explaining. */
export const looksLikeTime = (text: string): boolean => tokensOf(parseFormat(text).pieces).length > 0;

/** Whether the whole text is a time format with offsets, of either kind. */
export function isTimeExpression(text: string): boolean {
  const { pieces, end } = parseFormat(text);
  return tokensOf(pieces).length > 0 && parseShifts(text.slice(end)) !== undefined;
}

const BRACE_HINT = '`${…}` takes yyyy, yy, mm, dd with -N or -7*N; for hours use `$[…]`';

/** The value of what stands between `${` and `}`, against the business date. */
export function evaluateBrace(text: string, time: ScheduleTime): Evaluated {
  if (text.length > MAX_EXPRESSION_CHARS) return tooLong(BRACE_HINT);
  const { pieces, end } = parseFormat(text);
  const tokens = tokensOf(pieces);
  if (tokens.length === 0) return bad(`\`\${${text}}\` has no date in it`, BRACE_HINT);
  if (tokens.some((token) => token.startsWith('hh') || token === 'mi' || token === 'ss')) {
    return bad(`\`\${${text}}\` asks for a time of day, but the business date is a day`, BRACE_HINT);
  }
  const offset = /^([+-])(7\*)?(\d{1,6})$|^([+-])(\d{1,6})\*7$|^$/.exec(text.slice(end));
  if (!offset) return bad(`\`${text.slice(end)}\` in \`\${${text}}\` is no offset`, BRACE_HINT);
  const count = Number(offset[3] ?? offset[5] ?? 0) * (offset[2] || offset[5] ? 7 : 1);
  const signed = (offset[1] ?? offset[4]) === '-' ? -count : count;
  const shifted = shiftBySmallest(time.business, tokens, signed);
  if (!shifted) return tooFar(`\${${text}}`, BRACE_HINT);
  return { ok: true, text: printFormat(pieces, shifted) };
}

function shiftBySmallest(day: Civil, tokens: readonly string[], count: number): Civil | undefined {
  if (tokens.includes('dd')) return shiftCivil(day, 0, count);
  return shiftCivil(day, tokens.includes('mm') ? count : 12 * count, 0);
}

const BRACKET_HINT = '`$[…]` takes a format with -N, -N/24, -N/24/60 or -7*N, or add_months(format,-N)';

/** The value of what stands between `$[` and `]`, against the scheduled time. */
export function evaluateBracket(text: string, time: ScheduleTime): Evaluated {
  if (text.length > MAX_EXPRESSION_CHARS) return tooLong(BRACKET_HINT);
  const months = /^\s*add_months\(\s*(.+?)\s*,\s*([+-]?\d{1,6})(?:\*(\d{1,6}))?\s*\)\s*(.*)$/i.exec(text);
  if (months) {
    const [, format = '', count, factor = '1', rest = ''] = months;
    const parsed = parseFormat(format);
    if (parsed.end < format.length) return bad(`\`${format}\` in \`$[${text}]\` is no format`, BRACKET_HINT);
    return shiftAndPrint(text, parsed.pieces, Number(count) * Number(factor), rest, time);
  }
  const { pieces, end } = parseFormat(text);
  const rest = text.slice(end);
  const missing = monthTrap(pieces, rest);
  if (missing) return bad(`\`$[${text}]\` would shift days, not ${missing.unit}`, missing.hint);
  return shiftAndPrint(text, pieces, 0, rest, time);
}

/** `$[yyyy-1]` and `$[yyyymm-1]` read as years and months but count days: refused. A part of a day is allowed. */
function monthTrap(pieces: readonly FormatPiece[], rest: string): { unit: string; hint: string } | undefined {
  const tokens = tokensOf(pieces);
  const coarse = tokens.length > 0 && tokens.every((token) => /^(yyyy|yy|mm)$/.test(token));
  if (!coarse || !parseShifts(rest)?.hasWholeDays) return undefined;
  const byMonth = tokens.includes('mm');
  const format = pieces.map((piece) => ('token' in piece ? piece.token : piece.text)).join('');
  const hint = `write \`$[add_months(${format},${byMonth ? '-N' : '-12*N'})]\``;
  return { unit: byMonth ? 'months' : 'years', hint };
}

function shiftAndPrint(
  text: string,
  pieces: readonly FormatPiece[],
  months: number,
  rest: string,
  time: ScheduleTime,
): Evaluated {
  const tokens = tokensOf(pieces);
  if (tokens.length === 0) return bad(`\`$[${text}]\` has no date or time in it`, BRACKET_HINT);
  const shift = parseShifts(rest);
  if (!shift) return bad(`\`${rest}\` in \`$[${text}]\` is no offset`, BRACKET_HINT);
  const at = shiftDue(time, months, shift);
  if (!at) return tooFar(`$[${text}]`, BRACKET_HINT);
  return { ok: true, text: printFormat(pieces, at), clock: clockUse(tokens, months, rest, shift) };
}

/** Months first, then calendar days, then hours and minutes on the instant. */
function shiftDue(time: ScheduleTime, months: number, shift: Shift): Civil | undefined {
  const unmoved = months === 0 && shift.days === 0;
  const day = unmoved ? time.due : shiftCivil(time.due, months, shift.days);
  if (!day || shift.ms === 0) return day;
  const instant = (unmoved ? time.dueMs : instantOf(day, time.zone)) + shift.ms;
  return isPrintable(instant) ? civilAt(instant, time.zone) : undefined;
}

function clockUse(tokens: readonly string[], months: number, rest: string, shift: Shift): ClockUse {
  const hours = tokens.some((token) => token.startsWith('hh') || token === 'mi');
  if (tokens.includes('dd') && !hours && months === 0 && rest.trim() === '') return 'plain-date';
  return hours && !tokens.includes('dd') && shift.ms !== 0 ? 'shifted-hour' : 'other';
}

/** The sum of the offsets, or `undefined` if the text is something else. */
function parseShifts(text: string): Shift | undefined {
  let days = 0;
  let ms = 0;
  let hasWholeDays = false;
  let rest = text.trim();
  while (rest !== '') {
    const match = /^([+-])(\d{1,6})(?:\*(\d{1,6})(?!\d)|(\/24\/60)|(\/24))?(?![\d/*])/.exec(rest);
    if (!match) return undefined;
    const [whole, sign, count, factor = '1', minutes, hours] = match;
    const signed = Number(count) * Number(factor) * (sign === '-' ? -1 : 1);
    if (minutes || hours) ms += signed * (minutes ? MINUTE_MS : HOUR_MS);
    else {
      days += signed;
      hasWholeDays = true;
    }
    rest = rest.slice(whole.length);
  }
  return { days, ms, hasWholeDays };
}

/** Built-in values of an assignment list, by name without `$`. */
export const builtins: Readonly<Record<string, (time: ScheduleTime) => string>> = {
  bizdate: ({ business }) => printFormat(parseFormat('yyyymmdd').pieces, business),
  cyctime: ({ due }) => printFormat(parseFormat('yyyymmddhh24miss').pieces, due),
  gmtdate: ({ due }) => printFormat(parseFormat('yyyymmdd').pieces, due),
  bizmonth: ({ business, now }) => {
    const sameMonth = business.year === now.year && business.month === now.month;
    const month = sameMonth ? shiftCivil(business, -1, 0) : business;
    return printFormat(parseFormat('yyyymm').pieces, month ?? business);
  },
};

/** Built-ins that DataWorks knows and nothing here has a value for. */
export const foreignBuiltins: ReadonlySet<string> = new Set(['jobid', 'nodeid', 'taskid']);
