/**
 * Schedule expressions of timer triggers.
 *
 *   [CRON_TZ=Area/City ] sec min hour day-of-month month day-of-week
 *   @every 1h30m                                     (units h, m, s; anchored when the timer is enabled)
 *
 * The grammar is the one of common Go schedulers: `?` equals `*`, names of months and days are allowed, and
 * when both day fields are restricted either may match. `L`, `W` and `#` are refused, and so are five fields.
 */
import { CronExpressionParser } from 'cron-parser';

/** A parsed schedule. Instants are milliseconds since the epoch, UTC. */
export interface Schedule {
  /** The first instant strictly after `afterMs`; for `@every`, one period after it. */
  next(afterMs: number): number;
  /** The first instant strictly after `nowMs` of the sequence that `dueMs` belongs to. */
  following(dueMs: number, nowMs: number): number;
}

/** The expression is not one the platform accepts. */
export class InvalidExpressionError extends Error {
  constructor(expression: string, reason: string) {
    super(`cron expression '${expression}' is invalid: ${reason}`);
    this.name = 'InvalidExpressionError';
  }
}

const UNIT_MS = { h: 3_600_000, m: 60_000, s: 1_000 } as const;
const MAX_EXPRESSION_LENGTH = 256;
const FIELDS = 6;

function parseEvery(expression: string, text: string): Schedule {
  const terms = [...text.matchAll(/(\d+)([hms])/g)];
  if (terms.length === 0 || terms.map((term) => term[0]).join('') !== text) {
    throw new InvalidExpressionError(expression, 'expected a duration such as 1m or 1h30m');
  }
  const everyMs = terms.reduce((sum, term) => sum + Number(term[1]) * UNIT_MS[term[2] as 'h' | 'm' | 's'], 0);
  if (everyMs < 1_000 || !Number.isSafeInteger(everyMs)) {
    throw new InvalidExpressionError(expression, 'the duration must be at least one second');
  }
  return {
    next: (afterMs) => afterMs + everyMs,
    // A late tick keeps the phase: a whole number of periods after the last one.
    following: (dueMs, nowMs) => dueMs + (Math.floor(Math.max(nowMs - dueMs, 0) / everyMs) + 1) * everyMs,
  };
}

const PLAIN = /^[\d*?,/-]+$/;
const MONTHS = /^(?:[\d*?,/-]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)+$/i;
// Sunday is 0: the platform knows no 7.
const WEEKDAYS = /^(?:[0-6*?,-]|\/\d+|sun|mon|tue|wed|thu|fri|sat)+$/i;
const ALLOWED = [PLAIN, PLAIN, PLAIN, PLAIN, MONTHS, WEEKDAYS];

function refuseUnsupported(expression: string, fields: readonly string[]): void {
  if (fields.length !== FIELDS) {
    throw new InvalidExpressionError(expression, `expected ${FIELDS} fields, found ${fields.length}`);
  }
  for (const [index, allowed] of ALLOWED.entries()) {
    const field = fields[index] ?? '';
    if (!allowed.test(field)) throw new InvalidExpressionError(expression, `'${field}' is not supported`);
  }
}

function parseCron(expression: string, text: string, zone: string): Schedule {
  const fields = text.split(/\s+/);
  refuseUnsupported(expression, fields);
  const iterate = (currentDate: Date) =>
    CronExpressionParser.parse(fields.join(' '), { currentDate, tz: zone });
  try {
    iterate(new Date(0)).next();
  } catch (error) {
    throw new InvalidExpressionError(expression, (error as Error).message);
  }
  const next = (afterMs: number): number => iterate(new Date(afterMs)).next().getTime();
  return { next, following: (dueMs, nowMs) => next(Math.max(dueMs, nowMs)) };
}

function checkZone(expression: string, zone: string): void {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
  } catch {
    throw new InvalidExpressionError(expression, `unknown time zone '${zone}'`);
  }
}

/** Parses a schedule; throws `InvalidExpressionError`. */
export function parseSchedule(expression: string): Schedule {
  const trimmed = expression.trim();
  if (trimmed.length > MAX_EXPRESSION_LENGTH) {
    throw new InvalidExpressionError(expression, `longer than ${MAX_EXPRESSION_LENGTH} characters`);
  }
  const every = /^@every\s+(\S+)$/.exec(trimmed);
  if (every?.[1]) return parseEvery(expression, every[1]);
  if (trimmed.startsWith('@')) throw new InvalidExpressionError(expression, 'only @every is supported');
  const zoned = /^CRON_TZ=(\S+)\s+(.*)$/.exec(trimmed);
  const zone = zoned?.[1] ?? 'UTC';
  checkZone(expression, zone);
  return parseCron(expression, zoned?.[2] ?? trimmed, zone);
}

/** Payload field `triggerTime`: the scheduled instant in UTC without milliseconds. */
export const formatTriggerTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
