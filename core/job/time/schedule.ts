import { ConfigError } from '../../errors/index.ts';
import { type Civil, civilAt, instantOf, isPrintable, isTimeZone, parseDay, shiftCivil } from './civil.ts';

/** When a run was due. Fixed when the run is made: queueing and resuming never shift it. */
export interface ScheduleOptions {
  /** The instant of the schedule, in milliseconds since the Unix epoch. */
  readonly scheduledMs: number;
  /** Backfill: the business date as `yyyymmdd`. The run then counts as due on the day after, at the same time of day. */
  readonly businessDate?: string;
  /** IANA name of the schedule's zone. */
  readonly timeZone: string;
  /** When the run was asked for; only `$bizmonth` looks at it. Default: the scheduled time. */
  readonly nowMs?: number;
}

/** The two time bases of scheduling parameters. */
export interface ScheduleTime {
  readonly zone: string;
  /** `T`: the scheduled time, to the second, as an instant and on the wall clock. */
  readonly dueMs: number;
  readonly due: Civil;
  /** `B`: midnight of the day before the date of `T`. */
  readonly business: Civil;
  /** The wall clock when the run was asked for. */
  readonly now: Civil;
}

function refuse(path: string, message: string, hint: string): never {
  throw new ConfigError([{ code: 'JOB-1007', path, message, hint }]);
}

/** Fixes the time bases of a run. Throws ConfigError for an unknown zone or a date that does not exist. */
export function scheduleTime(options: ScheduleOptions): ScheduleTime {
  const { scheduledMs, businessDate, timeZone: zone, nowMs = scheduledMs } = options;
  if (!isTimeZone(zone)) {
    refuse(
      'schedule.timeZone',
      `${JSON.stringify(zone)} is no time zone`,
      'an IANA name such as `Asia/Shanghai`',
    );
  }
  const plannedMs = wholeSecond(scheduledMs, 'schedule.scheduledMs');
  const dueMs = businessDate === undefined ? plannedMs : backfillMs(businessDate, plannedMs, zone);
  const due = civilAt(dueMs, zone);
  const business = shiftCivil({ ...due, hour: 0, minute: 0, second: 0 }, 0, -1) ?? due;
  return { zone, dueMs, due, business, now: civilAt(wholeSecond(nowMs, 'schedule.nowMs'), zone) };
}

function wholeSecond(ms: number, path: string): number {
  if (Number.isSafeInteger(ms) && isPrintable(ms)) return Math.floor(ms / 1000) * 1000;
  return refuse(path, `${ms} is no usable time`, 'milliseconds since 1970-01-01 UTC');
}

/** The schedule's time of day on the day after the business date. */
function backfillMs(businessDate: string, plannedMs: number, zone: string): number {
  const day = parseDay(businessDate);
  const next = day && shiftCivil(day, 0, 1);
  if (!next) {
    return refuse(
      'schedule.businessDate',
      `${JSON.stringify(businessDate)} is no date`,
      'an existing day as yyyymmdd, for example 20250315',
    );
  }
  const { hour, minute, second } = civilAt(plannedMs, zone);
  return instantOf({ ...next, hour, minute, second }, zone);
}
