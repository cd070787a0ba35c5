import type { LogicalType } from '../types/index.ts';
import { type CivilFields, isRealMoment } from './date-pattern.ts';

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/;
const DATETIME = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/;

/** Whether cells of this type are civil moments carried as text (see `Form`). */
export const isCivil = (type: LogicalType): boolean =>
  type === 'date' || type === 'time' || type === 'datetime';

/**
 * Reads the text form of a date, time or datetime cell. Digits beyond the millisecond are cut, as
 * SimpleDateFormat has no letter for them. `undefined` if the text is not in that form or names no real moment.
 */
export function parseCivilText(text: string, type: LogicalType): CivilFields | undefined {
  const fields = type === 'date' ? fromDate(text) : type === 'time' ? fromTime(text) : fromDatetime(text);
  return fields && isRealMoment(fields) ? fields : undefined;
}

function fromDate(text: string): CivilFields | undefined {
  const m = DATE.exec(text);
  return m ? { ...day(m[1], m[2], m[3]), ...clock('0', '0', '0', undefined) } : undefined;
}

function fromTime(text: string): CivilFields | undefined {
  const m = TIME.exec(text);
  return m ? { year: 1970, month: 1, day: 1, ...clock(m[1], m[2], m[3], m[4]) } : undefined;
}

function fromDatetime(text: string): CivilFields | undefined {
  const m = DATETIME.exec(text);
  return m ? { ...day(m[1], m[2], m[3]), ...clock(m[4], m[5], m[6], m[7]) } : undefined;
}

type Digits = string | undefined;

const day = (year: Digits, month: Digits, dayOfMonth: Digits) => ({
  year: Number(year),
  month: Number(month),
  day: Number(dayOfMonth),
});

const clock = (hour: Digits, minute: Digits, second: Digits, fraction: Digits) => ({
  hour: Number(hour),
  minute: Number(minute),
  second: Number(second),
  milli: Number((fraction ?? '').slice(0, 3).padEnd(3, '0')),
});
