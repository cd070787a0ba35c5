/**
 * Civil dates and times in a zone, by the zone rules of the runtime. Pure: the instant is always given.
 * Instants are milliseconds since the Unix epoch with whole seconds.
 */

/** A wall-clock reading. Months and days count from 1. */
export interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const DAY_MS = 86_400_000;
/** Years that print with four digits, which every format relies on. */
export const MIN_YEAR = 1000;
export const MAX_YEAR = 9999;

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (!formatter) {
    const two = '2-digit';
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}

/** Whether the runtime knows the IANA zone. Offsets such as `+08:00` are no zones. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+-]*(\/[\w+-]+)*$/.test(name)) return false;
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

/** The wall clock of a zone at an instant. */
export function civilAt(instantMs: number, zone: string): Civil {
  const parts: Record<string, number> = {};
  for (const part of formatterOf(zone).formatToParts(instantMs)) parts[part.type] = Number(part.value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  return { year, month, day, hour, minute, second };
}

const asUtc = (c: Civil): number => Date.UTC(c.year, c.month - 1, c.day, c.hour, c.minute, c.second);

const offsetAt = (instantMs: number, zone: string): number => asUtc(civilAt(instantMs, zone)) - instantMs;

/**
 * The instant of a wall-clock reading. A reading that a clock change skips moves forward by the gap; one
 * that occurs twice is the first occurrence.
 */
export function instantOf(civil: Civil, zone: string): number {
  const utc = asUtc(civil);
  const before = offsetAt(utc - DAY_MS, zone);
  const after = offsetAt(utc + DAY_MS, zone);
  const fits = [utc - before, utc - after].filter((instant) => instant + offsetAt(instant, zone) === utc);
  return fits.length > 0 ? Math.min(...fits) : utc - before;
}

/** Instants whose wall clock has a year of four digits in every zone. */
const MIN_MS = Date.UTC(MIN_YEAR, 0, 2);
const MAX_MS = Date.UTC(MAX_YEAR, 11, 30);

/** Whether formats can print the instant. */
export const isPrintable = (instantMs: number): boolean => instantMs >= MIN_MS && instantMs <= MAX_MS;

/**
 * The same time of day some months and then some calendar days later; after the months the day is clamped to
 * the last one of the month. `undefined` when that leaves the years with four digits.
 */
export function shiftCivil(civil: Civil, months: number, days: number): Civil | undefined {
  const index = civil.year * 12 + (civil.month - 1) + months;
  const year = Math.floor(index / 12);
  if (!(year >= MIN_YEAR && year <= MAX_YEAR)) return undefined;
  const month = index - year * 12 + 1;
  const utc = asUtc({ ...civil, year, month, day: Math.min(civil.day, daysInMonth(year, month)) });
  const moved = utc + days * DAY_MS;
  return isPrintable(moved) ? civilAt(moved, 'UTC') : undefined;
}

/** Days of a month of the Gregorian calendar. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** A date written as `yyyymmdd`, or `undefined` if there is no such day. */
export function parseDay(text: string): Civil | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (!match) return undefined;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const real = year >= MIN_YEAR && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  return real ? { year, month, day, hour: 0, minute: 0, second: 0 } : undefined;
}
